"""Runs and their receipts: written as they happen, read by `capi runs` while a run may be going."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Any, Self

from capi_cli.delivery.receipt import Receipt
from capi_cli.ledger.cargo import Cargo
from capi_cli.ledger.database import Database, open_to_read
from capi_cli.ledger.fates import FinishedRun, RunStart
from capi_cli.ledger.known import look
from capi_cli.ledger.mend import translated
from capi_cli.ledger.place import Place, ledger_places
from capi_cli.ledger.undecided import as_signed

_RUN = "SELECT run_id, command, sources, mapping, started_at, finished_at, exit_code, summary FROM runs"
_RECEIPT = (
    "SELECT u.run_id, r.batch, r.first, r.events, r.outcome, t.code, t.reason, t.hint, r.fbtrace_id, r.status, r.at "
    "FROM receipts r LEFT JOIN runs u ON u.id = r.run LEFT JOIN texts t ON t.id = r.text"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """One run as it was written down. `finished_at` is None while it goes, and where it was killed."""

    run_id: str
    command: str
    sources: tuple[str, ...]
    mapping: str
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptEntry:
    """What came back for a stretch of a batch. `run_id` is empty where the run is no longer kept."""

    run_id: str
    batch: int
    first: int
    events: int
    outcome: str
    code: str
    reason: str
    hint: str
    fbtrace_id: str
    status: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """What the ledger holds of one event: `accepted`, `refused` or `unknown`, and its receipt.

    What is in flight is unknown: from outside, a run that goes looks like one that was killed.
    """

    state: str
    receipt: ReceiptEntry | None


class History:
    """One ledger, for looking only. Needs no lock, and waits for nobody."""

    def __init__(self, place: Place, database: Database) -> None:
        self.place = place
        self._database = database

    def runs(self, limit: int = 50) -> list[RunEntry]:
        """Return the latest runs, newest first."""
        return [_run(row) for row in self._rows(f"{_RUN} ORDER BY id DESC LIMIT ?", limit)]

    def run(self, run_id: str) -> RunEntry | None:
        """Return one run."""
        return next((_run(row) for row in self._rows(f"{_RUN} WHERE run_id = ?", run_id)), None)

    def receipts(self, run_id: str) -> list[ReceiptEntry]:
        """Return a run's receipts, in the order they came."""
        return [_receipt(row) for row in self._rows(f"{_RECEIPT} WHERE u.run_id = ? ORDER BY r.id", run_id)]

    def in_flight(self, run_id: str) -> int:
        """Return how many events of a run are in flight: they have no answer, and no receipt yet."""
        rows = self._rows(
            "SELECT c.events FROM flights f JOIN cargo c ON c.flight = f.id JOIN runs u ON u.id = f.run "
            "WHERE f.receipt IS NULL AND u.run_id = ?",
            run_id,
        )
        with translated("the ledger", self.place.folder):
            return sum(len(Cargo.unpacked(octets)) for (octets,) in rows)

    def mappings(self) -> list[str]:
        """Return the mappings of all runs, each once, newest first."""
        return [
            text for (text,) in self._rows("SELECT mapping FROM runs GROUP BY mapping ORDER BY max(id) DESC")
        ]

    def find_events(self, event_keys: Sequence[int], now: float) -> dict[int, EventEntry]:
        """Return what the ledger holds of those events that it knows, by key."""
        known = look(self.place.folder, self._database, lambda: now)
        found = {}
        try:
            for key in event_keys:
                if (number := known.receipt_of(key)) is not None:
                    found[key] = EventEntry(state="accepted", receipt=self._receipt(number))
                elif (entry := self._undecided(key)) is not None:
                    found[key] = entry
        finally:
            known.close()
        return found

    def _undecided(self, key: int) -> EventEntry | None:
        for state in ("unknown", "refused"):
            for (number,) in self._rows(f"SELECT receipt FROM {state} WHERE event_key = ?", as_signed(key)):
                return EventEntry(state=state, receipt=self._receipt(number))
        return None

    def _receipt(self, number: int) -> ReceiptEntry | None:
        return next((_receipt(row) for row in self._rows(f"{_RECEIPT} WHERE r.id = ?", number)), None)

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._database.lock, translated("the ledger", self.place.folder):
            return self._database.connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self._database.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_histories(state_dir: Path) -> list[History]:
    """Open every ledger of the state folder for looking.

    Raises:
        LedgerError: One is damaged or can't be read.
    """
    opened = [(place, open_to_read(place.database)) for place in ledger_places(state_dir)]
    return [History(place, database) for place, database in opened if database is not None]


def write_run_start(connection: Connection, start: RunStart) -> None:
    """Write that a run begins."""
    connection.execute(
        "INSERT INTO runs (run_id, command, sources, mapping, started_at) VALUES (?, ?, ?, ?, ?)",
        (
            start.run_id,
            start.command,
            json.dumps(start.sources),
            start.mapping,
            int(start.started_at.timestamp() * 1000),
        ),
    )


def write_run_end(
    connection: Connection, run_id: str, finished_at: datetime, exit_code: int, summary: str
) -> None:
    """Write how a run ended."""
    connection.execute(
        "UPDATE runs SET finished_at = ?, exit_code = ?, summary = ? WHERE run_id = ?",
        (int(finished_at.timestamp() * 1000), exit_code, summary, run_id),
    )


def write_finished(connection: Connection, source: bytes, run_id: str, at: int) -> None:
    """Write that every row of a source has arrived by the end of a run."""
    connection.execute(
        "INSERT OR REPLACE INTO finished SELECT ?, id, ? FROM runs WHERE run_id = ?", (source, at, run_id)
    )


def read_finished(connection: Connection, source: bytes) -> FinishedRun | None:
    """Return the run in which every row of a source arrived; None where there was none, or it is no longer kept."""
    row = connection.execute(
        "SELECT u.run_id, f.at, u.summary FROM finished f JOIN runs u ON u.id = f.run "
        "WHERE f.source = ? AND u.exit_code = 0 AND u.summary IS NOT NULL",
        (source,),
    ).fetchone()
    return None if row is None else FinishedRun(run_id=row[0], at=row[1], summary=json.loads(row[2]))


def write_receipt(connection: Connection, number: int, run: int | None, receipt: Receipt, at: int) -> None:
    """Write a receipt under its number."""
    text = None
    if receipt.code:
        words = (receipt.code, receipt.reason, receipt.hint)
        connection.execute("INSERT OR IGNORE INTO texts (code, reason, hint) VALUES (?, ?, ?)", words)
        (text,) = connection.execute(
            "SELECT id FROM texts WHERE code = ? AND reason = ? AND hint = ?", words
        ).fetchone()
    connection.execute(
        "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            run,
            receipt.batch.number,
            receipt.batch.first,
            len(receipt.batch.event_keys),
            receipt.outcome.value,
            text,
            receipt.fbtrace_id,
            receipt.status,
            at,
        ),
    )


def _run(row: Any) -> RunEntry:
    run_id, command, sources, mapping, started_at, finished_at, exit_code, summary = row
    return RunEntry(
        run_id=run_id,
        command=command,
        sources=tuple(json.loads(sources)),
        mapping=mapping,
        started_at=datetime.fromtimestamp(started_at / 1000, UTC),
        finished_at=None if finished_at is None else datetime.fromtimestamp(finished_at / 1000, UTC),
        exit_code=exit_code,
        summary=json.loads(summary) if summary else {},
    )


def _receipt(row: Any) -> ReceiptEntry:
    run_id, batch, first, events, outcome, code, reason, hint, fbtrace_id, status, at = row
    return ReceiptEntry(
        run_id=run_id or "",
        batch=batch,
        first=first,
        events=events,
        outcome=outcome,
        code=code or "",
        reason=reason or "",
        hint=hint or "",
        fbtrace_id=fbtrace_id,
        status=status,
        at=datetime.fromtimestamp(at, UTC),
    )

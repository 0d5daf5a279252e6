"""What a ledger knows of events: accepted, unknown, refused. Opened for a run, or for looking only."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from capi_cli.errors import LedgerError
from capi_cli.event.limits import DAY_S
from capi_cli.ledger.accepted import Accepted
from capi_cli.ledger.cargo import Cargo
from capi_cli.ledger.columns import U64, Answers, Positions, Queries, stable_order
from capi_cli.ledger.database import Database
from capi_cli.ledger.fates import Fate, Refusal
from capi_cli.ledger.mend import translated
from capi_cli.ledger.shelves import FRESH_ROWS
from capi_cli.ledger.undecided import Undecided, write_unknown

_LOOKS: Final = 5
# A rolling yearly export, and the same month of the year before, send nothing twice.
KEPT_S: Final = 400.0 * DAY_S


class Known:
    """The events of one ledger, asked by the block."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        now: Callable[[], float],
        *,
        kept_s: float = math.inf,
        fresh_rows: int = FRESH_ROWS,
    ) -> None:
        """Load what is needed to answer; what was answered longer ago than `kept_s` is not known.

        Raises:
            LedgerError: It is damaged.
        """
        self._folder = folder
        self._database = database
        self._now = now
        with translated("the ledger", folder):
            self.oldest = oldest_kept(database, now(), kept_s)
            self.accepted = Accepted(folder, database, fresh_rows=fresh_rows)
            try:
                rows = database.connection.execute(
                    "SELECT f.receipt, c.events FROM flights f JOIN cargo c ON c.flight = f.id "
                    "WHERE f.receipt IS NOT NULL ORDER BY f.id"
                )
                for receipt, octets in rows:
                    cargo = Cargo.unpacked(octets)
                    self.accepted.add(cargo.keys, cargo.contents, receipt)
                self.accepted.opened()
                self.undecided = Undecided(database.connection)
            except BaseException:
                self.accepted.close()
                raise

    def classify(self, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Return each event's `Fate` as int8[n]. What was accepted stays so, whatever happened to it after.

        What this run sent has no say: its own index knows that, and is asked first. Most blocks are answered from
        memory and shelves, without waiting for a sender whose change is being written.
        """
        if self.accepted.answers_nothing and self.undecided.is_empty:  # as in a first upload
            return np.full(len(event_keys), Fate.NEW, np.int8)
        order = stable_order(event_keys)
        keys, contents = event_keys[order], content_keys[order]
        with translated("the ledger", self._folder):
            ordered, asked = self._accepted_fates(keys, contents)
            if len(asked):
                with self._database.lock:  # once more: a change may have settled them meanwhile
                    ordered, asked = self._accepted_fates(keys, contents)
                    ordered[asked] = self.undecided.fates(
                        keys[asked], contents[asked], self.oldest, self._now()
                    )
        fates = np.empty(len(keys), np.int8)
        fates[order] = ordered
        return fates

    def _accepted_fates(self, keys: U64, contents: U64) -> tuple[npt.NDArray[np.int8], Positions]:
        """Return the fates of ascending keys as far as memory and shelves know, and which to ask the database for."""
        answers = Answers.none(len(keys))
        self.accepted.answer(Queries(keys), answers)
        accepted = answers.known & (answers.marks >= self.oldest)
        same = np.where(
            contents == answers.contents, np.int8(Fate.ACCEPTED_SAME), np.int8(Fate.ACCEPTED_CHANGED)
        )
        asked = self.undecided.among(keys)
        return np.where(accepted, same, np.int8(Fate.NEW)), asked[~accepted[asked]]

    def receipt_of(self, event_key: int) -> int | None:
        """Return the receipt by which an event was accepted."""
        answers = Answers.none(1)
        self.accepted.answer(Queries(np.array([event_key], np.uint64)), answers)
        return int(answers.marks[0]) if answers.known[0] and answers.marks[0] >= self.oldest else None

    def refusals(self, event_keys: Sequence[int]) -> dict[int, Refusal]:
        """Return what Meta said about refused events."""
        with self._database.lock, translated("the ledger", self._folder):
            return self.undecided.refusals(event_keys)

    def close(self) -> None:
        """Close the shelves; the database is its owner's."""
        self.accepted.close()


def oldest_kept(database: Database, now: float, kept_s: float) -> int:
    """Return the first receipt that is not older than `kept_s`.

    Counted back from the newest receipt where that is older than now: a clock that runs ahead makes nothing old.
    """
    (newest,) = database.connection.execute("SELECT max(at) FROM receipts").fetchone()
    if newest is None:
        return 0
    since = min(now, newest) - kept_s
    (first,) = database.connection.execute("SELECT min(id) FROM receipts WHERE at >= ?", (since,)).fetchone()
    return int(first or 0)


def land_flights(database: Database) -> int:
    """Make unknown what was in flight when a run ended without an answer; return how many events.

    Called by the next run, which holds the lock: nobody else is waiting for those answers. A read-only ledger does
    it in a copy of the table, since it can't tell a crashed run from one that is still going.
    """
    connection = database.connection
    rows = connection.execute(
        "SELECT f.id, f.run, f.batch, f.first, f.sent_at, c.events FROM flights f JOIN cargo c ON c.flight = f.id "
        "WHERE f.receipt IS NULL ORDER BY f.id"
    ).fetchall()
    landed = 0
    for flight, run, batch, first, sent_at, octets in rows:
        cargo = Cargo.unpacked(octets)
        connection.execute(
            "INSERT OR IGNORE INTO texts (code, reason, hint) VALUES ('no-answer', ?, ?)",
            (
                "The run ended before Meta answered.",
                "The next run sends these events again where Meta still de-duplicates them.",
            ),
        )
        receipt = connection.execute(
            "INSERT INTO receipts (run, batch, first, events, outcome, text, fbtrace_id, status, at) "
            "VALUES (?, ?, ?, ?, 'unknown', (SELECT id FROM texts WHERE code = 'no-answer'), '', 0, ?)",
            (run, batch, first, len(cargo), sent_at),
        ).lastrowid
        assert receipt is not None
        write_unknown(connection, cargo, receipt, sent_at)
        connection.execute("DELETE FROM flights WHERE id = ?", (flight,))
        connection.execute("DELETE FROM cargo WHERE flight = ?", (flight,))
        landed += len(cargo)
    return landed


def look(folder: Path, database: Database, now: Callable[[], float], *, kept_s: float = math.inf) -> Known:
    """Open what a read-only database knows, with what is in flight counted as unknown.

    Another run may be writing: one transaction shows one moment, and a shelf that was merged away meanwhile is a
    reason to look once more.

    Raises:
        LedgerError: It is damaged.
    """
    for attempt in range(_LOOKS):
        with translated("the ledger", folder):
            database.connection.execute("BEGIN")
            try:
                (aloft,) = database.connection.execute(
                    "SELECT count(*) FROM main.flights WHERE receipt IS NULL"
                ).fetchone()
                if aloft:
                    for table in ("unknown", "refused", "flights", "cargo", "receipts", "texts"):
                        _shadow(database, table)
                    land_flights(database)
                return Known(folder, database, now, kept_s=kept_s)
            except LedgerError as error:
                if not isinstance(error.__cause__, FileNotFoundError) or attempt == _LOOKS - 1:
                    raise
            finally:
                database.connection.execute("COMMIT")
    raise AssertionError("the last look returns or raises")


def _shadow(database: Database, table: str) -> None:
    """Put a private copy of a table before the real one: reading may then tidy up as a run would."""
    database.connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    (made,) = database.connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    database.connection.execute(made.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
    database.connection.execute(f"INSERT INTO temp.{table} SELECT * FROM main.{table}")

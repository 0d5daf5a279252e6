"""The ledger of a run that sends: it answers what is known, and writes what happens, from several threads.

What is in flight is written before its POST; see `database` for what survives what.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Receipt
from capi_cli.ledger.cargo import Cargo
from capi_cli.ledger.columns import U64
from capi_cli.ledger.database import Database
from capi_cli.ledger.fates import FinishedRun, Refusal, RunStart
from capi_cli.ledger.history import read_finished, write_finished, write_run_end, write_run_start
from capi_cli.ledger.known import Known
from capi_cli.ledger.landing import Flight, Flights, Landing
from capi_cli.ledger.lock import RunLock
from capi_cli.ledger.mend import translated
from capi_cli.ledger.undecided import erase


class RecordingLedger:
    """Holds the run's lock until it is closed.

    `marks` is False for runs whose events do not count as delivered (test events): they find everything new, and
    leave receipts in the history, but no event.
    """

    def __init__(
        self,
        folder: Path,
        database: Database,
        lock: RunLock,
        now: Callable[[], float],
        *,
        known: Known,
        notes: tuple[str, ...] = (),
        marks: bool = True,
    ) -> None:
        self.folder = folder
        self.notes = notes
        self._database = database
        self._lock = lock
        self._now = now
        self._marks = marks
        self._known = known
        self._flights = Flights(
            last_flight=_highest(database, "flights"), last_receipt=_highest(database, "receipts")
        )

    def classify(self, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Return each event's `Fate` as int8[n]. What this run sent has no say."""
        if not self._marks:
            return np.zeros(len(event_keys), np.int8)
        return self._known.classify(event_keys, content_keys)

    def refusals(self, event_keys: Sequence[int]) -> dict[int, Refusal]:
        """Return what Meta said about refused events."""
        return self._known.refusals(event_keys)

    def tell(self, event_keys: U64) -> None:
        """Note that the run told of these unknown events, so that it is not told again."""
        if not self._marks or not len(event_keys):
            return
        rows = [(key,) for key in event_keys.view(np.int64).tolist()]

        def step(connection: Connection) -> None:
            connection.executemany("UPDATE unknown SET told = 1 WHERE event_key = ?", rows)

        self._database.change(step)

    def in_flight(self, batch: Batch) -> None:
        """Write, before the POST, that these events are about to be sent."""
        if not self._marks:
            return
        cargo = Cargo.of(batch)
        octets = cargo.packed()
        sent_at = int(self._now())
        number = 0

        def step(connection: Connection) -> None:
            nonlocal number
            number = self._flights.next_flight()
            row = (number, self._flights.run, batch.number, batch.first, sent_at, octets)
            connection.execute("INSERT INTO departures VALUES (?, ?, ?, ?, ?, ?)", row)

        def after() -> None:
            self._flights.by_batch.setdefault(batch.number, []).append(Flight(number, cargo, sent_at))

        self._database.change(step, after=after, durable=not cargo.windows_s.all(), is_one=True)

    def answered(self, receipts: Sequence[Receipt]) -> None:
        """Write what came back. Events of unsent receipts, and those too old to be sent, are as they were before."""
        landing = Landing(self._flights, self._known, receipts, int(self._now()), marks=self._marks)
        self._database.change(landing.write, after=landing.remember, is_one=landing.is_plain)
        self._known.accepted.shelve_if_full()

    def begin_run(self, start: RunStart) -> None:
        """Write that a run begins; receipts from now on are its."""

        def step(connection: Connection) -> None:
            write_run_start(connection, start)
            (self._flights.run,) = connection.execute(
                "SELECT id FROM runs WHERE run_id = ?", (start.run_id,)
            ).fetchone()

        self._database.change(step)

    def end_run(self, run_id: str, *, finished_at: datetime, exit_code: int, summary: str) -> None:
        """Write how the run ended. `summary` is JSON."""
        self._database.change(
            lambda connection: write_run_end(connection, run_id, finished_at, exit_code, summary)
        )

    def finished(self, source: bytes) -> FinishedRun | None:
        """Return the run in which every row of a source arrived; None where there was none."""
        if not self._marks:
            return None
        with self._database.lock, translated("the ledger", self.folder):
            return read_finished(self._database.connection, source)

    def finish(self, source: bytes, run_id: str) -> None:
        """Write that every row of a source has arrived by the end of a run."""
        if self._marks:
            at = int(self._now())
            self._database.change(lambda connection: write_finished(connection, source, run_id, at))

    def forget(self, event_keys: U64) -> None:
        """Remove events: they will be new."""
        keys = np.unique(event_keys)
        self._known.accepted.forget(keys)

        def step(connection: Connection) -> None:
            erase(connection, "unknown", keys)
            erase(connection, "refused", keys)
            connection.execute("DELETE FROM finished")  # which of them held the event is not known

        self._database.change(step, durable=True)

    def compact(self) -> None:
        """Write the database anew, so that no byte of what was removed stays in unused pages."""
        with self._database.lock, translated("the ledger", self.folder):
            self._database.connection.execute("VACUUM")

    def close(self) -> None:
        """Put accepted events on a shelf, fold the log into the database, and let the next run in.

        What is still in flight stays so: the next run finds it unknown.
        """
        try:
            self._known.accepted.shelve()
        finally:
            self._known.close()
            try:
                self._database.close()
            finally:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _highest(database: Database, table: str) -> int:
    return int(database.connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0)

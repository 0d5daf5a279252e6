"""Opening a ledger: for a run that sends, for one that only looks, or for `capi doctor`."""

import math
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from capi_cli.errors import LedgerError
from capi_cli.ledger.accepted import remove_orphans
from capi_cli.ledger.columns import U64
from capi_cli.ledger.database import Database, folder_bytes, open_to_read, open_to_write
from capi_cli.ledger.fates import Ledger, NullLedger, Refusal
from capi_cli.ledger.known import KEPT_S, Known, land_flights, look, oldest_kept
from capi_cli.ledger.lock import take_lock
from capi_cli.ledger.mend import translated
from capi_cli.ledger.place import Place, ledger_place, local_disk_notes, make_folder
from capi_cli.ledger.recording import RecordingLedger
from capi_cli.ledger.shelves import FRESH_ROWS

_LOW_SPACE_BYTES: Final = 256 << 20


def open_ledger(
    state_dir: Path,
    graph_host: str,
    dataset_id: str,
    *,
    command: str = "capi upload",
    lock_wait_s: float = 0.0,
    now: Callable[[], float] = time.time,
    marks: bool = True,
    kept_s: float = KEPT_S,
    fresh_rows: int = FRESH_ROWS,
) -> RecordingLedger:
    """Open the ledger of a dataset for a run that sends, and keep other runs out until it is closed.

    Args:
        state_dir: The state folder; made where it is missing.
        graph_host: Host, and port where it is not the usual one.
        dataset_id: Which dataset.
        command: What this run does, for a second run's message.
        lock_wait_s: How long to wait for another run to end.
        now: Unix seconds.
        marks: False for runs whose events do not count as delivered: test events.
        kept_s: How long events are remembered; what is older is erased.
        fresh_rows: Rows in memory before a shelf is written.

    Raises:
        LedgerError: Locked, damaged, not writable, on a network file system, or written by a newer capi.
    """
    place = ledger_place(state_dir, graph_host, dataset_id)
    make_folder(place)
    return open_place(
        place,
        command=command,
        lock_wait_s=lock_wait_s,
        now=now,
        marks=marks,
        kept_s=kept_s,
        fresh_rows=fresh_rows,
    )


def open_place(
    place: Place,
    *,
    command: str,
    lock_wait_s: float = 0.0,
    now: Callable[[], float] = time.time,
    marks: bool = True,
    kept_s: float = math.inf,
    fresh_rows: int = FRESH_ROWS,
) -> RecordingLedger:
    """Open the ledger that stands in a folder; `open_ledger` says more. Nothing is too old, where nobody says so."""
    notes = local_disk_notes(place.folder)
    with ExitStack() as undo:
        lock = take_lock(place.lock, command=command, wait_s=lock_wait_s)
        undo.callback(lock.release)
        database = open_to_write(place.database)
        undo.callback(database.connection.close)
        _land(database)
        known = Known(place.folder, database, now, kept_s=kept_s, fresh_rows=fresh_rows)
        undo.callback(known.close)
        remove_orphans(place.folder, database)  # now that every shelf listed was found whole
        _drop_old(database, known, now(), kept_s)
        ledger = RecordingLedger(place.folder, database, lock, now, known=known, notes=notes, marks=marks)
        undo.pop_all()
    return ledger


def read_ledger(
    state_dir: Path,
    graph_host: str,
    dataset_id: str,
    *,
    now: Callable[[], float] = time.time,
    kept_s: float = KEPT_S,
) -> Ledger:
    """Open the ledger of a dataset for looking only: a dry run. Writes nothing, needs no lock.

    Raises:
        LedgerError: It is damaged, or can't be read.
    """
    place = ledger_place(state_dir, graph_host, dataset_id)
    with translated("the ledger", place.folder):
        database = open_to_read(place.database)
    return NullLedger() if database is None else ReadOnlyLedger(place.folder, database, now, kept_s)


class ReadOnlyLedger(NullLedger):
    """Answers as the ledger of a run that sends would, and keeps nothing."""

    def __init__(self, folder: Path, database: Database, now: Callable[[], float], kept_s: float) -> None:
        self._database = database
        try:
            self._known = look(folder, database, now, kept_s=kept_s)
        except BaseException:
            database.connection.close()
            raise

    def classify(self, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Return each event's `Fate` as int8[n]."""
        return self._known.classify(event_keys, content_keys)

    def refusals(self, event_keys: Sequence[int]) -> dict[int, Refusal]:
        """Return what Meta said about refused events."""
        return self._known.refusals(event_keys)

    def close(self) -> None:
        """Let go of the files."""
        self._known.close()
        self._database.connection.close()


def check_ledger(place: Place) -> str:
    """Read every byte of a ledger, and return what it holds in one line, for `capi doctor`.

    Raises:
        LedgerError: It is damaged, or can't be read; with the mend.
    """
    with translated("the ledger", place.folder):
        database = open_to_read(place.database)
        if database is None:
            return "empty"
        try:
            for (found,) in database.connection.execute("PRAGMA integrity_check(1)"):
                if found != "ok":
                    raise LedgerError(
                        f"the ledger ({place.folder}) is damaged: {found}", "restore it from a backup"
                    )
            known = look(place.folder, database, time.time)
            events = len(known.accepted)
            known.close()
            runs, unknown, refused = database.connection.execute(
                "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM unknown), (SELECT count(*) FROM refused)"
            ).fetchone()
        finally:
            database.connection.close()
        free = shutil.disk_usage(place.folder).free
        line = (
            f"{events:,} events accepted, {refused:,} refused, {unknown:,} unknown, in {runs:,} runs; "
            f"{folder_bytes(place.folder) / 2**20:,.1f} MiB"
        )
        return line if free > _LOW_SPACE_BYTES else f"{line}; only {free >> 20} MiB free on the disk"


def _land(database: Database) -> None:
    def step(connection: object) -> None:
        land_flights(database)

    database.change(step, durable=True)


def _drop_old(database: Database, known: Known, now: float, kept_s: float) -> None:
    oldest = oldest_kept(database, now, kept_s)
    (first,) = database.connection.execute("SELECT min(id) FROM receipts").fetchone()
    if first is None or first >= oldest:
        return
    known.accepted.drop_before(oldest)

    def step(connection: object) -> None:
        for table, column in (("receipts", "id"), ("unknown", "receipt"), ("refused", "receipt")):
            database.connection.execute(f"DELETE FROM {table} WHERE {column} < ?", (oldest,))
        database.connection.execute(
            "DELETE FROM runs WHERE finished_at IS NOT NULL AND started_at < ? "
            "AND id NOT IN (SELECT run FROM receipts WHERE run IS NOT NULL)",
            (int((now - kept_s) * 1000),),
        )
        database.connection.execute("DELETE FROM finished WHERE run NOT IN (SELECT id FROM runs)")

    database.change(step)

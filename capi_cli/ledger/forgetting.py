"""Erasing what a ledger holds: single events, or all of it. Both keep runs out while they work."""

from collections.abc import Callable, Sequence

import numpy as np

from capi_cli.ledger.lock import take_lock
from capi_cli.ledger.mend import translated
from capi_cli.ledger.opening import open_place
from capi_cli.ledger.place import Place

COMMAND = "capi forget"


def forget_events(
    place: Place, event_keys: Sequence[int], *, lock_wait_s: float, now: Callable[[], float]
) -> None:
    """Remove events from a ledger, and their bytes from its files.

    Raises:
        LedgerError: Locked, damaged or not writable.
    """
    with open_place(place, command=COMMAND, lock_wait_s=lock_wait_s, now=now) as ledger:
        ledger.forget(np.array(event_keys, np.uint64))
        ledger.compact()


def erase_ledger(place: Place, *, lock_wait_s: float) -> None:
    """Remove every file of a ledger but its lock, which holds nothing; works on a damaged one too.

    Raises:
        LedgerError: Locked or not writable.
    """
    lock = take_lock(place.lock, command=COMMAND, wait_s=lock_wait_s)
    try:
        with translated("the ledger", place.folder):
            database = place.database.name  # goes first: without it, the other files are no ledger
            for path in sorted(place.folder.iterdir(), key=lambda path: not path.name.startswith(database)):
                if path != place.lock and path.is_file():
                    path.unlink()
    finally:
        lock.release()

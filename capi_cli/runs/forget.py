"""Erase events from the ledgers: those of one event_id or order, or everything.

An event that was forgotten is new: the next run whose rows hold it sends it again.
"""

from collections.abc import Sequence
from pathlib import Path

from capi_cli.ledger.forgetting import erase_ledger, forget_events
from capi_cli.ledger.place import Place, ledger_places
from capi_cli.runs.event_search import FoundEvent, keys_of
from capi_cli.runs.state import usual_state_folder


def ledgers(state_dir: Path | None) -> list[Place]:
    """Return every ledger of the state folder."""
    return ledger_places(state_dir or usual_state_folder())


def forget(
    state_dir: Path | None, events: Sequence[FoundEvent], *, lock_wait_s: float = 0.0, now: float
) -> None:
    """Erase these events, each from the ledger in which it was found.

    Raises:
        LedgerError: A ledger is locked by a run, damaged, or can't be written.
    """
    for place in ledgers(state_dir):
        if here := [event for event in events if event.ledger == place.folder.name]:
            forget_events(place, keys_of(here), lock_wait_s=lock_wait_s, now=lambda: now)


def forget_all(places: Sequence[Place], *, lock_wait_s: float = 0.0) -> None:
    """Erase whole ledgers: their events, receipts and runs.

    Raises:
        LedgerError: One is locked by a run, or can't be written.
    """
    for place in places:
        erase_ledger(place, lock_wait_s=lock_wait_s)

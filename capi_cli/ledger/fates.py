"""What a ledger answers, and what a run may ask of one: the same of a real one, a read-only one and none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Receipt
from capi_cli.ledger.columns import U64


class Fate(IntEnum):
    """What the ledger holds of an event, and so what becomes of it now."""

    NEW = 0  # send
    ACCEPTED_SAME = 1  # skip
    ACCEPTED_CHANGED = 2  # skip, and say that the row differs from what was sent
    REFUSED_SAME = 3  # report again without a POST
    REFUSED_CHANGED = 4  # send
    UNKNOWN_RESEND = 5  # send: Meta still de-duplicates it
    UNKNOWN_UNTOLD = 6  # Meta would count it twice: tell once, exit 4
    UNKNOWN_TOLD = 7  # skip, with a warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What Meta said about an event that it refused, for telling it again without a POST."""

    code: str
    reason: str
    hint: str
    fbtrace_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """What is known of a run when it begins. `mapping` is text for people: columns and fields, no cell."""

    run_id: str
    command: str
    sources: tuple[str, ...]
    mapping: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A run in which every row of a source arrived. `at` is Unix seconds; `summary` as `end_run` was given it."""

    run_id: str
    at: float
    summary: dict[str, Any]


class Ledger(Protocol):
    """What was sent to one dataset. Its methods may be called from several threads.

    Every method raises LedgerError where the ledger can't be read or written.
    """

    notes: tuple[str, ...]  # warnings from its opening, for the screen

    def classify(self, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Return each event's `Fate` as int8[n]. What this run sent has no say."""
        ...

    def refusals(self, event_keys: Sequence[int]) -> dict[int, Refusal]:
        """Return what Meta said about refused events."""
        ...

    def tell(self, event_keys: U64) -> None:
        """Note that the run told of these unknown events, and did not send them, so that it is not told again.

        They are those past their window, and those inside it that have become too old for Meta.
        """
        ...

    def in_flight(self, batch: Batch) -> None:
        """Write, before the POST, that these events are about to be sent."""
        ...

    def answered(self, receipts: Sequence[Receipt]) -> None:
        """Write what came back. Events of unsent receipts, and those too old to be sent, are as they were before."""
        ...

    def begin_run(self, start: RunStart) -> None:
        """Write that a run begins; receipts from now on are its."""
        ...

    def end_run(self, run_id: str, *, finished_at: datetime, exit_code: int, summary: str) -> None:
        """Write how the run ended. `summary` is JSON."""
        ...

    def finished(self, source: bytes) -> FinishedRun | None:
        """Return the run in which every row of a source arrived; None where there was none."""
        ...

    def finish(self, source: bytes, run_id: str) -> None:
        """Write that every row of a source has arrived by the end of a run."""
        ...

    def close(self) -> None:
        """Put everything in order, and let the next run in."""
        ...


class NullLedger:
    """Knows nothing and keeps nothing: where there is no ledger to read, and for runs that mark nothing."""

    notes: tuple[str, ...] = ()

    def classify(self, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Call everything new."""
        return np.zeros(len(event_keys), np.int8)

    def refusals(self, event_keys: Sequence[int]) -> dict[int, Refusal]:
        """Know of none."""
        return {}

    def tell(self, event_keys: U64) -> None:
        """Do nothing."""

    def in_flight(self, batch: Batch) -> None:
        """Do nothing."""

    def answered(self, receipts: Sequence[Receipt]) -> None:
        """Do nothing."""

    def begin_run(self, start: RunStart) -> None:
        """Do nothing."""

    def end_run(self, run_id: str, *, finished_at: datetime, exit_code: int, summary: str) -> None:
        """Do nothing."""

    def finished(self, source: bytes) -> FinishedRun | None:
        """Know of none."""
        return None

    def finish(self, source: bytes, run_id: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

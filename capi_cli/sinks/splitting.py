"""When Meta refuses a whole batch for its content, send its parts until the guilty events stand alone."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.delivery.split import MAX_EXTRA_REQUESTS, Piece, Plan
from capi_cli.errors import ConfigurationError
from capi_cli.sinks.sink import Sink

UNDECIDED = "undecided"


@dataclass(slots=True)
class _Course:
    """One batch under way: its plan, and what came back so far.

    Attributes:
        held: Refused with a code that does not speak of content, and nothing proves yet that it was the content.
        last: The latest refusal: what undecided events were last refused for.
        stopped: A receipt stops the run: nothing more is sent.
        spent: Requests whose receipts gave way to those of their parts.
    """

    plan: Plan
    receipts: list[Receipt] = field(default_factory=list)
    held: list[Receipt] = field(default_factory=list)
    last: Receipt | None = None
    stopped: bool = False
    spent: int = 0


def _nothing(receipts: Sequence[Receipt]) -> None:
    """Tell nobody."""


class Splitting:
    """A sink that isolates refused events.

    Args:
        inner: Sends a part; marks a refused one by `Receipt.refused`.
        max_extra: Most requests per batch beyond the first.
        on_judged: Told of single events whose refusal was settled only by what came after (a journal's `answered`).
    """

    def __init__(
        self,
        inner: Sink,
        *,
        max_extra: int = MAX_EXTRA_REQUESTS,
        on_judged: Callable[[Sequence[Receipt]], None] = _nothing,
    ) -> None:
        self._inner = inner
        self._max_extra = max_extra
        self._on_judged = on_judged
        self._accepted_before = threading.Event()  # any batch of the run

    def send(self, batch: Batch) -> Sequence[Receipt]:
        """Send the batch, and its parts where it is refused for its content."""
        course = _Course(Plan(batch, self._max_extra))
        while not course.stopped:
            piece = course.plan.take()
            if piece is None:
                break
            self._take(course, piece, self._inner.send(piece.events))
            if course.plan.proven and course.held:
                self._release(course)
        self._settle_held(course)
        course.receipts += [_undecided(part, course) for part in course.plan.rest()]
        *others, last = course.receipts
        return [*others, replace(last, requests=last.requests + course.spent)]

    def close(self) -> None:
        """Close the inner sink."""
        self._inner.close()

    def _take(self, course: _Course, piece: Piece, receipts: Sequence[Receipt]) -> None:
        if all(receipt.outcome is Outcome.ACCEPTED for receipt in receipts):
            course.plan.accepted(piece)
            self._accepted_before.set()
        for receipt in receipts:
            course.stopped = course.stopped or receipt.stop is not None
            refusal = receipt.refused
            if refusal is None:
                # A refusal of one event for its content proves the request as an acceptance does.
                rejected_by_meta = receipt.outcome is Outcome.REJECTED and receipt.status > 0
                course.plan.proven |= receipt.outcome is Outcome.ACCEPTED or rejected_by_meta
                course.receipts.append(receipt)
                continue
            course.last = receipt
            is_whole = piece.events is course.plan.batch
            if refusal.sure or course.plan.proven or (is_whole and len(receipt.batch) > 1):
                self._part(course, receipt)
            else:
                course.held.append(receipt)

    def _part(self, course: _Course, receipt: Receipt) -> None:
        """Put the parts of a refused stretch on the plan; a single event of a sound request is rejected."""
        assert receipt.refused is not None
        if len(receipt.batch) > 1:
            course.plan.refused(receipt.batch, receipt.refused)
            course.spent += receipt.requests
            return
        rejected = replace(receipt, outcome=Outcome.REJECTED, refused=None)
        self._on_judged([rejected])
        course.receipts.append(rejected)

    def _release(self, course: _Course) -> None:
        held, course.held = course.held, []
        for receipt in held:
            self._part(course, receipt)

    def _settle_held(self, course: _Course) -> None:
        """Decide what was refused with a code that does not speak of content, when nothing more is to come."""
        if not course.held:
            return
        if course.plan.sent == 1 and self._accepted_before.is_set():
            self._release(course)  # it can't be split; other batches prove the request
            return
        first = course.held[0]
        error = ConfigurationError(
            f"Meta refuses the request itself ({first.code}: {first.reason.rstrip('.')}).",
            "No part of the batch was accepted, so it is not one bad row. `capi doctor` checks dataset, version "
            "and address; `capi preview` shows what would be sent.",
        )
        course.receipts += [replace(receipt, refused=None) for receipt in course.held]
        if not course.stopped:
            course.receipts[-1] = replace(course.receipts[-1], stop=error)
        course.held = []


def _undecided(part: Batch, course: _Course) -> Receipt:
    last = course.last
    reason = "Not sent: the batch was refused, and its guilty events could not all be isolated in time."
    if last is not None and last.reason:
        reason += f" Last refusal ({last.code}): {last.reason}"
    hint = "Run the same command again: it goes on with these events."
    return Receipt(batch=part, outcome=Outcome.UNSENT, code=UNDECIDED, reason=reason, hint=hint)

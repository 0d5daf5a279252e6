"""Post a batch until Meta gave an answer that stands, or the time for it is used up; then write the receipts.

1. What an answer means is decided in `delivery.decide`, how long to wait in `delivery.backoff`.
2. Once a POST may have been processed, the events are never called unsent again by giving up: they are unknown.
3. Out of time, or asked to wait longer than is left: the run stops, exit 4, and says when to come back.
4. Waits end at once when the run stops. No POST begins after that.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from capi_cli.delivery import backoff
from capi_cli.delivery.batch import Batch
from capi_cli.delivery.budget import retry_for
from capi_cli.delivery.concurrency import Sign
from capi_cli.delivery.decide import Accepted, Again, Decision, Scale, Split, Stop, Unknown, decide
from capi_cli.delivery.receipt import Outcome, Receipt, Refusal
from capi_cli.delivery.reply import Fault, FaultKind, Parsed
from capi_cli.errors import DeliveryError
from capi_cli.sinks.attempt import Attempt, Attempted
from capi_cli.sinks.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A sender is about to wait: told to the observer."""

    batch: Batch
    reason: str
    seconds: float
    attempt: int


@dataclass(slots=True)
class _Tries:
    """What is known of one batch while it is tried."""

    rest: Batch
    receipts: list[Receipt] = field(default_factory=list)
    requests: int = 0
    maybe: bool = False
    failures: dict[Scale, int] = field(default_factory=lambda: dict.fromkeys(Scale, 0))
    faulted_at: float | None = None
    reason: str = ""


def _ignore(wait: Wait) -> None:
    """Tell nobody."""


class Retrying:
    """A sink made of attempts.

    Args:
        inner: What posts once.
        gate: Admits each POST, and keeps the budget that senders share.
        stop: Set when the run ends; waits end with it.
        retry_for_s: `--retry-for`; None: 15 minutes, 2 while no request of the run was ever answered.
        clock: Monotonic seconds.
        now: Unix seconds.
        pause: Waits so many seconds, or less where the run stops.
        dice: Throws a number from 0 up to 1.
        on_wait: Told of every wait, from the sender's thread.
    """

    def __init__(
        self,
        inner: Attempt,
        *,
        gate: Gate,
        stop: threading.Event,
        retry_for_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], object] | None = None,
        dice: Callable[[], float] = random.random,
        on_wait: Callable[[Wait], None] = _ignore,
    ) -> None:
        self._inner = inner
        self._gate = gate
        self._stop = stop
        self._retry_for_s = retry_for_s
        self._clock = clock
        self._now = now
        self._pause = pause or stop.wait
        self._dice = dice
        self._on_wait = on_wait

    def send(self, batch: Batch) -> Sequence[Receipt]:
        """Post the batch until an answer stands."""
        sender, tries = object(), _Tries(batch)
        try:
            while True:
                receipts = self._once(sender, tries)
                if receipts is not None:
                    return _counted([*tries.receipts, *receipts], tries.requests)
        finally:
            self._gate.forget(sender)

    def close(self) -> None:
        """Close what posts."""
        self._inner.close()

    def _once(self, sender: object, tries: _Tries) -> list[Receipt] | None:
        """Post once and wait where that is called for; None to go on."""
        place = self._gate.enter(sender, until=self._deadline(tries))
        if place is None:
            return [self._interrupted(tries) if self._stop.is_set() else self._out_of_time(tries, 0.0)]
        sign, answered, posted, percent = Sign.LOST, None, 0, 0.0
        is_retry = tries.requests > 0
        try:
            attempted = self._inner.post(tries.rest)
            decision = self._take(attempted, tries)
            if decision is not None and attempted.answer is not None:
                posted = len(tries.rest)
                sign, answered = _sign(attempted.answer, decision), not isinstance(decision, Again)
                percent = _usage(attempted.answer)
        finally:
            self._gate.leave(
                place, sign, events=posted, is_retry=is_retry, answered=answered, usage_percent=percent
            )
        if decision is None:
            return []
        if isinstance(decision, Again):
            return self._after_fault(sender, tries, decision)
        return [_receipt(tries, decision, attempted.answer)]

    def _take(self, attempted: Attempted, tries: _Tries) -> Decision | None:
        """Note what was posted and what had become too old; None where nothing was left to post."""
        for receipt in attempted.expired:
            # An earlier POST of these may have been processed: nobody can say that they were refused.
            unsure = replace(receipt, outcome=Outcome.UNKNOWN) if tries.maybe else receipt
            tries.receipts.append(unsure)
        if attempted.posted is None or attempted.answer is None:
            return None
        tries.rest = attempted.posted
        tries.requests += 1
        return decide(attempted.answer, sent=len(tries.rest))

    def _after_fault(self, sender: object, tries: _Tries, again: Again) -> list[Receipt] | None:
        tries.maybe = tries.maybe or again.maybe
        tries.reason = again.reason
        tries.failures[again.scale] += 1
        if tries.faulted_at is None:
            tries.faulted_at = self._clock()
        left_s = self._deadline(tries) - self._clock()
        if left_s <= 0 or again.floor_s > left_s:
            return [self._out_of_time(tries, again.floor_s)]
        seconds = backoff.wait_s(
            again.scale, tries.failures[again.scale], floor_s=again.floor_s, dice=self._dice
        )
        seconds = min(seconds, left_s)  # one last attempt when the time is up
        attempt = sum(tries.failures.values())
        self._on_wait(Wait(batch=tries.rest, reason=again.reason, seconds=seconds, attempt=attempt))
        self._gate.waits(sender, again.reason, self._now() + seconds)
        self._pause(seconds)
        self._gate.goes_on(sender)
        return None

    def _deadline(self, tries: _Tries) -> float:
        if tries.faulted_at is None:
            return float("inf")
        return tries.faulted_at + retry_for(self._retry_for_s, proven=self._gate.proven)

    def _interrupted(self, tries: _Tries) -> Receipt:
        return _undecided(
            tries, code="interrupted", reason=tries.reason or "The run stopped before this was sent."
        )

    def _out_of_time(self, tries: _Tries, floor_s: float) -> Receipt:
        if floor_s > 0:
            at = datetime.fromtimestamp(self._now() + floor_s, UTC)
            message = (
                f"Meta asks to wait {_duration(floor_s)}, longer than --retry-for leaves: {tries.reason}."
            )
            hint = f"Run the same command again after {at:%Y-%m-%d %H:%M} UTC; it goes on where this run stopped."
        else:
            spent = self._clock() - (tries.faulted_at or self._clock())
            message = f"Gave up after {_duration(spent)}: {tries.reason}."
            hint = "Run the same command again in a few minutes; it goes on where this run stopped."
            if not self._gate.proven and tries.failures[Scale.FAULT]:  # who asks for patience was reached
                hint += " No request of this run succeeded yet: `capi doctor` checks token, network, proxy and address."
        stopped = _undecided(tries, code="out-of-time", reason=tries.reason)
        return replace(stopped, stop=DeliveryError(message, hint), hint=hint)


def _receipt(
    tries: _Tries, decision: Accepted | Split | Unknown | Stop, answer: Parsed | Fault | None
) -> Receipt:
    """Return what an answer that stands means for the events that were posted."""
    reply = answer if isinstance(answer, Parsed) else None
    told = Receipt(
        batch=tries.rest,
        outcome=Outcome.UNKNOWN if tries.maybe else Outcome.UNSENT,
        fbtrace_id=reply.fbtrace_id if reply else "",
        status=reply.status if reply else 0,
        messages=reply.messages if reply else (),
    )
    match decision:
        case Accepted():
            return replace(told, outcome=Outcome.ACCEPTED)
        case Unknown(reason=reason):
            hint = "Run the same command again: what Meta has already, it drops as a duplicate."
            return replace(told, outcome=Outcome.UNKNOWN, code="short-count", reason=reason, hint=hint)
        case Stop(error=error, code=code):
            return replace(told, code=code, reason=error.message, hint=error.hint, stop=error)
        case Split(sure=sure, code=code, reason=reason, hint=hint, index=index):
            if sure and len(tries.rest) == 1:
                return replace(told, outcome=Outcome.REJECTED, code=code, reason=reason, hint=hint)
            refusal = Refusal(sure=sure, index=index)
            return replace(told, outcome=Outcome.UNSENT, code=code, reason=reason, hint=hint, refused=refusal)


def _undecided(tries: _Tries, *, code: str, reason: str) -> Receipt:
    outcome = Outcome.UNKNOWN if tries.maybe else Outcome.UNSENT
    hint = "Run the same command again; it goes on where this run stopped."
    return Receipt(batch=tries.rest, outcome=outcome, code=code, reason=reason, hint=hint)


def _counted(receipts: list[Receipt], requests: int) -> list[Receipt]:
    """Put the count of requests on the last receipt: the one about what was posted."""
    return [*receipts[:-1], replace(receipts[-1], requests=requests)]


def _sign(answer: Parsed | Fault, decision: Decision) -> Sign:
    if isinstance(answer, Fault):
        return Sign.THROTTLED if answer.kind is FaultKind.TIMEOUT else Sign.LOST
    if isinstance(decision, Again):
        return Sign.THROTTLED if decision.scale is Scale.QUOTA or answer.status == 503 else Sign.LOST
    return Sign.ANSWERED


def _usage(answer: Parsed | Fault) -> float:
    return answer.usage_percent if isinstance(answer, Parsed) else 0.0


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

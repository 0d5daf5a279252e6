"""How many POSTs may be in flight, shared by all senders: the adaptive limit and the retry budget behind one lock.

A sender enters before each POST and leaves after it, so that waits and back-offs hold no place. The gate also keeps
the counts that a progress display reads.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from capi_cli.delivery.budget import Budget
from capi_cli.delivery.concurrency import AdaptiveLimit, Sign

LOOK_S: Final = 0.2  # how often a held sender looks whether the run stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What goes on, at one moment.

    Attributes:
        requests: POSTs begun.
        retries: Those of them that repeat an earlier one.
        in_flight: POSTs under way.
        allowed: How many may be.
        waiting_for: Why senders wait; empty while any request is in flight or nobody waits.
        retry_at: Unix seconds when the first of them goes on; 0 where nobody waits.
    """

    requests: int
    retries: int
    in_flight: int
    allowed: int
    waiting_for: str = ""
    retry_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """A place among the requests in flight, and when it was taken (monotonic)."""

    began_at: float


class Gate:
    """Admits senders. Thread-safe.

    Args:
        limit: How many requests may be in flight.
        budget: Whether only one sender may try.
        stop: Set when no further POST may begin.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        limit: AdaptiveLimit,
        budget: Budget | None = None,
        *,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._budget = budget or Budget()
        self._stop = stop or threading.Event()
        self._clock = clock
        self._changed = threading.Condition()
        self._requests = 0
        self._retries = 0
        self._in_flight = 0
        self._waits: dict[object, tuple[str, float]] = {}

    @property
    def proven(self) -> bool:
        """Whether a request of this run was ever answered."""
        with self._changed:
            return self._budget.proven

    def enter(self, sender: object, *, until: float = float("inf")) -> Place | None:
        """Wait for a place; None where the run stops, or the clock passes `until`, before there is one."""
        with self._changed:
            while True:
                if self._stop.is_set() or self._clock() > until:
                    return None
                if self._in_flight < self._limit.limit and self._budget.may_post(sender):
                    self._in_flight += 1
                    return Place(self._clock())
                self._changed.wait(LOOK_S)

    def leave(
        self,
        place: Place,
        sign: Sign,
        *,
        events: int = 0,
        is_retry: bool = False,
        answered: bool | None = None,
        usage_percent: float = 0.0,
    ) -> None:
        """Give the place back.

        Args:
            place: What `enter` returned.
            sign: What the answer says about the load.
            events: How many events were posted; 0 where no request was made after all.
            is_retry: The request repeated an earlier one.
            answered: True earns the budget a token, False costs one, None neither.
            usage_percent: The fullest of Meta's gauges.
        """
        with self._changed:
            if events:
                self._requests += 1
                self._retries += is_retry
                self._limit.observe(
                    sign,
                    began_at=place.began_at,
                    now=self._clock(),
                    in_flight=self._in_flight,
                    events=events,
                    usage_percent=usage_percent,
                )
            if answered is True:
                self._budget.answered()
            elif answered is False:
                self._budget.faulted()
            self._in_flight -= 1
            self._changed.notify_all()

    def waits(self, sender: object, reason: str, until_at: float) -> None:
        """Note why a sender waits, and until when (Unix seconds)."""
        with self._changed:
            self._waits[sender] = (reason, until_at)

    def goes_on(self, sender: object) -> None:
        """Note that a sender waits no longer."""
        with self._changed:
            self._waits.pop(sender, None)

    def forget(self, sender: object) -> None:
        """Let go of a sender that is done with its batch."""
        with self._changed:
            self._waits.pop(sender, None)
            self._budget.left(sender)
            self._changed.notify_all()

    def traffic(self) -> Traffic:
        """Return the counts of this moment."""
        with self._changed:
            reason, until_at = min(self._waits.values(), key=lambda wait: wait[1], default=("", 0.0))
            return Traffic(
                requests=self._requests,
                retries=self._retries,
                in_flight=self._in_flight,
                allowed=1 if self._budget.is_outage else self._limit.limit,
                waiting_for="" if self._in_flight else reason,
                retry_at=0.0 if self._in_flight else until_at,
            )

"""How many requests may be in flight: grows by one while full and healthy, shrinks by 0.7 when Meta strains.

1. It starts at 2 and stays between 1 and the maximum.
2. One step up needs a whole round (as many answers as may be in flight) that was full and healthy.
3. It shrinks on throttling, on requests that got no answer in time, on a gauge of Meta's above 90 %, and when
   answers take more than twice as long as they did at best. One cause shrinks it once: the requests that were
   already in flight then are not asked again.
4. Above 75 % on a gauge it does not grow.

Precedents: TCP Vegas for the latency, AIMD as in Vector's adaptive concurrency for the steps.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

START: Final = 2
SHRINK: Final = 0.7
LATENCY_RATIO: Final = 2.0
LATENCY_SLACK_S: Final = 0.1  # on a fast server noise is larger than any ratio
SMOOTHING: Final = 0.3  # weight of the newest answer in the smoothed latency
BEST_KEPT_S: Final = 120.0  # the best latency is forgotten after one to two of these
CAUTION_PERCENT: Final = 75.0
STRAIN_PERCENT: Final = 90.0


class Sign(StrEnum):
    """What one answer says about the load."""

    ANSWERED = "answered"
    THROTTLED = "throttled"
    LOST = "lost"  # no answer, for reasons other than load: neither grows nor shrinks


@dataclass(slots=True)
class AdaptiveLimit:
    """The state. Not locked; `now` is a monotonic clock in seconds."""

    maximum: int
    exact: float = field(init=False)
    _largest: int = field(default=0, init=False)  # events of the largest request so far
    _round: int = field(default=0, init=False)  # healthy, full answers since the last step
    _shrunk_at: float = field(default=float("-inf"), init=False)
    _smooth_s: float | None = field(default=None, init=False)
    _best_s: float | None = field(default=None, init=False)
    _next_best_s: float | None = field(default=None, init=False)
    _window_until: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self.maximum = max(1, self.maximum)
        self.exact = float(min(START, self.maximum))

    @property
    def limit(self) -> int:
        """How many requests may be in flight now."""
        return int(self.exact)

    def observe(
        self,
        sign: Sign,
        *,
        began_at: float,
        now: float,
        in_flight: int,
        events: int = 1,
        usage_percent: float = 0.0,
    ) -> None:
        """Take one answer into account.

        Args:
            sign: What it says about the load.
            began_at: When its POST began.
            now: When it was answered.
            in_flight: Requests in flight just before it was answered, itself included.
            events: How many events it carried.
            usage_percent: The fullest of Meta's gauges; 0 where none was sent.
        """
        if sign is Sign.LOST:
            self._round = 0
            return
        if sign is Sign.THROTTLED:
            self._shrink(began_at, now)
            return
        if events > 2 * self._largest:
            self._smooth_s = self._best_s = self._next_best_s = None  # those of small requests say nothing
        self._largest = max(self._largest, events)
        comparable = 2 * events >= self._largest  # the parts of a split batch are quick for their size
        slow = comparable and self._is_slow(now - began_at, now)
        if slow or usage_percent > STRAIN_PERCENT:
            self._shrink(began_at, now)
        elif usage_percent > CAUTION_PERCENT or in_flight < self.limit:
            self._round = 0
        else:
            self._round += 1
            if self._round >= self.limit:
                self._round = 0
                self.exact = min(float(self.maximum), self.exact + 1)

    def _shrink(self, began_at: float, now: float) -> None:
        self._round = 0
        if began_at < self._shrunk_at:
            return
        self.exact = max(1.0, self.exact * SHRINK)
        self._shrunk_at = now
        self._smooth_s = None  # judge the smaller load by its own answers

    def _is_slow(self, latency_s: float, now: float) -> bool:
        """Tell whether answers have become slow, and remember this one."""
        if now >= self._window_until:
            self._window_until = now + BEST_KEPT_S
            self._best_s, self._next_best_s = self._next_best_s, None
        self._next_best_s = min(latency_s, self._next_best_s or latency_s)
        best = min(self._next_best_s, self._best_s or self._next_best_s)
        smooth_s = best if self._smooth_s is None else self._smooth_s
        self._smooth_s = smooth_s + SMOOTHING * (latency_s - smooth_s)
        return self._smooth_s > LATENCY_RATIO * best + LATENCY_SLACK_S

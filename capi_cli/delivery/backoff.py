"""How long to wait before the same request again: full jitter on two scales, and what Meta asks for as a floor.

Full jitter (a wait between nothing and the whole step) keeps senders from coming back in step; see AWS
Architecture Blog, "Exponential backoff and jitter".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from capi_cli.delivery.decide import Scale


@dataclass(frozen=True, slots=True)
class Steps:
    """The first step and the longest, in seconds."""

    base_s: float
    cap_s: float


STEPS: Final = {Scale.FAULT: Steps(1.0, 60.0), Scale.QUOTA: Steps(60.0, 300.0)}


def wait_s(scale: Scale, attempt: int, *, floor_s: float, dice: Callable[[], float]) -> float:
    """Return the seconds to wait after the `attempt`-th failure on this scale, counted from 1.

    Args:
        scale: Fault or quota.
        attempt: 1 after the first failure.
        floor_s: What the server asked for; never undercut, even above the cap.
        dice: Throws a number from 0 up to 1.
    """
    steps = STEPS[scale]
    step = min(steps.cap_s, steps.base_s * 2.0 ** min(attempt - 1, 32))
    return max(floor_s, dice() * step)

"""The time, as an edge: a run asks a Clock, tests hand in their own. `CAPI_NOW` sets it for golden cases."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from capi_cli.errors import ConfigurationError


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> float:
        """Return Unix seconds."""
        ...

    def today(self) -> date:
        """Return the day in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock; stands still at `fixed` where a test sets it."""

    fixed: float | None = None

    def now(self) -> float:
        """Return Unix seconds."""
        return time.time() if self.fixed is None else self.fixed

    def today(self) -> date:
        """Return the day in UTC."""
        return datetime.fromtimestamp(self.now(), UTC).date()


def system_clock() -> SystemClock:
    """Return the clock of this run: the machine's, or one that stands at the instant in `CAPI_NOW`."""
    fixed = os.environ.get("CAPI_NOW")
    if not fixed:
        return SystemClock()
    try:
        return SystemClock(datetime.fromisoformat(fixed).timestamp())
    except ValueError:
        raise ConfigurationError(
            "CAPI_NOW is not an instant.", "It is for tests: CAPI_NOW=2026-09-01T12:00:00+00:00, or unset it."
        ) from None

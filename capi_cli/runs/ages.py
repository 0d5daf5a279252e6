"""How long the events of a run have left at Meta, and whom the longer limit of a shop would have let through."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from capi_cli.event import limits
from capi_cli.runs.summary import AgeFacts

EXPIRY_HOURS: Final = (1, 6, 24)


@dataclass(slots=True)
class Ages:
    """Counts of a run; see `AgeFacts`."""

    expiring: list[int] = field(default_factory=lambda: [0] * len(EXPIRY_HOURS))
    too_old: int = 0
    fit_for_store: int = 0

    def add(self, expires_at: npt.NDArray[np.int64], now: int) -> None:
        """Count events that go on."""
        left = expires_at - now
        if not len(left) or int(left.min()) > EXPIRY_HOURS[-1] * 3600:
            return
        for place, hours in enumerate(EXPIRY_HOURS):
            self.expiring[place] += int(np.count_nonzero(left <= hours * 3600))

    def reject(self, event_times: npt.NDArray[np.int64], now: int) -> None:
        """Count events that are too old for their own action_source."""
        self.too_old += len(event_times)
        young = event_times + limits.max_age_s("physical_store") > now
        self.fit_for_store += int(np.count_nonzero(young))

    def facts(self) -> AgeFacts:
        """Return what was counted."""
        return AgeFacts(
            expiring=tuple(zip(EXPIRY_HOURS, self.expiring, strict=True)),
            too_old=self.too_old,
            fit_for_store=self.fit_for_store,
        )

"""How the values of one currency are spread, in a fixed number of bins: memory does not grow with the rows."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

BINS_PER_DECADE: Final = 100  # fine enough that the median is right to about one part in a hundred
_FIRST_DECADE: Final = -3  # 0.001, the smallest unit of the currencies with three decimals
_DECADES: Final = 15
_BINS: Final = BINS_PER_DECADE * _DECADES
_GROUPS: Final = (5, 10, 20, 25, 50, 100)  # how many bins make one column, the finest first
_MOST_COLUMNS: Final = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountFacts:
    """The values of one currency over a run.

    Attributes:
        currency: ISO 4217.
        events: How many events carry a value other than 0.
        without: How many carry the currency and no value, or 0.
        negative: How many of `events` are below 0; the columns leave them out.
        total: The sum.
        median: Of the values above 0, right to about 1%; 0 where there are none.
        least: The smallest value other than 0; `most` the largest.
        columns: (from, up to, events) on a logarithmic scale, without gaps.
    """

    currency: str
    events: int
    without: int
    negative: int
    total: float
    median: float
    least: float
    most: float
    columns: tuple[tuple[float, float, int], ...]


@dataclass(slots=True)
class Amounts:
    """Counts the values of one currency."""

    total: float = 0.0
    events: int = 0
    without: int = 0
    negative: int = 0
    least: float = np.inf
    most: float = -np.inf
    bins: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BINS, np.int64))

    def add(self, values: npt.NDArray[np.float64]) -> None:
        """Count the values of a block; 0 stands for an absent one."""
        given = values[values != 0]
        self.without += len(values) - len(given)
        if not len(given):
            return
        self.events += len(given)
        self.total += float(given.sum())
        self.least = min(self.least, float(given.min()))
        self.most = max(self.most, float(given.max()))
        positive = given if self.least > 0 else given[given > 0]
        self.negative += len(given) - len(positive)
        places = np.floor((np.log10(positive) - _FIRST_DECADE) * BINS_PER_DECADE).astype(np.int64)
        self.bins += np.bincount(np.clip(places, 0, _BINS - 1), minlength=_BINS)

    def facts(self, currency: str) -> AmountFacts:
        """Return what was counted."""
        return AmountFacts(
            currency=currency,
            events=self.events,
            without=self.without,
            negative=self.negative,
            total=self.total,
            median=self._median(),
            least=self.least if self.events else 0.0,
            most=self.most if self.events else 0.0,
            columns=self._columns(),
        )

    def _median(self) -> float:
        count = int(self.bins.sum())
        if not count:
            return 0.0
        place = int(np.searchsorted(np.cumsum(self.bins), (count + 1) / 2))
        middle = math.sqrt(_edge(place) * _edge(place + 1))
        return min(max(middle, self.least), self.most)

    def _columns(self) -> tuple[tuple[float, float, int], ...]:
        filled = np.flatnonzero(self.bins)
        if not len(filled):
            return ()
        low, high = int(filled[0]), int(filled[-1])
        group = next(size for size in _GROUPS if high // size - low // size < _MOST_COLUMNS)
        counts = self.bins.reshape(-1, group).sum(axis=1).tolist()
        return tuple(
            (_edge(place * group), _edge((place + 1) * group), counts[place])
            for place in range(low // group, high // group + 1)
        )


def _edge(place: int) -> float:
    return float(10.0 ** (place / BINS_PER_DECADE + _FIRST_DECADE))

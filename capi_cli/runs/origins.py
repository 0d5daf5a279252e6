"""Which row each event of a batch came from: needed when Meta refuses it, long after it was prepared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast, overload

import numpy as np
import numpy.typing as npt

from capi_cli.delivery.batch import Batch
from capi_cli.readers.block import RowBlock


@dataclass(frozen=True, slots=True)
class Origin:
    """The row of one event, or the rows of an order."""

    source: int
    block: RowBlock
    index: int  # in the block

    @property
    def row(self) -> int:
        """The physical line, or the row number from 1; an order's first one."""
        return int(self.block.rows[self.index])

    def records(self) -> Iterator[tuple[int, bytes]]:
        """Yield the line (in Parquet the row number from 1) and the bytes of the row; of an order, of all its rows."""
        return self.block.records(self.index)

    @property
    def row_count(self) -> int:
        """How many rows of the source the event is."""
        return self.block.count(np.array([self.index]))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events that came from one block."""

    source: int
    block: RowBlock
    index: npt.NDArray[np.int32]


class Origins(Sequence[Origin]):
    """The rows of a batch's events, in order. Keeps the blocks alive that hold their cells."""

    __slots__ = ("_ends", "_stretches")

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = [stretch for stretch in stretches if len(stretch.index)]
        self._ends = np.cumsum([len(stretch.index) for stretch in self._stretches], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    @overload
    def __getitem__(self, place: int) -> Origin: ...
    @overload
    def __getitem__(self, place: slice) -> "Origins": ...
    def __getitem__(self, place: int | slice) -> "Origin | Origins":
        if isinstance(place, slice):
            begin, end, _ = place.indices(len(self))
            return self._cut(begin, end)
        if not 0 <= place < len(self):
            raise IndexError(place)
        which = int(np.searchsorted(self._ends, place, side="right"))
        stretch = self._stretches[which]
        before = int(self._ends[which]) - len(stretch.index)
        return Origin(stretch.source, stretch.block, int(stretch.index[place - before]))

    def __iter__(self) -> Iterator[Origin]:
        for stretch in self._stretches:
            for index in stretch.index.tolist():
                yield Origin(stretch.source, stretch.block, index)

    @property
    def row_count(self) -> int:
        """How many rows of the sources the events are."""
        return sum(stretch.block.count(stretch.index) for stretch in self._stretches)

    def _cut(self, begin: int, end: int) -> "Origins":
        found, before = [], 0
        for stretch in self._stretches:
            after = before + len(stretch.index)
            low, high = max(begin, before), min(end, after)
            if low < high:
                index = stretch.index[low - before : high - before]
                found.append(Stretch(stretch.source, stretch.block, index))
            before = after
        return Origins(found)


def origins_of(batch: Batch) -> Sequence[Origin]:
    """Return where a batch's events came from; of events that were picked out of a batch, a plain list."""
    return cast("Sequence[Origin]", batch.origins)


def count_rows(batch: Batch) -> int:
    """Return how many rows of the sources a batch's events are."""
    if isinstance(batch.origins, Origins):
        return batch.origins.row_count
    return sum(origin.row_count for origin in origins_of(batch))

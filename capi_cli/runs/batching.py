"""From prepared blocks to batches: events of consecutive blocks, cut at the batch size.

Bytes are copied where a batch is of several stretches; most lie within one block.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from capi_cli.delivery.batch import Batch
from capi_cli.prepare.prepared import Places, PreparedBlock, as_slice
from capi_cli.readers.block import RowBlock
from capi_cli.runs.origins import Origins, Stretch

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Events of one block that wait for their batch: `keep` holds their places among the prepared events."""

    prepared: PreparedBlock
    source: int
    block: RowBlock
    keep: npt.NDArray[np.int64]


class Batcher:
    """Collects events and yields full batches; `rest` yields what is left."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces: list[_Piece] = []
        self._waiting = 0
        self._number = 0

    def add(
        self, source: int, block: RowBlock, prepared: PreparedBlock, keep: npt.NDArray[np.int64]
    ) -> Iterator[Batch]:
        """Take the events at `keep` of a prepared block, and yield the batches that became full."""
        if len(keep):
            self._pieces.append(_Piece(prepared, source, block, keep))
            self._waiting += len(keep)
        while self._waiting >= self._size:
            yield self._cut(self._size)

    def rest(self) -> Iterator[Batch]:
        """Yield the last batch, if any event waits."""
        if self._waiting:
            yield self._cut(self._waiting)

    def _cut(self, size: int) -> Batch:
        taken: list[_Piece] = []
        left = size
        while left:
            piece = self._pieces.pop(0)
            if len(piece.keep) > left:
                rest = _Piece(piece.prepared, piece.source, piece.block, piece.keep[left:])
                self._pieces.insert(0, rest)
                piece = _Piece(piece.prepared, piece.source, piece.block, piece.keep[:left])
            taken.append(piece)
            left -= len(piece.keep)
        self._waiting -= size
        self._number += 1
        return _batch(self._number, taken)


class NoBatcher(Batcher):
    """For a run that takes no batches: it makes none."""

    def add(
        self, source: int, block: RowBlock, prepared: PreparedBlock, keep: npt.NDArray[np.int64]
    ) -> Iterator[Batch]:
        """Let the events go."""
        return iter(())


def _batch(number: int, pieces: list[_Piece]) -> Batch:
    chunks = [chunk for piece in pieces for chunk in _chunks(piece)]
    joined = chunks[0] if len(chunks) == 1 else b",".join(chunks)
    places = [(piece.prepared, as_slice(piece.keep)) for piece in pieces]
    starts = np.zeros(sum(len(piece.keep) for piece in pieces) + 1, np.int64)
    np.cumsum(_joined([_lengths(prepared.starts, place) for prepared, place in places]), out=starts[1:])
    return Batch(
        number=number,
        joined=joined,
        starts=_column([starts], "q"),
        expires_at=_column([prepared.expires_at[place] for prepared, place in places], "q"),
        event_keys=_column([prepared.event_keys[place] for prepared, place in places], "Q"),
        windows_s=_column([prepared.windows_s[place] for prepared, place in places], "i"),
        content_keys=_column([prepared.content_keys[place] for prepared, place in places], "Q"),
        origins=Origins(
            [
                Stretch(piece.source, piece.block, prepared.index[place])
                for piece, (prepared, place) in zip(pieces, places, strict=True)
            ]
        ),
    )


def _lengths(starts: npt.NDArray[np.int64], places: Places) -> npt.NDArray[np.int64]:
    """Return how many bytes events take, each with the comma behind it."""
    if isinstance(places, slice):
        return np.diff(starts[places.start : places.stop + 1])
    return starts[places + 1] - starts[places]


def _chunks(piece: _Piece) -> Iterator[memoryview]:
    """Yield the longest stretches of neighbouring events."""
    keep, starts, view = piece.keep, piece.prepared.starts, memoryview(piece.prepared.joined)
    breaks = () if isinstance(as_slice(keep), slice) else np.flatnonzero(np.diff(keep) != 1) + 1
    for stretch in np.split(keep, breaks) if len(breaks) else [keep]:
        yield view[int(starts[stretch[0]]) : int(starts[stretch[-1] + 1]) - 1]


def _joined(parts: list[npt.NDArray[Number]]) -> npt.NDArray[Number]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _column(parts: list[npt.NDArray[Number]], code: str) -> "array[int]":
    column = array(code)
    for part in parts:
        column.frombytes(np.ascontiguousarray(part).view(np.uint8).data)
    return column

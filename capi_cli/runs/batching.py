"""From prepared blocks to batches: events of consecutive blocks, cut at the batch size.

Bytes are copied where a batch is of several stretches; most lie within one block.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from capi_cli.delivery.batch import Batch
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.readers.block import RowBlock
from capi_cli.runs.origins import Origins, Stretch


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
    lengths = np.concatenate(
        [(piece.prepared.starts[piece.keep + 1] - piece.prepared.starts[piece.keep]) for piece in pieces]
    )
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return Batch(
        number=number,
        joined=joined,
        starts=array("q", starts.tobytes()),
        expires_at=_column([piece.prepared.expires_at[piece.keep] for piece in pieces], "q"),
        event_keys=_column([piece.prepared.event_keys[piece.keep] for piece in pieces], "Q"),
        windows_s=_column([piece.prepared.windows_s[piece.keep] for piece in pieces], "i"),
        content_keys=_column([piece.prepared.content_keys[piece.keep] for piece in pieces], "Q"),
        origins=Origins(
            [Stretch(piece.source, piece.block, piece.prepared.index[piece.keep]) for piece in pieces]
        ),
    )


def _chunks(piece: _Piece) -> Iterator[memoryview]:
    """Yield the longest stretches of neighbouring events."""
    keep, starts, view = piece.keep, piece.prepared.starts, memoryview(piece.prepared.joined)
    breaks = np.flatnonzero(np.diff(keep) != 1) + 1
    for stretch in np.split(keep, breaks):
        yield view[int(starts[stretch[0]]) : int(starts[stretch[-1] + 1]) - 1]


def _column(parts: list[npt.NDArray[np.generic]], code: str) -> "array[int]":
    return array(code, np.concatenate(parts).tobytes())

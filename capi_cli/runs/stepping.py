"""Blocks cut shorter: to a number of rows, and to small steps at the beginning of a source.

Readers yield blocks as large as memory allows. What is decided on the first rows (the preflight, and the question
before it) is to be decided on little more than these, and soon. Processes take small blocks throughout.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from capi_cli.readers.block import RowBlock

STEP_ROWS: Final = 4096
STEPPED_ROWS: Final = 10_000  # of a source; as many as the preflight judges


def stepped(
    blocks: Iterable[RowBlock], most_rows: Callable[[], int] = lambda: sys.maxsize
) -> Iterator[RowBlock]:
    """Yield the blocks, those of the first rows in steps, and the others with no more rows than `most_rows` says."""
    rows = 0
    for block in blocks:
        while records(block) > (most := STEP_ROWS if rows < STEPPED_ROWS else most_rows()):
            step = first_rows(block, most)
            rows += records(step)
            block = _without(block, step)
            yield step
        rows += records(block)
        yield block


def records(block: RowBlock) -> int:
    """Return how many records a block has, readable or not."""
    return len(block.rows) + len(block.bad)


def first_rows(block: RowBlock, count: int) -> RowBlock:
    """Return the first records of a block, readable or not, in file order."""
    if records(block) <= count:
        return block
    lines = np.sort(np.concatenate([block.rows, np.array([bad.row for bad in block.bad], np.int64)]))
    last = int(lines[count - 1])
    good = int(np.searchsorted(block.rows, last, side="right"))
    return replace(
        _between(block, 0, good),
        bad=tuple(bad for bad in block.bad if bad.row <= last),
    )


def _without(block: RowBlock, first: RowBlock) -> RowBlock:
    """Return what `first_rows` left of a block."""
    return replace(_between(block, len(first.rows), len(block.rows)), bad=block.bad[len(first.bad) :])


def _between(block: RowBlock, begin: int, end: int) -> RowBlock:
    return replace(
        block,
        columns=block.columns.slice(begin, end - begin),
        rows=block.rows[begin:end],
        starts=None if block.starts is None else block.starts[begin:end],
        ends=None if block.ends is None else block.ends[begin:end],
    )

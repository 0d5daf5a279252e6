"""Threads, and processes from where a source shows that its cells are none that the loops in C can read.

A rule in Python keeps the interpreter's lock, so threads would wait for each other. A file in which nearly every cell
needs its rule is seen by the time that its rows take.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.prepare.plan import Plan
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.runs.memory import SMALL_BYTES, give_back, keep_small
from capi_cli.runs.pool import Pool
from capi_cli.runs.threads import Threads

Block = TypeVar("Block")
Task = tuple[Block, pa.RecordBatch, npt.NDArray[np.int64], int]

SLOW_S: Final = 20e-6  # for a row; usual are 3, of which the lock is kept for one
WATCHED_ROWS: Final = 4_000  # before it is decided


class ThreadsFirst:
    """A pool that begins as threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: Pool = Threads(count)

    @property
    def most_rows(self) -> int:
        """How many rows a block should have at most."""
        return self._pool.most_rows

    def prepare(
        self, source: int, plan: Plan, blocks: Iterable[Task[Block]]
    ) -> Iterator[tuple[Block, PreparedBlock]]:
        """Yield each block with what it became, in order; reads ahead as far as there is work."""
        left, threads = iter(blocks), self._pool
        if isinstance(threads, Threads):
            yield from threads.prepare(source, plan, _while_quick(threads, left))
            if not _is_slow(threads):
                return
            self._change_over()
        yield from self._pool.prepare(source, plan, left)

    def _change_over(self) -> None:
        from capi_cli.runs.workers import Workers

        self._pool.close()
        keep_small(SMALL_BYTES)
        give_back()
        self._pool = Workers(self._count)

    def close(self) -> None:
        """End the threads or processes."""
        self._pool.close()


def _while_quick(threads: Threads, blocks: Iterator[Task[Block]]) -> Iterator[Task[Block]]:
    while not _is_slow(threads) and (task := next(blocks, None)) is not None:
        yield task


def _is_slow(threads: Threads) -> bool:
    return threads.rows >= WATCHED_ROWS and threads.busy_s >= SLOW_S * threads.rows

"""Threads that prepare blocks side by side; results come back in the order of the file.

Where the loops over cells are in C (`capi_cli/native`) they run without the interpreter's lock, as Arrow's and numpy's
do, so threads of this process do what `workers.py` needs processes for, and no block is copied on its way.
"""

import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.bugs import place_of
from capi_cli.errors import CapiError
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.prepare.preparer import Preparer
from capi_cli.runs.memory import ALONE_BYTES, keep_small
from capi_cli.runs.pool import bug

Block = TypeVar("Block")


@dataclass(slots=True, eq=False)
class _Task:
    """A block on its way, and what came of it."""

    source: int
    plan: Plan
    columns: pa.RecordBatch
    rows: npt.NDArray[np.int64]
    now: int
    found: "queue.SimpleQueue[PreparedBlock | CapiError]" = field(default_factory=queue.SimpleQueue)
    busy_s: float = 0.0  # of a processor, where the thread had its tools ready


class Threads:
    """A pool of threads that prepare blocks.

    Attributes:
        rows: How many it prepared, those of each thread's first block left out: it makes its tools then.
        busy_s: How long processors were busy with these.
    """

    most_rows = sys.maxsize

    def __init__(self, count: int) -> None:
        keep_small(ALONE_BYTES)
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._closing = False
        self.rows, self.busy_s = 0, 0.0
        self._threads = [
            threading.Thread(target=self._work, name="prepare", daemon=True) for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def prepare(
        self,
        source: int,
        plan: Plan,
        blocks: Iterable[tuple[Block, pa.RecordBatch, npt.NDArray[np.int64], int]],
    ) -> Iterator[tuple[Block, PreparedBlock]]:
        """Yield each block with what it became, in order; reads ahead as far as there is work for every thread.

        Raises:
            CapiError: What a thread met, told without the text of an exception, which may hold a cell.
        """
        pending: deque[tuple[Block, _Task]] = deque()
        for block, columns, rows, now in blocks:
            task = _Task(source, plan, columns, rows, now)
            self._tasks.put(task)
            pending.append((block, task))
            if len(pending) > len(self._threads):
                yield self._taken(*pending.popleft())
        while pending:
            yield self._taken(*pending.popleft())

    def _work(self) -> None:
        """Prepare blocks until the pool is closed; the top of a thread, so nothing may pass it."""
        preparers: dict[int, Preparer] = {}
        while (task := self._tasks.get()) is not None:
            if self._closing:
                continue
            try:
                is_first = task.source not in preparers
                if is_first:
                    preparers = {task.source: Preparer(task.plan)}
                began = time.thread_time()
                found = preparers[task.source].prepare(task.columns, task.rows, task.now)
                task.busy_s = 0.0 if is_first else time.thread_time() - began
                task.found.put(found)
                del found
            except CapiError as error:
                task.found.put(error)
            except Exception as error:  # noqa: BLE001 -- a traceback would print cells; whoever waits tells instead
                task.found.put(bug(type(error).__name__, place_of(error.__traceback__)))
            del task

    def close(self) -> None:
        """End the threads; what they are at is finished, what waits is dropped."""
        self._closing = True
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _taken(self, block: Block, task: _Task) -> tuple[Block, PreparedBlock]:
        found = task.found.get()
        if isinstance(found, CapiError):
            raise found
        if task.busy_s:
            self.rows += len(task.rows)
            self.busy_s += task.busy_s
        return block, found

"""Processes that prepare blocks side by side; results come back in the order of the file.

A block travels as Arrow IPC, its events come back as bytes. Each worker has a thread that feeds and one that drains
it, so that neither it nor this process waits for the others. Workers ignore signals (the parent decides) and end when
the parent's pipe closes.
"""

import queue
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.bugs import place_of
from capi_cli.errors import CapiError
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.prepare.preparer import Preparer
from capi_cli.runs.fork_server import context
from capi_cli.runs.memory import WORKING_BYTES, keep_small
from capi_cli.runs.no_pandas import refuse_pandas
from capi_cli.runs.pool import bug
from capi_cli.runs.wire import Wire

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

Block = TypeVar("Block")

AHEAD = 2  # blocks that wait at each worker, so that it never idles


@dataclass(frozen=True, slots=True)
class _Source:
    """What is to be known of a source before its first block."""

    place: int
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Task:
    """A block to prepare, whose columns follow."""

    source: int
    rows: npt.NDArray[np.int64]
    now: int


@dataclass(frozen=True, slots=True)
class _Crash:
    """What went wrong in a worker, without the text of the exception, which may hold a cell."""

    kind: str
    place: str


def _work(pipe: Connection) -> None:
    """Prepare blocks until the parent closes the pipe; the top of a process, so nothing may pass it."""
    wire = Wire(pipe)
    try:
        _prepare_blocks(wire)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 -- a traceback would print cells; the parent tells instead
        wire.send(_Crash(type(error).__name__, place_of(error.__traceback__)))


def _prepare_blocks(wire: Wire) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # sent to the whole group; the parent decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    refuse_pandas()
    pa.set_cpu_count(1)
    keep_small(WORKING_BYTES)
    preparers: dict[int, Preparer] = {}
    while True:
        task = wire.receive()
        if isinstance(task, _Source):
            preparers[task.place] = Preparer(task.plan)
            continue
        assert isinstance(task, _Task)
        columns = pa.ipc.open_stream(wire.receive_large()).read_next_batch()
        prepared = preparers[task.source].prepare(columns, task.rows, task.now)
        wire.send(replace(prepared, joined=b""))
        wire.send_large(prepared.joined)


class _Worker:
    """One process, and the threads that feed and drain it: a worker that is busy holds up nobody."""

    def __init__(self, context: "ForkServerContext | SpawnContext", results: int) -> None:
        ours, theirs = context.Pipe()
        self._wire = Wire(ours)
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._tasks: queue.Queue[tuple[_Source | _Task, pa.Buffer | None]] = queue.Queue(AHEAD)
        self._results: queue.Queue[PreparedBlock | _Crash | None] = queue.Queue(results)
        for work in (self._feed, self._drain):
            threading.Thread(target=work, daemon=True).start()

    def _feed(self) -> None:
        try:
            while True:
                task, columns = self._tasks.get()
                self._wire.send(task)
                if columns is not None:
                    self._wire.send_large(memoryview(columns))
        except OSError:
            while True:  # it is gone, as whoever drains it tells; nobody may wait for a place in the queue
                self._tasks.get()

    def _drain(self) -> None:
        try:
            while True:
                prepared = self._wire.receive()
                if isinstance(prepared, _Crash):
                    self._results.put(prepared)
                    return
                assert isinstance(prepared, PreparedBlock)
                self._results.put(replace(prepared, joined=self._wire.receive_large()))
        except (EOFError, OSError):
            pass  # it has ended
        finally:
            self._results.put(None)

    def plan(self, source: int, plan: Plan) -> None:
        self._tasks.put((_Source(source, plan), None))

    def give(self, source: int, columns: pa.RecordBatch, rows: npt.NDArray[np.int64], now: int) -> None:
        buffer = pa.BufferOutputStream()
        with pa.ipc.new_stream(buffer, columns.schema) as writer:
            writer.write_batch(columns)
        self._tasks.put((_Task(source, rows.astype(np.int64, copy=False), now), buffer.getvalue()))

    def take(self) -> PreparedBlock:
        prepared = self._results.get()
        if isinstance(prepared, _Crash):
            raise bug(prepared.kind, prepared.place)
        if prepared is None:
            raise CapiError(
                "A process that prepares rows ended unexpectedly.",
                "If the machine ran out of memory, try CAPI_WORKERS=1; else report it.",
            )
        return prepared

    def close(self) -> None:
        self._process.kill()  # it holds nothing that must be put in order
        self._process.join(5)
        self._wire.close()


class Workers:
    """A pool of processes that prepare blocks; starts at the first use."""

    most_rows = 2048  # as each process has some blocks, and a block on its way stands in two of them

    def __init__(self, count: int) -> None:
        self._context = context()
        self._workers = [_Worker(self._context, AHEAD + 1) for _ in range(count)]
        self._turn = 0

    def prepare(
        self,
        source: int,
        plan: Plan,
        blocks: Iterable[tuple[Block, pa.RecordBatch, npt.NDArray[np.int64], int]],
    ) -> Iterator[tuple[Block, PreparedBlock]]:
        """Yield each block with what it became, in order; reads ahead as far as the workers have room."""
        for worker in self._workers:
            worker.plan(source, plan)
        pending: deque[tuple[Block, _Worker]] = deque()
        for block, columns, rows, now in blocks:
            worker = self._workers[self._turn % len(self._workers)]
            self._turn += 1
            worker.give(source, columns, rows, now)
            pending.append((block, worker))
            if len(pending) >= AHEAD * len(self._workers):
                first, worker = pending.popleft()
                yield first, worker.take()
        while pending:
            first, worker = pending.popleft()
            yield first, worker.take()

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()

"""Processes that prepare blocks side by side; results come back in the order of the file.

A block travels as Arrow IPC, its events come back as bytes. Each worker has a thread that drains its pipe, so that
it never waits for the others. Workers ignore signals (the parent decides) and end when the parent's pipe closes.
"""

import os
import queue
import signal
import threading
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.errors import CapiError
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.prepare.preparer import Preparer
from capi_cli.runs.fork_server import context
from capi_cli.runs.memory import keep_small
from capi_cli.runs.no_pandas import refuse_pandas

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

Block = TypeVar("Block")

AHEAD = 2  # blocks that wait at each worker, so that it never idles


def default_workers() -> int:
    """Return how many processes prepare: one for each core that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Crash:
    """What went wrong in a worker, without the text of the exception, which may hold a cell."""

    kind: str
    place: str


def _work(pipe: Connection) -> None:
    """Prepare blocks until the parent closes the pipe; the top of a process, so nothing may pass it."""
    try:
        _prepare_blocks(pipe)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 -- a traceback would print cells; the parent tells instead
        last = traceback.extract_tb(error.__traceback__)[-1]
        pipe.send(_Crash(type(error).__name__, f"{Path(last.filename).name}:{last.lineno}"))


def _prepare_blocks(pipe: Connection) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # sent to the whole group; the parent decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    refuse_pandas()
    pa.set_cpu_count(1)
    keep_small()
    preparers: dict[int, Preparer] = {}
    while True:
        message = pipe.recv()
        if isinstance(message[1], Plan):
            preparers[message[0]] = Preparer(message[1])
            continue
        source, rows, now = message
        columns = pa.ipc.open_stream(pipe.recv_bytes()).read_next_batch()
        prepared = preparers[source].prepare(columns, np.frombuffer(rows, np.int64), now)
        pipe.send(replace(prepared, joined=b""))
        pipe.send_bytes(prepared.joined)


class _Worker:
    """One process, its pipe, and the thread that drains it."""

    def __init__(self, context: "ForkServerContext | SpawnContext", results: int) -> None:
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._results: queue.Queue[PreparedBlock | _Crash | None] = queue.Queue(results)
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        try:
            while True:
                prepared = self._pipe.recv()
                if isinstance(prepared, _Crash):
                    self._results.put(prepared)
                    return
                self._results.put(replace(prepared, joined=self._pipe.recv_bytes()))
        except (EOFError, OSError):
            self._results.put(None)

    def plan(self, source: int, plan: Plan) -> None:
        self._pipe.send((source, plan))

    def give(self, source: int, columns: pa.RecordBatch, rows: npt.NDArray[np.int64], now: int) -> None:
        buffer = pa.BufferOutputStream()
        with pa.ipc.new_stream(buffer, columns.schema) as writer:
            writer.write_batch(columns)
        self._pipe.send((source, rows.astype(np.int64).tobytes(), now))
        self._pipe.send_bytes(buffer.getvalue())

    def take(self) -> PreparedBlock:
        prepared = self._results.get()
        if isinstance(prepared, _Crash):
            raise CapiError(
                f"A bug in capi: {prepared.kind} at {prepared.place} while preparing rows.",
                "Please report it with these two words; no cell of your file is in this message.",
            )
        if prepared is None:
            raise CapiError(
                "A process that prepares rows ended unexpectedly.",
                "If the machine ran out of memory, try CAPI_WORKERS=1; else report it.",
            )
        return prepared

    def close(self) -> None:
        self._process.kill()  # it holds nothing that must be put in order
        self._process.join(5)
        self._pipe.close()


class Workers:
    """A pool of processes that prepare blocks; starts at the first use."""

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

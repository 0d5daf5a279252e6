"""What prepares blocks side by side: threads where the loops over cells are in C and do the work, else processes.

This module is asked before anything heavy is imported, so it imports nothing heavy.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from capi_cli.errors import CapiError
from capi_cli.native.library import library

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from capi_cli.prepare.plan import Plan
    from capi_cli.prepare.prepared import PreparedBlock

MANY_BYTES: Final = 4 << 20  # from here on, preparing side by side pays
Block = TypeVar("Block")


class Pool(Protocol):
    """Threads or processes that prepare blocks."""

    @property
    def most_rows(self) -> int:
        """How many rows a block should have at most."""
        ...

    def prepare(
        self,
        source: int,
        plan: "Plan",
        blocks: "Iterable[tuple[Block, pa.RecordBatch, npt.NDArray[np.int64], int]]",
    ) -> "Iterator[tuple[Block, PreparedBlock]]":
        """Yield each block with what it became, in order; reads ahead as far as there is room."""
        ...

    def close(self) -> None:
        """End them."""
        ...


def default_workers() -> int:
    """Return how many prepare: one for each core that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_pool(count: int) -> Pool:
    """Return a pool of so many. Threads without loops in C would wait for the interpreter's lock most of the time."""
    if library() is not None:
        from capi_cli.runs.threads_first import ThreadsFirst

        return ThreadsFirst(count)
    from capi_cli.runs.workers import Workers

    return Workers(count)


def bug(kind: str, place: str) -> CapiError:
    """Return what is told of a bug that a thread or a process met: its kind and place, as its text may hold a cell."""
    return CapiError(
        f"A bug in capi: {kind} at {place} while preparing rows.",
        "Please report it with this line; no cell of your file is in it.",
    )


def begin_early(sources: Sequence[str], workers: int | None) -> None:
    """Start what processes come from where they will be wanted: a source is a large file of this machine."""
    if workers == 1 or (workers is None and not any(map(_is_large, sources))) or library() is not None:
        return
    from capi_cli.runs import fork_server

    fork_server.ensure_running()


def _is_large(source: str) -> bool:
    try:
        return Path(source).stat().st_size >= MANY_BYTES
    except (OSError, ValueError):  # no file, or no name of one; whoever opens it says so
        return False

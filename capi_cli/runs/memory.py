"""Keep the process small: give freed blocks back to the system.

glibc raises its own threshold for that to 32 MiB once large blocks come and go, keeps an arena for each thread, and
Arrow's pool keeps what it once had; together they doubled the peak of a long run. One door, `keep_small`, called at
the start of every process that moves blocks; it does nothing where the C library is another one.
"""

import ctypes
import gc
import sys
from typing import Final

import pyarrow as pa

from capi_cli.runs.no_pandas import refuse_pandas

_M_TRIM_THRESHOLD: Final = -1  # malloc.h
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
SMALL_BYTES: Final = 256 << 10  # for a process that only passes blocks on
# For one of several processes that work on blocks: asking the system for each column took a third of its time.
WORKING_BYTES: Final = 4 << 20
ALONE_BYTES: Final = (
    32 << 20
)  # for the one that does all of it, with as many threads as there are; glibc's limit
_ARENAS: Final = 2
_NEW_OBJECTS: Final = 100_000  # between looks for cycles: blocks make many objects and hardly a cycle


def keep_small(threshold_bytes: int) -> None:
    """Tell the allocators to give memory back, and pyarrow not to look for a pandas that is not there.

    Args:
        threshold_bytes: What is that large comes from the system and goes back to it at once.
    """
    refuse_pandas(only_if_missing=True)
    gc.freeze()  # what is loaded stays
    gc.set_threshold(_NEW_OBJECTS)
    pa.set_memory_pool(pa.system_memory_pool())
    called = _c_library()
    if called is not None:
        called.mallopt(_M_MMAP_THRESHOLD, threshold_bytes)
        called.mallopt(_M_TRIM_THRESHOLD, threshold_bytes)
        called.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Give what is free back to the system now."""
    called = _c_library()
    if called is not None:
        called.malloc_trim(0)


def _c_library() -> ctypes.CDLL | None:
    """Return glibc; None for any other, such as musl, which needs none of this."""
    found = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    return found if hasattr(found, "mallopt") and hasattr(found, "malloc_trim") else None

"""Keep the process small: give freed blocks of a megabyte back to the system at once.

glibc raises its own threshold for that to 32 MiB once large blocks come and go, keeps an arena for each thread, and
Arrow's pool keeps what it once had; together they doubled the peak of a long run. One door, `keep_small`, called at
the start of every process that moves blocks; it does nothing where the C library is another one.
"""

import ctypes
import sys
from typing import Final

import pyarrow as pa

from capi_cli.runs.no_pandas import refuse_pandas

_M_TRIM_THRESHOLD: Final = -1  # malloc.h
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_THRESHOLD_BYTES: Final = 4 << 20
_ARENAS: Final = 2


def keep_small() -> None:
    """Tell the allocators to give memory back, and pyarrow not to look for a pandas that is not there."""
    refuse_pandas(only_if_missing=True)
    pa.set_memory_pool(pa.system_memory_pool())
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # musl has none, and does not need it
        return
    mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES)
    mallopt(_M_TRIM_THRESHOLD, _THRESHOLD_BYTES)
    mallopt(_M_ARENA_MAX, _ARENAS)

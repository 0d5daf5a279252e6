"""How worker processes start, and when that begins.

Where the system has it, they come from a fork server: one process that loads their modules once. It loads them while
this process loads its own, if it is asked early: before a large source is opened. This module is asked before anything
heavy is imported, so it imports nothing heavy.
"""

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

MANY_BYTES: Final = 4 << 20  # from here on, starting processes (about 0.3 s) pays
_SOCKET_NAME_BYTES: Final = 40  # of `/pymp-xxxxxxxx/listener-xxxxxxxx`, with room to spare
_LONGEST_SOCKET_BYTES: Final = 103  # sun_path: 108 on Linux, 104 on macOS, a zero at its end
_PRELOADED: Final = "capi_cli.prepare.warm"


def context() -> "ForkServerContext | SpawnContext":
    """Return how processes start: a fork server where there is one, else spawning.

    The fork server listens on a socket in the folder for temporary files, whose path may be too long for one.
    """
    fits = len(os.fsencode(gettempdir())) + _SOCKET_NAME_BYTES <= _LONGEST_SOCKET_BYTES
    if fits and "forkserver" in multiprocessing.get_all_start_methods():
        found = multiprocessing.get_context("forkserver")
        found.set_forkserver_preload([_PRELOADED])
        return found
    return multiprocessing.get_context("spawn")


def begin_early(sources: Sequence[str], workers: int | None) -> None:
    """Start the fork server where workers will be wanted: a source is a large file of this machine."""
    if workers == 1 or (workers is None and not any(map(_is_large, sources))):
        return
    if context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()


def _is_large(source: str) -> bool:
    try:
        return Path(source).stat().st_size >= MANY_BYTES
    except (OSError, ValueError):  # no file, or no name of one; whoever opens it says so
        return False

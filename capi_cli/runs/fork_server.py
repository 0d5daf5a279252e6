"""How worker processes start, and when that begins.

Where the system has it, they come from a fork server: one process that loads their modules once. It loads them while
this process loads its own, if it is asked early: before a large source is opened. This module is asked before anything
heavy is imported, so it imports nothing heavy.
"""

import multiprocessing
import os
from tempfile import gettempdir
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

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


def ensure_running() -> None:
    """Start the fork server, where there is one."""
    if context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()

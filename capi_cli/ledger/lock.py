"""One run at a time per ledger, by a lock that the kernel frees when its holder dies, however it dies.

The lock belongs to the run's own process: a child made by fork lets go of it at once, so that workers which outlive
a killed run do not keep the next one out.
"""

import json
import os
import socket
import sys
import time
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from capi_cli.errors import LedgerError
from capi_cli.ledger.mend import translated

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_POLL_S: Final = 0.1
_held: "weakref.WeakSet[RunLock]" = weakref.WeakSet()


class RunLock:
    """A held lock."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor
        _held.add(self)

    def release(self) -> None:
        """Let the next run in."""
        _held.discard(self)
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


def take_lock(
    path: Path,
    *,
    command: str,
    wait_s: float,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> RunLock:
    """Lock the file, waiting up to `wait_s` for another run to end.

    Args:
        path: The lock's file; who holds it stands in a file beside it.
        command: What this run does, for the message that another run gets.

    Raises:
        LedgerError: Another run holds it (the message says which), or the folder can't be written.
    """
    with translated("the ledger's lock", path.parent):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = monotonic() + wait_s
    while not _locked_now(descriptor):
        if monotonic() >= until:
            os.close(descriptor)
            raise LedgerError(
                f"another run is sending to this dataset: {_holder(path)}",
                "wait until it is done, or give --lock-wait a duration to wait for it (--lock-wait 30m)",
            )
        sleep(_POLL_S)
    lock = RunLock(path, descriptor)
    with translated("the ledger's lock", path.parent):
        _write_holder(path, command)
    return lock


def _locked_now(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder_path(path: Path) -> Path:
    return path.with_suffix(".holder")


def _write_holder(path: Path, command: str) -> None:
    facts = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": command,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    new = _holder_path(path).with_suffix(".holder.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(facts, file)
    new.replace(_holder_path(path))


def _holder(path: Path) -> str:
    try:
        facts = json.loads(_holder_path(path).read_text(encoding="utf-8"))
        return f"process {facts['pid']} on {facts['host']}, `{facts['command']}`, started at {facts['started_at']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not yet said which"


def _let_go_in_child() -> None:
    for lock in list(_held):
        lock.release()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_let_go_in_child)

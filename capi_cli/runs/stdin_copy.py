"""Stdin, for a run that goes over its rows twice: a copy in the state folder, readable by its owner only.

It goes with the run. Where the run is killed, the next one that copies takes it away: a living run locks its own.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from capi_cli.errors import LedgerError, UsageError
from capi_cli.own_files import make_own_folder
from capi_cli.runs.request import RunRequest
from capi_cli.runs.state import state_folder

STDIN: Final = "-"
_PREFIX: Final = "stdin-"
_YOUNG_S: Final = 60.0  # a copy that has just been made may not be locked yet


@contextmanager
def twice_readable(request: RunRequest) -> Iterator[RunRequest]:
    """Return the request with stdin replaced by a copy of it, which is removed at the end.

    Raises:
        UsageError: Nobody said what format it is.
        LedgerError: The state folder can't take it.
    """
    if STDIN not in request.source.sources:
        yield request
        return
    if request.source.format is None:
        raise UsageError("stdin has no name to tell its format by.", "Add --format csv, jsonl or parquet.")
    folder = state_folder(request)
    file, copy = _make(folder, request.source.format)
    try:
        with file:
            _fill(file, folder)
            sources = tuple(str(copy) if source == STDIN else source for source in request.source.sources)
            yield replace(request, source=replace(request.source, sources=sources))
    finally:
        copy.unlink(missing_ok=True)


def _make(folder: Path, ending: str) -> tuple[BinaryIO, Path]:
    try:
        make_own_folder(folder)
        _remove_left_behind(folder)
        descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=f".{ending}", dir=folder)  # mode 0600
    except OSError as error:
        raise _no_room(folder, error) from error
    file = os.fdopen(descriptor, "wb")
    _lock(file)
    return file, Path(name)


def _fill(file: BinaryIO, folder: Path) -> None:
    try:
        shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        file.flush()
    except OSError as error:
        raise _no_room(folder, error) from error


def _remove_left_behind(folder: Path) -> None:
    """Remove the copies of runs that were killed."""
    for path in folder.glob(f"{_PREFIX}*"):
        try:
            with path.open("rb") as file:
                if time.time() - path.stat().st_mtime < _YOUNG_S or not _lock(file):
                    continue
            path.unlink()
        except OSError:
            continue  # another user's, or a living run's on Windows: left alone


def _lock(file: BinaryIO) -> bool:
    """Lock a file until it is closed; False where another process has it. On Windows an open file can't go anyway."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _no_room(folder: Path, error: OSError) -> LedgerError:
    return LedgerError(
        f"Stdin can't be kept in {folder} for its two passes: {error.strerror}.",
        "Make room, name another --state-dir, or leave out --preflight full.",
    )

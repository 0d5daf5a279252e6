"""stdout and stderr as a run finds them: closed from the start, left by their reader, on a disk that fills up.

What is lost there is words; events, ledger and rejects file do not depend on them. So nothing that goes wrong with
a stream ends a run or changes its exit code; a full disk is told once, on the other stream.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

_NAMES: Final = ("stdin", "stdout", "stderr")
_READER_LEFT: Final = (errno.EPIPE, errno.EINVAL)  # Windows calls it invalid


class Outlet:
    """A text stream that goes on silently once it can't be written; in all else it is the stream behind it.

    Attributes:
        lost: Why it can't be written; empty while it can, and where only its reader has left.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._open = True
        self.lost = ""

    def write(self, text: str) -> int:
        """Write a text, as long as that goes."""
        self._try(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        self._try(self._stream.flush)

    def _try(self, step: Any) -> None:
        if not self._open:
            return
        try:
            step()
        except OSError as error:
            self._open = False
            self.lost = "" if error.errno in _READER_LEFT else error.strerror or type(error).__name__
            _point_at_nothing(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def lasting_streams() -> Iterator[None]:
    """Keep stdout and stderr writable, or silently gone, while inside; say at the end which of them was lost."""
    open_missing_streams()
    before = sys.stdout, sys.stderr
    out, err = Outlet(sys.stdout), Outlet(sys.stderr)
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        out.flush()
        if out.lost:
            err.write(f"capi: stdout can't be written ({out.lost}): what stands there is not all.\n")
        err.flush()
        sys.stdout, sys.stderr = before


def open_missing_streams() -> None:
    """Open the null device for each of the three streams that is closed: its number must not go to a file of ours."""
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: PTH123, SIM115 - a device, to the end


def _point_at_nothing(stream: Any) -> None:
    """Let what is still buffered go nowhere, so that no later flush complains."""
    try:
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - a device, not a path of anybody's
            os.dup2(nothing.fileno(), stream.fileno())
    except (OSError, ValueError):
        pass  # no stream of the system's

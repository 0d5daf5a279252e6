"""Where a bug is, told without the data it met: lines of code, no message of an exception, no values."""

import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

import capi_cli

_CALLERS: Final = 3  # lines of ours that a report needs to be of use


def place_of(trace: TracebackType | None) -> str:
    """Return where it happened: the deepest of our lines and what called it, and the library's line below them."""
    home = Path(capi_cli.__file__).parent
    frames = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(trace)]
    if not frames:
        return "an unknown place"
    ours = [
        f"{path.relative_to(home.parent).as_posix()}:{line}"
        for path, line in reversed(frames)
        if path.is_relative_to(home)
    ]
    path, line = frames[-1]
    below = "" if path.is_relative_to(home) else f"{path.name}:{line}"
    if not ours:
        return below
    called = f", called from {', '.join(ours[1:_CALLERS])}" if ours[1:] else ""
    return f"{ours[0]}{f' (in {below})' if below else ''}{called}"

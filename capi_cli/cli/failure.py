"""What ends a command early → one line for people, one exit code.

The only broad `except` of the project stands here.
"""

import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import capi_cli
from capi_cli.cli.signals import INTERRUPTED, Interrupted
from capi_cli.cli.voice import Voice
from capi_cli.errors import CapiError

BUG = 1


def guarded(command: str, voice: Voice, work: Callable[[], int]) -> int:
    """Do the work; whatever stops it becomes a message and the contract's exit code."""
    before = threading.excepthook
    threading.excepthook = lambda args: voice.say(
        _bug(args.exc_type, args.exc_traceback), _REPORT, code="bug"
    )
    try:
        return work()
    except CapiError as error:
        voice.print_failure(command, error.exit_code, error.code, error.message, error.hint)
        return error.exit_code
    except (Interrupted, KeyboardInterrupt) as error:
        code = error.exit_code if isinstance(error, Interrupted) else INTERRUPTED
        voice.print_failure(command, code, *interrupted(code))
        return code
    except Exception as error:  # noqa: BLE001 - the last line of defence; what it catches is told as a bug
        message = _bug(type(error), error.__traceback__)
        voice.print_failure(command, BUG, "bug", message, _REPORT)
        return BUG
    finally:
        threading.excepthook = before


def interrupted(exit_code: int) -> tuple[str, str, str]:
    """Return code, message and hint of what is told where a signal ended the work."""
    code = "interrupted" if exit_code == INTERRUPTED else "terminated"
    return code, f"{code.capitalize()}.", "Run the same command again."


_REPORT = "Please report it, with this line and the command; nothing of your file is in it."


def _bug(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Say where it happened, and nothing that may hold data: no message of the exception, no values."""
    version = f"capi {capi_cli.__version__}, Python {sys.version.split()[0]}"
    return f"This is a bug in capi: {kind.__name__} at {_place(trace)} ({version})."


def _place(trace: TracebackType | None) -> str:
    """Return file:line of the deepest frame that is ours, else of the deepest."""
    home = Path(capi_cli.__file__).parent
    frames = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(trace)]
    if not frames:
        return "an unknown place"
    for path, line in reversed(frames):
        if path.is_relative_to(home):
            return f"{path.relative_to(home.parent).as_posix()}:{line}"
    path, line = frames[-1]
    return f"{path.name}:{line}"

"""What ends a command early → one line for people, one exit code.

The broad `except` of a command stands here. Others that let nothing pass stand at the top of what runs apart from it, a
worker process and a task of Spark, and where Spark raises whatever it likes; each says why.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

import capi_cli
from capi_cli.bugs import place_of
from capi_cli.cli.signals import INTERRUPTED, Interrupted, write_stderr
from capi_cli.cli.voice import Voice
from capi_cli.errors import CapiError

BUG = 1


def guarded(command: str, voice: Voice, work: Callable[[], int]) -> int:
    """Do the work; whatever stops it becomes a message and the contract's exit code."""
    with _hooked(voice):
        try:
            return work()
        except CapiError as error:
            return _told(command, voice, error.exit_code, error.code, error.message, error.hint)
        except (Interrupted, KeyboardInterrupt) as error:
            code = error.exit_code if isinstance(error, Interrupted) else INTERRUPTED
            return _told(command, voice, code, *interrupted(code))
        except ImportError as error:
            missing = f"It can't go on: {error.name or 'a library'} is missing or damaged."
            return _told(command, voice, BUG, "bug", missing, "Install capi again.")
        except Exception as error:  # noqa: BLE001 - the last line of defence; what it catches is told as a bug
            return _told(command, voice, BUG, "bug", _bug(type(error), error.__traceback__), _REPORT)


def _told(command: str, voice: Voice, exit_code: int, code: str, message: str, hint: str) -> int:
    """Tell what stopped the command; where even that fails, in one line around all that can fail."""
    try:
        voice.print_failure(command, exit_code, code, message, hint)
    except Exception as error:  # noqa: BLE001 - the message itself went wrong: the exception must not be shown
        write_stderr(f"capi: {_bug(type(error), error.__traceback__)}\n".encode())
        return BUG
    return exit_code


@contextmanager
def _hooked(voice: Voice) -> Iterator[None]:
    """Tell of what goes wrong where nobody catches it, in a thread or while things are cleared away, likewise."""
    before = threading.excepthook, sys.unraisablehook

    def tell(told: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> None:
        voice.say(_bug(told.exc_type, told.exc_traceback), _REPORT, code="bug")

    threading.excepthook = sys.unraisablehook = tell
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


def interrupted(exit_code: int) -> tuple[str, str, str]:
    """Return code, message and hint of what is told where a signal ended the work."""
    code = "interrupted" if exit_code == INTERRUPTED else "terminated"
    return code, f"{code.capitalize()}.", "Run the same command again."


_REPORT = "Please report it, with this line and the command; nothing of your file is in it."


def _bug(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Say where it happened, and nothing that may hold data: no message of the exception, no values."""
    version = f"capi {capi_cli.__version__}, Python {sys.version.split()[0]}"
    return f"This is a bug in capi: {kind.__name__} at {place_of(trace)} ({version})."

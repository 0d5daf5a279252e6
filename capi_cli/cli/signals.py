"""Ctrl-C and SIGTERM: the first asks the run to stop in order, the second leaves at once.

Before a run is under way, and while a person is asked, there is nothing to put in order: the first leaves.

A handler runs between any two steps of the main thread, also while that holds the lock of an Event, and also inside
another handler. So it takes no lock: it puts a word into a SimpleQueue, whose `put` is made for that, and a thread
does the rest.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import Final, NoReturn

INTERRUPTED = 130
TERMINATED = 143
_SHOW_CURSOR = b"\x1b[?25h"  # a live display hides it
_ECHO_S: Final = (
    0.25  # `timeout` of GNU coreutils signals its child, and then the child's group, in one breath
)


class Interrupted(BaseException):
    """A signal ends the command; no handler of ordinary exceptions may swallow it."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class Signals:
    """What has been asked of this process by signal.

    Attributes:
        stop: Set by the first signal; runs watch it.
        exit_code: 130 or 143 by the first signal; None where none came.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.exit_code: int | None = None
        self._orderly = False
        self._first_at = 0.0
        self._tell: Callable[[], None] | None = None
        self._asked: SimpleQueue[bool] = SimpleQueue()  # False ends the thread that listens to it

    def receive(self, number: int, frame: FrameType | None = None) -> None:
        """Take one signal; see the module's rule about locks."""
        again, now = self.exit_code is not None, time.monotonic()
        if again and now - self._first_at < _ECHO_S and self._orderly:
            return
        if not again:
            self._first_at = now
            self.exit_code = INTERRUPTED if number == signal.SIGINT else TERMINATED
        self._asked.put(True)
        assert self.exit_code is not None
        if not self._orderly:
            raise Interrupted(self.exit_code)
        if again:
            _leave(self.exit_code)

    def listen(self) -> None:
        """Pass on what handlers put down, until `close`; a thread's work."""
        while self._asked.get():
            tell = self._tell
            if not self.stop.is_set() and tell is not None:
                tell()
            self.stop.set()

    def close(self) -> None:
        """End `listen`."""
        self._asked.put(False)

    @contextmanager
    def orderly(self, tell: Callable[[], None]) -> Iterator[None]:
        """While inside, the first signal only sets `stop` and tells the person."""
        self._orderly, self._tell = True, tell
        try:
            yield
        finally:
            self._orderly, self._tell = False, None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """While inside, a signal raises Interrupted: somebody waits for an answer."""
        before, self._orderly = self._orderly, False
        try:
            yield
        finally:
            self._orderly = before


@contextmanager
def listening() -> Iterator[Signals]:
    """Take SIGINT and SIGTERM while inside; only the main thread may."""
    signals = Signals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    threading.Thread(target=signals.listen, name="capi-signals", daemon=True).start()
    before = {number: signal.signal(number, signals.receive) for number in _numbers()}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signals.close()


def listen_again(signals: Signals) -> None:
    """Take the signals back from a library that took them for itself, as pyspark does when it starts."""
    if threading.current_thread() is threading.main_thread():
        for number in _numbers():
            signal.signal(number, signals.receive)


def _numbers() -> list[signal.Signals]:
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    return numbers


def write_stderr(line: bytes) -> None:
    """Write around Python's buffers, which a signal handler may have interrupted in the middle."""
    try:
        os.write(2, line)
    except OSError:
        pass  # nobody is there to read


def _leave(exit_code: int) -> NoReturn:
    if os.isatty(2):
        write_stderr(_SHOW_CURSOR)
    os._exit(exit_code)

"""A time limit for the whole request. httpx limits each read and each write; a server that drips escapes that.

The limit is told to the network streams below httpx through the thread that sends: each wait is cut to what is
left of it. Streams are httpcore's own, wrapped; a client without them (a mock) is left as it is.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpcore
import httpx

# What is written in one go, between two looks at the clock: more where the last such piece left at once.
SLICE_BYTES: Final = 1 << 18
_QUICK_SLICE_BYTES: Final = 1 << 20
_QUICK_S: Final = 0.05


class Deadline:
    """When the request of this thread must be over, by a monotonic clock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = threading.local()

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Limit what this thread does inside."""
        self._until.at = self._clock() + seconds
        try:
            yield
        finally:
            self._until.at = None

    def cut(self, timeout: float | None, late: type[Exception]) -> float | None:
        """Return the shorter of a timeout and what is left; raise `late` where nothing is."""
        at = getattr(self._until, "at", None)
        if at is None:
            return timeout
        left = float(at) - self._clock()
        if left <= 0:
            raise late("the request took too long")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline
        self._slice_bytes = SLICE_BYTES

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view: Any = memoryview(buffer)  # which is cut without copying, here and in httpcore
        while view:
            cut = self._deadline.cut(timeout, httpcore.WriteTimeout)
            began = time.monotonic()
            piece, view = view[: self._slice_bytes], view[self._slice_bytes :]
            self._inner.write(piece, cut)
            if len(piece) >= SLICE_BYTES:  # less says nothing about the line
                is_quick = time.monotonic() - began < _QUICK_S
                self._slice_bytes = _QUICK_SLICE_BYTES if is_quick else SLICE_BYTES

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        cut = self._deadline.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, cut), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        cut = self._deadline.cut(timeout, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, cut, local_address, socket_options)
        return _Stream(stream, self._deadline)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        cut = self._deadline.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_unix_socket(path, cut, socket_options), self._deadline)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


def bound(client: httpx.Client, deadline: Deadline) -> None:
    """Make every connection of the client obey the deadline.

    httpx has no public place for a network backend; a test holds that these names still reach it.
    """
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.ConnectionPool):
            pool._network_backend = _Backend(pool._network_backend, deadline)

"""HTTP/1.1 over one socket: read requests, write replies, keep the connection alive.

Small on purpose: loopback only, one request at a time, Content-Length or chunked bodies, `Expect: 100-continue`.
A large body is received into one buffer, which the next one uses again, so that reading costs little of the client's
processor: a body holds until the next request is read.
"""

import socket
from email.utils import formatdate
from http import HTTPStatus

from capi_cli.sandbox.bodies import MAX_BODY_BYTES, Request
from capi_cli.sandbox.graph import Reply

_MAX_HEAD_BYTES = 64 * 1024
_RECEIVE_BYTES = 64 * 1024
_KEPT_BYTES = 4 * 1024 * 1024  # of a body's buffer, beyond which the next one gets its own
_WHOLE = getattr(socket, "MSG_WAITALL", 0)


class BadRequestError(Exception):
    """The bytes are not an HTTP request that can be answered; the connection closes after `status`."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Wire:
    """One connection of a client. Close it once."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()
        self._room = bytearray()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Close the connection, waking a thread that reads from it."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was first
        self._socket.close()

    def shut(self) -> None:
        """Wake a thread that reads, which then closes."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was first

    def read_request(self) -> Request | None:
        """Return the next request; None where the client closed the connection.

        Raises:
            BadRequestError: It is not HTTP, or too large.
            OSError: The connection broke.
        """
        head = self._read_head()
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")
        pieces = lines[0].split(" ")
        if len(pieces) != 3 or not pieces[2].startswith("HTTP/1."):
            raise BadRequestError(400)
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon:
                raise BadRequestError(400)
            headers[name.strip().lower()] = value.strip()
        if pieces[2] == "HTTP/1.0":
            headers.setdefault("connection", "close")
        path, _, query = pieces[1].partition("?")
        return Request(
            method=pieces[0], path=path, query=query, headers=headers, body=self._read_body(headers)
        )

    def _read_head(self) -> bytes | None:
        searched = 0
        while (end := self._buffer.find(b"\r\n\r\n", searched)) < 0:
            searched = max(0, len(self._buffer) - 3)
            if len(self._buffer) > _MAX_HEAD_BYTES:
                raise BadRequestError(431)
            if not self._receive():
                if self._buffer.strip():
                    raise BadRequestError(400)
                return None
        return self._take(end, end + 4)

    def _read_body(self, headers: dict[str, str]) -> bytes | bytearray:
        length = headers.get("content-length", "0")
        chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        if not chunked and not length.isdecimal():
            raise BadRequestError(400)
        if not chunked and int(length) > MAX_BODY_BYTES:
            raise BadRequestError(413)
        if headers.get("expect", "").lower() == "100-continue":
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self._read_chunks() if chunked else self._read_exactly(int(length))

    def _read_exactly(self, length: int) -> bytes | bytearray:
        if length <= len(self._buffer):
            return self._take(length, length)
        body = self._room_for(length)
        held = len(self._buffer)
        body[:held] = self._buffer
        self._buffer.clear()
        with memoryview(body) as view:
            while held < length:
                received = self._socket.recv_into(view[held:], 0, _WHOLE)
                if not received:
                    raise BadRequestError(400)
                held += received
        return body

    def _room_for(self, length: int) -> bytearray:
        """Return a buffer of that length, the one of the body before where it is still there."""
        room, self._room = self._room, bytearray()
        if len(room) > length:
            del room[length:]
        else:
            room += bytes(length - len(room))
        if length <= _KEPT_BYTES:
            self._room = room
        return room

    def _read_chunks(self) -> bytes:
        parts: list[bytes] = []
        total = 0
        while True:
            line = self._read_line().partition(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError:
                raise BadRequestError(400) from None
            total += size
            if size < 0 or total > MAX_BODY_BYTES:
                raise BadRequestError(413)
            if size == 0:
                break
            parts.append(bytes(self._read_exactly(size)))  # whose buffer the next chunk uses
            self._read_line()
        while self._read_line():
            pass  # trailers
        return b"".join(parts)

    def _read_line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _MAX_HEAD_BYTES or not self._receive():
                raise BadRequestError(400)
        return self._take(end, end + 2)

    def _receive(self) -> bool:
        received = self._socket.recv(_RECEIVE_BYTES)
        self._buffer += received
        return bool(received)

    def _take(self, end: int, used: int) -> bytes:
        taken = bytes(self._buffer[:end])
        del self._buffer[:used]
        return taken

    def write_reply(self, reply: Reply, *, keep_alive: bool, with_body: bool = True, at_s: float) -> None:
        """Send a reply in one piece, dated `at_s`; only `reply.cut` bytes of its body where that is set."""
        try:
            phrase = HTTPStatus(reply.status).phrase
        except ValueError:
            phrase = "Status"
        lines = [
            f"HTTP/1.1 {reply.status} {phrase}",
            f"Date: {formatdate(at_s, usegmt=True)}",
            f"Content-Type: {reply.content_type}",
            f"Content-Length: {len(reply.body)}",
            f"Connection: {'keep-alive' if keep_alive else 'close'}",
            *[f"{name}: {value}" for name, value in reply.headers],
        ]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        self._socket.sendall(head + body if with_body else head)

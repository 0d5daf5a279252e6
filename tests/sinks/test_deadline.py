"""The time limit of a whole request, on real sockets: each test takes a fraction of a second."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import httpcore
import httpx
import pytest

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.reply import Fault, FaultKind, Parsed
from capi_cli.sinks.deadline import Deadline, _Stream, bound
from capi_cli.sinks.graph import Graph
from capi_cli.sinks.settings import GraphSettings

Make = Callable[..., Batch]
Settings = Callable[..., GraphSettings]
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n" + b'{"events_received":1}'


@pytest.mark.parametrize("drip_from", [0, 20, 50], ids=["status line", "headers", "body"])
def test_a_server_that_drips_is_left_in_time(
    settings: Settings, batch_of: Make, loopback, drip_from: int
) -> None:
    gone = threading.Event()

    def drip(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.wfile.write(REPLY[:drip_from])
        for byte in REPLY[drip_from:]:
            if gone.wait(0.05):
                return
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()

    loopback.answer = drip
    graph = Graph(settings(graph_url=loopback.url, timeout_s=0.3))
    began = time.monotonic()
    answer = graph.post(batch_of(1)).answer
    took = time.monotonic() - began
    gone.set()
    graph.close()
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.TIMEOUT
    assert took < 1.0


def test_the_limit_starts_anew_with_each_request(settings: Settings, batch_of: Make, loopback) -> None:
    graph = Graph(settings(graph_url=loopback.url, timeout_s=0.5))
    answers = []
    for _ in range(3):
        time.sleep(0.2)
        answers.append(graph.post(batch_of(1)).answer)
    graph.close()
    assert [isinstance(answer, Parsed) for answer in answers] == [True, True, True]
    assert loopback.connections == 1


def test_timeouts_are_cut_to_what_is_left() -> None:
    now = [100.0]
    deadline = Deadline(lambda: now[0])
    assert deadline.cut(5.0, httpcore.ReadTimeout) == 5.0
    with deadline.of(10.0):
        assert deadline.cut(None, httpcore.ReadTimeout) == 10.0
        now[0] = 107.0
        assert deadline.cut(5.0, httpcore.ReadTimeout) == 3.0
        now[0] = 110.0
        with pytest.raises(httpcore.ReadTimeout):
            deadline.cut(5.0, httpcore.ReadTimeout)
    assert deadline.cut(5.0, httpcore.ReadTimeout) == 5.0


def test_every_transport_of_a_client_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with httpx.Client() as client:
        bound(client, Deadline())
        transports = [client._transport, *client._mounts.values()]
        backends = [type(transport._pool._network_backend).__name__ for transport in transports if transport]
    assert len(backends) >= 2
    assert set(backends) == {"_Backend"}


class _Line(httpcore.NetworkStream):
    """Notes what is written at once; each piece takes so long, and the limit is that of the whole request."""

    def __init__(self, piece_s: float) -> None:
        self.pieces: list[bytes] = []
        self._piece_s = piece_s

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.pieces.append(bytes(buffer))
        time.sleep(self._piece_s)


def test_a_slow_line_is_looked_at_often_and_a_quick_one_seldom() -> None:
    body = bytes(range(256)) * 4096  # 1 MiB
    lines = {}
    for piece_s in (0.0, 0.06):
        line = lines[piece_s] = _Line(piece_s)
        stream = _Stream(line, Deadline())
        for _ in range(2):
            stream.write(b"POST / HTTP/1.1\r\n")
            stream.write(body)
        assert b"".join(line.pieces) == 2 * (b"POST / HTTP/1.1\r\n" + body)
    assert max(map(len, lines[0.06].pieces)) == 1 << 18
    assert len(lines[0.0].pieces) == 5
    late = Deadline()
    with late.of(0.1), pytest.raises(httpcore.WriteTimeout):
        _Stream(_Line(0.06), late).write(body)

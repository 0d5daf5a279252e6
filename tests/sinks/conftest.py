import json
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.concurrency import AdaptiveLimit
from capi_cli.sinks.gate import Gate
from capi_cli.sinks.settings import GraphSettings

TOKEN = "EAAtestTOKENvalue123"


@pytest.fixture
def batch_of() -> Callable[..., Batch]:
    """Make a batch of events `{"n":0}`, `{"n":1}`, …"""

    def make(
        count: int, *, expires_at: int | Sequence[int] = 1 << 40, number: int = 1, first: int = 0
    ) -> Batch:
        events = [b'{"n":%d}' % (first + index) for index in range(count)]
        starts = array("q", [0])
        for event in events:
            starts.append(starts[-1] + len(event) + 1)
        ages = [expires_at] * count if isinstance(expires_at, int) else expires_at
        return Batch(
            number=number,
            joined=b",".join(events),
            starts=starts,
            expires_at=array("q", ages),
            event_keys=array("Q", range(first, first + count)),
            content_keys=array("Q", range(first, first + count)),
            origins=range(first, first + count),
        )

    return make


@pytest.fixture
def settings() -> Callable[..., GraphSettings]:
    def make(**changes: object) -> GraphSettings:
        known: dict[str, object] = {
            "graph_url": "http://127.0.0.1:1",
            "api_version": "v26.0",
            "dataset_id": "1234567890",
            "token": TOKEN,
        }
        return GraphSettings(**(known | changes))  # type: ignore[arg-type]

    return make


@dataclass
class Clock:
    """Time that passes only when somebody waits. `pause` notes each wait."""

    now: float = 1_000_000.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate(AdaptiveLimit(8), clock=clock)


@dataclass
class FakeMeta:
    """Graph as a transport: refuses any request that holds one of the `bad` events."""

    bad: dict[int, tuple[int, int]] = field(default_factory=dict)  # event number → (code, subcode)
    names_index: bool = False
    script: list[httpx.Response | Exception] = field(default_factory=list)  # comes before everything else
    bodies: list[list[int]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            self.requests.append(request)
            numbers = [event["n"] for event in json.loads(request.content)["data"]]
            self.bodies.append(numbers)
            if self.script:
                step = self.script.pop(0)
                if isinstance(step, Exception):
                    raise step
                return step
            for place, number in enumerate(numbers):
                if number in self.bad:
                    return self.refuse(*self.bad[number], place)
            self.accepted += numbers
            return httpx.Response(
                200,
                json={"events_received": len(numbers), "messages": [], "fbtrace_id": f"T{len(self.bodies)}"},
            )

    def refuse(self, code: int, subcode: int, place: int = 0, **more: object) -> httpx.Response:
        text = f"$['data'][{place}]['x'] is wrong" if self.names_index else "Something is wrong"
        error = {"message": text, "code": code, "error_subcode": subcode, "fbtrace_id": "Trefused"}
        return httpx.Response(400, json={"error": error | more})

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)


@pytest.fixture
def meta() -> FakeMeta:
    return FakeMeta()


@dataclass
class Loopback:
    """A real server on a free loopback port; `answer` is called for each POST with the handler and its body."""

    url: str
    answer: Callable[[BaseHTTPRequestHandler, bytes], None]
    connections: int = 0
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    def accept(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        count = len(json.loads(body)["data"])
        reply = json.dumps({"events_received": count}).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(reply)))
        handler.end_headers()
        handler.wfile.write(reply)

    place = Loopback("", accept)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            place.connections += 1

        def do_POST(self) -> None:
            place.paths.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            place.answer(self, body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # clients of these tests hang up

    server = Server(("127.0.0.1", 0), Handler)
    place.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield place
    server.shutdown()
    server.server_close()

"""A relay before a store on loopback: it keeps what was asked, and breaks answers where a test says so."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Relay:
    """Where it is, what went through, and what a test makes of it.

    Attributes:
        url: To be used in the store's place.
        asked: Method, path and range of each request, in order.
        answered: Calls a test's own code after the n-th GET of an object was answered.
        broken_from: From this GET of an object on, answers stop in their middle.
        stalled: Where set, GETs of objects wait for it.
        refuse: A status that answers everything.
        authorizations: The header of each request; empty where it was not signed.
    """

    url: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    answered: Callable[[int], None] = lambda number: None
    broken_from: int | None = None
    stalled: threading.Event | None = None
    refuse: int | None = None
    authorizations: list[str] = field(default_factory=list)

    def ranges(self) -> list[int]:
        """Return how many bytes each GET of an object asked for."""
        spans = [asked[2].removeprefix("bytes=").split("-") for asked in self.asked if asked[2]]
        return [int(last) - int(first) + 1 for first, last in spans]


@contextmanager
def relay(port: int) -> Iterator[Relay]:
    """Relay to a server on that port of loopback."""
    seen = Relay()

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            asked = (self.command, self.path, self.headers.get("Range", ""))
            seen.asked.append(asked)
            seen.authorizations.append(self.headers.get("Authorization", ""))
            number = len(seen.ranges())
            if seen.refuse is not None:
                self.send_response(seen.refuse)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if asked[2] and seen.stalled is not None:
                seen.stalled.wait(60)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            there = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            path = self.path.removeprefix(f"http://{self.headers['Host']}")  # a proxy is asked for whole URLs
            there.request(
                self.command, path, body or None, dict(self.headers) | {"Host": f"127.0.0.1:{port}"}
            )
            answer = there.getresponse()
            content = answer.read()
            there.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            if asked[2] and seen.broken_from is not None and number >= seen.broken_from:
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
                return
            self.wfile.write(content)
            if asked[2]:
                seen.answered(number)

        do_GET = do_HEAD = pass_on  # noqa: N815 - as http.server calls them

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    server.daemon_threads = True
    seen.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

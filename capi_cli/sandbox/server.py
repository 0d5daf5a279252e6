"""The sandbox as a server: a listening socket on loopback, and a thread for each connection.

Threads, not async: a request is either received (the interpreter's lock is free) or judged (it is not), and a
client has few connections. For measurements, and wherever the client's speed matters, `process.start_process` gives
the sandbox an interpreter of its own.
"""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from capi_cli.errors import ConfigurationError
from capi_cli.private import without_tokens
from capi_cli.sandbox.access import Access
from capi_cli.sandbox.answers import Drop
from capi_cli.sandbox.bodies import Request
from capi_cli.sandbox.endpoint import Check, Endpoint
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.graph import Reply
from capi_cli.sandbox.saving import Saving
from capi_cli.sandbox.wire import BadRequestError, Wire

HOST = "127.0.0.1"
_BACKLOG = 128
_JOIN_S = 5.0


class Sandbox:
    """A Graph endpoint on loopback for the length of a `with` block.

    Attributes:
        memory: What it remembers of accepted events.
        port: The port it listens on; a free one where 0 was asked for.
        url: `http://127.0.0.1:<port>`.
    """

    def __init__(
        self,
        *,
        dataset_id: str | None = None,
        token: str | None = None,
        app_secret: str | None = None,
        proof_required: bool = True,
        faults: Faults | None = None,
        check: Check = "full",
        save_dir: Path | None = None,
        gzip_allowed: bool = False,
        locale: str = "en_US",
        port: int = 0,
        say: Callable[[str], None] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._endpoint = Endpoint(
            Access(dataset_id=dataset_id, token=token, app_secret=app_secret, proof_required=proof_required),
            faults=faults or Faults(),
            check=check,
            gzip_allowed=gzip_allowed,
            locale=locale,
            now=now,
            save=Saving(save_dir).save if save_dir is not None else None,
        )
        self.memory = self._endpoint.memory
        self._now = now
        self._say = say
        self._asked_port = port
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, Wire] = {}
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self.port = 0
        self.url = ""

    def start(self) -> "Sandbox":
        """Listen, and answer in the background until `stop`."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, self._asked_port))
            listener.listen(_BACKLOG)
        except (OSError, OverflowError) as error:
            listener.close()
            raise ConfigurationError(
                f"The sandbox can't listen on {HOST}:{self._asked_port}: {error}.",
                "Give another --port, or 0 for a free one.",
            ) from error
        self._listener = listener
        self.port = listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self._acceptor = threading.Thread(target=self._accept, name="sandbox", daemon=True)
        self._acceptor.start()
        return self

    def stop(self) -> None:
        """Close the listener and every connection, and wait for their threads."""
        if self._listener is None or self._stopping.is_set():
            return
        self._stopping.set()
        try:  # wake the acceptor: closing a socket under accept() does not, everywhere
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError:
            pass
        if self._acceptor is not None:
            self._acceptor.join(_JOIN_S)
        self._listener.close()
        with self._lock:
            still_open = dict(self._open)
        for wire in still_open.values():
            wire.shut()
        for thread in still_open:
            thread.join(_JOIN_S)

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def state(self) -> dict[str, Any]:
        """Return the counts so far and the faults in force, as `GET /_sandbox/state` does."""
        return self._endpoint.state()

    @property
    def faults(self) -> Faults:
        """The faults in force; set it to change them between two requests."""
        return self._endpoint.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._endpoint.faults = faults

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._stopping.is_set():
                connection.close()
                return
            wire = Wire(connection)
            thread = threading.Thread(target=self._serve, args=(wire,), name="sandbox client", daemon=True)
            with self._lock:
                self._open[thread] = wire
            thread.start()

    def _serve(self, wire: Wire) -> None:
        try:
            while self._answer_one(wire):
                pass
        except OSError:
            pass  # the client went away
        finally:
            wire.close()
            with self._lock:
                self._open.pop(threading.current_thread(), None)

    def _answer_one(self, wire: Wire) -> bool:
        """Answer one request; tell whether the connection stays open."""
        try:
            request = wire.read_request()
        except BadRequestError as bad:
            wire.write_reply(Reply(status=bad.status), keep_alive=False, at_s=self._now())
            return False
        if request is None:
            return False
        begun = time.perf_counter()
        answer = self._endpoint.answer(request, self._stopping.wait)
        self._tell(request, answer, time.perf_counter() - begun)
        if isinstance(answer, Drop):
            return False
        keep_alive = request.headers.get("connection", "").lower() != "close" and answer.cut is None
        wire.write_reply(answer, keep_alive=keep_alive, with_body=request.method != "HEAD", at_s=self._now())
        return keep_alive

    def _tell(self, request: Request, answer: Reply | Drop, took_s: float) -> None:
        if self._say is not None:
            status = "---" if isinstance(answer, Drop) else str(answer.status)
            # The path alone: a query may hold a token.
            self._say(
                f"{request.method} {without_tokens(request.path)} {len(request.body)} bytes → {status} "
                f"{answer.remarks} ({took_s * 1000:.1f} ms)"
            )

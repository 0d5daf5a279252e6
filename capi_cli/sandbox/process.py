"""The sandbox in a process of its own, so that a client does not share its interpreter with it.

The child runs `python -m capi_cli.sandbox`: its settings arrive as one JSON line on its standard input (nothing on
the command line, where others could read the token), its port leaves as one JSON line on its standard output. It
ends when its input does, which is also what happens when the parent dies. It ignores Ctrl-C: the parent decides.
"""

import gc
import http.client
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import orjson

from capi_cli.errors import CapiError, ConfigurationError
from capi_cli.sandbox.endpoint import Check
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import HOST, Sandbox

_START_S = 30.0  # ours: a cold start on a busy laptop
_STOP_S = 5.0


class SandboxProcess:
    """A running sandbox of `start_process`; stop it, or use it as a context manager."""

    def __init__(self, child: subprocess.Popen[bytes], port: int) -> None:
        self._child = child
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.pid = child.pid

    def state(self) -> dict[str, Any]:
        """Return the counts so far and the faults in force."""
        return self._ask("GET", "/_sandbox/state", b"")

    def set_faults(self, faults: Faults) -> None:
        """Replace the faults in force."""
        self._ask("POST", "/_sandbox/faults", orjson.dumps({"faults": faults.texts()}))

    def _ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_START_S)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            found: dict[str, Any] = orjson.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException) as error:
            raise ConfigurationError("The sandbox does not answer.", "Start it again.") from error
        finally:
            connection.close()
        return found

    def stop(self) -> None:
        """End the child and wait for it. Calling it again does nothing."""
        _end(self._child)

    def __enter__(self) -> "SandboxProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_process(
    *,
    dataset_id: str | None = None,
    token: str | None = None,
    app_secret: str | None = None,
    faults: Faults | None = None,
    check: Check = "full",
    save_dir: Path | None = None,
    gzip_allowed: bool = False,
    locale: str = "en_US",
    port: int = 0,
    now_s: float | None = None,
) -> SandboxProcess:
    """Start a sandbox in a child process and return once it listens.

    Args:
        dataset_id: The only dataset it knows; None for any.
        token: The only token it takes; None for any.
        app_secret: Asks for `appsecret_proof` where given.
        faults: What goes wrong from the start.
        check: "none" counts events without judging them, for measurements.
        save_dir: Where accepted bodies and replies go.
        gzip_allowed: Take gzip bodies.
        locale: Of the texts for people.
        port: 0 for a free one.
        now_s: Unix seconds at which its clock starts; None for the real time.

    Raises:
        ConfigurationError: It did not start.
    """
    settings = {
        "dataset_id": dataset_id,
        "token": token,
        "app_secret": app_secret,
        "faults": (faults or Faults()).texts(),
        "check": check,
        "save_dir": str(save_dir.absolute()) if save_dir is not None else None,
        "gzip_allowed": gzip_allowed,
        "locale": locale,
        "port": port,
        "now_s": now_s,
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "capi_cli.sandbox"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(orjson.dumps(settings) + b"\n")
        child.stdin.flush()
        first = orjson.loads(_read_line(child.stdout) or b"{}")
    except (OSError, orjson.JSONDecodeError):
        first = {}
    if "port" not in first:
        _end(child)
        raise ConfigurationError(
            str(first.get("message", "The sandbox did not start.")), str(first.get("hint", ""))
        )
    return SandboxProcess(child, int(first["port"]))


def _read_line(stream: IO[bytes]) -> bytes:
    """Return the first line of a child's output; empty where it does not come in time."""
    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(_START_S)
    return lines[0] if lines else b""


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None and not child.stdin.closed:
        try:
            child.stdin.close()
        except OSError:
            pass  # it has ended already
    try:
        child.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout is not None:
        child.stdout.close()


def run_child(stdin: IO[bytes], stdout: IO[bytes]) -> int:
    """Serve as the child of `start_process` until standard input ends; return the exit code."""
    # A request's objects hold no cycles and go when it is answered; looking for cycles costs a fifth of the time.
    gc.set_threshold(200_000, 20, 100)
    settings = orjson.loads(stdin.readline())
    started_s, now_s = time.time(), settings.pop("now_s")
    save_dir = settings.pop("save_dir")
    try:
        sandbox = Sandbox(
            faults=Faults.parse(*settings.pop("faults")),
            save_dir=Path(save_dir) if save_dir else None,
            now=time.time if now_s is None else lambda: now_s + time.time() - started_s,
            **settings,
        ).start()
    except CapiError as error:
        stdout.write(orjson.dumps({"message": error.message, "hint": error.hint}) + b"\n")
        stdout.flush()
        return error.exit_code
    stdout.write(orjson.dumps({"port": sandbox.port}) + b"\n")
    stdout.flush()
    while stdin.read(4096):
        pass
    sandbox.stop()
    return 0

"""What `capi sandbox` does: serve until Ctrl-C, saying one line per request."""

import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from capi_cli.sandbox.endpoint import Check
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """One `capi sandbox` command.

    Attributes:
        port: 0 for a free one.
        dataset_id: The only dataset it knows; None for any.
        token: The only token it takes; None for any.
        app_secret: An `appsecret_proof`, where a request carries one, must fit it.
        faults: Words as in `--fault throttle:0.1`.
        save_dir: Where accepted bodies and replies go.
        check: "none" counts events without judging them.
        gzip_allowed: Take gzip bodies.
        locale: Of the texts for people.
        quiet: No line per request.
    """

    port: int = 8765
    dataset_id: str | None = None
    token: str | None = field(default=None, repr=False)
    app_secret: str | None = field(default=None, repr=False)
    faults: tuple[str, ...] = ()
    save_dir: Path | None = None
    check: Check = "full"
    gzip_allowed: bool = False
    locale: str = "en_US"
    quiet: bool = False


def serve(options: SandboxOptions, say: Callable[[str], None] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return the exit code, 0.

    Args:
        options: What to serve.
        say: Takes the lines for people; standard error where it is None.

    Raises:
        UsageError: A fault that does not parse.
        ConfigurationError: The port is taken, or the folder can't be written.
    """
    say = say or _to_stderr
    stopping = threading.Event()
    sandbox = Sandbox(
        dataset_id=options.dataset_id,
        token=options.token,
        app_secret=options.app_secret,
        proof_required=False,
        faults=Faults.parse(*options.faults),
        check=options.check,
        save_dir=options.save_dir,
        gzip_allowed=options.gzip_allowed,
        locale=options.locale,
        port=options.port,
        say=None if options.quiet else say,
    )
    with sandbox:
        with _Stops(stopping):
            say(f"The sandbox listens on {sandbox.url}; events go to {sandbox.url}/v26.0/<dataset>/events.")
            if options.app_secret is not None:
                say("An appsecret_proof must fit META_APP_SECRET.")
            for fault in sandbox.faults.texts():
                say(f"Fault in force: {fault}")
            say(f"Point capi at it: capi upload … --graph-url {sandbox.url}. Ctrl-C stops it.")
            while not stopping.wait(0.5):  # a wait without end would hold Ctrl-C back on Windows
                pass
        state = sandbox.state()
    say(
        f"Stopped after {state['requests']} requests: {state['events_received']} events received, "
        f"{state['duplicates']} of them duplicates, {state['requests_refused']} requests refused."
    )
    return 0


class _Stops:
    """Set an event on SIGINT and SIGTERM, in the main thread, and put the old handlers back."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._old: dict[int, object] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._old[number] = signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # what signal() gave


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()

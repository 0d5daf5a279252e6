"""A headless Chromium, driven over a pipe: no port, no driver program, no package."""

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --remote-debugging-pipe "
    "--disable-background-networking --disable-component-update --disable-extensions --hide-scrollbars "
    "--font-render-hinting=none"
).split()


@dataclass
class Browser:
    """One page; everything that the browser complained about or asked the network for is kept."""

    to: BinaryIO
    out: BinaryIO
    session: str = ""
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    loaded: bool = False
    _number: int = 0

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        result = answer["result"]
        assert isinstance(result, dict)
        return result

    def _next(self) -> dict[str, Any]:
        octets = bytearray()
        while (octet := self.out.read(1)) != b"\0":
            assert octet, "the browser has gone"
            octets += octet
        message = json.loads(octets)
        assert isinstance(message, dict)
        self._keep(message)
        return message

    def _keep(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Log.entryAdded":
                self.complaints.append(params["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(params["exceptionDetails"]["text"])
            case "Runtime.consoleAPICalled":
                self.complaints.append(str(params["args"]))
            case "Network.requestWillBeSent":
                self.requested.append(params["request"]["url"])
            case "Page.loadEventFired":
                self.loaded = True

    def look(self, width: int, height: int = 844, *, dark: bool = False, media: str = "screen") -> None:
        """Be a screen of that width, or paper."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def open(self, path: Path) -> None:
        self.loaded = False
        self.call("Page.navigate", url=path.absolute().as_uri())
        while not self.loaded:
            self._next()

    def ask(self, expression: str) -> Any:
        """Return what an expression is on the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path) -> None:
        """Keep the whole page as PNG."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def paper(self) -> bytes:
        """Return the page as PDF, printed by a person whose screen is dark."""
        dark = [{"name": "prefers-color-scheme", "value": "dark"}]
        self.call("Emulation.setEmulatedMedia", media="", features=dark)
        answer = self.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        return base64.b64decode(answer["data"])


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser with an empty profile and close it."""
    commands, ours_in = os.pipe()
    ours_out, replies = os.pipe()

    def place_pipes() -> None:
        # The browser reads descriptor 3 and writes 4. They are put out of each other's way first.
        low, high = os.dup2(commands, 50), os.dup2(replies, 51)
        os.dup2(low, 3)
        os.dup2(high, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=place_pipes,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(replies)
        try:
            with os.fdopen(ours_in, "wb") as to, os.fdopen(ours_out, "rb") as out:
                browser = Browser(to, out)
                target = browser.call("Target.createTarget", url="about:blank")["targetId"]
                attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
                browser.session = attached["sessionId"]
                for domain in ("Page", "Log", "Runtime", "Network"):
                    browser.call(f"{domain}.enable")
                yield browser
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

"""At a terminal, where progress is drawn and questions are asked; and after a run that was killed while it sent."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.privacy.echo import Answer, Asked, echo
from tests.privacy.files import COUNTRY, EVENT, MAPPED, orders
from tests.privacy.markers import PERSON, TOKEN, find
from tests.privacy.scene import Scene

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals and signals as on POSIX")
WAIT_S = 60.0


class Screen:
    """A command in a pseudo-terminal."""

    def __init__(self, *argv: str) -> None:
        import pty

        self._terminal, theirs = pty.openpty()
        environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm-256color"}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "capi_cli", *argv],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environ | {"COLUMNS": "100", "LINES": "40"},
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = b""

    def until(self, words: bytes) -> None:
        """Read until these words are shown."""
        end = time.monotonic() + WAIT_S
        while words not in self.shown:
            assert time.monotonic() < end, self.shown
            self._read()

    def type(self, line: str) -> None:
        os.write(self._terminal, f"{line}\n".encode())

    def leave(self) -> int:
        """Read to the end, and return the exit code."""
        while self._read():
            pass
        os.close(self._terminal)
        return self._child.wait(WAIT_S)

    def _read(self) -> bool:
        if not select.select([self._terminal], [], [], WAIT_S)[0]:
            return False
        try:
            piece = os.read(self._terminal, 65536)
        except OSError:  # the other side is closed
            return False
        self.shown += piece
        return bool(piece)


def answers(asked: Asked) -> Answer:
    """Take the first request, with a remark; refuse the others with all that came."""
    if b"A-0" in asked.body:
        remark = f"odd: {PERSON['email'][0]} by {TOKEN}"
        told = {"events_received": len(asked.events), "messages": [remark]}
        return Answer(200, {}, json.dumps(told).encode())
    error = {"code": 100, "error_subcode": 2804019, "error_user_msg": asked.body.decode()[:3000]}
    return Answer(400, {}, json.dumps({"error": error}).encode())


def test_what_is_drawn_and_asked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.write("orders.csv", orders(30, 2))
    with echo(answers) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        more = ("--max-error-rate", "1", "--batch-size", "10", "-v")
        screen = Screen("upload", "orders.csv", *EVENT, *COUNTRY, *more)
        screen.until(b"[y/N]")
        screen.type("y")
        assert screen.leave() == 3
    assert b"\x1b[" in screen.shown
    assert find(screen.shown, place="the terminal") == []
    first = PERSON["email"][0][0]
    assert re.search(rf"{first}•••@".encode(), screen.shown), "masked samples are shown"
    scene.check()


def test_what_init_asks(scene: Scene) -> None:
    scene.write("orders.csv", orders(30, 0).replace("created_at", "seen").replace("total", "sum"))
    screen = Screen("init", "orders.csv")
    for _ in range(12):
        screen.type("")
    assert screen.leave() == 0
    assert b"Enter leaves it open" in screen.shown
    assert find(screen.shown, place="the terminal") == []
    scene.check()


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Asked]]:
    """Meta, which takes a request and says nothing for a while."""

    def wait(asked: Asked) -> Answer:
        time.sleep(1.0)
        return Answer(0)

    with echo(wait) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        yield meta.asked


def test_what_a_killed_run_leaves(scene: Scene, hanging: list[Asked]) -> None:
    scene.write("orders.csv", orders(30, 1))
    child = subprocess.Popen(
        [sys.executable, "-m", "capi_cli", "upload", "orders.csv", *EVENT, *COUNTRY, *MAPPED],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + WAIT_S
    while not hanging and time.monotonic() < end:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait(WAIT_S)
    assert list(scene.state.rglob("*-wal")), "the log of a run that could not end in order"
    scene.check()

"""`capi` as cron starts it: a process of its own, a bare environment, no terminal, and a sandbox to send to."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from capi_cli.sandbox.memory import Counts
from capi_cli.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
TOKEN = "EAABsecretTOKENsecretTOKENsecret0123456789"
DATASET = "1234567890123456"
MARKER = "zebra.finch"  # in every raw e-mail address
EVENT = ("--set", "event_name=Purchase", "--set", "action_source=physical_store", "--set", "currency=EUR")


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@dataclass
class Machine:
    """A machine with one folder for work and one for state, and nothing in the environment that is not said."""

    folder: Path
    sandbox: Sandbox
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def command(self, *argv: str) -> list[str]:
        return [sys.executable, "-m", "capi_cli", *argv]

    def start(self, *argv: str, **more: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command(*argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder / "work",
            env=self.environ,
            **more,
        )

    def capi(self, *argv: str, **more: Any) -> Ended:
        """Run a command to its end, and hold it to what no command may ever print."""
        process = self.start(*argv, **more)
        out, err = process.communicate(timeout=90)
        assert "Traceback" not in out + err
        assert TOKEN not in out + err
        assert MARKER not in out + err
        return Ended(process.returncode, out, err)

    def write_orders(self, rows: int, *, bad: int = 0, name: str = "orders.csv") -> Path:
        """Write orders of the last hours, each with an id of its own; the last `bad` have no readable total."""
        path = self.folder / "work" / name
        start = datetime.now(UTC) - timedelta(hours=20)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["order_id", "email", "total", "created_at"])
            for number in range(rows):
                at = (start + timedelta(seconds=number)).isoformat(timespec="seconds")
                total = "much" if number >= rows - bad else "12.50"
                writer.writerow([f"A-{number}", f"{MARKER}.{number}@example.org", total, at])
        return path

    @property
    def sent(self) -> Counts:
        """What the sandbox counted."""
        return self.sandbox.memory.counts


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    (tmp_path / "work").mkdir()
    with Sandbox(dataset_id=DATASET, token=TOKEN) as sandbox:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "META_ACCESS_TOKEN": TOKEN,
            "META_DATASET_ID": DATASET,
            "CAPI_GRAPH_URL": sandbox.url,
            "CAPI_STATE_DIR": str(tmp_path / "state"),
        }
        yield Machine(tmp_path, sandbox, environ)


UPLOAD = ("upload", "orders.csv", *EVENT)

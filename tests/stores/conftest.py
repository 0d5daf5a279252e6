"""Uploads from object stores on loopback to a sandbox, in this process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from capi_cli.cli.app import main
from capi_cli.sandbox.saving import saved_events
from capi_cli.sandbox.server import Sandbox

TOKEN, DATASET = "EAABsecretTOKENsecretTOKENsecret0123456789", "1234567890123456"
SECRET, KEY_ID = "wJalrXUtnFEMIsecretSECRETsecret", "AKIAIOSFODNN7EXAMPLE"
EVENT = ("--set", "event_name=Purchase", "--set", "action_source=physical_store", "--set", "currency=EUR")


def orders(count: int, *, bad: int = 0, prefix: str = "A") -> list[dict[str, str]]:
    """Return orders of the last hours; the last `bad` have no readable total."""
    start = datetime.now(UTC) - timedelta(hours=20)
    return [
        {
            "order_id": f"{prefix}-{number}",
            "email": f"zebra.finch.{prefix}.{number}@example.org",
            "total": "much" if number >= count - bad else "12.50",
            "created_at": (start + timedelta(seconds=number)).isoformat(timespec="seconds"),
        }
        for number in range(count)
    ]


def csv_of(rows: list[dict[str, str]]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    summary: dict[str, Any]
    out: str
    err: str

    @property
    def error(self) -> str:
        found = self.summary.get("error") or {}
        return f"{found.get('message')} | {found.get('hint')}"


class Desk:
    """Where commands are typed: a state folder, a sandbox, and an environment without credentials of a person."""

    def __init__(self, folder: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
        self.state = folder / "state"
        self.sandbox = sandbox
        self._capsys = capsys

    def capi(self, *argv: str, code: int | None = None) -> Ended:
        """Run a command, and hold it to what no command may ever print."""
        found = main([*argv])
        out, err = self._capsys.readouterr()
        for never in ("Traceback", TOKEN, SECRET, KEY_ID, "zebra.finch"):
            assert never not in out + err
        ended = Ended(found, json.loads(out), out, err)
        assert found == ended.summary["exit_code"]
        assert code is None or found == code, ended.error
        return ended

    def upload(self, *argv: str, code: int | None = None) -> Ended:
        return self.capi("upload", *argv, *EVENT, code=code)

    @property
    def sent_orders(self) -> set[str]:
        """The orders that the sandbox took."""
        return {event["custom_data"]["order_id"] for event in saved_events(self.state.parent / "saved")}

    @property
    def accepted(self) -> int:
        """How many events the sandbox took."""
        return self.sandbox.memory.counts.received


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    with Sandbox(dataset_id=DATASET, token=TOKEN, save_dir=tmp_path / "saved") as sandbox:
        environ = {
            "META_ACCESS_TOKEN": TOKEN,
            "META_DATASET_ID": DATASET,
            "CAPI_GRAPH_URL": sandbox.url,
            "CAPI_STATE_DIR": str(tmp_path / "state"),
            "CAPI_OUTPUT": "json",
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(tmp_path / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
            "HOME": str(tmp_path),
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "work").mkdir()
        monkeypatch.chdir(tmp_path / "work")
        yield Desk(tmp_path, sandbox, capsys)

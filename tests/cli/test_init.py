"""`capi init` at the command line: what it prints, writes, asks and refuses; and `capi validate` right after it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from capi_cli.cli.app import main
from capi_cli.mapping.config import load_config

ORDERS = (
    "created_at,email,total,currency,order_id\n"
    "2026-11-20 10:12:13,anna@example.com,19.90,EUR,A-1\n"
    "2026-11-21 10:12:13,ben@example.com,9.50,EUR,A-2\n"
)
SALE = (
    "--set",
    "event_name=Purchase",
    "--set",
    "action_source=physical_store",
    "--timezone",
    "Europe/Berlin",
)


@pytest.fixture(autouse=True)
def _orders(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("orders.csv").write_text(ORDERS, encoding="utf-8")
    monkeypatch.setenv("CAPI_NOW", "2026-11-23T12:00:00+00:00")


def test_validate_accepts_the_file_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("init", "orders.csv", *SALE)) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "Wrote capi.toml." in err
    assert "capi validate orders.csv" in err
    assert main(("validate", "orders.csv", "--output", "json")) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["rows_read"], summary["events_prepared"]) == (2, 2)


def test_what_is_left_open_is_told_by_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("init", "orders.csv")) == 0
    err = capsys.readouterr().err
    lines = Path("capi.toml").read_text(encoding="utf-8").splitlines()
    at = lines.index('# timezone = "Europe/Berlin"') + 1
    assert f"To complete, line {at}: timezone." in err
    assert "Complete capi.toml, then capi validate orders.csv" in err
    assert main(("validate", "orders.csv")) == 10


def test_a_dash_prints_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path.cwd().iterdir())
    assert main(("init", "orders.csv", "-o", "-", *SALE)) == 0
    out = capsys.readouterr().out
    assert sorted(Path.cwd().iterdir()) == before
    Path("printed.toml").write_text(out, encoding="utf-8")
    assert load_config(Path("printed.toml")).options == {"timezone": "Europe/Berlin"}
    assert "anna@" not in out


def test_json_is_one_object_and_asks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("init", "orders.csv", "-o", "my.toml", "--output", "json")) == 0
    out, err = capsys.readouterr()
    found: dict[str, Any] = json.loads(out)
    assert err == ""
    assert (found["command"], found["exit_code"], found["path"]) == ("init", 0, "my.toml")
    assert [one["name"] for one in found["to_complete"]] == ["timezone", "event_name", "action_source"]
    assert found["text"] == Path("my.toml").read_text(encoding="utf-8")
    assert "anna@" not in out


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (("orders.csv",), 10, "-o PATH"),
        (("absent.csv", "-o", "new.toml"), 11, "absent.csv"),
        (("orders.csv", "-o", "no/such/folder.toml"), 10, "can't be written"),
        (("orders.csv", "-o", "new.toml", "--set", "em=x", "--map", "em=email"), 10, "em"),
        (("orders.csv", "-o", "new.toml", "--timezone", "Mars/Base"), 2, "--timezone"),
        (("-", "-o", "new.toml"), 2, "--format"),
    ],
)
def test_what_is_wrong_ends_as_in_every_command(
    argv: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("capi.toml").write_text("# mine\n", encoding="utf-8")
    assert main(("init", *argv)) == code
    assert told in capsys.readouterr().err
    assert Path("capi.toml").read_text(encoding="utf-8") == "# mine\n"
    assert not Path("new.toml").exists()


class _Terminal:
    """A person's keyboard, and a screen that says it is one."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)

    def readline(self) -> str:
        return self.lines.pop(0) + "\n" if self.lines else ""

    def isatty(self) -> bool:
        return True


def test_at_a_terminal_each_open_thing_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keyboard = _Terminal("Mars/Base", "America/New_York", "1", "physical store")
    monkeypatch.setattr(sys, "stdin", keyboard)
    monkeypatch.setattr("capi_cli.cli.voice.Voice.at_terminal", True)
    assert main(("init", "orders.csv")) == 0
    err = capsys.readouterr().err
    assert keyboard.lines == []
    assert "Expected: " in err
    config = load_config(Path("capi.toml"))
    assert config.options == {"timezone": "America/New_York"}
    assert config.event is not None
    assert config.event["event_name"] == {"value": "Purchase"}
    assert config.event["action_source"] == {"value": "physical_store"}
    assert main(("validate", "orders.csv")) == 0


def test_yes_asks_nothing_and_enter_leaves_open(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("capi_cli.cli.voice.Voice.at_terminal", True)
    keyboard = _Terminal("never read")
    monkeypatch.setattr(sys, "stdin", keyboard)
    assert main(("init", "orders.csv", "-y", "-o", "quiet.toml")) == 0
    assert keyboard.lines == ["never read"]
    monkeypatch.setattr(sys, "stdin", _Terminal("", "", ""))
    assert main(("init", "orders.csv", "-o", "open.toml")) == 0
    capsys.readouterr()
    assert Path("open.toml").read_text(encoding="utf-8") == Path("quiet.toml").read_text(encoding="utf-8")

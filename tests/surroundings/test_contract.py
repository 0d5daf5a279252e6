"""Sentences of the contract on options, rejects and the summary, each tried from outside."""

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from capi_cli.cli.app import main
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox
from tests.surroundings.conftest import DATASET, TOKEN

NOW, NOW_S = "2026-09-01T12:00:00+00:00", 1788264000
EVENT = ("--set", "event_name=Purchase", "--set", "action_source=email", "--set", "currency=EUR")
HEADER = "order_id,created_at,email,total\n"
ROWS = ("rows_filtered", "rows_rejected", "rows_skipped", "rows_prepared")
EVENTS = ("events_accepted", "events_rejected", "events_unknown", "events_unsent")


def orders(first: int, last: int, *, total: str = "5", who: str = "m{}@example.org") -> str:
    return "".join(
        f"{n},2026-08-31T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z,{who.format(n)},{total}\n"
        for n in range(first, last)
    )


@dataclass
class Room:
    sandbox: Sandbox
    call: Callable[..., dict[str, Any]]


@pytest.fixture
def room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Room]:
    def call(command: str, *argv: str) -> dict[str, Any]:
        code = main((command, *argv, *EVENT, "--output", "json"))
        out, err = capsys.readouterr()
        summary: dict[str, Any] = json.loads(out)
        assert "Traceback" not in err
        assert out.count("\n") == 1
        assert summary["exit_code"] == code
        assert summary["rows_read"] == sum(summary[name] for name in ROWS)
        assert summary["events_prepared"] == sum(summary[name] for name in EVENTS)
        if summary["dry_run"] or command == "validate":
            assert summary["events_prepared"] == summary["events_unsent"]
            assert code != 4
        if code not in (0, 3):
            assert set(summary["error"]) == {"code", "message", "hint"}
        else:
            assert "error" not in summary
        return summary

    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    with Sandbox(now=lambda: NOW_S) as sandbox:
        environ = {
            "CAPI_NOW": NOW,
            "CAPI_STATE_DIR": str(tmp_path / "state"),
            "CAPI_GRAPH_URL": sandbox.url,
            "CAPI_WORKERS": "1",
            "META_ACCESS_TOKEN": TOKEN,
            "META_DATASET_ID": DATASET,
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        yield Room(sandbox, call)


def test_events_that_meta_refused(room: Room) -> None:
    """They count as prepared and rejected, are told again without a POST, and are sent again when they change."""
    Path("a.csv").write_bytes(b"\xef\xbb\xbf" + (HEADER + orders(1, 31)).replace("\n", "\r\n").encode())
    room.sandbox.faults = Faults.parse("refuse=2804999:event_id=7|9")
    upload = ("upload", "a.csv", "--event-id", "{order_id}")
    found = room.call(*upload)
    assert (found["exit_code"], found["rows_prepared"], found["rows_rejected"]) == (3, 30, 0)
    assert (found["events_accepted"], found["events_rejected"]) == (28, 2)
    rejects = Path("a.rejects.csv").read_bytes()
    assert rejects.startswith(
        b"\xef\xbb\xbforder_id,created_at,email,total,_row,_code,_field,_reason,_hint\r\n7,"
    )
    lines = rejects.decode().split("\r\n")
    assert [line.split(",")[4:6] for line in lines[1:3]] == [
        ["8", "meta-100-2804999"],
        ["10", "meta-100-2804999"],
    ]
    requests = room.sandbox.memory.counts.requests
    found = room.call(*upload, "--dry-run")
    assert (found["exit_code"], found["rows_rejected"], found["rows_skipped"]) == (3, 2, 28)
    found = room.call(*upload)
    assert (found["exit_code"], found["events_rejected"], found["rows_skipped"], found["requests"]) == (
        3,
        2,
        28,
        0,
    )
    assert room.sandbox.memory.counts.requests == requests
    older = sorted(path.name for path in Path().glob("a.rejects*"))
    assert older == ["a.rejects.1.csv", "a.rejects.2.csv", "a.rejects.csv"], "renamed, never overwritten"
    assert Path("a.rejects.1.csv").read_bytes() == rejects
    room.sandbox.faults = Faults()
    Path("a.csv").write_text(HEADER + orders(1, 31).replace(",m7@example.org,5", ",m7@example.org,6"))
    found = room.call(*upload)
    assert (found["events_accepted"], found["events_rejected"], found["rows_skipped"]) == (1, 1, 28)
    found = room.call(*upload, "--resend")
    assert (found["exit_code"], found["events_accepted"]) == (0, 30)


def test_the_error_rate_is_watched_after_the_preflight(room: Room) -> None:
    Path("late.csv").write_text(HEADER + orders(1, 12_001) + orders(12_001, 20_001, total="much"))
    found = room.call("upload", "late.csv")
    assert (found["exit_code"], found["events_accepted"]) == (5, 12_000)
    assert found["rows_read"] < 20_000
    assert len(Path("late.rejects.csv").read_text().splitlines()) == 1 + found["rows_rejected"]
    found = room.call("upload", "late.csv", "--max-error-rate", "1")
    assert (found["exit_code"], found["rows_skipped"], found["rows_rejected"]) == (3, 12_000, 8000)


@pytest.mark.parametrize(("bad", "code"), [(10, 3), (11, 5)])
def test_the_preflight_stops_above_the_rate_with_nothing_sent(room: Room, bad: int, code: int) -> None:
    Path("a.csv").write_text(HEADER + orders(0, 100 - bad) + orders(100, 100 + bad, total="much"))
    found = room.call("upload", "a.csv")
    assert found["exit_code"] == code
    assert room.sandbox.memory.counts.received == (100 - bad if code == 3 else 0)
    assert Path(found["rejects_path"]).exists()


@pytest.mark.parametrize(("empty", "code"), [(35, 3), (36, 5)])
def test_rows_without_match_keys_have_a_limit_of_their_own(room: Room, empty: int, code: int) -> None:
    Path("a.csv").write_text(HEADER + orders(0, 100 - empty) + orders(100, 100 + empty, who=""))
    assert room.call("validate", "a.csv")["exit_code"] == code
    assert room.call("validate", "a.csv", "--max-error-rate", "1")["exit_code"] == 3


def test_an_unclear_answer_is_unknown_and_sent_again(room: Room) -> None:
    Path("a.csv").write_text(HEADER + orders(0, 10))
    room.sandbox.faults = Faults.parse("short=3")
    found = room.call("upload", "a.csv")
    assert (found["exit_code"], found["events_unknown"], found["events_accepted"]) == (4, 10, 0)
    assert "same command" in found["error"]["hint"]
    assert room.call("upload", "a.csv", "--dry-run")["events_unsent"] == 10
    room.sandbox.faults = Faults()
    found = room.call("upload", "a.csv")
    assert (found["exit_code"], found["events_accepted"]) == (0, 10)
    assert room.sandbox.memory.counts.duplicates_other_bytes == 0


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("error=190/463", 12, "Generate access token"),
        ("error=200", 12, "token"),
        ("error=100/33", 12, "--dataset-id"),
        ("error=2635", 10, "--api-version"),
        ("http=503", 4, "same command"),
        ("throttle=80004", 4, "2026-09-01 12:01 UTC"),
    ],
)
def test_what_stops_a_run_fills_no_rejects_file(room: Room, fault: str, code: int, said: str) -> None:
    Path("a.csv").write_text(HEADER + orders(0, 10))
    room.sandbox.faults = Faults.parse(fault)
    found = room.call("upload", "a.csv", "--retry-for", "1s")
    assert (found["exit_code"], said in found["error"]["hint"]) == (code, True), found["error"]
    assert found["rejects_path"] is None
    assert not list(Path().glob("*rejects*"))
    room.sandbox.faults = Faults()
    assert room.call("upload", "a.csv")["exit_code"] == 0
    assert room.sandbox.memory.counts.processed == 10


def test_only_our_own_cells_are_guarded_against_formulas(room: Room) -> None:
    Path("f.csv").write_text(HEADER + '=1+1,2026-08-31T10:00:00Z,"=X(""y"")",+much\n')
    room.call("validate", "f.csv", "--max-error-rate", "1")
    line = Path("f.rejects.csv").read_text().splitlines()[1]
    assert line.startswith(
        '=1+1,2026-08-31T10:00:00Z,"=X(""y"")",+much,2,number-unreadable,custom_data.value,'
    )


def test_an_option_stands_before_the_environment_and_this_before_the_file(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.csv").write_text(HEADER + orders(0, 10))
    Path("capi.toml").write_text("batch_size = 5\n")
    assert room.call("upload", "a.csv")["requests"] == 2
    monkeypatch.setenv("CAPI_BATCH_SIZE", "2")
    assert room.call("upload", "a.csv", "--resend")["requests"] == 5
    assert room.call("upload", "a.csv", "--resend", "--batch-size", "10")["requests"] == 1


def test_test_events_are_said_loudly_and_never_mark_rows_as_delivered(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.csv").write_text(HEADER + orders(0, 10))
    assert main(("upload", "a.csv", *EVENT, "--test-event-code", "TEST123")) == 0
    assert "test event" in capsys.readouterr().err.lower()
    assert room.sandbox.memory.counts.test_events == 10
    assert room.call("upload", "a.csv")["events_accepted"] == 10


def test_a_ledger_that_will_not_stay_is_told_even_quietly(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A container's bare uid has no home: the ledger goes to the temporary folder, and cron hears of it."""

    def nobody(uid: int) -> None:
        raise KeyError(uid)

    pwd = pytest.importorskip("pwd", reason="Windows always knows a home")
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("CAPI_STATE_DIR", "HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    Path("a.csv").write_text(HEADER + orders(1, 4))
    assert main(("upload", "a.csv", *EVENT, "-q")) == 0
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert str(tmp_path / "capi-state") in line
    assert "--state-dir" in line
    assert room.call("upload", "a.csv")["rows_skipped"] == 3, "until then it serves"
    main(("doctor",))
    assert "No home folder" in capsys.readouterr().out
    for quiet in (("--sandbox",), ("--dry-run",), ("--state-dir", str(tmp_path / "state"))):
        main(("upload", "a.csv", *EVENT, "-q", *quiet))
        assert capsys.readouterr().err == ""


def test_a_filter_that_lets_nothing_through_is_told(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    """A word that the export spells otherwise since last week must not end in a green line."""
    Path("a.csv").write_text(
        "status," + HEADER + "".join(f"Paid,{one}\n" for one in orders(1, 9).splitlines())
    )
    found = room.call("upload", "a.csv", "--where", "status=payed")
    assert (found["exit_code"], found["rows_filtered"], found["events_prepared"]) == (0, 8, 0)
    assert [(one["code"], one["severity"], one["count"]) for one in found["findings"]] == [
        ("all-filtered", "warning", 8)
    ]
    main(("validate", "a.csv", *EVENT, "--where", "status=payed"))
    assert "Nothing to send: every row was filtered (8)." in capsys.readouterr().out
    found = room.call("validate", "a.csv", "--where", "status=payed,Paid")
    assert "all-filtered" not in [one["code"] for one in found["findings"]]


def test_how_long_an_accepted_event_is_remembered_can_be_said(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered is skipped, however old; what is forgotten is judged, and too old by then."""
    Path("a.csv").write_text(HEADER + orders(1, 5))
    assert room.call("upload", "a.csv")["events_accepted"] == 4
    monkeypatch.setenv("CAPI_NOW", "2026-12-20T12:00:00+00:00")  # 110 days later
    Path("b.csv").write_text(HEADER + "9,2026-12-20T10:00:00Z,m9@example.org,5\n")
    assert room.call("upload", "b.csv")["rows_prepared"] == 1  # keys are counted back from the newest receipt
    found = room.call("upload", "a.csv", "--dry-run")
    assert (found["rows_skipped"], found["rows_rejected"]) == (4, 0)
    found = room.call("upload", "a.csv", "--dry-run", "--keep-for", "100d")
    assert (found["rows_skipped"], found["rows_rejected"]) == (0, 4)
    assert found["findings"][0]["code"] == "event-too-old"
    found = room.call("upload", "a.csv")
    assert (found["rows_skipped"], found["rows_rejected"]) == (4, 0), "a dry run forgets nothing"
    found = room.call("upload", "a.csv", "--keep-for", "100d")
    assert (found["rows_skipped"], found["rows_rejected"]) == (0, 4)
    found = room.call("upload", "a.csv")
    assert found["rows_rejected"] == 4, "what was erased is gone"

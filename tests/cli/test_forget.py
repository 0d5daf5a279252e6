"""`capi forget` as it is typed: after real uploads to the sandbox."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xxhash

from capi_cli.cli.app import main
from capi_cli.ledger.lock import take_lock
from capi_cli.sandbox.server import Sandbox
from tests.cli.conftest import TOKEN, Answer

DATASET = "1234567890"
Call = Callable[..., Answer]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Call]:
    Path("orders.csv").write_text(
        "order_id,email,total,when\n"
        "R-1,ada@example.com,10.5,2026-09-21T10:00:00Z\n"
        "R-2,grace@example.com,9,2026-09-21T10:00:00Z\n"
    )
    with Sandbox(dataset_id=DATASET, token=TOKEN, now=lambda: 1_790_000_000.0) as sandbox:
        monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
        monkeypatch.setenv("CAPI_GRAPH_URL", sandbox.url)
        monkeypatch.setenv("CAPI_NOW", "2026-09-21T13:33:20+00:00")
        monkeypatch.setenv("CAPI_STATE_DIR", str(tmp_path / "state"))

        def call(*argv: str) -> Answer:
            code = main(argv)
            return Answer(code, *capsys.readouterr())

        yield call


def upload(call: Call) -> dict[str, Any]:
    options = "--set event_name=Purchase --set action_source=physical_store --set currency=EUR --map event_time=when"
    words = ("--event-id", "order-{order_id}", "-y", "--dataset-id", DATASET, "--output", "json")
    answer = call("upload", "orders.csv", *options.split(), *words)
    assert answer.code == 0, answer.err
    return answer.summary


def key(event_id: str) -> bytes:
    return xxhash.xxh3_64_intdigest(f'"Purchase""{event_id}"'.encode()).to_bytes(8, "little")


def stored(state: Path) -> bytes:
    return b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())


@pytest.mark.parametrize("words", [("--event-id", "order-R-1"), ("--order-id", "R-1")])
def test_a_forgotten_event_leaves_no_byte_and_is_new(
    call: Call, tmp_path: Path, words: tuple[str, str]
) -> None:
    upload(call)
    assert upload(call)["rows_skipped"] == 2
    assert key("order-R-1") in stored(tmp_path / "state")
    answer = call("forget", *words, "--yes")
    assert answer.code == 0
    assert "Erased: 1 event." in answer.out
    assert "again" in answer.out
    assert key("order-R-1") not in stored(tmp_path / "state")
    assert key("order-R-2") in stored(tmp_path / "state")
    after = upload(call)
    assert (after["rows_skipped"], after["events_accepted"]) == (1, 1)


def test_all_erases_events_receipts_and_runs(call: Call, tmp_path: Path) -> None:
    upload(call)
    assert call("forget", "--all", "--yes", "--output", "json").summary["forgotten"] is True
    assert stored(tmp_path / "state") == b""
    assert call("runs", "--output", "json").summary == {"runs": []}
    assert upload(call)["events_accepted"] == 2
    assert "no ledger" in call("forget", "--all", "--yes", "--state-dir", str(tmp_path / "other")).out


def test_what_no_ledger_knows_is_told(call: Call) -> None:
    upload(call)
    answer = call("forget", "--event-id", "order-R-9", "--yes", "--output", "json")
    assert (answer.code, answer.summary["forgotten"], answer.summary["found"]) == (0, False, [])


def test_without_a_terminal_yes_must_be_said(call: Call) -> None:
    upload(call)
    for words in (("--order-id", "R-1"), ("--all",)):
        answer = call("forget", *words)
        assert answer.code == 2
        assert "--yes" in answer.err
    assert upload(call)["rows_skipped"] == 2


@pytest.mark.parametrize(("typed", "left"), [("n\n", 2), ("\n", 2), ("y\n", 0)])
def test_at_a_terminal_it_asks_once(
    call: Call, monkeypatch: pytest.MonkeyPatch, typed: str, left: int
) -> None:
    upload(call)
    monkeypatch.setattr("capi_cli.cli.voice.Voice.at_terminal", property(lambda voice: True))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdin, "readline", lambda: typed, raising=False)
    answer = call("forget", "--all")
    assert answer.err.count("[y/N]") == 1
    monkeypatch.undo()
    assert ("Erased" in answer.out) is (left == 0)


@pytest.mark.parametrize(
    "words", [(), ("--all", "--event-id", "x"), ("--all", "--event-name", "Lead"), ("--event-id", " ")]
)
def test_wrong_usage_erases_nothing(call: Call, words: tuple[str, ...]) -> None:
    upload(call)
    assert call("forget", *words, "--yes").code == 2
    assert upload(call)["rows_skipped"] == 2


@pytest.mark.parametrize("words", [("--all",), ("--order-id", "R-1")])
def test_a_running_upload_keeps_it_out(call: Call, tmp_path: Path, words: tuple[str, ...]) -> None:
    upload(call)
    (path,) = (tmp_path / "state").rglob("ledger.lock")
    lock = take_lock(path, command="capi upload x.csv", wait_s=0)
    try:
        assert call("forget", *words, "--yes").code == 13
    finally:
        lock.release()
    assert upload(call)["rows_skipped"] == 2

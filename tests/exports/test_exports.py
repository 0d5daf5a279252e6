"""Exports as shops write them: `capi upload` recognises each, says what it assumed, and sends what it should.

Beside this file stands for each of `samples/exports/*.csv` what must come of it, written by hand: `sha256:TEXT` for
the digest of a normalized text, `at:INSTANT` for Unix seconds, `derived:JSON` for an event_id over those members.
"""

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from capi_cli.cli.app import main
from capi_cli.mapping.exports import EXPORTS
from capi_cli.sandbox.saving import saved_events
from capi_cli.sandbox.server import Sandbox

NOW = "2026-09-01T12:00:00+00:00"
HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "samples" / "exports"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.csv"))
DATASET, TOKEN = "1234567890123456", "a-token-for-the-sandbox"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {
        "CAPI_NOW": NOW,
        "CAPI_STATE_DIR": str(tmp_path / "state"),
        "CAPI_OUTPUT": "json",
        "CAPI_CONCURRENCY": "1",
        "META_ACCESS_TOKEN": TOKEN,
        "META_DATASET_ID": DATASET,
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "work"
    shutil.copytree(SAMPLES, folder)
    monkeypatch.chdir(folder)
    return folder


def meant(value: Any) -> Any:
    """Return what is written by hand as it stands on the wire."""
    if isinstance(value, dict):
        return {name: meant(member) for name, member in value.items()}
    if isinstance(value, list):
        return [meant(item) for item in value]
    kind, _, text = value.partition(":") if isinstance(value, str) else ("", "", "")
    match kind:
        case "sha256":
            return hashlib.sha256(text.encode()).hexdigest()
        case "derived":
            return hashlib.sha256(text.encode()).hexdigest()[:32]
        case "at":
            return int(datetime.fromisoformat(text).timestamp())
        case _:
            return value


@pytest.fixture
def room(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Return where events are saved, and the URL of a sandbox whose clock stands at NOW."""
    now_s = datetime.fromisoformat(NOW).timestamp()
    saved = tmp_path / "saved"
    with Sandbox(dataset_id=DATASET, token=TOKEN, save_dir=saved, now=lambda: now_s) as sandbox:
        yield saved, sandbox.url


def uploaded(
    name: str, options: list[str], room: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> tuple[Any, str, list[Any]]:
    """Upload one sample and return the run's summary, what it said, and all events that arrived so far."""
    saved, url = room
    code = main(["upload", f"{name}.csv", "--graph-url", url, *options])
    out, err = capsys.readouterr()
    summary = json.loads(out)
    assert summary["exit_code"] == code
    return summary, err, saved_events(saved)


def golden_case(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[Any, list[str]]:
    """Return what must come of a sample, and the options; where `init` is needed it is run and leaves none."""
    golden = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    if not golden.get("init"):
        return golden, golden["options"]
    assert main(["init", f"{name}.csv", *golden["options"]]) == 0
    assert json.loads(capsys.readouterr().out)["to_complete"] == []
    return golden, []


@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_uploaded_at_once(
    name: str, work: Path, room: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    golden, options = golden_case(name, capsys)
    summary, err, events = uploaded(name, options, room, capsys)
    assert f"recognised: {golden['recognised']}" in err
    for sentence in golden["told"]:
        assert sentence in err
    expected = [meant(event) for event in golden["events"]]
    for event, wanted in zip(events, expected, strict=True):
        if wanted["event_id"] == "32 hex digits":
            assert re.fullmatch("[0-9a-f]{32}", event["event_id"])
            wanted["event_id"] = event["event_id"]
        assert event == wanted
    rows = {key: summary[f"rows_{key}"] for key in golden["rows"]}
    assert rows == golden["rows"]
    assert summary["events_accepted"] == summary["events_prepared"] == len(expected)
    found = {one["code"]: [one["count"], one["example_rows"]] for one in summary["findings"]}
    assert found == golden["findings"]
    assert_rejects(summary, golden["rejects"])
    assert summary["exit_code"] == (3 if golden["rejects"] else 0)
    assert_init_writes_the_same(name, golden, room, capsys, events)


def assert_init_writes_the_same(
    name: str, golden: Any, room: tuple[Path, str], capsys: pytest.CaptureFixture[str], events: list[Any]
) -> None:
    """Upload again, by the capi.toml that `init` writes: every event is met again, and nothing is sent."""
    mapped, of_upload = golden["options"], []
    if "--max-error-rate" in mapped:
        at = mapped.index("--max-error-rate")
        mapped, of_upload = mapped[:at], mapped[at:]
    if not golden.get("init"):
        assert main(["init", f"{name}.csv", *mapped]) == 0
        assert json.loads(capsys.readouterr().out)["to_complete"] == []
    summary, _, again = uploaded(name, of_upload, room, capsys)
    assert (summary["requests"], summary["rows_prepared"]) == (0, 0)
    assert summary["rows_skipped"] == golden["rows"]["prepared"]
    assert "order-changed" not in {one["code"] for one in summary["findings"]}
    assert again == events


def assert_rejects(summary: dict[str, Any], expected: list[list[Any]]) -> None:
    if not expected:
        assert summary["rejects_path"] is None
        return
    source, rejects = Path(summary["sources"][0]["path"]), Path(summary["rejects_path"])
    coding = "utf-16" if source.read_bytes()[:2] == b"\xff\xfe" else "utf-8"
    lines = source.read_text(encoding=coding).splitlines()
    delimiter = "\t" if "\t" in lines[0] else ","
    written = rejects.read_text(encoding=coding).splitlines()
    while not written[0].endswith(delimiter.join(("_row", "_code", "_field", "_reason", "_hint"))):
        assert written.pop(0) in lines, "lines above the header stay, for --skip-lines"
    rows = list(csv.reader(written, delimiter=delimiter))
    assert [[row[0], int(row[-5]), row[-4]] for row in rows[1:]] == expected
    for line, raw in zip(written[1:], expected, strict=True):
        assert line.startswith(lines[raw[1] - 1] + delimiter), "the user's cells byte for byte"


@pytest.mark.parametrize(
    ("name", "options", "hint"),
    [
        ("shopify_orders", ["--set", "action_source=website"], "--set event_source_url="),
        ("woocommerce_advanced", ["--set", "event_source_url=https://shop.example/"], "--timezone"),
        ("stripe_payments", [], "--set action_source="),
        ("meta_events", [], "--set action_source="),
    ],
)
def test_what_an_export_cannot_say_is_asked_for_in_one_message(
    name: str,
    options: list[str],
    hint: str,
    work: Path,
    room: tuple[Path, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary, _, events = uploaded(name, options, room, capsys)
    assert (summary["exit_code"], events, summary["rejects_path"]) == (10, [], None)
    assert hint in summary["error"]["hint"]


def test_every_export_that_is_recognised_has_a_sample() -> None:
    golden = [json.loads(path.read_text(encoding="utf-8")) for path in HERE.glob("*.json")]
    assert {one["recognised"] for one in golden} == {export.name for export in EXPORTS}
    assert {path.stem for path in HERE.glob("*.json")} == set(NAMES)

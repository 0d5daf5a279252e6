"""Two machines: what one prepares, the other sends, byte for byte what an upload of the source would post."""

import json
import shutil
import stat
import subprocess
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest

from capi_cli.runs.prepare import prepare
from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.request import MappingRequest
from capi_cli.runs.summary import Summary
from capi_cli.runs.upload import upload
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox
from tests.runs.promise import TOKEN, assert_adds_up, request_for, run_once, write_orders

ROWS = 120


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return write_orders(tmp_path / "orders.csv", ROWS)


def prepared(source: Path, out: Path, **more: object) -> Summary:
    request = replace(request_for(source, "https://graph.invalid", out.parent / "state", **more), out=out)
    summary = prepare(replace(request, command="prepare"), SilentObserver(), threading.Event())
    assert_adds_up(summary)
    return summary


def sent(folder: Path, sandbox: Sandbox, state: Path, **more: object) -> Summary:
    request = request_for(folder, sandbox.url, state, **more)
    summary = upload(replace(request, mapping=MappingRequest()), TOKEN, SilentObserver(), threading.Event())
    assert_adds_up(summary)
    return summary


@pytest.fixture
def folder(orders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("capi_cli.runs.prepare.PART_EVENTS", 45)
    summary = prepared(orders, tmp_path / "out")
    assert (summary.exit_code, summary.command, summary.events_unsent) == (0, "prepare", ROWS)
    return tmp_path / "out"


def test_the_manifest_says_what_the_parts_hold(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert [(part["name"], part["events"]) for part in manifest["parts"]] == [
        ("part-00001.ndjson", 45), ("part-00002.ndjson", 45), ("part-00003.ndjson", 30),
    ]  # fmt: skip
    for part in manifest["parts"]:
        held = (folder / part["name"]).read_bytes()
        assert (part["bytes"], part["sha256"]) == (len(held), sha256(held).hexdigest())
    events = [
        json.loads(line) for part in sorted(folder.glob("part-*")) for line in part.read_bytes().splitlines()
    ]
    times = [event["event_time"] for event in events]
    assert (manifest["oldest_event_time"], manifest["newest_event_time"]) == (min(times), max(times))
    assert (manifest["events"], manifest["rows_read"], manifest["match_keys"]) == (ROWS, ROWS, {"em": ROWS})
    assert {"field": "user_data.em", "filled_by": '"email"'} in manifest["sources"][0]["mapping"]
    members = {name: value for name, value in manifest.items() if name != "seal"}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert manifest["seal"] == sha256(text.encode()).hexdigest()


def test_everything_is_readable_by_its_owner_only(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(entry.stat().st_mode) for entry in folder.iterdir()} == {0o600}


def test_the_bodies_are_those_of_an_upload_of_the_source(orders: Path, folder: Path, tmp_path: Path) -> None:
    bodies = []
    for source, run in ((orders, run_once), (folder, sent)):
        save = tmp_path / f"bodies-{len(bodies)}"
        with Sandbox(save_dir=save) as sandbox:
            summary = run(source, sandbox, tmp_path / f"state-{len(bodies)}", concurrency=1)
        assert (summary.exit_code, summary.events_accepted) == (0, ROWS)
        bodies.append([path.read_bytes() for path in sorted(save.glob("request-*"))])
    assert len(bodies[0]) >= 3
    assert bodies[0] == bodies[1]


def test_the_ledger_of_one_recognises_the_other(orders: Path, folder: Path, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        assert run_once(orders, sandbox, tmp_path / "one").events_accepted == ROWS
        again = sent(folder, sandbox, tmp_path / "one")
        assert (again.exit_code, again.rows_skipped, again.requests, again.findings) == (0, ROWS, 0, [])
        assert sent(folder, sandbox, tmp_path / "other").events_accepted == ROWS
        assert run_once(orders, sandbox, tmp_path / "other").rows_skipped == ROWS


def test_a_folder_is_sent_where_the_source_never_was(orders: Path, folder: Path, tmp_path: Path) -> None:
    orders.unlink()
    elsewhere = tmp_path / "elsewhere" / "folder"
    shutil.copytree(folder, elsewhere)
    with Sandbox() as sandbox:
        stopped = sent(elsewhere, sandbox, tmp_path / "state", limit=70)
        assert (stopped.exit_code, stopped.events_accepted) == (0, 70)
        rest = sent(elsewhere, sandbox, tmp_path / "state")
        assert (rest.events_accepted, rest.rows_skipped) == (ROWS - 70, 70)
        assert sandbox.state()["duplicates"] == 0


def test_a_run_that_was_cut_off_is_resumed(folder: Path, tmp_path: Path) -> None:
    with Sandbox(faults=Faults.parse("throttle=80004:wait=30,first=1")) as sandbox:
        first = sent(folder, sandbox, tmp_path / "state", concurrency=1)
        assert first.exit_code == 4
        sandbox.faults = Faults()
        rest = sent(folder, sandbox, tmp_path / "state")
        assert (rest.exit_code, rest.events_accepted) == (0, ROWS - first.events_accepted)


def test_zstd_parts_are_read_by_zstd_and_sent(orders: Path, tmp_path: Path) -> None:
    summary = prepared(orders, tmp_path / "out", compress="zstd")
    assert summary.exit_code == 0
    part = tmp_path / "out" / "part-00001.ndjson.zst"
    with part.open("rb") as file, pa.CompressedInputStream(file, "zstd") as stream:
        assert stream.read().count(b"\n") == ROWS
    with Sandbox() as sandbox:
        assert sent(tmp_path / "out", sandbox, tmp_path / "state").events_accepted == ROWS


def _tamper(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"12.5", b"99.5", 1))


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda folder: _tamper(folder / "part-00002.ndjson"), "part-00002.ndjson was changed"),
        (lambda folder: (folder / "part-00003.ndjson").unlink(), "part-00003.ndjson is missing"),
        (lambda folder: (folder / "part-00009.ndjson").write_bytes(b"{}\n"), "part-00009.ndjson is not in"),
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest.json"),
        (
            lambda folder: (folder / "manifest.json").write_bytes(
                (folder / "manifest.json").read_bytes().replace(b'"rows_read": 120', b'"rows_read": 121')
            ),
            "manifest.json was changed",
        ),
    ],
)
def test_a_folder_that_is_not_as_it_was_sealed_is_refused_by_name(
    folder: Path, tmp_path: Path, harm: object, named: str
) -> None:
    assert callable(harm)
    harm(folder)
    with Sandbox() as sandbox:
        summary = sent(folder, sandbox, tmp_path / "state")
        assert (summary.exit_code, summary.requests) == (11, 0)
        assert sandbox.state()["requests"] == 0
    assert summary.error is not None
    assert named in summary.error.message


def test_events_that_expired_in_between_are_rejected_by_their_id(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC) + timedelta(days=62)
    monkeypatch.setenv("CAPI_NOW", later.isoformat())
    with Sandbox() as sandbox:
        summary = sent(folder, sandbox, tmp_path / "state", dry_run=True)
    assert (summary.exit_code, summary.rows_rejected, summary.events_prepared) == (3, ROWS, 0)
    assert summary.rejects_path == str(tmp_path / "out.rejects.csv")
    lines = Path(summary.rejects_path).read_text(encoding="utf-8").splitlines()
    first = json.loads((folder / "part-00001.ndjson").read_bytes().splitlines()[0])
    assert lines[0] == "_row,event_id,_code,_reason"
    assert lines[1].startswith(f"1,{first['event_id']},event-too-old,")
    assert len(lines) == ROWS + 1


def test_nothing_of_a_person_stands_in_the_folder(tmp_path: Path) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    source = tmp_path / "people.csv"
    source.write_text(
        "order_id,email,phone,first_name,last_name,city,total,created_at\n"
        f"A-1,Marker.One@example.org,+49 151 23456789,Markerfirst,Markerlast,Markertown,12.50,{at}\n",
        encoding="utf-8",
    )
    assert prepared(source, tmp_path / "out").events_prepared == 1
    held = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir()).lower()
    for word in (b"marker", b"example.org", b"4915123456789", b"23456789", b"people"):
        assert word not in held
    assert sha256(b"marker.one@example.org").hexdigest().encode() in held


def test_a_folder_that_holds_something_is_left_alone(folder: Path, orders: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = prepared(orders, folder)
    assert again.exit_code == 10
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_too_many_bad_rows_leave_no_folder(orders: Path, tmp_path: Path) -> None:
    text = orders.read_text(encoding="utf-8")
    orders.write_text(text.replace("12.50", "", 60), encoding="utf-8")
    summary = prepared(orders, tmp_path / "out")
    assert (summary.exit_code, (tmp_path / "out").exists()) == (5, False)
    some = prepared(orders, tmp_path / "out", max_error_rate=0.6)
    assert (some.exit_code, some.events_prepared, some.rows_rejected) == (3, 60, 60)


def test_options_about_columns_are_refused(folder: Path, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        summary = run_once(folder, sandbox, tmp_path / "state")
    assert (summary.exit_code, summary.requests) == (10, 0)
    assert summary.error is not None
    assert "--set" in summary.error.message


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_seal_is_checked_with_ordinary_tools(folder: Path) -> None:
    line = ["jq", "-jcS", "del(.seal)", str(folder / "manifest.json")]
    text = subprocess.run(line, capture_output=True, check=True, timeout=20).stdout
    assert sha256(text).hexdigest() == json.loads((folder / "manifest.json").read_bytes())["seal"]

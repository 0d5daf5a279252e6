"""Hashing and sending on two machines: the same bytes as one upload, and a folder that shows every change."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from capi_cli.runs.prepare import prepare
from capi_cli.runs.preview import PreviewRequest, preview
from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.request import MappingRequest
from capi_cli.runs.summary import Summary
from capi_cli.runs.upload import upload
from capi_cli.sandbox.server import Sandbox
from tests.runs.promise import TOKEN, assert_adds_up, request_for, run_once, write_orders

ROWS = 300


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return write_orders(tmp_path / "orders.csv", ROWS)


def make(orders: Path, folder: Path, state: Path) -> Summary:
    request = replace(request_for(orders, "http://127.0.0.1:1", state), command="prepare", out=folder)
    summary = prepare(request, SilentObserver(), threading.Event())
    assert_adds_up(summary)
    return summary


def send(folder: Path, sandbox: Sandbox, state: Path) -> Summary:
    request = replace(request_for(folder, sandbox.url, state), mapping=MappingRequest())
    summary = upload(request, TOKEN, SilentObserver(), threading.Event())
    assert_adds_up(summary)
    return summary


def test_a_prepared_folder_is_sent_without_its_source_and_holds_nothing_personal(
    orders: Path, tmp_path: Path
) -> None:
    made = make(orders, tmp_path / "out", tmp_path / "state")
    assert (made.exit_code, made.events_prepared, made.events_unsent, made.requests) == (0, ROWS, ROWS, 0)
    orders.unlink()
    for file in (tmp_path / "out").iterdir():
        assert b"example.org" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0
    with Sandbox() as sandbox:
        sent = send(tmp_path / "out", sandbox, tmp_path / "elsewhere")
        assert (sent.exit_code, sent.events_accepted) == (0, ROWS)
        again = send(tmp_path / "out", sandbox, tmp_path / "elsewhere")
        assert (again.rows_skipped, again.requests) == (ROWS, 0)


def test_the_ledger_knows_an_event_whether_it_came_from_the_source_or_the_folder(
    orders: Path, tmp_path: Path
) -> None:
    make(orders, tmp_path / "out", tmp_path / "state")
    with Sandbox() as sandbox:
        assert run_once(orders, sandbox, tmp_path / "state").events_accepted == ROWS
        sent = send(tmp_path / "out", sandbox, tmp_path / "state")
        assert (sent.rows_skipped, [f.code for f in sent.findings if f.code == "order-changed"]) == (ROWS, [])


@pytest.mark.parametrize("damage", ["changed", "missing", "extra"])
def test_a_folder_that_is_not_as_it_was_sealed_is_refused_by_the_parts_name(
    orders: Path, tmp_path: Path, damage: str
) -> None:
    make(orders, tmp_path / "out", tmp_path / "state")
    part = tmp_path / "out" / "part-00001.ndjson"
    if damage == "changed":
        part.write_bytes(part.read_bytes().replace(b"12.5", b"99.5", 1))
    elif damage == "missing":
        part.unlink()
    else:
        part = part.with_name("part-00002.ndjson")
        part.write_bytes(b"{}\n")
    with Sandbox() as sandbox:
        sent = send(tmp_path / "out", sandbox, tmp_path / "state")
        assert (sent.exit_code, sandbox.state()["requests"]) == (11, 0)
    assert sent.error is not None
    assert part.name in sent.error.message


def test_parts_without_their_manifest_are_refused(orders: Path, tmp_path: Path) -> None:
    make(orders, tmp_path / "out", tmp_path / "state")
    (tmp_path / "out" / "manifest.json").unlink()
    with Sandbox() as sandbox:
        assert send(tmp_path / "out", sandbox, tmp_path / "state").exit_code == 11


def test_a_folder_is_looked_at_as_a_source_is(orders: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    make(orders, folder, tmp_path / "state")
    request = replace(request_for(folder, "http://127.0.0.1:1", tmp_path / "state"), mapping=MappingRequest())
    looked = preview(PreviewRequest(run=request, count=2))
    assert [(row.row, row.fate, row.cells) for row in looked.rows] == [(1, "sent", ()), (2, "sent", ())]
    event = looked.rows[0].event
    assert event is not None and all("…" in digest for digest in event["user_data"]["em"])
    (later,) = preview(PreviewRequest(run=replace(request, since_s=1), row=ROWS)).rows
    assert (later.row, later.fate, later.event) == (ROWS, "filtered", None)
    assert "--since" in later.notes[0].message

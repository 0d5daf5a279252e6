"""Uploads on a real local cluster, held to the local engine row for row, and to Meta's side of the wire."""

import os
import shutil
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from capi_cli.cli.app import main
from capi_cli.sandbox.faults import Faults
from tests.spark.conftest import Cluster, Room
from tests.spark.tables import LINE_ITEMS, MAPPING, line_items, sales, write_sales

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
pytest.importorskip("pyspark")

COUNTS = (
    "exit_code rows_read rows_filtered rows_rejected rows_skipped rows_prepared events_prepared events_accepted "
    "events_rejected events_unknown events_unsent retries coverage"
).split()
TOLD = ("_row", "_code", "_field", "_reason", "_hint")
OPTIONS = ("--batch-size", "200", "--default-country", "DE", "--max-error-rate", "1")


def told(summary: dict[str, Any]) -> Counter[tuple[str, str, int]]:
    return Counter((one["code"], one["field"], one["count"]) for one in summary["findings"])


def counts(summary: dict[str, Any]) -> dict[str, Any]:
    return {name: summary[name] for name in COUNTS}


def rejects(path: str | None) -> list[tuple[Any, ...]]:
    """Return the rejected rows: the five, and the user's cells, in the order of the file."""
    assert path is not None
    rows = pq.read_table(path).to_pylist()
    cells = [name for name in rows[0] if not name.startswith("_")]
    return sorted((row["_row"], *(repr(row[name]) for name in (*TOLD[1:], *cells))) for row in rows)


@pytest.mark.parametrize(("config", "grouped"), [(MAPPING, False), (LINE_ITEMS, True)])
def test_the_same_as_on_one_machine(cluster: Cluster, room: Room, config: str, grouped: bool) -> None:
    """Events byte for byte, counts, findings, coverage, rejects with all their cells; then nothing is sent twice."""
    Path("capi.toml").write_text(config)
    rows = line_items(700) if grouped else sales(2000)
    source = write_sales(room.folder / "sales.parquet", rows)
    local = room.call(source, *OPTIONS, engine="local")
    expected = room.events()
    room.forget()
    found = room.call(source, *OPTIONS)
    assert room.events() == expected
    assert counts(found) == counts(local)
    assert told(found) == told(local)
    assert rejects(found["rejects_path"]) == rejects(local["rejects_path"])
    assert len({row[1] for row in rejects(found["rejects_path"])}) >= (1 if grouped else 4)
    assert set(found) == set(local), "the same names in the summary"
    again = room.call(source, *OPTIONS)
    assert (again["requests"], again["events_prepared"]) == (0, 0)
    assert again["rows_skipped"] == found["rows_skipped"] + found["rows_prepared"]


def test_refused_events_stand_alone(cluster: Cluster, room: Room) -> None:
    """They are isolated, stand in the rejects with their cells, and are told again without a POST until they change."""
    Path("capi.toml").write_text(MAPPING)
    rows = sales(55)
    source = write_sales(room.folder / "sales.parquet", rows, group_rows=20)
    room.sandbox.faults = Faults.parse("refuse=2804999:event_id=sale-7|sale-9")
    found = room.call(source, *OPTIONS)
    assert (found["exit_code"], found["events_rejected"]) == (3, 2)
    assert found["events_accepted"] == found["events_prepared"] - 2
    refused = [
        row for row in pq.read_table(found["rejects_path"]).to_pylist() if row["_code"].startswith("meta")
    ]
    assert [(row["sale"], row["_event_id"], row["_code"]) for row in refused] == [
        (7, "sale-7", "meta-100-2804999"),
        (9, "sale-9", "meta-100-2804999"),
    ]
    assert [row["note"] for row in refused] == [rows[7]["note"], rows[9]["note"]]
    again = room.call(source, *OPTIONS)
    assert (again["events_rejected"], again["requests"], again["exit_code"]) == (2, 0, 3)
    told_again = [row["_code"] for row in pq.read_table(again["rejects_path"]).to_pylist()]
    assert told_again.count("meta-100-2804999") == 2
    room.sandbox.faults = Faults()
    rows[7]["zip"] = "20095"
    changed = room.call(write_sales(source, rows, group_rows=20), *OPTIONS)
    assert (changed["events_accepted"], changed["events_rejected"]) == (1, 1)


def test_an_executor_is_killed_in_the_middle(cluster: Cluster, room: Room) -> None:
    """Its task is tried again with the same bytes; every event is accepted once, and has one receipt."""
    Path("capi.toml").write_text(MAPPING)
    source = write_sales(room.folder / "sales.parquet", sales(2000))
    room.sandbox.faults = Faults.parse("latency=0.3")
    killed: list[int] = []

    def kill() -> None:
        until = time.monotonic() + 120
        while room.sandbox.memory.counts.requests < 8 and time.monotonic() < until:
            time.sleep(0.02)
        killed.append(executors(cluster)[0])
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    found = room.call(source, *OPTIONS, "--batch-size", "20", "--concurrency", "3")
    killer.join(10)
    assert killed
    memory = room.sandbox.memory.counts
    assert (found["exit_code"], found["events_accepted"]) == (3, found["events_prepared"])
    assert memory.processed == found["events_accepted"], "no event is missing, none counts twice"
    assert memory.duplicates == memory.duplicates_same_bytes > 0, "what was sent again was the same"
    assert 2 <= max(room.in_flight) <= 3
    receipts = pq.read_table(
        next(Path("store 100%/capi").glob("*/*/receipts")), columns=["event_id", "outcome"]
    )
    assert Counter(receipts["outcome"].to_pylist()) == {"accepted": found["events_accepted"]}
    assert len(set(receipts["event_id"].to_pylist())) == len(receipts)


def executors(cluster: Cluster) -> list[int]:
    """Return the processes of this application's executors."""
    application = cluster.spark.sparkContext.applicationId.encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if b"CoarseGrainedExecutorBackend" in line and application in line:
            found.append(int(process.name))
    return sorted(found)


@pytest.mark.parametrize("answered", [True, False])
def test_the_driver_dies_in_the_middle(
    cluster: Cluster, room: Room, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    """What tasks had answered is taken from them; what they had not is unknown, and sent again byte for byte."""
    from capi_cli.runs.spark.store import Store

    Path("capi.toml").write_text(MAPPING)
    source = write_sales(room.folder / "sales.parquet", sales(300), group_rows=100)

    def die(self: Store, receipts: Any) -> None:
        if not answered:
            shutil.rmtree(next(Path("store 100%/capi").rglob("answers")))
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Store, "append_receipts", die)
        assert main(("upload", str(source), "--engine", "spark", *OPTIONS)) == 130
    sent = room.sandbox.memory.counts.processed
    assert sent > 0
    found = room.call(source, *OPTIONS)
    memory = room.sandbox.memory.counts
    assert "did not come to its end" in room.said[-1]
    assert found["exit_code"] == 3
    assert memory.processed == sent
    assert memory.duplicates == memory.duplicates_same_bytes == (0 if answered else sent)
    assert (found["events_accepted"], found["rows_skipped"] >= sent) == (
        (0, True) if answered else (sent, False)
    )


def test_a_wave_that_fails_is_unknown_and_told_when_its_window_is_over(
    cluster: Cluster, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 4; within the window the same bytes go again; past it the events are told once, then skipped."""
    from py4j.protocol import Py4JError

    from capi_cli.runs.spark.delivering import Delivering

    Path("capi.toml").write_text(MAPPING)
    source = write_sales(room.folder / "sales.parquet", sales(50), group_rows=25)
    evaluate = Delivering._evaluate

    def fail(self: Delivering, wave: Any) -> None:
        evaluate(self, wave)
        shutil.rmtree(next(Path("store 100%/capi").rglob("answers")))
        raise Py4JError("jane@example.com could not be sent")

    with monkeypatch.context() as failing:
        failing.setattr(Delivering, "_evaluate", fail)
        for _ in range(2):
            found = room.call(source, *OPTIONS)
            assert (found["exit_code"], found["error"]["code"]) == (4, "delivery")
            assert found["events_unknown"] == found["events_prepared"] > 30
            assert "jane" not in "".join(room.said)
    memory = room.sandbox.memory.counts
    assert memory.duplicates == memory.duplicates_same_bytes == memory.processed
    requests = memory.requests
    monkeypatch.setenv("CAPI_NOW", "2026-09-09T12:00:00+00:00")
    told_once = room.call(source, *OPTIONS)
    assert (told_once["exit_code"], told_once["events_unknown"]) == (4, memory.processed)
    skipped = room.call(source, *OPTIONS)
    assert (skipped["exit_code"], skipped["events_unknown"]) == (3, 0)
    assert skipped["rows_skipped"] >= memory.processed
    assert ("event-unknown-told", "event_id", memory.processed) in told(skipped)
    assert memory.requests == requests

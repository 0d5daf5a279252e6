"""The runs of the ledgers: in the list, in full, and where one was killed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capi_cli.delivery.receipt import Outcome
from capi_cli.errors import UsageError
from capi_cli.ledger.fates import RunStart
from capi_cli.ledger.opening import open_ledger
from capi_cli.ledger.recording import RecordingLedger
from capi_cli.runs.history import list_runs, one_run
from tests.ledger.events import NOON, Clock, batch, receipt

STARTED = datetime.fromtimestamp(NOON, UTC)
SUMMARY = {
    "dataset_id": "1234567890",
    "rows_read": 12,
    "rows_filtered": 3,
    "rows_rejected": 2,
    "rows_skipped": 1,
    "events_prepared": 6,
    "events_accepted": 4,
    "events_rejected": 2,
    "events_unknown": 0,
    "events_unsent": 0,
    "requests": 9,
    "retries": 1,
    "sources": [{"path": "a.csv", "rejects_path": "a.rejects.csv"}, {"path": "b.csv", "rejects_path": None}],
    "findings": [
        {
            "code": "email-invalid",
            "severity": "error",
            "field": "user_data.em",
            "count": 2,
            "example_rows": [4, 9],
        },
        {
            "code": "times-are-dates",
            "severity": "warning",
            "field": "event_time",
            "count": 1,
            "example_rows": [],
        },
    ],
}


def begin(ledger: RecordingLedger, run_id: str, hours: int = 0) -> None:
    ledger.begin_run(
        RunStart(
            run_id=run_id,
            command="upload",
            sources=("a.csv", "b.csv"),
            mapping='event_name <- constant "Purchase"\nuser_data.em <- "mail"',
            started_at=STARTED + timedelta(hours=hours),
        )
    )


def write_run(
    state: Path, run_id: str, *, dataset: str = "1234567890", hours: int = 0, exit_code: int = 3
) -> None:
    with open_ledger(state, "graph.facebook.com", dataset, now=Clock()) as ledger:
        begin(ledger, run_id, hours)
        part = batch([(n, n) for n in range(6)])
        ledger.in_flight(part)
        ledger.answered([receipt(part.part(0, 4)), receipt(part.part(4, 6), Outcome.REJECTED)])
        ledger.end_run(
            run_id,
            finished_at=STARTED + timedelta(hours=hours, seconds=2.5),
            exit_code=exit_code,
            summary=json.dumps(SUMMARY),
        )


def test_no_ledger_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_the_list_is_of_all_ledgers_newest_first(tmp_path: Path) -> None:
    write_run(tmp_path, "r1")
    write_run(tmp_path, "r3", hours=3, exit_code=0)
    write_run(tmp_path, "r2", dataset="2222222", hours=2, exit_code=143)
    found = list_runs(tmp_path)
    assert [(run.run_id, run.outcome) for run in found] == [
        ("r3", "complete"),
        ("r2", "terminated"),
        ("r1", "some rejected"),
    ]
    assert found[2].duration_s == 2.5
    assert (found[2].counts.rows_read, found[2].counts.events_accepted) == (12, 4)
    assert [run.run_id for run in list_runs(tmp_path, most=2)] == ["r3", "r2"]


def test_one_run_in_full(tmp_path: Path) -> None:
    write_run(tmp_path, "20260921T130000Z-abc123")
    found = one_run(tmp_path, "abc123")
    assert found.run.run_id == "20260921T130000Z-abc123"
    assert found.mapping == ('event_name <- constant "Purchase"', 'user_data.em <- "mail"')
    assert (found.requests, found.retries, found.rejects_paths) == (9, 1, ("a.rejects.csv",))
    (rejected,) = found.rejected
    assert (rejected.code, rejected.count, rejected.example_rows) == ("email-invalid", 2, (4, 9))
    assert [(each.outcome, each.first, each.events) for each in found.receipts] == [
        ("accepted", 0, 4),
        ("rejected", 4, 2),
    ]
    assert found.receipts[1].code == "meta-100-2804003"
    assert found.shown_by == STARTED + timedelta(minutes=20)


def test_a_killed_run_is_counted_by_its_receipts_and_what_was_in_flight(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path, "graph.facebook.com", "1234567890", now=Clock())
    begin(ledger, "killed")
    first, second = batch([(1, 1), (2, 2)]), batch([(3, 3), (4, 4), (5, 5)], number=2)
    ledger.in_flight(first)
    ledger.in_flight(second)
    ledger.answered([receipt(first)])
    found = one_run(tmp_path, "killed")
    assert (found.run.outcome, found.run.duration_s, found.in_flight) == ("going, or killed", None, 3)
    assert found.run.dataset_id == "1234567890"
    counts = found.run.counts
    assert (counts.rows_read, counts.events_accepted, counts.events_unknown) == (None, 2, 3)
    ledger.close()


def test_an_id_fits_one_run(tmp_path: Path) -> None:
    write_run(tmp_path, "a-1")
    write_run(tmp_path, "b-1")
    assert one_run(tmp_path, "a-1").run.run_id == "a-1"
    with pytest.raises(UsageError, match="2 runs end in '-1'"):
        one_run(tmp_path, "-1")
    for run_id in ("c", ""):
        with pytest.raises(UsageError, match="No ledger"):
            one_run(tmp_path, run_id)

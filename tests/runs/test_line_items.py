"""Orders of several rows through a whole run: one event, one fate, every row accounted for."""

import csv
import gzip
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.request import RunRequest
from capi_cli.runs.summary import Summary
from capi_cli.runs.upload import upload
from capi_cli.runs.validate import validate
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.saving import saved_events
from capi_cli.sandbox.server import Sandbox
from tests.runs.promise import TOKEN, assert_adds_up, request_for

COLUMNS = ["order_id", "email", "total", "created_at", "status", "sku"]
Line = list[str]


def first(
    order: str, *, age: timedelta = timedelta(hours=5), total: str = "12.50", status: str = "paid"
) -> Line:
    at = datetime.now(UTC) - age
    return [order, f"buyer{order}@example.org", total, at.isoformat(timespec="seconds"), status, "S1"]


def item(order: str, sku: str = "S2") -> Line:
    return [order, "", "", "", "", sku]


def write(path: Path, rows: list[Line]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    return path


def asked(source: Path, url: str, state: Path, **more: object) -> RunRequest:
    request = request_for(source, url, state, **{"max_error_rate": 1.0, **more})
    mapping = replace(
        request.mapping,
        event_id="order-{order_id}",
        group_config={"by": "order_id"},
        event_config={"custom_data": {"contents": {"id": "sku"}}},
        where=(("status", ("paid",)),),
    )
    return replace(request, mapping=mapping)


def sent(source: Path, sandbox: Sandbox, state: Path, **more: object) -> Summary:
    summary = upload(asked(source, sandbox.url, state, **more), TOKEN, SilentObserver(), threading.Event())
    assert_adds_up(summary)
    return summary


def rejects(summary: Summary) -> list[tuple[str, int, str]]:
    """Return order, line and code of each rejected row."""
    assert summary.rejects_path is not None
    with Path(summary.rejects_path).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [(row["order_id"], int(row["_row"]), row["_code"]) for row in rows]


ROWS = [
    first("1"),
    first("2", total=""),  # a purchase without a value
    first("3", status="open"),
    first("4"),
    item("1"),
    item("2"),
    item("3"),
    first("5", age=timedelta(days=80)),
    item("5"),
    item("1", "S3"),
]


def test_every_row_of_an_order_shares_its_fate(tmp_path: Path) -> None:
    orders = write(tmp_path / "orders.csv", ROWS)
    with Sandbox() as sandbox:
        summary = sent(orders, sandbox, tmp_path / "state")
    assert summary.exit_code == 3
    counted = (summary.rows_read, summary.rows_filtered, summary.rows_rejected, summary.rows_prepared)
    assert counted == (10, 2, 4, 4)
    assert (summary.events_prepared, summary.events_accepted) == (2, 2)
    assert rejects(summary) == [
        ("2", 3, "purchase-without-value"),
        ("2", 7, "purchase-without-value"),
        ("5", 9, "event-too-old"),
        ("5", 10, "event-too-old"),
    ]
    found = {finding.code: (finding.count, finding.example_rows) for finding in summary.findings}
    assert found["purchase-without-value"] == (1, [3])
    assert found["event-too-old"] == (1, [9])


def test_a_second_run_skips_all_rows_of_accepted_orders(tmp_path: Path) -> None:
    orders = write(tmp_path / "orders.csv", ROWS)
    with Sandbox() as sandbox:
        sent(orders, sandbox, tmp_path / "state")
        again = sent(orders, sandbox, tmp_path / "state")
    assert (again.requests, again.rows_skipped, again.rows_rejected, again.rows_prepared) == (0, 4, 4, 0)


def test_an_order_that_meta_refuses_is_rejected_with_all_its_rows_now_and_later(tmp_path: Path) -> None:
    rows = [line for number in "123456789" for line in (first(number), item(number))]
    orders = write(tmp_path / "orders.csv", rows)
    with Sandbox(faults=Faults.parse("refuse=2804999:event_id=order-3")) as sandbox:
        summary = sent(orders, sandbox, tmp_path / "state")
        assert (summary.exit_code, summary.rows_prepared, summary.events_rejected) == (3, 18, 1)
        assert rejects(summary) == [("3", 6, "meta-100-2804999"), ("3", 7, "meta-100-2804999")]
        again = sent(orders, sandbox, tmp_path / "state")
        assert (again.requests, again.events_rejected, again.rows_skipped) == (0, 1, 16)
        assert rejects(again) == [("3", 6, "meta-100-2804999"), ("3", 7, "meta-100-2804999")]
    with Sandbox(faults=Faults.parse("refuse=2804999:event_id=order-3")) as sandbox:
        limited = sent(orders, sandbox, tmp_path / "other", max_error_rate=0.12)
        assert limited.exit_code == 3, "2 of 18 rows, as the rate counts rows"


def test_a_mended_rejects_file_is_uploaded_as_it_is(tmp_path: Path) -> None:
    orders = write(
        tmp_path / "orders.csv", [first("1"), item("1"), first("2", total="?"), item("2"), item("2", "S9")]
    )
    with Sandbox(save_dir=tmp_path / "saved") as sandbox:
        summary = sent(orders, sandbox, tmp_path / "state")
        assert [line for _, line, _ in rejects(summary)] == [4, 5, 6]
        mended = Path(summary.rejects_path or "").read_text(encoding="utf-8").replace("?", "8", 1)
        (tmp_path / "mended.csv").write_text(mended, encoding="utf-8")
        summary = sent(tmp_path / "mended.csv", sandbox, tmp_path / "state")
    assert (summary.exit_code, summary.events_accepted, summary.rows_prepared) == (0, 1, 3)
    events = saved_events(tmp_path / "saved")
    (event,) = [event for event in events if event["event_id"] == "order-2"]
    assert [one["id"] for one in event["custom_data"]["contents"]] == ["S1", "S2", "S9"]


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_prepare_orders_too(tmp_path: Path, workers: int) -> None:
    rows = [line for number in range(3000) for line in (first(str(number)), item(str(number)))]
    orders = write(tmp_path / "orders.csv", rows)
    request = replace(
        asked(orders, "http://127.0.0.1:1", tmp_path / "state", workers=workers), command="validate"
    )
    summary = validate(request, SilentObserver(), threading.Event())
    assert_adds_up(summary)
    assert (summary.rows_read, summary.events_prepared, summary.rows_prepared) == (6000, 3000, 6000)


def test_a_limit_over_several_files_completes_the_last_order(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", [first("1"), first("2"), item("1"), item("2")])
    write(tmp_path / "b.csv", [first("3"), item("3")])
    with Sandbox() as sandbox:
        summary = sent(tmp_path / "*.csv", sandbox, tmp_path / "state", limit=2)
        assert (summary.rows_read, summary.events_accepted) == (4, 2)
        summary = sent(tmp_path / "*.csv", sandbox, tmp_path / "other", limit=5)
        assert (summary.rows_read, summary.events_accepted) == (6, 3)


def test_orders_too_far_apart_are_never_two_purchases(tmp_path: Path) -> None:
    far = [first(f"x{number}") for number in range(10_000)]
    orders = write(tmp_path / "orders.csv", [first("1"), *far, item("1"), first("1")])
    with Sandbox(check="none") as sandbox:
        summary = sent(orders, sandbox, tmp_path / "state", batch_size=1000)
    assert (summary.rows_rejected, summary.events_accepted) == (2, 10_001)
    assert rejects(summary) == [("1", 10_003, "group-too-far"), ("1", 10_004, "group-too-far")]


def test_rows_that_name_different_people_are_told(tmp_path: Path) -> None:
    orders = write(tmp_path / "orders.csv", [first("1"), ["1", *first("2")[1:]], first("3"), item("3")])
    with Sandbox() as sandbox:
        summary = sent(orders, sandbox, tmp_path / "state")
    told = {finding.code: (finding.count, finding.example_rows) for finding in summary.findings}
    assert told["order-contradicts"] == (1, [2])


def test_an_order_that_a_filter_wants_only_in_part_is_told(tmp_path: Path) -> None:
    refund = [*first("1", status="refunded")[:4], "refunded", "S1"]
    refund[3] = (sale := first("1"))[3]
    orders = write(tmp_path / "orders.csv", [sale, refund, first("2"), item("2")])
    with Sandbox() as sandbox:
        summary = sent(orders, sandbox, tmp_path / "state")
    told = {finding.code: (finding.count, finding.example_rows) for finding in summary.findings}
    assert told["order-contradicts"] == (1, [2])


def test_orders_of_a_damaged_file_wait_for_the_whole_of_it(tmp_path: Path) -> None:
    orders = write(tmp_path / "orders.csv", [first("1"), item("1"), first("2")])
    whole = gzip.compress(orders.read_bytes())
    (tmp_path / "cut.csv.gz").write_bytes(whole[:-12])
    with Sandbox() as sandbox:
        summary = sent(tmp_path / "cut.csv.gz", sandbox, tmp_path / "state")
    assert (summary.exit_code, summary.requests, summary.events_prepared) == (11, 0, 0)

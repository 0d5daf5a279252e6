"""The delivery promise under faults: one fate for every row, nothing lost, nothing sent twice but byte for byte."""

import os
import threading
import time
from hashlib import sha256
from pathlib import Path

import pytest

from capi_cli.delivery import backoff
from capi_cli.delivery.decide import Scale
from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.upload import upload
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox
from tests.runs.promise import TOKEN, assert_adds_up, request_for, run_once, write_orders

ROWS = 1_200


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = backoff.Steps(0.01, 0.05)
    monkeypatch.setattr(backoff, "STEPS", {Scale.FAULT: quick, Scale.QUOTA: quick})


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return write_orders(tmp_path / "orders.csv", ROWS)


def test_a_second_run_sends_nothing_and_an_overlapping_file_sends_what_is_new(
    orders: Path, tmp_path: Path
) -> None:
    with Sandbox() as sandbox:
        first = run_once(orders, sandbox, tmp_path / "state")
        assert (first.exit_code, first.events_accepted) == (0, ROWS)
        again = run_once(orders, sandbox, tmp_path / "state", batch_size=1000)
        assert (again.exit_code, again.rows_skipped, again.requests) == (0, ROWS, 0)
        moved = orders.rename(tmp_path / "moved.csv")
        assert run_once(moved, sandbox, tmp_path / "state").requests == 0
        later = write_orders(tmp_path / "tomorrow.csv", ROWS, first=ROWS - 200)
        overlapping = run_once(later, sandbox, tmp_path / "state")
        assert (overlapping.rows_skipped, overlapping.events_accepted) == (200, ROWS - 200)
        assert sandbox.state()["duplicates"] == 0


def test_resend_sends_accepted_events_again(orders: Path, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        run_once(orders, sandbox, tmp_path / "state")
        again = run_once(orders, sandbox, tmp_path / "state", resend=True)
        assert (again.events_accepted, again.rows_skipped) == (ROWS, 0)
        assert sandbox.state()["duplicates_same_bytes"] == ROWS


def test_test_events_and_dry_runs_mark_nothing_as_delivered(orders: Path, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        run_once(orders, sandbox, tmp_path / "state", test_event_code="TEST123")
        dry = run_once(orders, sandbox, tmp_path / "state", dry_run=True)
        assert (dry.exit_code, dry.events_unsent, dry.requests) == (0, ROWS, 0)
        real = run_once(orders, sandbox, tmp_path / "state")
        assert real.events_accepted == ROWS
        dry = run_once(orders, sandbox, tmp_path / "state", dry_run=True)
        assert dry.rows_skipped == ROWS


@pytest.mark.parametrize("seed", range(6))
def test_under_random_faults_the_same_command_ends_with_every_event_delivered(
    orders: Path, tmp_path: Path, seed: int
) -> None:
    faults = Faults.parse(
        f"http=503:0.08,seed={seed}1",
        f"http-after=500:0.08,seed={seed}2",
        f"drop-before:0.06,seed={seed}3",
        f"drop-after:0.06,seed={seed}4",
        f"html=502:0.05,seed={seed}5",
        f"short=1:0.04,seed={seed}6",
        f"transient=2:0.05,seed={seed}7",
        "latency=0.002",
    )
    with Sandbox(faults=faults) as sandbox:
        for _ in range(25):
            summary = run_once(orders, sandbox, tmp_path / "state")
            if summary.exit_code == 0:
                break
            assert summary.exit_code == 4, f"seed {seed}: {summary.error}"
        state = sandbox.state()
    assert summary.exit_code == 0, f"seed {seed}: did not come to an end"
    assert state["events_processed"] == ROWS, f"seed {seed}: lost or invented"
    assert state["duplicates_other_bytes"] == 0, f"seed {seed}: sent twice with other bytes"


def test_throttling_slows_the_run_down_and_loses_nothing(orders: Path, tmp_path: Path) -> None:
    faults = Faults.parse("throttle=4:0.2,seed=1,wait=0", "throttle=429:0.1,seed=2,wait=0")
    with Sandbox(faults=faults) as sandbox:
        summary = run_once(orders, sandbox, tmp_path / "state", retry_for_s=30.0)
        assert (summary.exit_code, summary.events_accepted) == (0, ROWS)
        assert summary.retries > 0
        assert summary.requests == ROWS // 50 + summary.retries
        assert sandbox.state()["duplicates"] == 0


def test_a_longer_wait_than_is_left_ends_the_run_at_once_and_says_when_to_come_back(
    orders: Path, tmp_path: Path
) -> None:
    with Sandbox(faults=Faults.parse("throttle=80004:wait=30")) as sandbox:
        begun = time.monotonic()
        summary = run_once(orders, sandbox, tmp_path / "state")
        assert time.monotonic() - begun < 20
        assert summary.exit_code == 4
        assert summary.events_unsent == ROWS
        assert summary.error is not None
        sandbox.faults = Faults()
        assert run_once(orders, sandbox, tmp_path / "state").events_accepted == ROWS


def test_rows_that_meta_refuses_are_found_and_the_rest_is_accepted(orders: Path, tmp_path: Path) -> None:
    bad = {"A-17", "A-18", "A-611"}
    ids = {order: _event_id(order) for order in bad}
    with Sandbox(faults=Faults.parse(f"refuse=2804999:event_id={'|'.join(ids.values())}")) as sandbox:
        summary = run_once(orders, sandbox, tmp_path / "state")
        assert (summary.exit_code, summary.events_accepted, summary.events_rejected) == (3, ROWS - 3, 3)
        assert summary.rejects_path is not None
        rejects = Path(summary.rejects_path).read_text(encoding="utf-8")
        assert {line.split(",")[0] for line in rejects.splitlines()[1:]} == bad
        assert "meta-100-2804999" in rejects
        assert sandbox.state()["duplicates"] == 0
        again = run_once(orders, sandbox, tmp_path / "state")
        assert (again.exit_code, again.events_rejected, again.requests) == (3, 3, 0)
        sandbox.faults = Faults()
        mended = run_once(Path(summary.rejects_path), sandbox, tmp_path / "state", resend=True)
        assert (mended.exit_code, mended.events_accepted) == (0, 3)


def test_a_refused_token_stops_the_run_and_fills_no_rejects_file(orders: Path, tmp_path: Path) -> None:
    with Sandbox(token="another") as sandbox:
        summary = run_once(orders, sandbox, tmp_path / "state")
        assert summary.exit_code == 12
        assert (summary.events_accepted, summary.rejects_path) == (0, None)


def test_a_stopped_run_is_resumed_by_the_same_command(orders: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    with Sandbox(faults=Faults.parse("latency=0.1")) as sandbox:

        def stop_soon() -> None:
            while sandbox.state()["requests"] < 3:
                time.sleep(0.01)
            stop.set()

        request = request_for(orders, sandbox.url, tmp_path / "state")
        watcher = threading.Thread(target=stop_soon)
        watcher.start()
        stopped = upload(request, TOKEN, SilentObserver(), stop)
        watcher.join()
        assert_adds_up(stopped)
        assert stopped.events_unsent or stopped.rows_read < ROWS
        resumed = run_once(orders, sandbox, tmp_path / "state")
        assert resumed.exit_code == 0
        state = sandbox.state()
        assert (state["events_processed"], state["duplicates_other_bytes"]) == (ROWS, 0)


def test_an_order_that_changed_is_told_and_not_sent_again(orders: Path, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        run_once(orders, sandbox, tmp_path / "state")
        orders.write_text(
            orders.read_text("utf-8").replace("buyer5@example.org,12.50", "buyer5@example.org,99.00")
        )
        again = run_once(orders, sandbox, tmp_path / "state")
        assert (again.rows_skipped, again.requests) == (ROWS, 0)
        assert [(f.code, f.count) for f in again.findings if f.code == "order-changed"] == [
            ("order-changed", 1)
        ]


def test_a_second_run_of_the_same_dataset_is_kept_out_by_name(orders: Path, tmp_path: Path) -> None:
    with Sandbox(faults=Faults.parse("latency=0.1")) as sandbox:
        request = request_for(orders, sandbox.url, tmp_path / "state", concurrency=1)
        stop = threading.Event()
        first = threading.Thread(target=upload, args=(request, TOKEN, SilentObserver(), stop))
        first.start()
        while sandbox.state()["requests"] == 0:
            time.sleep(0.02)
        second = run_once(orders, sandbox, tmp_path / "state")
        stop.set()
        first.join()
    assert second.exit_code == 13
    assert second.error is not None
    assert str(os.getpid()) in second.error.message + second.error.hint


def _event_id(order: str) -> str:
    return sha256(f'{{"event_name":"Purchase","order_id":"{order}"}}'.encode()).hexdigest()[:32]

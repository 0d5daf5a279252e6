"""Nothing is sent before enough rows were judged, and the run stops where too many are bad."""

import io
import stat
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.upload import upload
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox
from tests.runs.promise import TOKEN, request_for, run_once, write_orders


def spoil(path: Path, lines: range) -> Path:
    """Take the total out of those rows: a Purchase without a value is rejected."""
    rows = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        rows[line] = rows[line].replace("12.50", "")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_above_the_rate_nothing_is_sent(tmp_path: Path) -> None:
    orders = spoil(write_orders(tmp_path / "orders.csv", 100), range(1, 12))
    with Sandbox() as sandbox:
        summary = run_once(orders, sandbox, tmp_path / "state")
        assert (summary.exit_code, summary.requests, summary.rows_rejected) == (5, 0, 11)
        assert sandbox.state()["requests"] == 0
        assert summary.rejects_path is not None
        allowed = run_once(orders, sandbox, tmp_path / "state", max_error_rate=0.2)
        assert (allowed.exit_code, allowed.events_accepted) == (3, 89)


def test_bad_rows_after_the_preflight_stop_the_run(tmp_path: Path) -> None:
    orders = spoil(write_orders(tmp_path / "orders.csv", 30_000), range(12_001, 20_001))
    with Sandbox(check="none") as sandbox:
        summary = run_once(orders, sandbox, tmp_path / "state", batch_size=1000)
    assert summary.exit_code == 5
    assert 0 < summary.events_accepted < 22_000


def test_a_full_preflight_finds_them_before_anything_is_sent(tmp_path: Path) -> None:
    orders = spoil(write_orders(tmp_path / "orders.csv", 30_000), range(12_001, 20_001))
    with Sandbox(check="none") as sandbox:
        summary = run_once(orders, sandbox, tmp_path / "state", batch_size=1000, preflight_full=True)
        assert (summary.exit_code, summary.requests) == (5, 0)
        good = write_orders(tmp_path / "good.csv", 100)
        sent = run_once(good, sandbox, tmp_path / "state", preflight_full=True)
        assert (sent.exit_code, sent.rows_read, sent.events_accepted) == (0, 100, 100)


def test_a_full_preflight_that_fails_still_says_what_is_wrong_with_which_rows(tmp_path: Path) -> None:
    orders = spoil(write_orders(tmp_path / "orders.csv", 100), range(1, 51))
    with Sandbox() as sandbox:
        summary = run_once(orders, sandbox, tmp_path / "state", preflight_full=True)
        assert sandbox.state()["requests"] == 0
    assert (summary.exit_code, summary.rows_read, summary.rows_rejected) == (5, 100, 50)
    assert summary.rejects_path is not None
    assert len(Path(summary.rejects_path).read_text(encoding="utf-8").splitlines()) == 51
    assert [f.count for f in summary.findings if f.code == "purchase-without-value"] == [50]


def test_what_meta_refuses_counts_towards_the_rate_and_stops_the_run(tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.csv", 200)
    with Sandbox(faults=Faults.parse("refuse=2804999")) as sandbox:
        first = run_once(orders, sandbox, tmp_path / "state", batch_size=5, concurrency=1)
        assert first.exit_code == 5
        assert 20 < first.events_rejected < 60
        assert first.events_unsent == 200 - first.events_rejected
        again = run_once(orders, sandbox, tmp_path / "state", batch_size=5, concurrency=1)
        assert again.exit_code == 5
        sandbox.faults = Faults()
        allowed = run_once(orders, sandbox, tmp_path / "state", max_error_rate=1.0)
        assert (allowed.exit_code, allowed.events_accepted) == (3, 200 - allowed.events_rejected)


@pytest.mark.parametrize(("field", "value"), [("value", "abc"), ("currency", "XXQ"), ("event_time", "soon")])
def test_a_bad_constant_is_the_commands_fault_and_not_the_rows(
    tmp_path: Path, field: str, value: str
) -> None:
    orders = write_orders(tmp_path / "orders.csv", 10)
    with Sandbox() as sandbox:
        request = request_for(orders, sandbox.url, tmp_path / "state")
        sets = tuple((name, said) for name, said in request.mapping.sets if name != field)
        request = replace(request, mapping=replace(request.mapping, sets=(*sets, (field, value))))
        summary = upload(request, TOKEN, SilentObserver(), threading.Event())
    assert (summary.exit_code, summary.rejects_path, summary.rows_read) == (10, None, 0)
    assert summary.error is not None
    assert field in summary.error.message


def test_stdin_is_judged_and_sent_from_a_copy_that_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = write_orders(tmp_path / "orders.csv", 50)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(orders.read_bytes())))
    state = tmp_path / "state"
    seen: list[int] = []
    monkeypatch.setattr(
        "capi_cli.runs.upload.judge_everything",
        lambda request, *more: seen.append(stat.S_IMODE(Path(request.source.sources[0]).stat().st_mode)),
    )
    with Sandbox() as sandbox:
        request = request_for(Path("-"), sandbox.url, state, preflight_full=True)
        request = replace(request, source=replace(request.source, format="csv"))
        summary = upload(request, TOKEN, SilentObserver(), threading.Event())
    assert (summary.exit_code, summary.events_accepted) == (0, 50)
    assert seen == [0o600]
    assert not list(state.glob("stdin-*"))


def test_where_every_row_lacks_a_zone_the_run_ends_with_the_option_that_mends_it(tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.csv", 20)
    orders.write_text(orders.read_text(encoding="utf-8").replace("+00:00", ""), encoding="utf-8")
    with Sandbox() as sandbox:
        summary = run_once(orders, sandbox, tmp_path / "state")
    assert (summary.exit_code, summary.rejects_path) == (10, None)
    assert summary.error is not None
    assert "--timezone" in summary.error.hint
    assert not list(tmp_path.glob("*.rejects*"))

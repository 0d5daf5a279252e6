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

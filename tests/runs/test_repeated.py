"""A large file that was finished is known again by its bytes; whatever changed makes it a new one."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from capi_cli.ledger.forgetting import forget_events
from capi_cli.ledger.place import ledger_places
from capi_cli.prepare.preparer import Preparer
from capi_cli.runs import repeated
from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.summary import Summary
from capi_cli.runs.upload import upload
from capi_cli.sandbox.server import Sandbox
from tests.runs.promise import TOKEN, request_for, run_once, write_orders

ROWS = 60


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated, "MANY_BYTES", 1)


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each block had that was really looked at."""
    seen: list[int] = []
    prepare = Preparer.prepare

    def watched(self: Preparer, columns: object, rows: np.ndarray, now: int) -> object:
        seen.append(len(rows))
        return prepare(self, columns, rows, now)  # type: ignore[arg-type]

    monkeypatch.setattr(Preparer, "prepare", watched)
    return seen


def counts(summary: Summary) -> tuple[int, ...]:
    return (
        summary.exit_code,
        summary.rows_read,
        summary.rows_filtered,
        summary.rows_skipped,
        summary.events_prepared,
        summary.requests,
    )


def test_a_finished_file_is_not_judged_again_and_its_books_are_those_of_a_run_that_does(
    tmp_path: Path, prepared: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    orders, state = write_orders(tmp_path / "orders.csv", ROWS), tmp_path / "state"
    with Sandbox() as sandbox:
        first = run_once(orders, sandbox, state)
        assert (first.exit_code, first.events_accepted) == (0, ROWS)
        prepared.clear()
        again = run_once(orders, sandbox, state)
        assert prepared == []
        monkeypatch.setattr(repeated, "MANY_BYTES", 1 << 30)
        looked = run_once(orders, sandbox, state)
        assert sum(prepared) == ROWS
        assert sandbox.state()["events_processed"] == ROWS
    assert counts(again) == counts(looked) == (0, ROWS, 0, ROWS, 0, 0)
    assert [(f.code, f.field, f.count) for f in again.findings] == [
        (f.code, f.field, f.count) for f in looked.findings
    ]
    assert again.sources[0].rows == looked.sources[0].rows == ROWS


def test_one_more_row_makes_another_file(tmp_path: Path, prepared: list[int]) -> None:
    orders, state = write_orders(tmp_path / "orders.csv", ROWS), tmp_path / "state"
    with Sandbox() as sandbox:
        run_once(orders, sandbox, state)
        write_orders(orders, ROWS + 1)
        assert run_once(orders, sandbox, state).events_accepted == 1


def test_another_mapping_makes_another_run(tmp_path: Path) -> None:
    orders, state = write_orders(tmp_path / "orders.csv", ROWS), tmp_path / "state"
    with Sandbox() as sandbox:
        run_once(orders, sandbox, state)
        request = request_for(orders, sandbox.url, state)
        request = replace(request, mapping=replace(request.mapping, event_id="again-{order_id}"))
        other = upload(request, TOKEN, SilentObserver(), threading.Event())
        assert other.events_accepted == ROWS


def test_resend_and_forget_look_at_every_row(tmp_path: Path, prepared: list[int]) -> None:
    orders, state = write_orders(tmp_path / "orders.csv", ROWS), tmp_path / "state"
    with Sandbox() as sandbox:
        run_once(orders, sandbox, state)
        assert run_once(orders, sandbox, state, resend=True).events_accepted == ROWS
        (place,) = ledger_places(state)
        forget_events(place, [1], lock_wait_s=0, now=lambda: 0.0)
        prepared.clear()
        assert run_once(orders, sandbox, state).rows_skipped == ROWS
        assert sum(prepared) == ROWS


def test_a_file_of_which_a_row_was_rejected_is_looked_at_again(tmp_path: Path, prepared: list[int]) -> None:
    orders, state = write_orders(tmp_path / "orders.csv", ROWS), tmp_path / "state"
    orders.write_text(orders.read_text().replace("12.50", "", 1))
    with Sandbox() as sandbox:
        assert run_once(orders, sandbox, state).exit_code == 3
        prepared.clear()
        again = run_once(orders, sandbox, state)
        assert (again.exit_code, again.rows_rejected, again.rejects_path is not None) == (3, 1, True)
        assert sum(prepared) == ROWS

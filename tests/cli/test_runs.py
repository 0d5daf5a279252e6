"""`capi runs` as it is typed: after real uploads to the sandbox."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capi_cli.cli.app import main
from capi_cli.sandbox.server import Sandbox
from tests.cli.conftest import TOKEN, Answer

DATASET = "1234567890"
NOW_S = 1_790_000_000.0
Call = Callable[..., Answer]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Call]:
    """Call capi with a state folder of its own, beside a sandbox and a file of three orders."""
    Path("orders.csv").write_text(
        "order_id,email,total,when\n"
        "R-1,ada@example.com,10.5,2026-09-21T10:00:00Z\n"
        "R-2,not an address,7,2026-09-21T10:00:00Z\n"
        "R-3,grace@example.com,9,2026-09-21T10:00:00Z\n"
    )
    with Sandbox(dataset_id=DATASET, token=TOKEN, now=lambda: NOW_S) as sandbox:
        monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
        monkeypatch.setenv("CAPI_GRAPH_URL", sandbox.url)
        monkeypatch.setenv("CAPI_NOW", "2026-09-21T13:33:20+00:00")

        def call(*argv: str) -> Answer:
            code = main([*argv, "--state-dir", str(tmp_path / "state")])
            return Answer(code, *capsys.readouterr())

        yield call


def upload(call: Call, *more: str) -> dict[str, object]:
    options = "--set event_name=Purchase --set action_source=physical_store --set currency=EUR --map event_time=when"
    answer = call(
        "upload", "orders.csv", "-y", "--dataset-id", DATASET, "--max-error-rate", "1", "--output", "json",
        *options.split(), *more,
    )  # fmt: skip
    assert answer.code == 3, answer.err
    return answer.summary


def test_no_runs_yet(call: Call) -> None:
    answer = call("runs")
    assert (answer.code, "No runs are written down here." in answer.out) == (0, True)
    assert call("runs", "--output", "json").summary == {"runs": []}


def test_a_run_is_listed_and_shown_in_full(call: Call) -> None:
    summary = upload(call)
    run_id = str(summary["run_id"])
    (listed,) = call("runs", "--output", "json").summary["runs"]
    for name in ("run_id", "rows_read", "rows_rejected", "events_accepted", "exit_code", "dataset_id"):
        assert listed[name] == summary[name]
    assert run_id in call("runs").out
    answer = call("runs", run_id[-6:])
    for text in (
        'event_name <- constant "Purchase"',
        "orders.rejects.csv",
        "fbtrace_id",
        "In Events Manager",
        "3 read",
    ):
        assert text in answer.out
    full = call("runs", run_id, "--output", "json").summary
    (receipt,) = full["receipts"]
    assert (receipt["events"], receipt["outcome"], receipt["status"]) == (2, "accepted", 200)
    assert receipt["fbtrace_id"] in answer.out
    assert "20 minutes" in full["look"]
    assert "example.com" not in answer.out + json.dumps(full)


def test_an_order_is_found_after_its_upload(call: Call) -> None:
    upload(call)
    answer = call("runs", "--order-id", "R-3")
    assert answer.code == 0
    assert "accepted" in answer.out
    assert "derived from name and order id" in answer.out
    (found,) = call("runs", "--order-id", "R-3", "--output", "json").summary["found"]
    again = call(
        "runs", "--event-id", found["event_id"], "--event-name", "Purchase", "--output", "json"
    ).summary
    assert again["found"][0]["receipt"] == found["receipt"]
    assert "No ledger here knows that event" in call("runs", "--order-id", "R-2").out


def test_a_templated_order_is_found_after_its_upload(call: Call) -> None:
    upload(call, "--event-id", "order-{order_id}")
    (found,) = call("runs", "--order-id", "R-1", "--output", "json").summary["found"]
    assert (found["event_id"], found["made"]) == ("order-R-1", "template order-{order_id}")


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (("x", "--order-id", "1"), "Say one of"),
        (("--event-id", "1", "--order-id", "1"), "Say one of"),
        (("--event-name", "Lead"), "goes with --event-id"),
        (("nobody",), "No ledger here holds a run"),
    ],
)
def test_a_question_must_be_one(call: Call, argv: tuple[str, ...], hint: str) -> None:
    answer = call("runs", *argv)
    assert (answer.code, hint in answer.err) == (2, True)

import json
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from capi_cli.errors import (
    CapiError,
    ConfigurationError,
    CredentialsError,
    DeliveryError,
    LedgerError,
    SourceError,
    TooManyBadRowsError,
    UsageError,
)
from capi_cli.runs.progress import Observer, Progress
from capi_cli.runs.request import RunRequest
from capi_cli.runs.summary import ErrorFacts, FindingFacts, SourceFacts, Summary
from tests.cli.conftest import TOKEN, Capi, FakeRun

UPLOAD = ("upload", "orders.csv", "--dataset-id", "1234567")
Play = Callable[[RunRequest, Observer, threading.Event, Summary], None]


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)


def raising(error: BaseException) -> Play:
    def play(*_: Any) -> None:
        raise error

    return play


def ending(exit_code: int, **facts: Any) -> Play:
    def play(request: RunRequest, observer: Observer, stop: threading.Event, summary: Summary) -> None:
        summary.exit_code = exit_code
        for name, value in facts.items():
            setattr(summary, name, value)

    return play


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, 2),
        (DeliveryError, 4),
        (TooManyBadRowsError, 5),
        (ConfigurationError, 10),
        (SourceError, 11),
        (CredentialsError, 12),
        (LedgerError, 13),
    ],
)
def test_each_error_has_its_exit_code(capi: Capi, fake: FakeRun, kind: type[CapiError], code: int) -> None:
    fake.play = raising(kind("What happened.", "What to do."))
    answer = capi(*UPLOAD)
    assert (answer.code, answer.out) == (code, "")
    assert "What happened." in answer.err
    assert "What to do." in answer.err
    assert capi(*UPLOAD, "--output", "json").summary["error"]["message"] == "What happened."


def test_a_bug_tells_its_place_and_nothing_else(capi: Capi, fake: FakeRun) -> None:
    fake.play = raising(ZeroDivisionError("jane.doe@example.com"))
    answer = capi(*UPLOAD, "--output", "json")
    assert answer.code == 1
    assert "This is a bug in capi: ZeroDivisionError at " in answer.err
    assert "capi_cli/cli/" in answer.err
    assert "jane.doe" not in answer.err + answer.out
    assert "Traceback" not in answer.err
    assert answer.summary["error"]["code"] == "bug"


def test_a_bug_in_a_thread_tells_no_more(capi: Capi, fake: FakeRun) -> None:
    def play(*_: Any) -> None:
        thread = threading.Thread(target=lambda: int("jane.doe@example.com"))
        thread.start()
        thread.join()

    fake.play = play
    before = threading.excepthook
    answer = capi(*UPLOAD)
    assert "ValueError" in answer.err
    assert "jane.doe" not in answer.err
    assert threading.excepthook is before


@pytest.mark.parametrize("code", [0, 3, 4, 5, 13])
def test_the_runs_own_exit_code_stands(capi: Capi, fake: FakeRun, code: int) -> None:
    fake.play = ending(code)
    assert capi(*UPLOAD).code == code
    assert capi(*UPLOAD, "--output", "json").summary["exit_code"] == code


@pytest.mark.parametrize("code", [5, 10])
def test_a_run_that_was_stopped_before_its_first_request_says_so(
    capi: Capi, fake: FakeRun, code: int
) -> None:
    fake.play = ending(code, rows_read=9, rows_rejected=9, requests=0)
    assert "Stopped before anything was sent." in capi(*UPLOAD).out


def test_what_stopped_a_run_is_told_beside_its_summary(capi: Capi, fake: FakeRun) -> None:
    fake.play = ending(
        4,
        rows_read=9,
        events_prepared=9,
        events_unsent=9,
        error=ErrorFacts("delivery", "Meta is down.", "Later."),
    )
    answer = capi(*UPLOAD)
    assert "Not finished: 0 events accepted, 9 unsent or unknown." in answer.out
    assert "Run the same command again" in answer.out
    assert "capi: Meta is down.\n      Later.\n" in answer.err


def test_a_run_that_read_nothing_shows_no_table_of_zeros(capi: Capi, fake: FakeRun) -> None:
    fake.play = ending(11, error=ErrorFacts("source", "There is no file orders.csv.", "Look."))
    answer = capi(*UPLOAD)
    assert answer.out == "Nothing was read, so nothing was sent.\n"
    assert "There is no file orders.csv." in answer.err


def test_a_person_reads_outcome_findings_and_what_to_do(capi: Capi, fake: FakeRun) -> None:
    findings = [FindingFacts(f"code-{n}", "warning", "user_data.em", n, [n + 2]) for n in range(1, 15)]
    findings.append(FindingFacts("grave", "error", "event_time", 2, [7, 9]))
    source = SourceFacts("orders.csv", "csv", 1_202, 48_000, "orders.rejects.csv")
    fake.play = ending(
        3, rows_read=1_202, rows_rejected=2, events_prepared=1_200, events_accepted=1_200, findings=findings,
        sources=[source], coverage={"ph": 0.41, "em": 0.98},
    )  # fmt: skip
    out = capi(*UPLOAD).out
    assert out.startswith("1,200 events accepted; 2 rows rejected.\n")
    assert "orders.csv · csv · 1,202 rows · 48.0 kB" in out
    assert "em          ████████████  98%  ph          █████░░░░░░░  41%" in out
    assert out.index("grave") < out.index("code-14") < out.index("code-13")
    assert "code-3 " in out, "there was room for all"
    assert "capi explain grave" in out
    assert "Rejected rows: orders.rejects.csv. Mend them there and upload that file as it is." in out


def test_quiet_says_nothing_unless_something_went_wrong(capi: Capi, fake: FakeRun) -> None:
    fake.play = lambda request, observer, stop, summary: observer.note("warning", "a remark")
    answer = capi(*UPLOAD, "-q")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    fake.play = ending(3, rows_rejected=2, rows_read=2)
    assert "2 rows rejected" in capi(*UPLOAD, "-q").out
    assert capi(*UPLOAD, "-q", "--output", "json").summary["exit_code"] == 3


def test_stdout_holds_only_the_summary(capi: Capi, fake: FakeRun) -> None:
    def play(request: RunRequest, observer: Observer, stop: threading.Event, summary: Summary) -> None:
        observer.started("r1", Progress())
        observer.note("info", "reading")
        observer.note("debug", "detail")

    fake.play = play
    answer = capi(*UPLOAD, "--output", "json")
    assert json.loads(answer.out)["command"] == "upload"
    assert "capi: reading" in answer.err
    assert "detail" not in answer.err
    assert "detail" in capi(*UPLOAD, "-v").err


def test_a_test_event_code_is_told_loudly(capi: Capi) -> None:
    assert "Meta keeps test events" in capi(*UPLOAD, "--test-event-code", "TEST1").err
    assert "Meta keeps test events" not in capi(*UPLOAD).err


def test_no_token_in_any_output(capi: Capi, fake: FakeRun) -> None:
    for play in (ending(0), raising(RuntimeError(TOKEN)), raising(SourceError("Gone.", "Look."))):
        fake.play = play
        for form in ("text", "json"):
            answer = capi(*UPLOAD, "-v", "--output", form, "--log-format", form)
            assert TOKEN not in answer.out + answer.err


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_the_first_signal_stops_the_run_in_order(
    capi: Capi, fake: FakeRun, number: signal.Signals, code: int, word: str
) -> None:
    def play(request: RunRequest, observer: Observer, stop: threading.Event, summary: Summary) -> None:
        os.kill(os.getpid(), number)
        assert stop.wait(5)
        summary.exit_code, summary.events_unsent, summary.events_prepared = 4, 7, 7

    fake.play = play
    before = signal.getsignal(number)
    assert capi(*UPLOAD, "-q").code == code
    assert signal.getsignal(number) is before
    summary = capi(*UPLOAD, "-q", "--output", "json").summary
    assert (summary["exit_code"], summary["error"]["code"], summary["events_unsent"]) == (code, word, 7)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
def test_a_signal_before_the_run_ends_at_once(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("capi_cli.cli.request.missing_dataset", interrupted)
    answer = capi("upload", "orders.csv", "--output", "json")
    assert answer.code == 143
    assert answer.summary["error"]["code"] == "terminated"
    assert fake.requests == []


@pytest.mark.parametrize("exit_code", [0, 3, 4])
def test_the_screen_says_that_the_sandbox_took_the_events(capi: Capi, fake: FakeRun, exit_code: int) -> None:
    fake.play = ending(
        exit_code, sandbox=True, rows_read=7, events_prepared=7, events_accepted=7, events_rejected=1
    )
    assert "7 events accepted by the sandbox, none by Meta" in capi(*UPLOAD).out
    assert "sandbox" not in capi(*UPLOAD, "--output", "json").summary

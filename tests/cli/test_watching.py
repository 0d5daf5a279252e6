"""What a person sees while a run goes: on a terminal, in a log, as JSON."""

import io
import json
import sys
import threading
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from capi_cli.cli.render.jsonlog import JsonLog
from capi_cli.cli.render.mapping import mapping_shown
from capi_cli.cli.render.mapping_lines import plain_lines
from capi_cli.cli.render.question import Question
from capi_cli.cli.render.summary import print_table
from capi_cli.cli.render.terminal import Display, Terminal
from capi_cli.cli.signals import Signals
from capi_cli.cli.voice import Voice
from capi_cli.event.fields import MATCH_KEYS
from capi_cli.event.rules import catalogue
from capi_cli.numbers import counted, per_second, size, span
from capi_cli.runs.progress import Confirmation, MappingLine, Progress, SourceView
from capi_cli.runs.summary import ErrorFacts, FindingFacts, SourceFacts, Summary

VIEW = SourceView(
    path="orders.csv",
    format="csv",
    notes=("delimiter ';'",),
    mapping=(
        MappingLine(field="event_name", filled_by='"Purchase"', origin="option", remark=""),
        MappingLine(field="user_data.em", filled_by="email", origin="header", remark="lower-cased"),
    ),
    unmapped=("note",),
    export=None,
    assumptions=("event_id is derived from order_id",),
)
ASKED = Confirmation(
    events=('{"event_name":"Purchase"}',), sums=(("EUR", 1234.5),), rows_judged=400, dataset_id="1234567"
)


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(progress: Progress, *, stop: bool = False, sends: bool = True, width: int = 80) -> list[str]:
    """Draw twice, ten seconds apart; the first drawing saw nothing of the file."""
    now = [0.0]
    asked = threading.Event()
    if stop:
        asked.set()
    display = Display(progress, asked, sends=sends, clock=lambda: now[0], wall_clock=lambda: 1000.0)
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    seen = (progress.events_accepted, progress.events_prepared, progress.bytes_read)
    progress.events_accepted = progress.events_prepared = progress.bytes_read = 0
    console.print(display)
    progress.events_accepted, progress.events_prepared, progress.bytes_read = seen
    now[0] = 10.0
    with console.capture() as capture:
        console.print(display)
    return capture.get().splitlines()


def test_the_display_shows_how_far_how_many_and_how_fast() -> None:
    lines = drawn(
        Progress(
            rows_read=250_000,
            rows_rejected=12,
            events_rejected=3,
            events_prepared=245_000,
            events_accepted=240_000,
            events_unknown=5,
            retries=2,
            bytes_read=20_000_000,
            bytes_total=30_000_000,
            in_flight=6,
            allowed_in_flight=8,
            source="orders.csv",
        )
    )
    assert "67% of 30.0 MB 5.0 s left orders.csv" in lines[0]
    assert lines[1] == "250,000 rows read · 240,000 events accepted · 15 rejected · 5 unknown"
    assert lines[2] == "24,000 events/s · 6 of 8 requests in flight · 2 retries"
    assert len(lines) == 3


def test_the_display_of_a_run_that_sends_nothing() -> None:
    lines = drawn(Progress(rows_read=10, events_prepared=9, bytes_read=5, bytes_total=None), sends=False)
    assert "5 B read" in lines[0]
    assert lines[1] == "10 rows read · 9 events ready"
    assert "in flight" not in lines[2]


def test_the_display_says_why_it_waits() -> None:
    waiting = Progress(bytes_total=1, waiting_for="Meta asks to wait 60 s (code 80004)", retry_at=1043.0)
    assert drawn(waiting)[-1] == "Meta asks to wait 60 s (code 80004), 43 s left"


def test_the_display_says_what_a_second_ctrl_c_does() -> None:
    line = drawn(Progress(bytes_total=1, in_flight=3), stop=True)[-1]
    assert line == "Stopping: waiting for 3 requests in flight. Ctrl-C again leaves at once."


@pytest.mark.parametrize("width", [20, 40, 60, 200])
def test_the_display_keeps_to_its_lines_in_any_terminal(width: int) -> None:
    progress = Progress(
        rows_read=10**9,
        events_accepted=10**9,
        rows_rejected=10**6,
        bytes_read=10**12,
        bytes_total=10**13,
        source="a/very/long/path/" * 9,
        waiting_for="a long reason " * 9,
        retry_at=9999.0,
    )
    lines = drawn(progress, width=width)
    assert len(lines) == 4
    assert all(len(line) <= width for line in lines)


def test_a_terminal_is_left_as_it_was() -> None:
    stream = FakeTerminal()
    console = Console(file=stream, force_terminal=True, width=80)
    question = Question(voice=Voice(), signals=Signals(), yes=True)
    watcher = Terminal(console, question, threading.Event(), sends=True)
    watcher.started("r1", Progress(bytes_total=100))
    watcher.opened(VIEW)
    watcher.note("warning", "a remark [with brackets]")
    watcher.close()
    watcher.close()
    text = stream.getvalue()
    assert "a remark [with brackets]" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1


def test_the_mapping_names_who_said_it() -> None:
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as capture:
        for part in mapping_shown(VIEW):
            console.print(part)
    text = capture.get()
    assert "orders.csv: csv, delimiter ';'" in text
    assert "header  em ← email (lower-cased)" in text
    assert "unused  note" in text
    assert plain_lines(VIEW) == [
        "orders.csv: csv, delimiter ';'",
        'mapping: event_name ← "Purchase" (option), user_data.em ← email (header)',
        "columns that fill nothing: note",
        "event_id is derived from order_id",
    ]


@pytest.mark.parametrize(
    ("typed", "agreed"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_a_person_is_asked_once(monkeypatch: pytest.MonkeyPatch, typed: str, agreed: bool) -> None:
    stdin, stderr = FakeTerminal(typed), FakeTerminal()
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    assert Question(voice=Voice(no_color=True), signals=Signals(), yes=False).ask(ASKED) is agreed
    for words in ('{"event_name":"Purchase"}', "1,234.50 EUR", "first 400 rows", "dataset 1234567", "[y/N]"):
        assert words in stderr.getvalue()


@pytest.mark.parametrize(("yes", "terminal"), [(True, True), (False, False)])
def test_nobody_is_asked_with_yes_or_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, yes: bool, terminal: bool
) -> None:
    stderr = FakeTerminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stdin", FakeTerminal("n\n"))
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    assert Question(voice=Voice(), signals=Signals(), yes=yes).ask(ASKED) is True
    assert stderr.getvalue() == ""


def logged(capsys: pytest.CaptureFixture[str], **options: Any) -> list[dict[str, Any]]:
    log = JsonLog(**options)
    log.started("r1", Progress())
    log.opened(VIEW)
    log.note("debug", "detail")
    log.note("warning", "throttled", code=80004)
    assert log.confirm(ASKED) is True
    log.finished(Summary(run_id="r1", command="upload", dataset_id="1", dry_run=False, exit_code=3))
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_the_json_log_is_one_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = logged(capsys)
    assert [line["event"] for line in lines] == ["started", "opened", "note", "finished"]
    assert all(line["run_id"] == "r1" and line["at"].endswith("Z") for line in lines)
    assert lines[1]["mapping"][1]["filled_by"] == "email"
    assert (lines[2]["message"], lines[2]["code"], lines[2]["level"]) == ("throttled", 80004, "warning")
    assert (lines[3]["exit_code"], lines[3]["level"]) == (3, "error")


def test_the_json_log_says_more_or_less(capsys: pytest.CaptureFixture[str]) -> None:
    assert "detail" in [line.get("message") for line in logged(capsys, verbose=True)]
    assert [line["event"] for line in logged(capsys, quiet=True)] == ["finished"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (26_100_000, "26.1 MB"),
        (999_960, "1.0 MB"),
        (3e12, "3.0 TB"),
    ],
)
def test_sizes(number: float, expected: str) -> None:
    assert size(number) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (45.4, "45 s"),
        (59.7, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7620, "2 h 07 min"),
    ],
)
def test_spans(seconds: float, expected: str) -> None:
    assert span(seconds) == expected


def test_counts_and_rates() -> None:
    assert [counted(1, "row"), counted(0, "row"), counted(12_345, "row")] == [
        "1 row",
        "0 rows",
        "12,345 rows",
    ]
    assert [per_second(0), per_second(3.14), per_second(24_100.4)] == ["0/s", "3.1/s", "24,100/s"]


@pytest.mark.parametrize("width", [80, 120])
def test_mapping_and_summary_fit_one_screen_of_forty_lines(width: int) -> None:
    """However much was noticed, and wherever lines are folded; the gravest finding keeps its words and its mend."""
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=True, color_system=None)
    watcher = Terminal(
        console, Question(voice=Voice(), signals=Signals(), yes=True), threading.Event(), sends=False
    )
    lines = [
        MappingLine(f"user_data.{name}", f"column_of_{name}", "header", "hashed") for name in MATCH_KEYS[:14]
    ]
    watcher.opened(replace(VIEW, mapping=tuple(lines)))
    for note in range(3):
        watcher.note("info", f"something about the file that was settled on its first rows, number {note}")
    summary = Summary(run_id="r", command="validate", dataset_id=None, dry_run=False, exit_code=5)
    summary.rows_read, summary.rows_rejected, summary.rejects_path = 400, 400, "orders.rejects.csv"
    summary.sources = [SourceFacts("orders.csv", "csv", 400, 40_000, "orders.rejects.csv")]
    summary.findings = [
        FindingFacts(code, str(rule.severity), "", 9, [1, 2, 3, 4, 5], ["a•••"], fix=rule.fix)
        for code, rule in catalogue().items()
    ]
    message = "43% of the rows are bad (173 of 400); more than 10% are not accepted, so an upload would stop."
    summary.error = ErrorFacts(
        "x", message, "Look at the findings. If the rest should go, add --max-error-rate 0.48."
    )
    watcher.finished(summary)
    print_table(console, summary)
    told = [f"capi: {summary.error.message}", f"      {summary.error.hint}"]
    shown = screen.getvalue().rstrip("\n").split("\n") + told
    assert sum(max(1, -(-len(line) // width)) for line in shown) <= 40
    (first, *_) = [place for place, line in enumerate(shown) if line.startswith("error ")]
    assert any(line.startswith("         →") for line in shown[first : first + 5])

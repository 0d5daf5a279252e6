"""What `capi validate` shows: words for the gravest findings, a line for others, one screen for any file."""

import csv
import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from capi_cli.cli.next_command import next_steps
from capi_cli.cli.render.coverage import coverage_lines
from capi_cli.cli.render.findings import finding_lines
from capi_cli.cli.render.summary import print_table
from capi_cli.cli.settings import Said, Settings
from capi_cli.event.rules import catalogue
from capi_cli.runs.summary import AgeFacts, FindingFacts, Summary

LINES = 40


def facts(code: str, count: int = 3, field: str = "user_data.em", **more: object) -> FindingFacts:
    severity = str(catalogue()[code].severity)
    return FindingFacts(code, severity, field, count, [2, 3, 4][:count], **more)  # type: ignore[arg-type]


def told(findings: list[FindingFacts], width: int = 100, most: int = 20) -> list[str]:
    return [line.plain for line in finding_lines(findings, width=width, most=most)]


def screen(summary: Summary, width: int = 100) -> str:
    stream = io.StringIO()
    print_table(Console(file=stream, width=width), summary)
    return stream.getvalue()


def judged(**members: object) -> Summary:
    summary = Summary("20261116T120000Z-abc123", "validate", None, dry_run=False)
    for name, value in members.items():
        setattr(summary, name, value)
    return summary


def test_a_finding_says_where_what_and_how_to_mend_it() -> None:
    found = facts("time-date-only", 412, "event_time", samples=["20••-••-••"], detail="Europe/Berlin")
    assert told([found]) == [
        "warning  412 × time-date-only · event_time · rows 2, 3, 4, … · like 20••-••-••",
        "         A date without a time is read as 00:00 in Europe/Berlin.",
        "         → Map a column that holds the time too: --map event_time=COLUMN; or both columns, in",
        '           capi.toml under [event]: event_time = ["DATE_COLUMN", "TIME_COLUMN"].',
    ]


def test_errors_come_first_and_then_what_is_most_frequent() -> None:
    lines = told(
        [
            facts("event-name-custom", 9),
            facts("em-shape", 2),
            facts("hash-mixed", 7),
            facts("time-damaged", 1),
        ]
    )
    heads = [line.split(" × ")[1].split()[0] for line in lines if " × " in line]
    assert heads == ["time-damaged", "hash-mixed", "em-shape", "event-name-custom"]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("most", [8, 12, 20])
def test_never_more_lines_or_longer_ones_than_there_is_room(width: int, most: int) -> None:
    findings = [
        facts(code, place + 1, samples=["j•••@e•••.com"] * 3, detail="d" * 30)
        for place, code in enumerate(catalogue())
    ]
    for number in (0, 1, 2, 5, 9, len(findings)):
        lines = told(findings[:number], width, most)
        assert len(lines) <= most
        assert all(len(line) <= width for line in lines)
        named = sum(" × " in line for line in lines)
        left = int(lines[-1].split()[1]) if lines and "more finding" in lines[-1] else 0
        assert named + left == number


def test_a_code_of_meta_has_a_line_without_words() -> None:
    lines = told([FindingFacts("meta-100-2804003", "error", "", 2, [5, 9])])
    assert lines == ["error    2 × meta-100-2804003 · rows 5, 9"]


def test_coverage_is_drawn_as_bars() -> None:
    coverage = {"ph": 0.405, "em": 1.0, "client_user_agent": 0.004}
    lines = [line.plain for line in coverage_lines(coverage, width=70, most=5, ascii_only=False)]
    assert lines == [
        "  em          ████████████ 100%  ph          █████░░░░░░░  40%",
        "  client_use. █░░░░░░░░░░░  <1%",
    ]
    (line, _) = coverage_lines(coverage, width=70, most=5, ascii_only=True)
    assert line.plain.isascii()
    assert len(coverage_lines({f"k{n}": 1.0 for n in range(40)}, width=100, most=5, ascii_only=False)) == 5


def test_what_expires_soon_and_what_a_shop_may_still_send() -> None:
    ages = AgeFacts(expiring=((1, 0), (6, 7), (24, 1_300)), too_old=412, fit_for_store=388)
    out = screen(judged(exit_code=3, rows_read=2_000, rows_rejected=412, events_prepared=1_588, ages=ages))
    assert "Too old for Meta soon: 7 within 6 hours, 1,300 within 24 hours." in out
    assert (
        "388 of these 412 rows too old for Meta would be accepted as physical_store, if that is what they are."
    ) in " ".join(out.split())
    same = AgeFacts(expiring=((1, 5), (6, 5), (24, 5)))
    assert "soon: 5 within the hour. Upload" in screen(judged(rows_read=9, events_prepared=9, ages=same))
    assert "physical_store" not in screen(judged(rows_read=9, events_prepared=9))


def test_what_is_for_screens_alone_is_not_in_the_json_object() -> None:
    summary = judged(findings=[facts("em-shape", samples=["j•••"], detail="x")], next_steps=("Next: capi",))
    found = summary.as_json()
    assert not {"ages", "next_steps"} & found.keys()
    assert list(found["findings"][0]) == ["code", "severity", "field", "count", "example_rows"]


def test_the_next_command_is_the_same_with_upload_and_nothing_secret() -> None:
    argv = (
        "validate",
        "my orders.csv",
        "--set",
        "event_name=Purchase",
        "--set=em=jane@example.com",
        "--set",
        "ph=1234567",
        "--where",
        "status=paid,open",
        "--where=email=ben@example.com,jane@example.com",
        "--where",
        "phone=+491711234567",
    )
    lacking = next_steps(argv, Settings(said={}), {})
    assert lacking[0] == (
        "Next: capi upload 'my orders.csv' --set event_name=Purchase '--set=em=…' --set 'ph=…' "
        "--where status=paid,open '--where=email=…' --where 'phone=…' --dataset-id YOUR_DATASET_ID"
    )
    assert "META_ACCESS_TOKEN" in lacking[1]
    said = Settings(said={"dataset_id": Said(value="1234567", place="--dataset-id")})
    steps = next_steps((*argv[:2], "--dataset-id", "1234567"), said, {"META_ACCESS_TOKEN": "EAABsecret"})
    assert steps == ("Next: capi upload 'my orders.csv' --dataset-id 1234567",)


def test_more_than_forty_findings_fit_on_one_screen(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    soon = [(now - timedelta(hours=hours)).isoformat() for hours in (1, 5, 100, 167.5, 500, -3)]
    columns = {
        "order_id": ["A1", "A2", ""],
        "at": [*soon, "05/03/2026 10:11", "", "45356.4", "yesterday", "2026-11-20 10:11 CST", "1.7E+09"],
        "email": ["a@x.com", "bad", "a@b.c;d@e.f", "null", "a" * 64, "a" * 32, "j@@x", "<j@x.de>"],
        "phone": ["4.479E+11", "123", "+1 650 555 1212", "16505551212.0", "abc", "030 23125 001"],
        "first_name": ["Ann", "12345", "@@"],
        "birthday": ["1990-01-01", "01/02/1990", "1850-01-01", "x"],
        "zip": ["123", "94035-1234", "1.0"],
        "state": ["NY", "Narnia"],
        "country": ["US", "Atlantis", "DE", ""],
        "gender": ["f", "what"],
        "total": ["12.50", "1,5", "$5", "abc", "-3", "0", "1.5 EUR", "#REF!", "1.2E+05"],
        "currency": ["EUR", "XXX", "usd", "€", ""],
        "ip": ["10.0.0.1", "8.8.8.8", "bad"],
        "fbp": ["fb.1.1700000000000.123", "x"],
        "contents": ['[{"id":1}]', '[{"quantity":1}]', "{bad"],
        "coupon": ["x@y.com", "+49 171 1234567", "ok"],
    }  # fmt: skip
    with (tmp_path / "worst.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(columns)
        for row in range(900):
            lines.writerow(
                [cells[(row * 7 + place) % len(cells)] for place, cells in enumerate(columns.values())]
            )
        file.write('1,2,3\n"never closed,1\n')
    done = subprocess.run(
        [
            sys.executable, "-m", "capi_cli", "validate", "worst.csv", "--set", "event_name=purchase",
            "--set", "action_source=website", "--set", "event_source_url=https://shop.example/", "--map",
            "event_time=at", "--map", "custom_data.coupon=coupon", "--map",
            "contents=contents", "--map", "client_ip_address=ip",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 5
    assert len((done.stdout + done.stderr).splitlines()) <= LINES
    more = next(line for line in done.stdout.splitlines() if "more finding" in line)
    named = sum(" × " in line for line in done.stdout.splitlines())
    assert named + int(more.split()[1]) > 40
    assert "a@b.c" not in done.stdout + done.stderr

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import TOKEN, Capi, FakeRun


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("uplaod", "x.csv"), "Did you mean upload?"),
        (("upload", "x.csv", "--sandbox", "--concurency", "3"), "Did you mean --concurrency"),
        (
            ("validate", "x.csv", "--concurency", "3"),
            "Did you mean --concurrency? It is an option of other commands",
        ),
        (("validate", "x.csv", "--batch-size", "3"), "It is an option of other commands"),
        (("validate", "x.csv", "--qqqqq"), "`capi validate --help` shows what it takes."),
        (("upload", "x.csv", "--sandbox", "--dry_run"), "Did you mean --dry-run"),
        (("validate", "x.csv", "--batch-size", "3"), "capi validate has no option --batch-size."),
        (("upload",), "SOURCE"),
        (("upload", "x.csv", "--map"), "--map"),
        (("upload", "x.csv", "--sandbox", "--map", "em"), "Expected FIELD=COLUMN"),
        (("upload", "x.csv", "--sandbox", "--batch-size", "1001"), "from 1 to 1000"),
        (("upload", "x.csv", "--sandbox", "--output", "jsn"), "Did you mean json?"),
        (("upload", "-", "--sandbox"), "--format csv, jsonl or parquet"),
        (("upload", "", "--sandbox"), "SOURCE is empty"),
        (("upload", "x.csv", "--token", TOKEN), "META_ACCESS_TOKEN"),
        (("upload", "x.csv", f"--access-token={TOKEN}"), "META_ACCESS_TOKEN"),
        (("upload", "x.csv", f"--{TOKEN}"), "never said on the command line"),
        (("upload", "x.csv", "--dataset-id", TOKEN), "Events Manager"),
        (("explain", "zzzzzz"), "`capi explain` lists all codes."),
        ((), "upload"),
        (("--frobnicate",), "--help"),
    ],
)
def test_wrong_usage_ends_2_and_names_the_mend(capi: Capi, argv: tuple[str, ...], said: str) -> None:
    answer = capi(*argv)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert TOKEN not in answer.err + answer.out


def test_a_mistyped_constant_is_not_repeated(capi: Capi) -> None:
    answer = capi("upload", "x.csv", "--sandbox", "--set", "jane.doe@example.com")
    assert answer.code == 2
    assert "jane.doe" not in answer.err


@pytest.mark.parametrize("argv", [("--help",), ("-h",), ("upload", "--help"), ("validate", "-h")])
def test_help_ends_0(capi: Capi, argv: tuple[str, ...]) -> None:
    answer = capi(*argv)
    assert (answer.code, answer.err) == (0, "")
    assert "Usage: capi" in answer.out


def test_there_is_no_option_for_the_token(capi: Capi) -> None:
    text = capi("upload", "--help").out
    assert "--token-file" in text
    assert "--access-token" not in text
    assert "--token " not in text


CONTRACT = set(
    "run_id command dataset_id dry_run exit_code started_at finished_at duration_s sources rows_read rows_filtered "
    "rows_rejected rows_skipped rows_prepared events_prepared events_accepted events_rejected events_unknown "
    "events_unsent requests retries findings coverage rejects_path report_path".split()
)


@pytest.mark.parametrize(
    ("argv", "code", "word"),
    [
        (("upload", "x.csv", "--output", "json"), 12, "credentials"),
        (("upload", "x.csv", "--output=json", "--nonsense"), 2, "usage"),
        (("upload", "x.csv", "--sandbox", "--output", "json", "--config", "no.toml"), 10, "configuration"),
        (("upload", "x.csv", "--graph-url", "http://example.com", "--output", "json"), 12, "credentials"),
        (("frob", "--output", "json"), 2, "usage"),
    ],
)
def test_what_ends_before_a_run_is_a_summary_too(
    capi: Capi, argv: tuple[str, ...], code: int, word: str
) -> None:
    answer = capi(*argv)
    assert answer.code == code
    summary = answer.summary
    assert set(summary) == CONTRACT | {"error"}
    assert summary["exit_code"] == code
    assert set(summary["error"]) == {"code", "message", "hint"}
    assert summary["error"]["code"] == word
    assert (summary["rows_read"], summary["events_accepted"], summary["sources"]) == (0, 0, [])
    assert summary["command"] == ("" if argv[0] == "frob" else "upload")


def test_the_summary_of_a_run_has_the_contracts_shape(capi: Capi, fake: FakeRun) -> None:
    answer = capi("upload", "x.csv", "--sandbox", "--output", "json")
    assert answer.code == 0
    assert set(answer.summary) == CONTRACT
    assert answer.summary["started_at"] == "2026-11-16T12:00:00.500Z"
    assert answer.out.count("\n") == 1


def test_json_is_asked_for_by_environment_and_file(capi: Capi, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("capi.toml").write_text("output = 'json'")
    assert capi("upload", "x.csv").summary["error"]["code"] == "credentials"
    Path("capi.toml").unlink()
    monkeypatch.setenv("CAPI_OUTPUT", "json")
    assert capi("upload", "x.csv", "--nonsense").summary["error"]["code"] == "usage"


def test_errors_in_a_json_log_are_json(capi: Capi) -> None:
    answer = capi("upload", "x.csv", "--log-format", "json")
    assert answer.code == 12
    lines = [json.loads(line) for line in answer.err.splitlines()]
    assert [line["level"] for line in lines] == ["error"]
    assert lines[0]["code"] == "credentials"
    assert datetime.fromisoformat(lines[0]["at"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("--version",), "capi 0.1.0\n"),
        (("--version", "--output", "text"), "capi 0.1.0\n"),
    ],
)
def test_version(
    argv: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from capi_cli.__main__ import main

    monkeypatch.setattr(sys, "argv", ["capi", *argv])
    main()
    assert capsys.readouterr().out == expected


def test_version_as_an_object(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from capi_cli.__main__ import main

    monkeypatch.setattr(sys, "argv", ["capi", "--output=json", "--version"])
    main()
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"version", "python", "api_version"}
    assert (found["version"], found["api_version"]) == ("0.1.0", "v26.0")
    assert found["python"] == ".".join(str(part) for part in sys.version_info[:3])

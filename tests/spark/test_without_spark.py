"""Where pyspark is not installed: what is said, and that nothing of it is looked for before it is asked for."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from capi_cli import spark
from capi_cli.cli.app import main

OPTIONS = ("--engine", "spark", "--dry-run", "--output", "json")


def test_the_door_opens_without_pyspark_and_nothing_heavy_comes_in() -> None:
    code = (
        "import sys, capi_cli.spark\n"
        "print([name for name in ('pyspark', 'pandas', 'pyarrow', 'httpx') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is not None, reason="pyspark is here")
def test_the_engine_that_is_missing_is_named_with_its_mend(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["upload", "sales.orders", *OPTIONS, "--store", "/tmp/store"])
    error = capsys.readouterr().err
    assert code == 10
    assert "pyspark" in error
    assert "pip install 'capi-cli[spark]'" in error


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("a", "b"), 2, "one SOURCE"),
        (("-", "--format", "parquet"), 2, "one SOURCE"),
        (("orders",), 10, "--store LOCATION"),
        (("orders", "--store", "s", "--format", "csv"), 10, "csv"),
        (("orders", "--store", "s", "--delimiter", ";"), 10, "--delimiter means nothing to --engine spark"),
        (("orders", "--store", "s", "--report", "a.html"), 10, "--report"),
        (("orders", "--store", "s", "--state-dir", "x"), 10, "kept in --store"),
    ],
)
def test_what_the_engine_does_not_take(
    argv: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["upload", *argv, "--engine", "spark", "--sandbox"]) == code
    assert said in capsys.readouterr().err


def test_an_unknown_engine_names_the_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upload", "orders.csv", "--engine", "flink"]) == 2
    assert "spark" in capsys.readouterr().err


def test_a_local_run_takes_no_notice_of_the_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "orders.jsonl"
    source.write_text('{"email": "a@example.org", "event_time": "2026-01-01T00:00:00Z", "order_id": "1"}\n')
    argv = ["upload", str(source), "--engine", "local", "--dry-run", "--output", "json"]
    main([*argv, "--set", "event_name=Lead", "--set", "action_source=email", "--max-error-rate", "1"])
    assert json.loads(capsys.readouterr().out)["rows_read"] == 1


def test_what_may_be_given_several_times_is_one_or_several() -> None:
    typed = spark._typed({"suppress": Path("a.txt"), "set": {"currency": "EUR"}})
    assert typed == {"suppress": ["a.txt"], "set": ["currency=EUR"]}
    assert spark._typed({"suppress": ["a.txt", "b.csv"]}) == {"suppress": ["a.txt", "b.csv"]}

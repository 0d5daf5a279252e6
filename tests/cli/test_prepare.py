"""`capi prepare` and `capi upload DIR` as typed."""

import json
from pathlib import Path

import pytest

from capi_cli.cli.app import main
from tests.runs.promise import write_orders

SETS = ("--set", "event_name=Purchase", "--set", "action_source=physical_store", "--set", "currency=EUR")


def call(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


def test_what_is_prepared_is_uploaded(capsys: pytest.CaptureFixture[str]) -> None:
    write_orders(Path("orders.csv"), 20)
    code, out, err = call(capsys, "prepare", "orders.csv", "-o", "out", *SETS)
    assert code == 0
    assert "capi upload out" in out
    seal = json.loads(Path("out/manifest.json").read_bytes())["seal"]
    assert seal in err
    code, out, _ = call(capsys, "upload", "out", "--sandbox", "--output", "json")
    assert (code, json.loads(out)["events_accepted"]) == (0, 20)


def test_the_summary_of_prepare(capsys: pytest.CaptureFixture[str]) -> None:
    write_orders(Path("orders.csv"), 20)
    code, out, _ = call(
        capsys, "prepare", "orders.csv", "-o", "out", "--compress", "zstd", "--output", "json", *SETS
    )
    summary = json.loads(out)
    assert (code, summary["command"], summary["events_unsent"], summary["requests"]) == (0, "prepare", 20, 0)
    assert Path("out/part-00001.ndjson.zst").is_file()


def test_a_folder_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "prepare", "orders.csv")
    assert code == 2
    assert "-o DIR" in err


@pytest.mark.parametrize(
    "more", [("--map", "em=email"), ("--timezone", "Europe/Berlin"), ("--format", "csv")]
)
def test_a_prepared_folder_takes_no_options_about_columns(
    capsys: pytest.CaptureFixture[str], more: tuple[str, str]
) -> None:
    write_orders(Path("orders.csv"), 20)
    call(capsys, "prepare", "orders.csv", "-o", "out", *SETS)
    code, _, err = call(capsys, "upload", "out", "--sandbox", *more)
    assert code == 10
    assert more[0] in err

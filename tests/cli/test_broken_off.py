"""A source that breaks off: what was readable is judged, however early it broke and wherever its rows were then."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capi_cli.cli.app import main

EVENT = ("--set", "event_name=Purchase", "--set", "action_source=physical_store", "--set", "currency=EUR")


def write(path: Path, rows: int) -> int:
    """Write a download that broke off in its middle; return how many rows of it can be read."""
    start = datetime.now(UTC) - timedelta(hours=20)
    lines = [
        f"A-{number},zebra.{number * 7919 % 100_003}@example.org,12.50,{start + timedelta(seconds=number)}"
        for number in range(rows)
    ]
    packed = gzip.compress("\n".join(["order_id,email,total,created_at", *lines, ""]).encode())
    path.write_bytes(packed[: len(packed) // 2])
    readable = b""
    try:
        with gzip.open(path) as file:
            while piece := file.read1():
                readable += piece
    except EOFError:
        pass
    return readable.count(b"\n") - 1


@pytest.mark.parametrize(("rows", "workers"), [(3000, "1"), (40_000, "2")])
def test_rows_under_way_are_judged(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    rows: int,
    workers: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAPI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CAPI_WORKERS", workers)
    readable = write(tmp_path / "orders.csv.gz", rows)
    assert main(["upload", "orders.csv.gz", *EVENT, "--sandbox", "--output", "json"]) == 11
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert 0.9 * readable < found["rows_read"] == found["rows_prepared"] <= readable
    assert f"{found['rows_read']:,} rows were read before that" in err
    assert found["events_accepted"] == found["rows_read"]
    assert f"{found['rows_read']:,} events were accepted" in found["error"]["hint"]


def test_the_other_sources_are_sent_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    header = "order_id,email,total,created_at\n"
    for name in ("a", "c"):
        write(tmp_path / f"{name}.csv.gz", 3000)
    now = datetime.now(UTC) - timedelta(hours=1)
    for name in ("b", "d"):
        Path(f"{name}.csv").write_text(header + f"{name},zebra.{name}@example.org,5,{now}\n")
    assert main(["validate", ".", *EVENT, "--output", "json"]) == 11
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert [one["rows"] > 0 for one in found["sources"]] == [True] * 4
    assert found["rows_read"] == sum(one["rows"] for one in found["sources"])
    assert found["error"]["message"].startswith("2 sources could not be read to their ends")
    assert "a.csv.gz ends in the middle" in err
    assert "c.csv.gz ends in the middle" in err


def test_orders_that_may_go_on_wait_for_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "orders.csv.gz", 3000)
    Path("capi.toml").write_text('[group]\nby = "order_id"\n')
    assert main(["upload", "orders.csv.gz", *EVENT, "--sandbox", "--output", "json"]) == 11
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["rows_read"], found["events_accepted"]) == (0, 0)
    assert "orders whose rows may go on there were not judged" in err

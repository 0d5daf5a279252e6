"""The benchmarks' page: targets that are missed say so, and the chart is a picture."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def beside_the_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in ("chart", "contestants", "exports", "measure", "page", "suites"):
        sys.modules.pop(name, None)


def measured() -> object:
    from page import Measured

    speed = {
        "csv prepare capi": [1.0, 2.0, 1.0],
        "csv prepare script": [9.0, 9.0, 9.0],
        "csv prepare sdk": [25.0, 30.0, 25.0],
        "csv upload capi": [2.0, 2.0, 2.0],
        "csv upload script": [4.0, 4.0, 4.0],
        "csv upload sdk": [50.0, 50.0, 50.0],
        "csv upload again": [0.5, 0.5, 0.5],
        "csv upload without ledger": [1.9, 1.9, 1.9],
        "csv validate capi": [0.9, 0.9, 0.9],
        "csv ledger bytes": [21.0, 21.0, 21.0],
        "csv floor read": [0.1, 0.1, 0.1],
        "csv floor post": [0.2, 0.2, 0.2],
        "csv floor hash": [0.4, 0.4, 0.4],
    }
    start = {
        "start floor": [0.2],
        "start version": [0.02],
        "start help": [0.2],
        "start validate": [0.9],
    }
    return Measured(
        rows=300_000,
        sdk_rows=20_000,
        rounds=3,
        load=0.2,
        quick=False,
        speed=speed,
        start=start,
        memory={"300,000 rows of CSV": 310.0},
        scaling={},
        latency=(0.96, 0.3),
        judging={"judging_s": 0.1, "normalizing_s": 1.0},
        profile={
            "total_s": 2.0,
            "functions": [{"name": "a.py:1 f", "calls": 3, "own_s": 1.0, "with_callees_s": 1.5}],
        },
    )


def test_a_missed_target_says_by_how_much(tmp_path: Path) -> None:
    from page import write_page

    write_page(measured(), tmp_path)
    page = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert "| prepare CSV, to the SDK | 25.0 × | ≥ 20.0 × | yes |" in page
    assert "| upload CSV, to the hand-written script | 2.0 × | ≥ 2.5 × | no, 20% off |" in page
    assert "| peak memory, 300,000 rows of CSV | 310 MiB | ≤ 300 MiB | no, 3% off |" in page
    assert "| the ledger's share of the upload's time | 5% | ≤ 10% | yes |" in page
    assert "| upload, official SDK | 6,000/s (50.00 s) |" in page
    assert "| `a.py:1 f` | 3 | 1.000 s | 50% | 1.500 s |" in page


def test_the_chart_is_drawn_to_scale(tmp_path: Path) -> None:
    from page import write_page

    write_page(measured(), tmp_path)
    drawing = ElementTree.parse(tmp_path / "performance.svg").getroot()
    bars = [e for e in drawing.iter("{http://www.w3.org/2000/svg}rect") if e.get("height") == "13"]
    widths = [float(bar.get("width")) for bar in bars]
    assert len(widths) == 6
    assert widths[0] == max(widths)
    assert widths[0] / widths[3] == pytest.approx(2.0, rel=0.01)  # 300,000/s beside 150,000/s


def test_the_hot_path_is_watched_where_it_runs(tmp_path: Path) -> None:
    export, python = tmp_path / "orders.csv", [sys.executable, "-W", "ignore"]
    subprocess.run([*python, BENCHMARKS / "exports.py", "200", export], check=True)
    watched = subprocess.run(
        [*python, BENCHMARKS / "hot_path.py", "judging", export], check=True, capture_output=True
    )
    spent = json.loads(watched.stdout)
    assert set(spent) == {"judging_s", "normalizing_s"}
    assert min(spent.values()) > 0


def test_exports_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from exports import COLUMNS, columns

    now = datetime(2026, 11, 1, tzinfo=UTC)
    once, again = columns(50, 7, now), columns(50, 7, now)
    assert once == again
    assert tuple(once) == tuple(COLUMNS)
    assert columns(50, 8, now) != once

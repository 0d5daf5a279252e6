"""`--report` from the command line: where the page goes, when it is written, and what it must not hold."""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from capi_cli.cli.app import main
from capi_cli.errors import ConfigurationError
from capi_cli.report.page import check_place, write
from tests.report.facts import facts
from tests.report.html import Page

PEOPLE = ("jane.doe@example.com", "john_smith@gmail.com", "+1 650 555 1212", "Janeway", "Doetrich")
SETS = ("--set", "event_name=Purchase", "--set", "action_source=physical_store")


@dataclass(frozen=True)
class Ran:
    code: int
    summary: dict[str, Any]
    err: str


Capi = Callable[..., Ran]


@pytest.fixture
def capi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Capi:
    for name in list(os.environ):
        if name.startswith(("CAPI_", "META_", "FB_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)

    def call(*argv: str) -> Ran:
        code = main([*argv, "--output", "json", "--state-dir", str(tmp_path / "state")])
        out, err = capsys.readouterr()
        return Ran(code, json.loads(out), err)

    return call


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Four good rows, one without an amount, and a column named like an attack."""
    at = (datetime.now(UTC) - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hashlib.sha256(b"jane.doe@example.com").hexdigest()
    lines = ["email,phone,first_name,last_name,order_id,created_at,total,currency,<script>alert(1)</script>"]
    for number, email in enumerate([PEOPLE[0], PEOPLE[1], digest, PEOPLE[0], PEOPLE[1]]):
        total = "abc" if number == 4 else f"{number + 1}5.50"
        lines.append(f"{email},{PEOPLE[2]},{PEOPLE[3]},{PEOPLE[4]},{number},{at},{total},EUR,<b>{number}")
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_upload_writes_a_page_with_its_own_totals_and_nobody_s_data(
    capi: Capi, orders: Path, tmp_path: Path
) -> None:
    ran = capi(
        "upload", str(orders), *SETS, "--sandbox", "-y", "--max-error-rate", "1", "--report", "page.html"
    )
    assert ran.code == 3 and ran.summary["report_path"] == "page.html"
    path = tmp_path / "page.html"
    html = path.read_text()
    words = Page(html).words
    assert f"{ran.summary['events_accepted']} events accepted; 1 row rejected." in words
    assert "4 events prepared = 4 accepted + 0 rejected + 0 unknown + 0 unsent" in words
    assert "122 EUR" in words and "Purchase 4 100%" in words and "orders.rejects.csv" in words
    assert "1 accepted" in words  # the one receipt
    for personal in (*PEOPLE, hashlib.sha256(PEOPLE[0].encode()).hexdigest(), "6505551212"):
        assert personal not in html and personal.lower() not in html
    assert "<script>" not in html and "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".page*"))


def test_validate_writes_a_page_also_where_it_stops(capi: Capi, orders: Path, tmp_path: Path) -> None:
    ran = capi("validate", str(orders), *SETS, "--report", "page.html")
    assert ran.code == 5 and ran.summary["error"]["code"] == "too-many-bad-rows"
    words = Page((tmp_path / "page.html").read_text()).words
    assert "Stopped: 1 of 5 rows rejected." in words and ran.summary["error"]["message"] in words
    assert "The cell can't be read as a number." in words


def test_a_run_that_read_nothing_writes_none(capi: Capi, tmp_path: Path) -> None:
    ran = capi("validate", str(tmp_path / "missing.csv"), "--report", "page.html")
    assert ran.code == 11 and ran.summary["report_path"] is None
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("place", ["nowhere/page.html", "folder.html"])
def test_a_place_that_can_not_be_written_ends_the_run_before_it_begins(
    capi: Capi, orders: Path, tmp_path: Path, place: str
) -> None:
    (tmp_path / "folder.html").mkdir()
    ran = capi("upload", str(orders), *SETS, "--sandbox", "-y", "--report", place)
    assert ran.code == 10 and ran.summary["rows_read"] == 0 and "--report" in ran.summary["error"]["hint"]


def test_a_source_is_never_taken_for_the_page(capi: Capi, orders: Path) -> None:
    before = orders.read_bytes()
    ran = capi("validate", str(orders), *SETS, "--report", str(orders))
    assert ran.code == 2 and "ends in .html" in ran.err
    assert orders.read_bytes() == before


def test_a_disk_that_fills_during_the_run_is_told(
    capi: Capi, orders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object, path: Path) -> None:
        raise ConfigurationError(
            f"The report {path} can't be written: No space left on device.", "Make room."
        )

    monkeypatch.setattr("capi_cli.report.page.write", refuse)
    ran = capi("validate", str(orders), *SETS, "--max-error-rate", "1", "--report", "page.html")
    assert (ran.code, ran.summary["report_path"]) == (10, None)
    assert ran.summary["rows_read"] == 5 and "No space left" in ran.summary["error"]["message"]


def test_an_older_page_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    path.write_text("older")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as failing, pytest.raises(ConfigurationError, match="No space left"):
        failing.setattr(os, "fsync", fail)
        write(facts(), path)
    assert path.read_text() == "older" and [one.name for one in tmp_path.iterdir()] == ["page.html"]
    write(facts(), path)
    assert path.read_text().startswith("<!DOCTYPE html>")


def test_looking_for_a_place_leaves_nothing_behind(tmp_path: Path) -> None:
    check_place(tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []

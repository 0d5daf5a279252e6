"""Where every row fails by one finding that an option mends, the run ends 10 with that mend, and the mend is true."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capi_cli.cli.app import main
from capi_cli.runs.gate import MENDABLE, MENDABLE_WHERE_UNFILLED

GOOD = {
    "event_name": "Purchase",
    "event_time": "2026-08-31T10:00:00Z",
    "action_source": "email",
    "value": "5.50",
    "currency": "EUR",
}
MESSAGING = {
    "action_source": "business_messaging",
    "ctwa_clid": "AR-k",
    "whatsapp_business_account_id": "12345",
}
ZONED = 'event_time = { column = "event_time", format = "%Y-%m-%d %H:%M EST", timezone = "America/New_York" }'
LAYOUT = 'event_time = { column = "event_time", format = "%d/%m/%Y" }'
OTHER = 'event_time = { column = "event_time", format = "%Y-%m-%d" }'
# code, cells of every row (None takes the column out), what was said, what mends it
CASES: list[tuple[str, dict[str, str | None], tuple[str, ...], tuple[str, ...]]] = [
    ("time-zone-missing", {"event_time": "2026-08-31 10:00"}, (), ("--timezone", "Europe/Berlin")),
    ("time-zone-name", {"event_time": "2026-08-31 10:00 EST"}, (), (ZONED,)),
    ("time-format-unknown", {"event_time": "31.08.2026"}, ("--timezone", "UTC"), ("layout",)),
    (
        "time-day-or-month",
        {"event_time": "08/08/2026", "action_source": "physical_store"},
        ("--timezone", "UTC"),
        ("layout",),
    ),
    ("time-format-differs", {"event_time": "2026-08-31"}, (LAYOUT, "--timezone", "UTC"), (OTHER,)),
    ("time-excel-serial", {"event_time": "46265.5"}, (), ()),
    ("number-comma", {"value": "5,50"}, (), ("--decimal", ",")),
    ("number-decimal-contradicts", {}, ("--decimal", ","), ("--decimal", ".")),
    ("event-name-missing", {"event_name": ""}, (), ("--set", "event_name=Purchase")),
    (
        "event-time-missing",
        {"event_time": "", "sold": "2026-08-31T10:00:00Z"},
        (),
        ("--map", "event_time=sold"),
    ),
    ("action-source-missing", {"action_source": ""}, (), ("--set", "action_source=email")),
    ("action-source-unknown", {"action_source": "kiosk"}, (), ("--set", "action_source=email")),
    ("currency-unknown", {"currency": "Dollars"}, (), ("--set", "currency=USD")),
    ("purchase-without-currency", {"currency": None}, (), ("--set", "currency=USD")),
    ("value-without-currency", {"event_name": "Lead", "currency": None}, (), ("--set", "currency=USD")),
    (
        "website-without-url",
        {"action_source": "website"},
        (),
        ("--set", "event_source_url=https://shop.example/"),
    ),
    ("messaging-without-channel", MESSAGING, (), ("--set", "messaging_channel=whatsapp")),
    ("purchase-without-value", {"value": None, "paid": "5.50"}, (), ("--map", "value=paid")),
]
Validate = Callable[..., dict[str, Any]]


@pytest.fixture
def validate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Validate:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAPI_NOW", "2026-09-01T12:00:00+00:00")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CAPI_WORKERS", "1")

    def call(*said: str) -> dict[str, Any]:
        """Validate; a line for capi.toml among what is said is written there, `layout` stands for the error's own."""
        entries = [one for one in said if one.startswith("event_time = ")]
        if entries:
            Path("capi.toml").write_text("[event]\n" + entries[-1] + "\n")
        main(("validate", "a.csv", *(one for one in said if one not in entries), "--output", "json"))
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return call


@pytest.mark.parametrize(("code", "cells", "said", "mend"), CASES, ids=[case[0] for case in CASES])
def test_the_mend_is_told_and_true(
    validate: Validate, code: str, cells: dict[str, str | None], said: tuple[str, ...], mend: tuple[str, ...]
) -> None:
    columns = {name: cell for name, cell in (GOOD | cells).items() if cell is not None}
    with Path("a.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "order_id", "email"])
        writer.writerows([*columns.values(), f"{n}", f"m{n}@example.org"] for n in range(5))
    found = validate(*said)
    assert (found["exit_code"], found["error"]["code"]) == (10, "every-row"), found
    assert [one["code"] for one in found["findings"] if one["severity"] == "error"] == [code]
    assert found["error"]["message"].startswith("All 5 rows fail alike: ")
    assert found["rejects_path"] is None
    assert not list(Path().glob("*rejects*"))
    hint = found["error"]["hint"]
    if mend == ("layout",):
        mend = (next(line.strip() for line in hint.splitlines() if line.strip().startswith("event_time = ")),)
    for word in mend:
        if word.startswith("--"):
            assert word in hint
    if mend:  # a spreadsheet's day numbers are mended in the spreadsheet
        stays = (
            ()
            if mend[0] == "--decimal"
            else tuple(one for one in said if not one.startswith("event_time = "))
        )
        again = validate(*stays, *mend)
        assert (again["exit_code"], again["rows_prepared"]) == (0, 5), again


def test_no_other_finding_ends_so() -> None:
    assert {case[0] for case in CASES} == MENDABLE | MENDABLE_WHERE_UNFILLED.keys()


def test_one_good_row_makes_it_a_matter_of_rows(validate: Validate) -> None:
    Path("a.csv").write_text(
        "event_name,event_time,action_source,value,currency,order_id,email\n"
        "Purchase,2026-08-31T10:00:00Z,kiosk,5,EUR,1,a@x.com\nPurchase,2026-08-31T10:00:00Z,email,5,EUR,2,b@x.com\n"
    )
    assert validate()["exit_code"] == 5
    assert Path("a.rejects.csv").exists()


def test_empty_cells_of_a_mapped_column_are_the_files_fault(validate: Validate) -> None:
    Path("a.csv").write_text(
        "event_name,event_time,action_source,value,currency,order_id,email\n"
        "Purchase,2026-08-31T10:00:00Z,email,,EUR,1,a@x.com\n"
    )
    assert validate()["exit_code"] == 5


def test_what_else_every_row_needs_is_told_with_the_first_mend(validate: Validate) -> None:
    cells = "".join(f"2{n}.11.2026 10:00,1.234,m{n}@example.org\n" for n in range(4, 9))
    cells = cells.replace("1.234", '"1.234,50"')
    Path("a.csv").write_text("created_at,total,email\n" + cells)
    found = validate(
        "--set", "event_name=Purchase", "--set", "action_source=physical_store", "--timezone", "UTC"
    )
    assert (found["exit_code"], found["error"]["code"]) == (10, "every-row"), found
    hint = found["error"]["hint"]
    assert "event_time = " in hint
    assert "--set currency=" in hint

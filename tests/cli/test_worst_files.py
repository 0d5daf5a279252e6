"""The worst files that people bring: the screen alone says what to do next, and doing it leads to an upload."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

STORE = ("--set", "event_name=Purchase", "--set", "action_source=physical_store")
NOW = datetime.now(UTC)


def capi(folder: Path, *argv: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "capi_cli", *argv],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert len((done.stdout + done.stderr).splitlines()) <= 40
    return done.returncode, done.stdout, done.stderr


def german(folder: Path) -> None:
    """What a German Excel saves: cp1252, semicolons, days before months, decimal commas, rounded phones."""
    lines = ["Bestellnr;Datum;Vorname;E-Mail;Telefon;Ort;Betrag"]
    for row in range(60):
        at = NOW - timedelta(hours=2 + row, minutes=7 * row)
        phone = "4.479E+11" if row % 2 else f"0171 23123{row:02}"
        lines.append(f"{row};{at:%d.%m.%Y %H:%M};Jürgen;j{row}@web.de;{phone};München;{row + 5},90")
    (folder / "orders.csv").write_bytes("\r\n".join(lines).encode("cp1252"))


def test_a_german_spreadsheet_is_led_to_an_upload(tmp_path: Path) -> None:
    german(tmp_path)
    code, _, err = capi(tmp_path, "validate", "orders.csv", *STORE)
    assert code == 11
    assert "--encoding cp1252" in err
    said = [*STORE, "--encoding", "cp1252"]
    code, _, err = capi(tmp_path, "validate", "orders.csv", *said)
    assert code == 10
    assert '--map event_time=COLUMN (perhaps "Datum")' in err
    said += ["--map", "event_time=Datum"]
    code, out, err = capi(tmp_path, "validate", "orders.csv", *said)
    assert code == 10
    assert "--decimal ," in out
    assert "--set currency=EUR" in out
    assert 'event_time = { column = "Datum", format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin" }' in err
    assert not (tmp_path / "orders.rejects.csv").exists()
    (tmp_path / "capi.toml").write_text("\n".join(err.splitlines()[-2:]), encoding="utf-8")
    said = [*said[:-2], "--decimal", ",", "--set", "currency=EUR"]
    code, out, _ = capi(tmp_path, "validate", "orders.csv", *said)
    assert code == 0
    assert "30 × ph-spreadsheet" in out
    assert "--default-country" in out
    command = next(line for line in out.splitlines() if line.startswith("Next: "))
    assert command.startswith("Next: capi upload orders.csv --set event_name=Purchase")
    assert "--sandbox" in out


def test_american_dates_are_told_with_both_layouts(tmp_path: Path) -> None:
    rows = [f"a{row}@x.com,03/0{row % 9 + 1}/2026 10:1{row % 10},5,USD,{row}" for row in range(30)]
    header = "email,created_at,total,currency,order_id"
    (tmp_path / "us.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    code, _, err = capi(tmp_path, "validate", "us.csv", *STORE, "--timezone", "America/New_York")
    assert code == 10
    assert 'column = "created_at", format = "%d/%m/%Y %H:%M", timezone = "America/New_York"' in err
    assert 'or with format = "%m/%d/%Y %H:%M"' in err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<!DOCTYPE html><html><body>Please log in</body></html>", "is an HTML page"),
        ("a1@x.com,+491712312345,12.50\na2@x.com,+491712312346,9.90\n", "--columns"),
        ("Sales report\n\nstore,email,date,amount\nS1,a@x.com,2026-11-20,5\n", "--skip-lines"),
        ("", "empty"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "x.csv").write_text(content, encoding="utf-8")
    code, out, err = capi(tmp_path, "validate", "x.csv", *STORE)
    assert code == 11
    assert told in err
    assert out == "Nothing was read, so nothing was judged.\n"


def test_an_old_export_learns_what_a_shop_may_still_send(tmp_path: Path) -> None:
    rows = [
        f"p{day}@x.com,{NOW - timedelta(days=day, minutes=day):%Y-%m-%dT%H:%M:%SZ},{day},EUR,{day}"
        for day in range(90)
    ]
    header = "email,created_at,total,currency,order_id"
    (tmp_path / "old.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    online = ("--set", "event_name=Purchase", "--set", "action_source=phone_call")
    code, out, _ = capi(tmp_path, "validate", "old.csv", *online)
    assert code == 3
    assert "55 of these 83 rows too old for Meta would be accepted as physical_store, if that is" in out
    code, out, _ = capi(tmp_path, "validate", "old.csv", *online, "--since", "7d")
    assert code == 0


def test_a_file_of_nobody_stops(tmp_path: Path) -> None:
    rows = [f"Paris,f,{NOW:%Y-%m-%d},{row}.00,{row}" for row in range(40)]
    (tmp_path / "who.csv").write_text(
        "\n".join(["city,gender,created_at,total,order_id", *rows]), encoding="utf-8"
    )
    code, out, err = capi(
        tmp_path, "validate", "who.csv", *STORE, "--set", "currency=EUR", "--timezone", "UTC"
    )
    assert code == 5
    assert out.startswith("Stopped: 40 of 40 rows can't be sent as they are.\n")
    assert "40 × user-data-weak" in out
    assert "--map em=COLUMN" in out
    assert "--max-error-rate" not in err, "there is no rest that could go"

"""`db` and its parts, from a table checked by hand, and the order that a column's first rows settle."""

from datetime import date

import pytest

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.birth import (
    BirthFormat,
    Order,
    normalize_birth_date,
    normalize_birth_day,
    normalize_birth_month,
    normalize_birth_year,
    settle_birth_format,
)
from tests.event.tables import read_table

TODAY = date(2026, 9, 30)


@pytest.mark.parametrize(
    "row", read_table("birth_dates.tsv"), ids=lambda row: f"{row['raw']}|{row['format']}"
)
def test_a_date_of_birth(row: dict[str, str]) -> None:
    found = normalize_birth_date(row["raw"], date_format=row["format"] or None, today=TODAY)
    assert found == (Finding(row["finding"]) if row["finding"] else row["normalized"])


@pytest.mark.parametrize(
    ("cells", "order", "date_format"),
    [
        (["02/03/1997", "16/02/1997"], Order.DAY_FIRST, "%d/%m/%Y"),
        (["16.02.1997"], Order.DAY_FIRST, "%d/%m/%Y"),
        (["1-2-1990", "31-12-1990", ""], Order.DAY_FIRST, "%d/%m/%Y"),
        (["02/03/1997", "2/16/1997"], Order.MONTH_FIRST, "%m/%d/%Y"),
        (["02/16/1997 00:00:00"], Order.MONTH_FIRST, "%m/%d/%Y"),
        (["02/03/1997", "", "null"], Order.UNSETTLED, None),
        (["16/02/1997", "02/16/1997"], Order.CONTRADICTORY, None),
        (["1997-02-16", "19970216", ""], Order.UNNEEDED, None),
        (["16/02/97"], Order.UNNEEDED, None),
        (["99/99/1997", "02/03/1997"], Order.UNSETTLED, None),
        ([], Order.UNNEEDED, None),
    ],
)
def test_a_value_above_12_settles_the_column(cells: list[str], order: Order, date_format: str | None) -> None:
    found = settle_birth_format(cells)
    assert found == BirthFormat(order)
    assert found.format == date_format


def test_only_the_first_ten_thousand_rows_settle() -> None:
    assert settle_birth_format(["02/03/1997"] * 9_999 + ["16/02/1997"]).order is Order.DAY_FIRST
    assert settle_birth_format(["02/03/1997"] * 10_000 + ["16/02/1997"]).order is Order.UNSETTLED


@pytest.mark.parametrize(
    ("raw", "wanted"), [("1997", "1997"), ("1900", "1900"), ("2026", "2026"), ("1997.0", "1997")]
)
def test_a_year_of_birth(raw: str, wanted: str) -> None:
    assert normalize_birth_year(raw, today=TODAY) == wanted


@pytest.mark.parametrize("raw", ["97", "1899", "2027", "19970216", "abcd", "0"])
def test_no_year_of_birth(raw: str) -> None:
    assert normalize_birth_year(raw, today=TODAY) == Finding("doby-range")


def test_months_and_days_have_two_digits() -> None:
    assert [normalize_birth_month(raw) for raw in ("2", "02", "12", "2.0")] == ["02", "02", "12", "02"]
    assert [normalize_birth_day(raw) for raw in ("2", "02", "31")] == ["02", "02", "31"]


@pytest.mark.parametrize("raw", ["0", "00", "Feb", "-1", "1.5"])
def test_no_month_and_no_day(raw: str) -> None:
    assert normalize_birth_month(raw) == Finding("dobm-range")
    assert normalize_birth_day(raw) == Finding("dobd-range")


def test_a_year_has_12_months_of_at_most_31_days() -> None:
    assert normalize_birth_month("13") == Finding("dobm-range")
    assert normalize_birth_day("32") == Finding("dobd-range")

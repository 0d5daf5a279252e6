"""Numbers and money: a table checked by hand, and properties against decimal."""

from decimal import Decimal

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.money import (
    CURRENCIES,
    currencies_meant,
    decimal_text,
    normalize_currency,
    normalize_number,
    normalize_value,
)


def symbol(kept: str) -> Finding:
    return Finding("number-symbol", kept)


COMMA = Finding("number-comma")
UNREADABLE = Finding("number-unreadable")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19.99", "19.99"),
        ("19.90", "19.9"),
        ("20.00", "20"),
        ("20", "20"),
        ("007.50", "7.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0", "0"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("-12.5", "-12.5"),
        ("+12.5", "12.5"),
        ("\u221212.5", "-12.5"),
        ("12.50-", "-12.5"),
        ("(12.50)", "-12.5"),
        (" 12.5\u00a0", "12.5"),
        ("1,234.56", "1234.56"),
        ("1,234,567.80", "1234567.8"),
        ("1,23,456.78", "123456.78"),  # India groups so
        ("1 234.50", "1234.5"),
        ("1\u202f234", "1234"),
        ("1'234.50", "1234.5"),
        ("19.990000000000002", "19.99"),
        ("0.30000000000000004", "0.3"),
        ("9.9999999999999999", "10"),
        ("12345678901234567890.12", "12345678901234567890.12"),
        ("", None),
        (" ", None),
        ("1,234", COMMA),
        ("12,5", COMMA),
        ("1.234,56", COMMA),
        ("1,234,567", COMMA),
        ("1.234.567", COMMA),
        ("12,34.5", COMMA),
        ("NaN", Finding("number-not-finite")),
        ("-Infinity", Finding("number-not-finite")),
        ("inf", Finding("number-not-finite")),
        ("1E3", Finding("number-scientific", "1000")),
        ("-1.5e-2", Finding("number-scientific", "-0.015")),
        ("1e999", UNREADABLE),
        ("1 23", UNREADABLE),
        ("abc", UNREADABLE),
        (".", UNREADABLE),
        ("12 kg", UNREADABLE),
        ("#REF!", UNREADABLE),
        ("٣", UNREADABLE),
        ("9" * 31, UNREADABLE),
        ("9" * 100_000, UNREADABLE),
        ("$1,234.56", symbol("1234.56")),
        ("€ 12", symbol("12")),
        ("12.50 USD", symbol("12.5")),
        ("USD 12.50", symbol("12.5")),
        ("12.50usd", symbol("12.5")),
        ("-$12", symbol("-12")),
        ("$-12", symbol("-12")),
        ("$.50", symbol("0.5")),
        ("Rs.500", symbol("500")),
        ("kr 1 234.50", symbol("1234.5")),
        ("1'234.50 CHF", symbol("1234.5")),
        ("R$ 10.00", symbol("10")),
        ("$12.50 USD", symbol("12.5")),
        ("12 zł", symbol("12")),
        ("€12 USD", Finding("value-currency-contradicts")),
    ],
)
def test_numbers_without_a_word_about_the_decimal_sign(text: str, expected: object) -> None:
    assert normalize_number(text, decimal=None) == expected


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1.234,56", ",", "1234.56"),
        ("19,90", ",", "19.9"),
        ("1.234", ",", "1234"),
        ("1234", ",", "1234"),
        ("-5,00", ",", "-5"),
        ("1 234,56 €", ",", symbol("1234.56")),
        ("19.90", ",", Finding("number-decimal-contradicts", None, ",")),
        ("1,234.56", ",", Finding("number-decimal-contradicts", None, ",")),
        ("1,234", ".", "1234"),
        ("1,234.56", ".", "1234.56"),
        ("19.90", ".", "19.9"),
        ("12,5", ".", Finding("number-decimal-contradicts", None, ".")),
        ("1.234,56", ".", Finding("number-decimal-contradicts", None, ".")),
    ],
)
def test_numbers_with_the_decimal_sign_named(text: str, decimal: str, expected: object) -> None:
    assert normalize_number(text, decimal=decimal) == expected


@pytest.mark.parametrize(
    ("text", "currency", "contradicts"),
    [
        ("$5", "USD", False),
        ("$5", "CAD", False),
        ("$5", "EUR", True),
        ("5 €", "EUR", False),
        ("5 €", "USD", True),
        ("£5", "GBP", False),
        ("5 kr", "SEK", False),
        ("5 kr", "EUR", True),
        ("5 EUR", "EUR", False),
        ("5 EUR", "CHF", True),
        ("5", "EUR", False),
    ],
)
def test_a_sign_is_held_against_the_rows_currency(text: str, currency: str, contradicts: bool) -> None:
    found = normalize_value(text, decimal=None, currency=currency)
    if contradicts:
        assert found == Finding("value-currency-contradicts", None, f" ({currency})")
    else:
        assert (found.kept if isinstance(found, Finding) else found) == "5"


def test_what_a_sign_allows_can_be_asked_alone() -> None:
    assert currencies_meant("12 €") == {"EUR"}
    assert {"USD", "CAD"} <= currencies_meant("-$12")
    assert currencies_meant("12.50") == frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EUR", "EUR"),
        ("eur", "EUR"),
        (" usd\u00a0", "USD"),
        ("", None),
        ("€", Finding("currency-symbol", "EUR", "EUR")),
        ("US$", Finding("currency-symbol", "USD", "USD")),
        ("$", Finding("currency-unknown", None, "")),
        ("Dollar", Finding("currency-unknown", None, "")),
        ("XXX", Finding("currency-unknown", None, ": XXX")),
        ("ana@example.com", Finding("currency-unknown", None, "")),
    ],
)
def test_currencies(text: str, expected: object) -> None:
    assert normalize_currency(text) == expected


def test_the_table_of_currencies_is_that_of_iso_4217() -> None:
    """Countries change currencies now and then; more than a few differences mean a slip in the table."""
    published = {currency.alpha_3 for currency in pycountry.currencies}
    money = {code for code in published if not code.startswith("X")} | {"XAF", "XCD", "XOF", "XPF"}
    assert len(CURRENCIES - money) <= 8, CURRENCIES - money
    unlisted = money - CURRENCIES
    funds = {"BOV", "CHE", "CHW", "COU", "MXV", "USN", "UYI", "UYW"}
    assert len(unlisted - funds) <= 4, unlisted


amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=8, allow_nan=False, allow_infinity=False)


def grouped(amount: Decimal, places: int) -> str:
    return f"{amount:,.{places}f}"


@given(amounts)
def test_plain_decimals_are_exact(amount: Decimal) -> None:
    found = normalize_number(f"{amount:f}", decimal=None)
    assert isinstance(found, str)
    assert Decimal(found) == amount


@given(amounts, st.integers(1, 4))
def test_both_ways_of_grouping_give_the_same_number(amount: Decimal, places: int) -> None:
    english = grouped(amount, places)
    german = english.translate(str.maketrans(",.", ".,"))
    expected = Decimal(f"{amount:.{places}f}")
    for text, decimal in ((english, "."), (english, None), (german, ",")):
        found = normalize_number(text, decimal=decimal)
        assert isinstance(found, str), (text, found)
        assert Decimal(found) == expected


@given(amounts)
def test_one_amount_has_one_form(amount: Decimal) -> None:
    plain = normalize_number(f"{amount:f}", decimal=None)
    assert plain == normalize_number(f"{amount:f}000"[:39], decimal=None) == decimal_text(amount)
    assert isinstance(plain, str)
    assert "e" not in plain.lower()
    assert plain != "-0"
    assert normalize_number(plain, decimal=None) == plain


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**4))
def test_sums_of_doubles_lose_their_noise(cents: int, count: int) -> None:
    price = cents / 100
    total = sum([price] * min(count, 50))
    found = normalize_number(repr(total), decimal=None)
    value = found.kept if isinstance(found, Finding) else found
    assert value is not None
    assert abs(Decimal(value) - Decimal(cents) * min(count, 50) / 100) < Decimal("0.0001")


@given(st.text(max_size=30), st.sampled_from([None, ",", "."]))
def test_any_text_gives_a_json_number_or_a_finding(text: str, decimal: str | None) -> None:
    found = normalize_number(text, decimal=decimal)
    value = found.kept if isinstance(found, Finding) else found
    if value is not None:
        assert Decimal(value).is_finite()
        assert value.lstrip("-")[0].isdigit()

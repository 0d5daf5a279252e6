"""The Arrow twins say what the scalar normalizers say, wherever they say anything."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from capi_cli.event.normalize.keys import KeySettings, normalized
from capi_cli.prepare.distinct import distinct, pairs
from capi_cli.prepare.quick import quick

SETTINGS = KeySettings(today=date(2026, 11, 23))
_COUNTRIES = [
    "US",
    "CA",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "BR",
    "MX",
    "RU",
    "AU",
    "IN",
    "JP",
    "SE",
    "AR",
    "NO",
    "CH",
    "KZ",
]
KEYS = ("em", "fn", "ln", "ct", "external_id", "db")

_odd = st.sampled_from(
    [
        *(
            "null",
            "NaN",
            "na",
            "n/a",
            "-",
            "undefined",
            " x",
            "x ",
            "É",
            "a b",
            "a  b",
            "null null",
            "St.Louis",
        ),
        *("a@b.c", "mailto:a@b.co", "a@b..c", "a.@b.c", "O'Brien", "Saint Louis"),
        *("1997-02-30", "1997-02-16", "2096-02-16", "1899-12-31", "2026-11-23", "2026-11-24", "1900-01-01"),
        *("A" * 31, "a" * 32, "0" * 32, "f" * 64),
    ]
)
_emails = st.from_regex(r"[A-Za-z0-9._%+'-]{1,12}@[A-Za-z0-9.-]{1,14}", fullmatch=True)
_words = st.text(st.sampled_from("abcXYZéß '-_.@0129"), max_size=12)
_days = st.dates(date(1890, 1, 1), date(2030, 1, 1)).map(str)
_values = st.lists(_odd | _emails | _words | _days, min_size=1, max_size=30, unique=True)


@pytest.mark.parametrize("name", KEYS)
@settings(max_examples=60, deadline=None)
@given(values=_values)
def test_a_twin_agrees_with_its_rule_or_is_silent(name: str, values: list[str]) -> None:
    found = quick(name, pa.array(values, pa.string()), SETTINGS)
    if found is None:
        return
    for value, text in zip(values, found.to_pylist(), strict=True):
        if text is not None:
            assert normalized(name, value, country=None, settings=SETTINGS) == text


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("em", "John_Smith@gmail.com", "john_smith@gmail.com"),
        ("fn", "Mary", "mary"),
        ("ct", "New York", "newyork"),
        ("external_id", "C-0042", "c-0042"),
        ("db", "1997-02-16", "19970216"),
    ],
)
def test_the_common_shapes_are_read_at_once(name: str, value: str, expected: str) -> None:
    found = quick(name, pa.array([value]), SETTINGS)
    assert found is not None
    assert found.to_pylist() == [expected]


@pytest.mark.parametrize(("name", "value"), [("em", "not an address"), ("fn", "null"), ("db", "16.02.1997")])
def test_what_needs_a_decision_is_left_to_the_rule(name: str, value: str) -> None:
    found = quick(name, pa.array([value]), SETTINGS)
    assert found is not None
    assert found.to_pylist() == [None]


_phones = st.sampled_from(
    [
        "{}",
        "+1 {}",
        "+44{}",
        "0{}",
        "00{}",
        "({}) 55",
        "0049 {}",
        "+49 (0){}",
        "8{}",
        "+7 {}",
        "{}.0",
        "011{}",
    ]
)


@example([("{}", "+47 00000", "NO"), ("{}", "00000", "NO")])
@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(
            _phones, st.from_regex(r"[0-9]{2,4}[ .-]?[0-9]{3,8}", fullmatch=True), st.sampled_from(_COUNTRIES)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_phones_and_postcodes_of_a_column_are_those_of_the_rule(cells: list[tuple[str, str, str]]) -> None:
    typed = [form.format(digits) for form, digits, _ in cells]
    countries = pairs(distinct(pa.array(typed)), distinct(pa.array([country for _, _, country in cells])))
    values = pa.array([value for value, _ in countries.values()])
    for name in ("ph", "zp"):
        found = quick(name, values, SETTINGS, countries)
        assert found is not None
        for (value, country), text in zip(countries.values(), found.to_pylist(), strict=True):
            if text is not None:
                assert normalized(name, value, country=country, settings=SETTINGS) == text


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("(650) 555-1212", "US", "16505551212"),
        ("+1 650 555 1212", "CA", "16505551212"),
        ("020 7183 8750", "GB", "442071838750"),
        ("0049 171 1234567", "DE", "491711234567"),
    ],
)
def test_the_common_forms_of_a_phone_are_read_at_once(value: str, country: str, expected: str) -> None:
    countries = pairs(distinct(pa.array([value])), distinct(pa.array([country])))
    found = quick("ph", pa.array([value]), SETTINGS, countries)
    assert found is not None
    assert found.to_pylist() == [expected]

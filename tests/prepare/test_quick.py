"""The Arrow twins say what the scalar normalizers say, wherever they say anything."""

from datetime import date, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capi_cli.event.normalize.keys import KeySettings, normalized
from capi_cli.event.normalize.times import TimeReading, read_time
from capi_cli.prepare.quick import quick
from capi_cli.prepare.times import read_times

SETTINGS = KeySettings(today=date(2026, 11, 23))
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


_moments = st.datetimes(datetime(1980, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001 -- texts carry the zone
_shapes = st.sampled_from(
    [
        "{:%Y-%m-%dT%H:%M:%SZ}",
        "{:%Y-%m-%d %H:%M:%S}",
        "{:%Y-%m-%dT%H:%M:%S}+02:00",
        "{:%Y-%m-%d %H:%M:%S}-05:30",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    times=st.lists(_moments, min_size=1, max_size=12),
    shape=_shapes,
    zone=st.sampled_from([None, "Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_times_read_as_a_column_are_the_times_read_one_by_one(
    times: list[datetime], shape: str, zone: str | None
) -> None:
    texts = [shape.format(time) for time in times]
    reading = TimeReading(timezone=zone)
    found, _, findings = read_times(pa.array(texts), reading)
    for text, seconds in zip(texts, found.to_pylist(), strict=True):
        outcome = read_time(text, reading)
        if isinstance(outcome, str):
            assert seconds == outcome
        else:
            assert seconds == (None if outcome is None else outcome.kept)
            assert findings

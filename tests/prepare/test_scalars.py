"""Times and amounts read as columns are those that the rules read one by one, in C and through Arrow."""

from collections.abc import Callable
from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.money import normalize_value
from capi_cli.event.normalize.times import TimeReading, read_time
from capi_cli.native.library import library
from capi_cli.prepare import times
from capi_cli.prepare.amounts import amounts_by_arrow, plain_amounts
from capi_cli.prepare.times import read_times


@pytest.mark.parametrize("way", [plain_amounts, amounts_by_arrow])
@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(
        st.none() | st.from_regex(r"-?[0-9]{0,11}[.,]?[0-9 ]{0,4}", fullmatch=True), min_size=1, max_size=20
    )
)
def test_an_amount_in_its_canonical_form_is_what_the_rule_makes_of_it(
    way: Callable[[pa.StringArray], pa.StringArray], values: list[str | None]
) -> None:
    for value, text in zip(values, way(pa.array(values, pa.string())).to_pylist(), strict=True):
        if value is not None and text is not None:
            assert normalize_value(value, decimal=None, currency="EUR") == text
            assert normalize_value(value, decimal=".", currency=None) == text


@given(
    st.lists(st.none() | st.from_regex(r"-?[0-9]{0,11}[.,]?[0-9 ]{0,4}", fullmatch=True), max_size=20),
    st.integers(0, 5),
)
def test_both_ways_know_the_same_amounts(values: list[str | None], cut: int) -> None:
    column = pa.array(["x"] * cut + values + ["1"], pa.string()).slice(cut, len(values))
    assert plain_amounts(column).to_pylist() == amounts_by_arrow(column).to_pylist()


_moments = st.datetimes(datetime(1980, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001 -- texts carry the zone
_shapes = st.sampled_from(
    [
        "{:%Y-%m-%dT%H:%M:%SZ}",
        "{:%Y-%m-%d %H:%M:%S}",
        "{:%Y-%m-%dT%H:%M:%S}+02:00",
        "{:%Y-%m-%d %H:%M:%S}-05:30",
        "{:%Y-%m-%d %H:%M:%S}+14:00",
        "{:%Y-%m-%d %H:%M:%S}-14:30",
    ]
)
_WRONG = """2026-02-29T00:00:00Z 2024-02-29T23:59:59Z 2100-02-28T00:00:00Z 2026-13-01T00:00:00Z 2026-00-01T00:00:00Z
    2026-04-31T00:00:00Z 2026-04-30T24:00:00Z 2026-04-30T23:60:00Z 2026-04-30T23:59:60Z 2026-04-30x23:59:00Z
    2026-04-30T23:59:00z 1989-12-31T23:59:59Z 2037-12-31T23:59:59Z 2038-01-01T00:00:00Z 2026-04-30T23:59:00+24:00
    2026-04-30T23:59:00+05:60 2026-04-30T23:59:00*05:30 2026-04-30T23:59:00+05.30""".split()


@pytest.fixture(params=["c", "arrow"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "arrow":
        monkeypatch.setattr(times, "library", lambda: None)
    elif library() is None:
        pytest.skip("built without a C compiler")


def check(texts: list[str | None], zone: str | None) -> None:
    """Hold a column's times against those that the rule reads, and see that what is wrong is told."""
    reading = TimeReading(timezone=zone)
    found, column, findings = read_times(pa.array(texts, pa.string()), reading)
    found.validate(full=True)
    for text, seconds in zip(texts, found.to_pylist(), strict=True):
        outcome = None if text is None else read_time(text, reading)
        if isinstance(outcome, Finding):
            assert column is not None
            assert findings[list(column.values).index(str(text))] == outcome
            outcome = outcome.kept
        assert seconds == outcome


@pytest.mark.usefixtures("way")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(st.none() | _moments, min_size=1, max_size=12),
    shape=_shapes,
    zone=st.sampled_from([None, "Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_times_read_as_a_column_are_the_times_read_one_by_one(
    moments: list[datetime | None], shape: str, zone: str | None
) -> None:
    check([None if moment is None else shape.format(moment) for moment in moments], zone)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("text", _WRONG)
def test_what_is_on_no_calendar_is_left_to_the_rule(text: str) -> None:
    check([text], None)
    check([None, text], "UTC")

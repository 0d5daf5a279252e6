"""Times: a table checked by hand, and properties against datetime and zoneinfo."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.errors import ConfigurationError
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.layouts import parse_layout
from capi_cli.event.normalize.times import TimeReading, read_time, settle_times
from capi_cli.event.normalize.zones import check_timezone

BERLIN = TimeReading(timezone="Europe/Berlin")
NO_ZONE = TimeReading()


# 2024-03-05 00:00:00 UTC is 1709596800 (19787 days).
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05T00:00:00Z", "1709596800"),
        ("2024-03-05t00:00:00z", "1709596800"),
        ("2024-03-05 00:00:00 UTC", "1709596800"),
        ("2024-03-05T00:00Z", "1709596800"),
        ("2024-03-05T02:00:00+02:00", "1709596800"),
        ("2024-03-05T02:00:00+0200", "1709596800"),
        ("2024-03-05 02:00:00+02", "1709596800"),
        ("2024-03-04 19:00:00 -0500", "1709596800"),
        ("2024-03-05 05:45:00+05:45", "1709596800"),
        ("2024-03-05T00:00:00.999Z", "1709596800"),
        ("2024-03-05T00:00:00,123456789Z", "1709596800"),
        ("20240305T000000Z", "1709596800"),
        ("\u00a02024-03-05T00:00:00Z\u200b", "1709596800"),
        ("1969-12-31T23:59:59Z", "-1"),
        ("1969-12-31T23:59:58.5Z", "-2"),
        ("", None),
        ("  ", None),
    ],
)
def test_a_time_that_carries_its_zone_needs_nothing(text: str, expected: str | None) -> None:
    assert read_time(text, NO_ZONE) == expected
    assert read_time(text, BERLIN) == expected


@pytest.mark.parametrize("text", ["2024-03-05 10:11:12", "2024-03-05T10:11", "2024-03-05", "20240305"])
def test_a_time_without_zone_is_an_error_until_a_zone_is_named(text: str) -> None:
    assert read_time(text, NO_ZONE) == Finding("time-zone-missing")


def test_a_named_zone_places_local_times_in_winter_and_in_summer() -> None:
    assert read_time("2024-03-05 01:00:00", BERLIN) == "1709596800"
    assert read_time("2024-07-01 02:00", BERLIN) == "1719792000"  # 2024-07-01 00:00 UTC
    assert read_time("2024-03-04 19:00", NO_ZONE, zone="America/New_York") == "1709596800"
    assert read_time("2024-03-04 19:00", BERLIN, zone="Eastern Time (US & Canada)") == "1709596800"


def test_the_rows_own_unknown_zone_is_an_error() -> None:
    assert read_time("2024-03-05 01:00", BERLIN, zone="Berlin Time") == Finding("time-zone-unknown")


@pytest.mark.parametrize(
    ("text", "format", "expected"),
    [
        ("2024-03-04 19:00:00 Eastern Time (US & Canada)", None, "1709596800"),
        ("2024-03-05 00:00:00 London", None, "1709596800"),
        ("2024-03-04 19:00 America/New_York", None, "1709596800"),
        ("2024-03-05 01:00:00+01:00 America/New_York", None, "1709596800"),
        ("2024-03-05 01:00:00", None, "1709596800"),
        ("2024-03-05 Tokyo", None, Finding("time-date-only", "1709564400", "Tokyo")),
        (
            "2024-03-31 02:30 Madrid",
            None,
            Finding("time-dst-gap", "1711848600", "2024-03-31 02:30 in Madrid"),
        ),
        ("2024-03-05 01:00:00 Atlantis", None, Finding("time-zone-unknown")),
        ("2024-03-05 01:00:00 EST", None, Finding("time-zone-name")),
        ("3/4/24 7:00 PM Eastern Time (US & Canada)", "%m/%d/%y %I:%M %p %Z", "1709596800"),
        ("3/5/24 1:00 AM", "%m/%d/%y %I:%M %p %Z", "1709596800"),
        ("3/5/24 1:00 AM Atlantis", "%m/%d/%y %I:%M %p %Z", Finding("time-zone-unknown")),
        ("3/5/24 1:00 AM EST", "%m/%d/%y %I:%M %p %Z", Finding("time-zone-name")),
    ],
)
def test_a_zone_may_stand_behind_the_time_as_a_column_of_its_own_puts_it(
    text: str, format: str | None, expected: str | Finding
) -> None:
    assert read_time(text, TimeReading(format=format, timezone="Europe/Berlin")) == expected


def test_a_written_date_before_a_zone_is_suggested_with_it() -> None:
    found = read_time("12/31/2024 7:00 PM Tokyo", NO_ZONE)
    assert found == Finding("time-format-unknown", detail="%m/%d/%Y %I:%M %p %Z")


def test_a_bare_date_is_midnight_in_the_zone_and_told() -> None:
    found = read_time("2024-03-05", BERLIN)
    assert found == Finding("time-date-only", "1709593200", "Europe/Berlin")
    assert read_time("20240305", BERLIN) == found


def test_clock_changes_are_told() -> None:
    gap = read_time("2024-03-31 02:30:00", BERLIN)
    assert gap == Finding("time-dst-gap", "1711848600", "2024-03-31 02:30 in Europe/Berlin")  # 01:30 UTC
    overlap = read_time("2024-10-27 02:30:00", BERLIN)
    assert overlap == Finding(
        "time-dst-overlap", "1729989000", "2024-10-27 02:30 in Europe/Berlin"
    )  # 00:30 UTC
    assert read_time("2024-03-31 01:59:59", BERLIN) == "1711846799"
    assert read_time("2024-03-31 03:00:00", BERLIN) == "1711846800"


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("05/03/2024 10:11", "time-day-or-month", "%d/%m/%Y %H:%M or %m/%d/%Y %H:%M"),
        ("25/03/2024 10:11", "time-format-unknown", "%d/%m/%Y %H:%M"),
        ("03/25/2024 2:11 PM", "time-format-unknown", "%m/%d/%Y %I:%M %p"),
        ("05.03.2024, 10:11:12", "time-format-unknown", "%d.%m.%Y, %H:%M:%S"),
        ("2024/03/05 10:11", "time-format-unknown", "%Y/%m/%d %H:%M"),
        ("5 Mar 2024 10:11", "time-format-unknown", "%d %b %Y %H:%M"),
        ("Tue, 05 Mar 2024 10:11:12 +0000", "time-format-unknown", "%a, %d %b %Y %H:%M:%S %z"),
        ("20240305101112", "time-format-unknown", "%Y%m%d%H%M%S"),
        ("202403051011", "time-format-unknown", "%Y%m%d%H%M"),
        ("45356.42", "time-excel-serial", ""),
        ("45356", "time-excel-serial", ""),
        ("1.70963E+09", "time-damaged", ""),
        ("1,70963E+09", "time-damaged", ""),
        ("2024-03-05 10:11:12 EST", "time-zone-name", ""),
        ("2024-02-30", "time-unreadable", ""),
        ("2024-03-05T24:00:00Z", "time-unreadable", ""),
        ("2024-03-05T10:11:12+99:00", "time-unreadable", ""),
        ("yesterday", "time-unreadable", ""),
        ("null", "time-unreadable", ""),
        ("0", "time-unreadable", ""),
        ("-1", "time-unreadable", ""),
        ("x" * 100_000, "time-unreadable", ""),
        ("9" * 100_000, "time-unreadable", ""),
    ],
)
def test_what_cannot_be_read_says_which_option_mends_it(text: str, code: str, detail: str) -> None:
    assert read_time(text, BERLIN) == Finding(code, None, detail)


def test_a_suggested_format_reads_the_text_it_was_suggested_for() -> None:
    for text in ("05.03.2024, 10:11:12", "5 Mar 2024 10:11", "03/25/2024 2:11 PM", "Mar 5, 2024, 10:11 AM"):
        finding = read_time(text, BERLIN)
        assert isinstance(finding, Finding)
        assert isinstance(read_time(text, TimeReading(format=finding.detail, timezone="UTC")), str)


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["1709629872", "1709629873"], "s"),
        (["1709629872123"], "ms"),
        (["1709629872123456"], "us"),
        (["2024-03-05", "x", ""], None),
        (["1709629872123", "1709629872124", "1709629872"], "ms"),
    ],
)
def test_the_unit_is_settled_for_the_whole_column(cells: list[str], unit: str | None) -> None:
    assert settle_times(cells, format=None, timezone=None).unit == unit


def test_only_the_first_ten_thousand_cells_settle_a_column() -> None:
    cells = ["2024-03-05T00:00:00Z"] * 10_000 + ["1709629872"]
    reading = settle_times(cells, format=None, timezone=None)
    assert reading.unit is None
    assert read_time("1709629872", reading) == Finding(
        "time-unit-differs", None, "seconds among written dates"
    )


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("1709629872", "s", "1709629872"),
        ("1709629872.0", "s", "1709629872"),
        ("1709629872.9", "s", "1709629872"),
        ("1.709629872E9", "s", "1709629872"),
        ("1709629872999", "ms", "1709629872"),
        ("1709629872999999", "us", "1709629872"),
        ("1709629872", "ms", Finding("time-unit-differs", None, "seconds among milliseconds")),
        ("1709629872123", "s", Finding("time-unit-differs", None, "milliseconds among seconds")),
        ("2024-03-05T00:00:00Z", "s", "1709596800"),
    ],
)
def test_epoch_numbers_in_a_settled_column(text: str, unit: str, expected: object) -> None:
    assert read_time(text, TimeReading(unit=unit)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", "0"), ("-1", "-1"), ("-1.5", "-2"), ("-86400", "-86400"), ("86399.9", "86399")],
)
def test_a_unit_that_was_said_takes_small_and_negative_numbers(text: str, expected: str) -> None:
    reading = settle_times([], format="s", timezone=None)
    assert read_time(text, reading) == expected


def test_a_unit_that_was_said_takes_nothing_else() -> None:
    reading = settle_times(["2024-03-05"], format="ms", timezone="UTC")
    assert read_time("2024-03-05", reading) == Finding("time-format-differs", None, "ms")
    assert read_time("1709629872", reading) == Finding(
        "time-unit-differs", None, "seconds among milliseconds"
    )


def test_a_column_tells_which_comes_first_day_or_month() -> None:
    reading = settle_times(["05/03/2024", "25/03/2024"], format=None, timezone="UTC")
    assert read_time("05/03/2024", reading) == Finding("time-format-unknown", None, "%d/%m/%Y")
    contradicting = settle_times(["25/03/2024", "03/25/2024"], format=None, timezone="UTC")
    assert contradicting.date_order is None


def test_a_format_reads_its_layout_and_no_other() -> None:
    reading = settle_times([], format="%d.%m.%Y %H:%M", timezone="Europe/Berlin")
    assert read_time("05.03.2024 01:00", reading) == "1709596800"
    assert read_time("5.3.2024  1:00", reading) == "1709596800"
    assert read_time("2024-03-05 01:00", reading) == Finding("time-format-differs", None, "%d.%m.%Y %H:%M")
    assert read_time("31.02.2024 01:00", reading) == Finding("time-format-differs", None, "%d.%m.%Y %H:%M")
    date_only = settle_times([], format="%d.%m.%Y", timezone="Europe/Berlin")
    assert read_time("05.03.2024", date_only) == Finding("time-date-only", "1709593200", "Europe/Berlin")


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        ("%m/%d/%Y %I:%M %p", "03/05/2024 12:00 AM", "1709596800"),
        ("%m/%d/%Y %I:%M %p", "03/05/2024 12:00 p.m.", "1709640000"),
        ("%d %B %Y %H:%M:%S %z", "5 march 2024 02:00:00 +0200", "1709596800"),
        ("%a, %d %b %Y %T %z", "Tue, 05 Mar 2024 00:00:00 GMT", "1709596800"),
        ("%y%m%d%H%M", "2403050000", "1709596800"),
        ("%F %T.%f", "2024-03-05 00:00:00.5", "1709596800"),
    ],
)
def test_formats_as_people_write_them(format: str, text: str, expected: str) -> None:
    assert read_time(text, TimeReading(format=format, timezone="UTC")) == expected


@pytest.mark.parametrize("format", ["%H:%M", "%Y-%m", "%d.%m.%Y %Q", "%Y %Y %m %d", "%d.%m.%Y %I:%M"])
def test_a_format_that_cannot_work_is_refused_with_a_hint(format: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        settle_times([], format=format, timezone=None)
    assert format in refused.value.message
    assert refused.value.hint


def test_a_zone_that_is_not_one_names_those_near() -> None:
    assert check_timezone("Europe/Berlin") == "Europe/Berlin"
    for wrong, near in (
        ("Europe/Berln", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
    ):
        with pytest.raises(ConfigurationError, match="No time zone") as refused:
            check_timezone(wrong)
        assert near in refused.value.hint
    with pytest.raises(ConfigurationError):
        check_timezone("../../etc/passwd")


def test_a_column_says_how_it_is_read() -> None:
    assert TimeReading(unit="ms").describe() == "milliseconds since 1970, by their size"
    assert BERLIN.describe() == "ISO 8601, Europe/Berlin where a time carries no zone"


moments = st.datetimes(min_value=datetime(1975, 1, 1), max_value=datetime(2035, 12, 31))  # noqa: DTZ001
offsets = st.integers(min_value=-14 * 60, max_value=14 * 60)


@given(moments, offsets, st.sampled_from(["T", " "]), st.sampled_from(["", " "]), st.booleans())
def test_iso_with_an_offset_agrees_with_datetime(
    moment: datetime, minutes: int, between: str, before: str, colon: bool
) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    written = aware.isoformat(sep=between)
    text = written[:-6] + before + (written[-6:] if colon else written[-6:].replace(":", ""))
    whole = aware.replace(microsecond=0)
    assert read_time(text, NO_ZONE) == str(int((whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()))


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Beirut",
]
ZONES += ["Australia/Lord_Howe", "Pacific/Apia", "Europe/Dublin", "UTC", "America/St_Johns"]


@given(moments, st.sampled_from(ZONES))
def test_local_times_agree_with_zoneinfo(moment: datetime, zone: str) -> None:
    aware = moment.replace(tzinfo=ZoneInfo(zone), microsecond=0, fold=0)
    found = read_time(f"{moment:%Y-%m-%d %H:%M:%S}", TimeReading(timezone=zone))
    expected = str(int(aware.timestamp()))
    ambiguous = aware.utcoffset() != aware.replace(fold=1).utcoffset()
    if ambiguous:
        assert isinstance(found, Finding)
        assert found.code in ("time-dst-gap", "time-dst-overlap")
        assert found.kept == expected
    else:
        assert found == expected


@given(st.sampled_from(ZONES), st.integers(2015, 2030), st.integers(0, 366 * 48))
def test_every_half_hour_of_a_year_agrees_with_zoneinfo(zone: str, year: int, halves: int) -> None:
    moment = datetime(year, 1, 1) + timedelta(minutes=30 * halves)  # noqa: DTZ001
    aware = moment.replace(tzinfo=ZoneInfo(zone))
    found = read_time(f"{moment:%Y-%m-%dT%H:%M}", TimeReading(timezone=zone))
    kept = found.kept if isinstance(found, Finding) else found
    assert kept == str(int(aware.timestamp()))
    assert isinstance(found, Finding) == (aware.utcoffset() != aware.replace(fold=1).utcoffset())


@given(
    moments,
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S",
            "%d/%m/%Y %H:%M",
            "%m/%d/%y %I:%M:%S %p",
            "%d %b %Y, %H:%M",
            "%A %d %B %Y",
            "%Y%m%d%H%M%S",
        ]
    ),
)
def test_layouts_agree_with_strptime(moment: datetime, format: str) -> None:
    text = moment.strftime(format)
    expected = datetime.strptime(text, format).replace(tzinfo=UTC)
    found = parse_layout(format).read(text)
    assert found is not None
    assert found[0] + found[1] == int(expected.timestamp())


@given(st.integers(10**9, 10**10 - 1), st.integers(0, 999_999))
def test_one_instant_in_three_units_is_one_second(seconds: int, micros: int) -> None:
    for unit, text in (
        ("s", f"{seconds}.{micros:06d}"),
        ("ms", f"{seconds}{micros // 1000:03d}"),
        ("us", f"{seconds}{micros:06d}"),
    ):
        reading = settle_times([text], format=None, timezone=None)
        assert reading.unit == unit
        assert read_time(text, reading) == str(seconds)


@given(st.text(max_size=40))
def test_any_text_gives_seconds_or_a_finding(text: str) -> None:
    found = read_time(text, BERLIN)
    value = found.kept if isinstance(found, Finding) else found
    assert value is None or value == str(int(value))

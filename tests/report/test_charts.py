"""Columns stand in their places, on round scales, and every event is drawn or said to be left out."""

import itertools

import pytest

from capi_cli.numbers import size, span
from capi_cli.report.charts import PLOT_HEIGHT, TOP, Chart, by_day, by_hour, by_value, spread
from capi_cli.report.numbers import amount, bound, share
from tests.report.facts import HOUR, amounts


def chart(found: Chart | None) -> Chart:
    assert found is not None
    return found


def test_hours() -> None:
    found = chart(by_hour(((HOUR, 10), (HOUR + 1, 40), (HOUR + 47, 5))))
    assert [column.title for column in found.columns] == [
        "12 Sep, 08:00 UTC: 10 events",
        "12 Sep, 09:00 UTC: 40 events",
        "14 Sep, 07:00 UTC: 5 events",
    ]
    assert found.caption == "Busiest hour: 12 Sep, 09:00, 40 events."
    tallest = found.columns[1]
    assert (tallest.y, tallest.height) == (TOP, PLOT_HEIGHT)
    assert found.columns[0].height == pytest.approx(PLOT_HEIGHT / 4)
    assert [text for _, text in found.ticks] == ["0", "20", "40"]
    assert found.columns[2].x > 97
    assert [label.text for label in found.labels][:3] == ["12:00", "18:00", "13 Sep"]


def test_hours_beyond_a_week_are_said_to_be_left_out() -> None:
    found = chart(by_hour(((HOUR - 400, 3), (HOUR - 170, 1), (HOUR, 2))))
    assert "The last seven days are shown; 4 events lie before." in found.caption
    assert len(found.columns) == 1


def test_days_are_days_in_utc() -> None:
    found = chart(by_day(((HOUR + 15, 10), (HOUR + 16, 20), (HOUR + 64, 1))))
    assert [column.title for column in found.columns] == [
        "12 Sep 2026: 10 events",
        "13 Sep 2026: 20 events",
        "15 Sep 2026: 1 event",
    ]
    assert found.caption == "From 12 Sep 2026 to 15 Sep 2026."
    assert [label.text for label in found.labels] == ["12 Sep", "13 Sep", "14 Sep", "15 Sep"]


def test_few_labels_however_many_days() -> None:
    found = chart(by_day(tuple((HOUR + 24 * day, 1) for day in range(62))))
    assert len(found.columns) == 62
    assert 4 <= len(found.labels) <= 8
    assert found.labels[-1].text == "12 Nov"


def test_days_long_ago_do_not_squeeze_the_others() -> None:
    found = chart(by_day(((0, 7), (HOUR, 5))))
    assert len(found.columns) == 1 and "7 events of the first days are not drawn." in found.caption


def test_values() -> None:
    found = chart(by_value(amounts()))
    assert [column.title for column in found.columns] == [
        "1 to 10 EUR: 300 events",
        "10 to 100 EUR: 400 events",
    ]
    assert [(label.text, round(label.x)) for label in found.labels if label.text in ("1", "10", "100")] == [
        ("1", 0),
        ("10", 50),
        ("100", 100),
    ]
    assert ("median", "15.20") in spread(amounts()) or ("median", "15.30") in spread(amounts())
    assert ("without a value", "3") in spread(amounts())


@pytest.mark.parametrize("most", [1, 2, 3, 7, 9, 10, 13, 99, 100, 1001, 250_000, 10**9])
def test_scales_are_round_and_hold_the_highest(most: int) -> None:
    found = chart(by_hour(((HOUR, most),)))
    ticks = [int(text.replace(",", "")) for _, text in found.ticks]
    assert ticks[0] == 0 and 2 <= len(ticks) <= 5
    assert len({after - tick for tick, after in itertools.pairwise(ticks)}) == 1
    assert ticks[-1] >= most
    assert all(column.y >= TOP and column.height <= PLOT_HEIGHT for column in found.columns)


def test_nothing_to_draw() -> None:
    assert by_hour(()) is None
    assert by_day(()) is None
    assert by_value(amounts(columns=())) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (share(0), "0%"),
        (share(0.0004), "<0.1%"),
        (share(0.0123), "1.2%"),
        (share(0.5), "50%"),
        (share(0.9996), ">99.9%"),
        (share(1), "100%"),
        (amount(1234.5), "1,234.50"),
        (amount(-5), "−5"),
        (amount(-0.001), "0"),
        (bound(0.5), "0.5"),
        (bound(1234), "1,234"),
        (bound(2_500_000), "2.5M"),
        (size(438_157), "438 kB"),
        (span(62), "1 min 02 s"),
    ],
)
def test_numbers(said: str, expected: str) -> None:
    assert said == expected

"""Columns as shapes: x in percent of the drawing's width, y in pixels, so that a phone squeezes no letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from capi_cli.numbers import count, counted
from capi_cli.report.numbers import (
    amount,
    bound,
    day_and_year,
    day_name,
    hour_name,
)
from capi_cli.runs.amounts import AmountFacts

PLOT_HEIGHT: Final = 148  # of the columns alone
TOP: Final = 12
BOTTOM: Final = 26  # for the labels below
_HOURS_SHOWN: Final = 7 * 24
_DAYS_SHOWN: Final = 92
_MOST_LABELS: Final = 8
_NARROW_SLOTS: Final = 12  # fewer columns than that are drawn slimmer than their slot


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what is said when it is pointed at."""

    x: float
    width: float
    y: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word below the columns; every second one is left out on a phone."""

    x: float
    text: str
    anchor: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure: its name for those who don't see it, its shapes, and the sentence below."""

    key: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    labels: tuple[Label, ...]
    ticks: tuple[tuple[float, str], ...]  # (y, text)

    @property
    def height(self) -> int:
        """Height of the drawing in pixels."""
        return TOP + PLOT_HEIGHT + BOTTOM

    @property
    def floor(self) -> int:
        """Where the columns stand."""
        return TOP + PLOT_HEIGHT


def by_hour(hours: Sequence[tuple[int, int]]) -> Chart | None:
    """Return the events of each hour; of the last seven days where there are more."""
    if not hours:
        return None
    last = hours[-1][0]
    first = max(min(hours[0][0], last - 23), last - _HOURS_SHOWN + 1)
    shown = {hour: events for hour, events in hours if hour >= first}
    busiest = max(shown, key=lambda hour: shown[hour])
    caption = f"Busiest hour: {hour_name(busiest)}, {counted(shown[busiest], 'event')}."
    if earlier := sum(events for hour, events in hours if hour < first):
        caption += f" The last seven days are shown; {counted(earlier, 'event')} lie before."
    slots = range(first, last + 1)
    step = 24 if len(slots) > 48 else 6
    labels = [
        (place, day_name(hour // 24) if hour % 24 == 0 else f"{hour % 24:02}:00")
        for place, hour in enumerate(slots)
        if hour % step == 0
    ]
    titles = [f"{hour_name(hour)} UTC: {counted(shown.get(hour, 0), 'event')}" for hour in slots]
    return _chart("hours", "Events per hour", caption, [shown.get(h, 0) for h in slots], titles, labels)


def by_day(hours: Sequence[tuple[int, int]]) -> Chart | None:
    """Return the events of each day in UTC; of the last 92 where there are more."""
    days: dict[int, int] = {}
    for hour, events in hours:
        days[hour // 24] = days.get(hour // 24, 0) + events
    if not days:
        return None
    last, begin = max(days), min(days)
    first = max(begin, last - _DAYS_SHOWN + 1)
    caption = f"From {day_and_year(begin)} to {day_and_year(last)}."
    if earlier := sum(events for day, events in days.items() if day < first):
        caption += f" {counted(earlier, 'event')} of the first days are not drawn."
    slots = range(first, last + 1)
    step = ceil(len(slots) / _MOST_LABELS)
    labels = [(place + 0.5, day_name(day)) for place, day in enumerate(slots) if (last - day) % step == 0]
    titles = [f"{day_and_year(day)}: {counted(days.get(day, 0), 'event')}" for day in slots]
    return _chart("days", "Events per day", caption, [days.get(d, 0) for d in slots], titles, labels)


def by_value(facts: AmountFacts) -> Chart | None:
    """Return how the values of a currency are spread, on a logarithmic scale."""
    columns = facts.columns
    if not columns:
        return None
    low, high = log10(columns[0][0]), log10(columns[-1][1])
    marks = _marks(low, high)
    places = [(log10(value) - low) / (high - low) * len(columns) for value in marks]
    titles = [
        f"{bound(begin)} to {bound(end)} {facts.currency}: {counted(events, 'event')}"
        for begin, end, events in columns
    ]
    labels = [(place, bound(value)) for place, value in zip(places, marks, strict=True)]
    caption = "Events by value, on a logarithmic scale."
    return _chart(
        f"values-{facts.currency}",
        f"Values in {facts.currency}",
        caption,
        [events for _, _, events in columns],
        titles,
        labels,
    )


def _marks(low: float, high: float) -> list[float]:
    """Return round values between two powers of ten; also 2 and 5 times one where few decades are drawn."""
    steps = (1.0, 2.0, 5.0) if high - low <= 2.6 else (1.0,)
    values = [step * 10.0**decade for decade in range(floor(low), ceil(high) + 1) for step in steps]
    inside = [value for value in values if low - 1e-9 <= log10(value) <= high + 1e-9]
    return inside[:: ceil(len(inside) / _MOST_LABELS) or 1]


def _chart(
    key: str,
    title: str,
    caption: str,
    counts: Sequence[int],
    titles: Sequence[str],
    labels: Sequence[tuple[float, str]],
) -> Chart:
    ticks, top = _ticks(max(counts))
    slot = 100 / len(counts)
    filled = 0.62 if len(counts) <= _NARROW_SLOTS else 0.82
    columns = []
    for place, (number, words) in enumerate(zip(counts, titles, strict=True)):
        if number:
            height = max(1.5, number / top * PLOT_HEIGHT)
            x = place * slot + slot * (1 - filled) / 2
            columns.append(Column(x, slot * filled, TOP + PLOT_HEIGHT - height, height, words))
    return Chart(
        key=key,
        title=title,
        caption=caption,
        columns=tuple(columns),
        labels=tuple(
            Label(at * slot, text, _anchor(at * slot), place % 2 == 1)
            for place, (at, text) in enumerate(labels)
        ),
        ticks=tuple((TOP + PLOT_HEIGHT * (1 - value / top), count(value)) for value in ticks),
    )


def _ticks(most: int) -> tuple[list[int], int]:
    """Return two to four round numbers from 0 up, and the value at the top of the plot."""
    magnitude = 10 ** max(0, floor(log10(max(1, most / 2))))
    step = next(
        int(factor * magnitude)
        for factor in (1, 2, 2.5, 5, 10)
        if factor * magnitude * 3 >= most and factor * magnitude >= 1
    )
    top = step * max(1, ceil(most / step))
    return list(range(0, top + 1, step)), top


def _anchor(x: float) -> str:
    return "start" if x < 3 else "end" if x > 95 else "middle"  # half a label would be cut off


def spread(facts: AmountFacts) -> list[tuple[str, str]]:
    """Return the figures beside a currency's columns: (name, number)."""
    found = [
        ("median", amount(float(f"{facts.median:.3g}")) if facts.median else "–"),
        ("smallest", amount(facts.least)),
        ("largest", amount(facts.most)),
        ("events", count(facts.events)),
    ]
    if facts.negative:
        found.append(("below zero", count(facts.negative)))
    if facts.without:
        found.append(("without a value", count(facts.without)))
    return found

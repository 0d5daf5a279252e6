"""How a column of times is written: its format, whether its order of day and month is settled, whether it has zones.

The order is settled by the column alone: by a number above 12. Without one both readings are returned and a
person is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.layouts import suggest_formats
from capi_cli.event.normalize.text import clean
from capi_cli.event.normalize.times import read_time, settle_times
from capi_cli.event.normalize.zones import trailing_zone

_MOST: Final = 0.8  # of the cells
_CLOCK = re.compile(r"[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?: ?[ap]\.?m\.?)?", re.IGNORECASE).fullmatch
_WRITTEN = ("time-format-unknown", "time-day-or-month")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesLooked:
    """What a column's cells tell about how they are written.

    Attributes:
        formats: None alone where no format is needed; one where it is settled; several where a person has to say.
        share: Of the cells that are read, with the first of the formats.
        zone_missing: Whether some carry no zone and nobody named one.
        whole_days: Whether none has a time of day.
        seconds: Unix seconds of what was read, with the first of the formats.
        serials: Whether they are a spreadsheet's counts of days.
    """

    formats: tuple[str | None, ...]
    share: float
    zone_missing: bool
    whole_days: bool
    seconds: tuple[int, ...]
    serials: bool


def look_at_times(cells: Sequence[str], *, format: str | None, timezone: str | None) -> TimesLooked:
    """Look at a column's cells, empty ones left out.

    Args:
        cells: In file order.
        format: strptime codes, or `s`, `ms`, `us`, where somebody said.
        timezone: IANA zone for times that carry none, where somebody said.
    """
    formats = (format,) if format else _formats(cells)
    told = _outcomes(cells, formats[0], timezone)
    placed = told if timezone else _outcomes(cells, formats[0], "UTC")
    texts = [one.kept if isinstance(one, Finding) else one for one in placed]
    kept = [text for text in texts if text is not None]
    return TimesLooked(
        formats=formats,
        share=len(kept) / max(len(cells), 1),
        zone_missing=any(_code(one) == "time-zone-missing" for one in told),
        whole_days=bool(kept) and all(_code(one) == "time-date-only" for one in placed if one is not None),
        seconds=tuple(map(int, kept)),
        serials=2 * sum(_code(one) == "time-excel-serial" for one in told) > len(cells),
    )


def are_clock_times(cells: Sequence[str]) -> bool:
    """Return whether most cells are times of day without a date, as a column beside one of dates has them."""
    return bool(cells) and sum(_CLOCK(clean(cell)) is not None for cell in cells) >= _MOST * len(cells)


def are_zones(cells: Sequence[str]) -> bool:
    """Return whether most cells are names of time zones."""
    known = {cell: trailing_zone(f"0 {clean(cell)}") is not None for cell in dict.fromkeys(cells)}
    return bool(cells) and sum(known[cell] for cell in cells) >= _MOST * len(cells)


def _formats(cells: Sequence[str]) -> tuple[str | None, ...]:
    """Return the formats that read most of what needs one; None where little does."""
    outcomes = _outcomes(cells, None, "UTC")
    written = [cell for cell, one in zip(cells, outcomes, strict=True) if _code(one) in _WRITTEN]
    if 2 * len(written) <= len(cells):
        return (None,)
    order = settle_times(cells, format=None, timezone=None).date_order
    counts: dict[str, int] = {}
    for cell in written:
        for format in suggest_formats(clean(cell), order):
            counts[format] = counts.get(format, 0) + 1
    most = max(counts.values(), default=0)
    best = [format for format, count in counts.items() if count == most]
    if order is None and len(best) == 1 and (other := _swapped(best[0])) is not None:
        best.append(other)  # 01.02.2026: nothing above 12 in the whole column
    return tuple(best) or (None,)


def _swapped(format: str) -> str | None:
    """Return the format with day and month exchanged; None where the month is a word or the year is first."""
    day, month = format.find("%d"), format.find("%m")
    if day < 0 or month < 0 or format.find("%Y") in range(min(day, month)):
        return None
    return format.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _outcomes(cells: Sequence[str], format: str | None, timezone: str | None) -> list[str | Finding | None]:
    reading = settle_times(cells, format=format, timezone=timezone)
    known = {cell: read_time(cell, reading) for cell in dict.fromkeys(cells)}
    return [known[cell] for cell in cells]


def _code(outcome: str | Finding | None) -> str:
    return outcome.code if isinstance(outcome, Finding) else ""

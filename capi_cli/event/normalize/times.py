"""Times: a cell becomes integer Unix seconds. What only the column can tell is settled once, before.

Rules of this file:

- Nothing is guessed: no default, never "now", never the machine's own zone.
- Epoch numbers are seconds, milliseconds or microseconds by magnitude, one unit for the whole column.
- ISO 8601 is read as it stands; without an offset only with a zone, whose name may stand behind it, as a column of
  zones puts it there. A bare date is 00:00 there, and told.
- Every other layout needs `format`. Where the day may be the month, the finding says which formats fit.

Source: Meta, "Server event parameters", event_time: Unix seconds, GMT.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Final, Literal

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.layouts import DateOrder, date_order, parse_layout, suggest_formats
from capi_cli.event.normalize.text import clean
from capi_cli.event.normalize.zones import day_s, is_abbreviation, local_seconds, offset_s, trailing_zone

Unit = Literal["s", "ms", "us"]

SETTLING_ROWS: Final = 10_000
UNITS: Final[dict[Unit, int]] = {"s": 1, "ms": 1_000, "us": 1_000_000}
_UNIT_DIGITS: Final[dict[Unit, int]] = {"s": 0, "ms": 3, "us": 6}
UNIT_WORDS: Final[dict[Unit, str]] = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}
_SERIALS: Final = range(20_000, 80_000)  # days since 1900, as spreadsheets count: 1954 to 2119
_EXACT_DIGITS: Final = 10  # a second of this century has ten digits; `1.70963E+09` has lost four

_CLOCK = "([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:[.,][0-9]{1,9})?)?"
_OFFSET = "Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?"
_ISO = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:[Tt ]{_CLOCK}(?: ?({_OFFSET}))?)?").fullmatch
_BASIC_ISO = re.compile(
    f"((?:19|20)[0-9]{{6}})(?:T([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9])?({_OFFSET})?)?"
).fullmatch
_NUMBER = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]*))?").fullmatch
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})").fullmatch
_NAMED_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{4,} ?[A-Z]{3,5}").fullmatch
_STRANGE_ZONE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{4,} +(?![AaPp]\.?[Mm]\b)[A-Za-z][A-Za-z ().&/_-]{2,}"
).fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReading:
    """How a column of times is read.

    Attributes:
        unit: Of its epoch numbers; None where none was seen.
        unit_said: Whether the mapping names the unit, rather than the size of the column's first numbers.
        format: strptime codes, where the mapping names them.
        timezone: IANA zone for times that carry none.
        date_order: Whether day or month comes first in dates such as 05/03/2024, if one is above 12.
    """

    unit: Unit | None = None
    unit_said: bool = False
    format: str | None = None
    timezone: str | None = None
    date_order: DateOrder | None = None

    def describe(self) -> str:
        """Return how the column is read, in a few words for the screen."""
        if self.unit:
            return f"{UNIT_WORDS[self.unit]} since 1970{'' if self.unit_said else ', by their size'}"
        zone = f", {self.timezone} where a time carries no zone" if self.timezone else ""
        return f"{self.format or 'ISO 8601'}{zone}"


def settle_times(values: Iterable[str], *, format: str | None, timezone: str | None) -> TimeReading:
    """Settle what only a column's first 10,000 cells tell: the unit of numbers, the order of day and month.

    Args:
        values: The column's cells, in file order.
        format: strptime codes, or `s`, `ms`, `us`; from the mapping.
        timezone: IANA zone for times that carry none.

    Raises:
        ConfigurationError: The format has a code that can't be read, or leaves out the day.
    """
    if format in UNITS:
        return TimeReading(unit=format, unit_said=True, timezone=timezone)
    if format:
        parse_layout(format)
        return TimeReading(format=format, timezone=timezone)
    units: dict[Unit, int] = {}
    orders: dict[DateOrder, None] = {}
    for value in islice(values, SETTLING_ROWS):
        if not value or _ISO(value):
            continue
        text = clean(value)
        if match := _NUMBER(text):
            if unit := _unit_by_size(int(match[2])):
                units[unit] = units.get(unit, 0) + 1
        elif order := date_order(text):
            orders[order] = None
    return TimeReading(
        unit=_most(units),
        timezone=timezone,
        date_order=next(iter(orders)) if len(orders) == 1 else None,
    )


def _most(units: dict[Unit, int]) -> Unit | None:
    return max(units.items(), key=lambda item: item[1])[0] if units else None


def _unit_by_size(number: int) -> Unit | None:
    """Return the unit in which a number lies between 2001 and 2286 (1973 for seconds); None for others.

    Narrower than it could be: 202403051011 is a date without signs between, not a millisecond of 1976.
    """
    if 10**8 <= number < 10**10:
        return "s"
    if 10**12 <= number < 10**13:
        return "ms"
    return "us" if 10**15 <= number < 10**16 else None


def read_time(value: str, reading: TimeReading, *, zone: str | None = None) -> str | Finding | None:
    """Return a time's Unix seconds as text; fractions are cut towards the past.

    Args:
        value: One cell.
        reading: How its column is read.
        zone: IANA zone of the row, from a column of its own; it goes before the reading's.
    """
    if reading.unit is not None and value.isdecimal() and value.isascii() and value[0] != "0":
        whole = len(value) - _UNIT_DIGITS[reading.unit]
        if whole == _EXACT_DIGITS:
            return value[:whole]
    if reading.format is None and not reading.unit_said:
        if match := _ISO(value):
            return _read_iso(match, zone or reading.timezone)
        text = clean(value)
        if match := _NUMBER(text):
            return _read_number(match, text, reading, zone)
        return _read_text(text, reading, zone or reading.timezone) if text else None
    text = clean(value)
    if not text:
        return None
    if reading.format is not None:
        return _read_layout(text, reading.format, zone or reading.timezone)
    if match := _NUMBER(text):
        return _read_number(match, text, reading, zone)
    return _read_scientific(text, reading) or Finding("time-format-differs", detail=reading.unit or "")


def epoch_text(number: int, unit: Unit, *, negative: bool = False, fraction: str = "") -> str:
    """Return the whole seconds of an epoch number as text, cut towards the past also before 1970."""
    per_second = UNITS[unit]
    if not negative:
        return str(number // per_second)
    if fraction.strip("0"):
        number += 1
    return str(-number // per_second)


def _read_iso(match: re.Match[str], zone: str | None) -> str | Finding:
    day, hour, minute, second, offset = match.groups()
    start = _start_of(day)
    if start is None:  # 30 February
        return Finding("time-unreadable")
    if hour is None:
        return _place(start, 0, None, zone, has_time=False)
    passed = int(hour) * 3600 + int(minute) * 60 + (int(second) if second else 0)
    return _place(start, passed, offset, zone, has_time=True)


@lru_cache(maxsize=4096)
def _start_of(date: str) -> int | None:
    digits = date.replace("-", "")
    return day_s(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _place(day: int, second: int, offset: str | None, zone: str | None, *, has_time: bool) -> str | Finding:
    """Place a local time on the world's clock: by its own offset, else by the zone."""
    if offset is not None:
        east_s = offset_s(offset)
        return Finding("time-unreadable") if east_s is None else str(day + second - east_s)
    if zone is None:
        return Finding("time-zone-missing")
    placed = local_seconds(day, second, zone)
    if placed is None:
        return Finding("time-zone-unknown")
    seconds, clash = placed
    if not has_time:
        return Finding("time-date-only", str(seconds), zone)
    if clash:
        local = datetime.fromtimestamp(day + second, UTC)
        return Finding(f"time-dst-{clash}", str(seconds), f"{local:%Y-%m-%d %H:%M} in {zone}")
    return str(seconds)


def _read_layout(text: str, format: str, zone: str | None) -> str | Finding:
    layout = parse_layout(format)
    found = layout.read(text)
    if found is None:
        return Finding("time-format-differs", detail=format)
    day, second, offset, name = found
    if name and is_abbreviation(name):
        return Finding("time-zone-name")
    return _place(day, second, offset and offset.upper(), name or zone, has_time=layout.has_time)


def _read_number(match: re.Match[str], text: str, reading: TimeReading, zone: str | None) -> str | Finding:
    sign, digits, fraction = match.groups()
    number = int(digits)
    by_size = _unit_by_size(number)
    if by_size is None:
        if reading.unit_said and reading.unit and number < 10**8:
            return epoch_text(number, reading.unit, negative=bool(sign), fraction=fraction or "")
        return _read_small_number(text, number, reading, zone)
    if by_size != reading.unit:
        among = UNIT_WORDS[reading.unit] if reading.unit else "written dates"
        return Finding("time-unit-differs", detail=f"{UNIT_WORDS[by_size]} among {among}")
    return epoch_text(number, by_size, negative=bool(sign), fraction=fraction or "")


def _read_small_number(text: str, number: int, reading: TimeReading, zone: str | None) -> str | Finding:
    """Read a number that is no epoch: a date without signs, a spreadsheet's count of days, or damage."""
    if reading.unit_said:
        return Finding("time-format-differs", detail=reading.unit or "")
    if _BASIC_ISO(text):
        return _read_text(text, reading, zone or reading.timezone)
    if number in _SERIALS and len(text.partition(".")[0]) == 5:
        return Finding("time-excel-serial")
    formats = suggest_formats(text, None)
    return Finding("time-format-unknown", detail=formats[0]) if formats else Finding("time-unreadable")


def _read_text(text: str, reading: TimeReading, zone: str | None) -> str | Finding:
    if match := _ISO(text):
        return _read_iso(match, zone)
    if match := _BASIC_ISO(text):
        return _read_iso(match, zone)
    if found := _read_scientific(text, reading):
        return found
    if _NAMED_ZONE(text):
        return Finding("time-zone-name")
    if (zoned := trailing_zone(text)) and (match := _ISO(zoned[0])):
        return _read_iso(match, zoned[1])
    if _STRANGE_ZONE(text):
        return Finding("time-zone-unknown")
    formats = suggest_formats(text, reading.date_order)
    if len(formats) > 1:
        return Finding("time-day-or-month", detail=" or ".join(formats))
    return Finding("time-format-unknown", detail=formats[0]) if formats else Finding("time-unreadable")


def _read_scientific(text: str, reading: TimeReading) -> str | Finding | None:
    """Read 1.709629872E9, which lost nothing; refuse 1.70963E+09, which did."""
    match = _SCIENTIFIC(text)
    if not match:
        return None
    first, rest, exponent = match.groups()
    digits, shift = first + (rest or ""), int(exponent) - len(rest or "")
    if len(digits) < _EXACT_DIGITS or int(exponent) > 18:
        return Finding("time-damaged")
    whole = digits + "0" * shift if shift >= 0 else f"{digits[:shift]}.{digits[shift:]}"
    number = _NUMBER(whole)
    return _read_number(number, whole, reading, None) if number else Finding("time-damaged")

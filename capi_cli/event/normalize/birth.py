"""`db` and its parts: a date of birth as `YYYYMMDD`, from a stated order or one that can't be misread.

Year first needs no statement. Day or month first does: by a format in the mapping, or by a column one of
whose first rows has a value above 12. Nothing is guessed per cell: `02/03/1997` is two people.

Source: Meta, "Customer information parameters", db: YYYYMMDD, 1900 to the current year.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice

from capi_cli.event import limits
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.text import clean

DAY_FIRST = "%d/%m/%Y"
MONTH_FIRST = "%m/%d/%Y"
ROWS_THAT_SETTLE = 10_000
_MONTHS = 12
_DAYS = 31
_CENTURY = 100

_YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[T ]\d.*)?")
_YEAR_FIRST = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?:(?:[Tt ]\d|Z|\+\d).*)?")
_SERIAL = re.compile(r"[1-9]\d{3,4}(?:\.\d+)?")  # days since 1900, as a spreadsheet keeps a date


class Order(StrEnum):
    """In which order a column writes its dates of birth."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    UNSETTLED = "unsettled"  # no value above 12 says which number is the day
    CONTRADICTORY = "contradictory"  # some rows can only be day first, others only month first
    UNNEEDED = "unneeded"  # no cell ends in a year


@dataclass(frozen=True, slots=True)
class BirthFormat:
    """What the first rows of a column say about the order of its dates."""

    order: Order

    @property
    def format(self) -> str | None:
        """The strptime codes to read the column with; None where nothing is settled."""
        return {Order.DAY_FIRST: DAY_FIRST, Order.MONTH_FIRST: MONTH_FIRST}.get(self.order)


def settle_birth_format(values: Iterable[str]) -> BirthFormat:
    """Decide between day first and month first from a column's first 10,000 rows.

    Separators may be `/`, `.` or `-`; years have four digits. One value above 12 settles the column.

    Source: docs/normalization.md, db.
    """
    day_first = month_first = seen = False
    for value in islice(values, ROWS_THAT_SETTLE):
        found = _YEAR_LAST.fullmatch(clean(value))
        if found is None:
            continue
        seen = True
        first, second = int(found[1]), int(found[3])
        day_first |= _MONTHS < first <= _DAYS and second <= _MONTHS
        month_first |= _MONTHS < second <= _DAYS and first <= _MONTHS
    if not seen:
        return BirthFormat(Order.UNNEEDED)
    if day_first and month_first:
        return BirthFormat(Order.CONTRADICTORY)
    if day_first:
        return BirthFormat(Order.DAY_FIRST)
    return BirthFormat(Order.MONTH_FIRST if month_first else Order.UNSETTLED)


def normalize_birth_date(value: str, *, date_format: str | None, today: date) -> str | Finding | None:
    """Return a date of birth as `YYYYMMDD`.

    Args:
        value: A date as the file writes it, trimmed.
        date_format: strptime codes from the mapping or from `settle_birth_format`; None where nobody said.
            Its separators may be `/`, `.` or `-` in the cells. ISO dates and eight digits need none.
        today: The last possible date.

    Source: docs/normalization.md, db; Meta, "Customer information parameters", db.
    """
    if date_format is not None and (parts := _in_format(value, date_format, today)) is not None:
        return _on_calendar(*parts, today)
    if len(value) == 8 and value.isdecimal():
        return _on_calendar(int(value[:4]), int(value[4:6]), int(value[6:]), today)
    if found := _YEAR_FIRST.fullmatch(value):
        return _on_calendar(int(found[1]), int(found[3]), int(found[4]), today)
    if value.endswith(".0") and len(value) == 10 and value[:8].isdecimal():
        return _on_calendar(int(value[:4]), int(value[4:6]), int(value[6:8]), today)
    return Finding("db-spreadsheet" if _SERIAL.fullmatch(value) else "db-format")


def normalize_birth_year(value: str, *, today: date) -> str | Finding | None:
    """Return a year of birth as `YYYY`, 1900 to today.

    Source: docs/normalization.md, doby; the business SDKs.
    """
    number = _whole(value)
    if number is None or not limits.MIN_BIRTH_YEAR <= number <= today.year:
        return Finding("doby-range")
    return str(number)


def normalize_birth_month(value: str) -> str | Finding | None:
    """Return a month of birth as `01` to `12`.

    Source: docs/normalization.md, dobm; the business SDKs.
    """
    number = _whole(value)
    return Finding("dobm-range") if number is None or not 1 <= number <= _MONTHS else f"{number:02d}"


def normalize_birth_day(value: str) -> str | Finding | None:
    """Return a day of birth as `01` to `31`.

    Source: docs/normalization.md, dobd; the business SDKs.
    """
    number = _whole(value)
    return Finding("dobd-range") if number is None or not 1 <= number <= _DAYS else f"{number:02d}"


def _whole(value: str) -> int | None:
    digits = value.removesuffix(".0")
    return int(digits) if digits.isdecimal() and len(digits) <= 4 else None


def _in_format(value: str, date_format: str, today: date) -> tuple[int, int, int] | None:
    """Return year, month and day as a format reads them, on the calendar or not; None without a fit."""
    if (order := _numbers_only(date_format)) is not None:
        found = _YEAR_LAST.fullmatch(value)
        if found is None:
            return None
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        return (year, second, first) if order is Order.DAY_FIRST else (year, first, second)
    try:
        parsed = datetime.strptime(value, date_format)  # noqa: DTZ007 - a date of birth has no zone
    except ValueError:
        return None
    year = parsed.year
    if "%y" in date_format and parsed.date() > today:  # strptime reads 45 as 2045
        year -= _CENTURY
    return year, parsed.month, parsed.day


def _numbers_only(date_format: str) -> Order | None:
    plain = date_format.replace(".", "/").replace("-", "/")
    if plain == DAY_FIRST:
        return Order.DAY_FIRST
    return Order.MONTH_FIRST if plain == MONTH_FIRST else None


def _on_calendar(year: int, month: int, day: int, today: date) -> str | Finding:
    try:
        found = date(year, month, day)
    except ValueError:
        return Finding("db-range")
    if year < limits.MIN_BIRTH_YEAR or found > today:
        return Finding("db-range")
    return f"{year}{month:02d}{day:02d}"

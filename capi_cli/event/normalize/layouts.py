"""Layouts of dates: strptime's codes as one pattern, the same on every machine; and which layout a text has.

Not `datetime.strptime`: that one reads month names in the machine's language and takes several times as long.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from capi_cli.errors import ConfigurationError
from capi_cli.event.normalize.zones import day_s, trailing_zone
from capi_cli.private import shown

DateOrder = Literal["dmy", "mdy"]

_MONTHS: Final = tuple(
    "january february march april may june july august september october november december".split()
)
_MONTH_NUMBERS: Final = {name[:length]: n for n, name in enumerate(_MONTHS, 1) for length in (3, len(name))}
_MONTH_NUMBERS["sept"] = 9
_WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()


def _any_of(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_MONTH: Final = _any_of(list(_MONTH_NUMBERS))
_WEEKDAY: Final = _any_of([*_WEEKDAYS, *(name[:3] for name in _WEEKDAYS)])
OFFSET: Final = "Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?"

_CODES: Final = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "1[0-2]|0?[1-9]",
    "b": _MONTH,
    "B": _MONTH,
    "d": "3[01]|[12][0-9]|0?[1-9]",
    "H": "2[0-3]|[01]?[0-9]",
    "I": "1[0-2]|0?[1-9]",
    "M": "[0-5]?[0-9]",
    "S": "[0-5]?[0-9]",
    "f": "[0-9]{1,9}",
    "p": r"[ap]\.?m\.?",
    "a": _WEEKDAY,
    "A": _WEEKDAY,
    "z": OFFSET,
    "Z": r"[A-Z][A-Z0-9_/+\-&(),.' ]*",
}
_SHORTHANDS: Final = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%e": "%d"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A format, ready to read.

    Attributes:
        pattern: One group for each code.
        codes: The codes that it has, in their order.
    """

    pattern: re.Pattern[str]
    codes: tuple[str, ...]

    @property
    def has_time(self) -> bool:
        """Whether it tells an hour."""
        return "H" in self.codes or "I" in self.codes

    def read(self, text: str) -> tuple[int, int, str | None, str | None] | None:
        """Return the day's 00:00 in seconds, the second of the day, the offset and the zone's name as written.

        None where the text has another layout, or the day is none of the calendar.
        """
        match = self.pattern.fullmatch(text)
        if not match:
            return None
        found = dict(zip(self.codes, match.groups(), strict=True))
        if year_text := found.get("Y"):
            year = int(year_text)
        else:
            year = int(found["y"])
            year += 2000 if year < 69 else 1900  # as POSIX has it
        month_text = found.get("m")
        month = int(month_text) if month_text else _MONTH_NUMBERS[found["b"].lower()]
        day = day_s(year, month, int(found["d"]))
        return None if day is None else (day, _second_of_day(found), found.get("z"), found.get("Z"))


def _second_of_day(found: dict[str, str]) -> int:
    if hour := found.get("H"):
        hours = int(hour)
    elif hour := found.get("I"):
        hours = int(hour) % 12 + (12 if found["p"][0] in "pP" else 0)
    else:
        return 0
    return hours * 3600 + int(found.get("M", 0)) * 60 + int(found.get("S", 0))


@lru_cache(maxsize=512)
def parse_layout(format: str) -> Layout:
    """Return a format of strptime codes, ready to read.

    Raises:
        ConfigurationError: A code is unknown or there twice, or the day, month or year is missing.
    """
    expanded = format
    for short, long in _SHORTHANDS.items():
        expanded = expanded.replace(short, long)
    codes: list[str] = []
    pattern: list[str] = []
    for code, space, literal in re.findall(r"%(.?)|(\s+)|([^%\s]+)", expanded):
        if literal:
            pattern.append(re.escape(literal))
        elif space:
            pattern.append(r"\s+")
        elif code == "%":
            pattern.append("%")
        elif code == "Z":  # a column of zones may be empty in some rows, which --timezone then fills
            gap = pattern.pop() if pattern and pattern[-1] == r"\s+" else ""
            pattern.append(f"(?:{gap}({_CODES[code]}))?")
            codes.append(code)
        else:
            pattern.append(f"({_pattern_of(code, format)})")
            codes.append(_group(code))
    _check_codes(codes, format)
    return Layout(pattern=re.compile("".join(pattern), re.IGNORECASE), codes=tuple(codes))


def _group(code: str) -> str:
    return {"B": "b", "A": "a"}.get(code, code)


def _pattern_of(code: str, format: str) -> str:
    if code in _CODES:
        return _CODES[code]
    raise ConfigurationError(
        f"The format {shown(format)} has a code that can't be read: %{code}.",
        f"Known codes: {' '.join('%' + known for known in _CODES)}, or s, ms, us for epoch numbers.",
    )


def _check_codes(codes: list[str], format: str) -> None:
    if len(codes) != len(set(codes)):
        raise ConfigurationError(f"The format {shown(format)} has a code twice.", "Give each code once.")
    missing = [
        word
        for word, any_of in (("the year (%Y)", "Yy"), ("the month (%m)", "mb"), ("the day (%d)", "d"))
        if not set(codes) & set(any_of)
    ]
    if missing:
        raise ConfigurationError(
            f"The format {shown(format)} leaves out {' and '.join(missing)}.",
            "Name every part, such as %d.%m.%Y %H:%M, or s, ms, us for epoch numbers.",
        )
    if ("I" in codes) != ("p" in codes and "H" not in codes):
        raise ConfigurationError(
            f"The format {shown(format)} mixes 12-hour and 24-hour codes.",
            "Use %I with %p for 02:30 PM, or %H alone for 14:30.",
        )


# --- which layout a text has -------------------------------------------------------------------------------

_DATE: Final = r"(?P<a>[0-9]{1,4})(?P<sep>[./-])(?P<b>[0-9]{1,2})(?P=sep)(?P<c>[0-9]{4}|[0-9]{1,2})(?![0-9])"
_LONGEST_DATE: Final = 64  # characters; JavaScript's own form with the zone's name in brackets
_DATE_ALONE = re.compile(_DATE).match
_PIECE = re.compile(
    rf"(?P<date>(?<![0-9]){_DATE})"
    r"|(?P<time>[0-9]{1,2}:[0-9]{2}(?P<seconds>:[0-9]{2}(?P<fraction>[.,][0-9]+)?)?)(?P<half>\s?[ap]\.?m\.?)?"
    rf"|(?P<offset>(?<=[0-9\s])(?:[+-][0-9]{{2}}:?[0-9]{{2}}|Z|UTC|GMT)(?![a-z0-9]))"
    r"|(?P<compact>(?<![0-9])(?:19|20)[0-9]{10}(?:[0-9]{2})?(?![0-9]))"
    r"|(?P<year>(?<![0-9])(?:19|20)[0-9]{2}(?![0-9]))"
    rf"|(?P<weekday>\b(?:{_WEEKDAY})\b)|(?P<month>\b(?:{_MONTH})\b)"
    r"|(?P<day>(?<![0-9])[0-9]{1,2}(?![0-9]))|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)


def date_order(text: str) -> DateOrder | None:
    """Return what a date such as 25/03/2024 tells about its order; None where it tells nothing."""
    match = _DATE_ALONE(text)
    if not match or len(match["a"]) > 2:
        return None
    first, second = int(match["a"]), int(match["b"])
    if first > 12 >= second:
        return "dmy" if len(match["c"]) == 4 else None  # 25/03/24 may be March 2025 too
    return "mdy" if second > 12 >= first else None


def suggest_formats(text: str, order: DateOrder | None) -> tuple[str, ...]:
    """Return the formats that read a written date: one, several where its order is open, none for no date.

    Args:
        text: A trimmed cell.
        order: What the rest of its column tells.
    """
    if len(text) > _LONGEST_DATE:
        return ()
    if zoned := trailing_zone(text):
        return tuple(f"{format} %Z" for format in suggest_formats(zoned[0], order))
    dates: tuple[str, ...] = ()
    written: list[str] = []
    for match in _PIECE.finditer(text):
        if match.lastgroup == "other" and match["other"].isalpha() and match["other"] not in "Tt":
            return ()
        if match["date"]:
            if dates:
                return ()
            dates = _date_formats(match, order)
            written.append("%date")
        else:
            written.append(_piece_format(match))
    found = "".join(written)
    candidates = [found.replace("%date", date) for date in dates] if dates else [found]
    return tuple(format for format in candidates if _reads(format, text))


def _date_formats(match: re.Match[str], order: DateOrder | None) -> tuple[str, ...]:
    a, sep, b, c = match["a"], match["sep"], match["b"], match["c"]
    if len(a) == 4:
        return (f"%Y{sep}%m{sep}%d",) if int(b) <= 12 else (f"%Y{sep}%d{sep}%m",)
    year = "%Y" if len(c) == 4 else "%y"
    day_first, month_first = f"%d{sep}%m{sep}{year}", f"%m{sep}%d{sep}{year}"
    certain = date_order(match["date"]) or order or ("dmy" if sep == "." else None)
    if certain and year == "%Y":
        return (day_first,) if certain == "dmy" else (month_first,)
    if certain:
        return (day_first if certain == "dmy" else month_first,)
    return (day_first, month_first, f"%y{sep}%m{sep}%d")


def _piece_format(match: re.Match[str]) -> str:
    if match["time"]:
        seconds = ":%S" if match["seconds"] else ""
        fraction = f"{match['fraction'][0]}%f" if match["fraction"] else ""
        half = match["half"]
        if not half:
            return f"%H:%M{seconds}{fraction}"
        return f"%I:%M{seconds}{fraction}{' ' if half[0].isspace() else ''}%p"
    if match["compact"]:
        return "%Y%m%d%H%M%S" if len(match["compact"]) == 14 else "%Y%m%d%H%M"
    codes = {"offset": "%z", "year": "%Y", "weekday": "%a", "month": "%b", "day": "%d"}
    for name, code in codes.items():
        if match[name]:
            return code
    return match["other"].replace("%", "%%")


def _reads(format: str, text: str) -> bool:
    try:
        return parse_layout(format).read(text) is not None
    except ConfigurationError:
        return False

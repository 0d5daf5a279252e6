"""Time zones: names checked, local times turned into Unix seconds, gaps and overlaps told.

The zones are those of the system's tz database, else of the tzdata package.
"""

import re
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from capi_cli.errors import ConfigurationError
from capi_cli.event.normalize.zone_names import ZONE_NAMES
from capi_cli.private import shown

Clash = Literal["gap", "overlap"]

DAY_S: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- the zone is asked about local times
_EPOCH_DAY: Final = _EPOCH.toordinal()
_FAR_S: Final = 200 * 366 * DAY_S  # further away every time takes the long way
_MAX_OFFSET_S: Final = 15 * 3600  # Kiribati is at 14 hours

_ABBREVIATION = re.compile(r"[A-Z]{2,5}").fullmatch
_ZONE_BEGINS = re.compile(r"(?<=[0-9mM.])\s+(?=[A-Za-z])")


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name, or of a name that a common export writes; None where there is none."""
    try:
        return ZoneInfo(ZONE_NAMES.get(name.lower(), name))
    except (ValueError, OSError, KeyError):  # no such zone, a path, a folder of zones
        return None


def trailing_zone(text: str) -> tuple[str, str] | None:
    """Return a time and the zone's name behind it; None where no known name stands there.

    An abbreviation (`EST`) is no name, though IANA lists some: it stands for several zones.
    """
    for gap in _ZONE_BEGINS.finditer(text):
        name = text[gap.end() :]
        if not _ABBREVIATION(name) and zone_of(name) is not None:
            return text[: gap.start()], name
    return None


def is_abbreviation(name: str) -> bool:
    """Return whether a zone's name is an abbreviation, other than those of UTC."""
    return _ABBREVIATION(name) is not None and name not in ("UTC", "GMT")


def check_timezone(name: str) -> str:
    """Return the name of a zone as it may be used, or raise an error that names near ones."""
    if name.lower() not in ZONE_NAMES and zone_of(name) is not None:
        return name
    meant = ZONE_NAMES.get(name.strip().lower())
    near = [meant] if meant else near_zones(name)
    raise ConfigurationError(
        f"No time zone is called {shown(name)}.",
        f"Did you mean {' or '.join(near)}?"
        if near
        else "Use an IANA name, such as --timezone Europe/Berlin.",
    )


def near_zones(name: str) -> list[str]:
    """Return up to three IANA names closest to a mistyped one, a city alone included."""
    folded = name.strip().lower().replace(" ", "_")
    known: dict[str, str] = {}
    for zone in sorted(available_timezones(), reverse=True):
        known[zone.lower()] = zone
        known.setdefault(zone.lower().rpartition("/")[2], zone)
    found = get_close_matches(folded, known, n=3, cutoff=0.75)
    return list(dict.fromkeys(known[key] for key in found))


@lru_cache(maxsize=4096)
def day_s(year: int, month: int, day: int) -> int | None:
    """Return the Unix seconds of a day's 00:00 in UTC; None for 30 February."""
    try:
        return (date(year, month, day).toordinal() - _EPOCH_DAY) * DAY_S
    except ValueError:
        return None


def local_seconds(day: int, second: int, zone: str) -> tuple[int, Clash | None] | None:
    """Return the Unix seconds of a local time, and whether clocks skipped it or showed it twice.

    A skipped time is read with the offset before the change, one that came twice as its first occurrence.

    Args:
        day: 00:00 of the local date, in seconds as if it were UTC.
        second: Of the day.
        zone: A zone's name; None is returned where there is no such zone.
    """
    quiet = _quiet_offset_s(day, zone)
    if quiet is not None:
        return day + second - quiet, None
    place = zone_of(zone)
    if place is None:
        return None
    naive = _EPOCH + timedelta(seconds=day + second)
    before, after = _offset_s(place, naive), _offset_s(place, naive.replace(fold=1))
    clash: Clash | None = None
    if before != after:
        clash = "gap" if before < after else "overlap"
    return day + second - before, clash


@lru_cache(maxsize=4096)
def _quiet_offset_s(day: int, zone: str) -> int | None:
    """Return a zone's offset on a day around which clocks do not change; an export has few days, and most are quiet."""
    place = zone_of(zone)
    if place is None or abs(day) > _FAR_S:
        return None
    midnight = _EPOCH + timedelta(seconds=day)
    offsets = {_offset_s(place, midnight + timedelta(hours=hours)) for hours in range(-24, 49, 3)}
    return offsets.pop() if len(offsets) == 1 else None


def _offset_s(place: ZoneInfo, naive: datetime) -> int:
    offset = place.utcoffset(naive) or timedelta()
    return offset.days * DAY_S + offset.seconds


@lru_cache(maxsize=1024)
def offset_s(text: str) -> int | None:
    """Return the seconds east of UTC of `Z`, `+02`, `+0200` or `+02:00`; None for an impossible offset."""
    if text in ("Z", "z", "UTC", "GMT"):
        return 0
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
    seconds = hours * 3600 + minutes * 60
    if minutes > 59 or seconds > _MAX_OFFSET_S:
        return None
    return -seconds if text[0] == "-" else seconds

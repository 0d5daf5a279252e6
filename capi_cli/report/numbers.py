"""Shares, amounts and instants as the page shows them. Instants are UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)  # fromtimestamp fails before it on some platforms
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # of no locale


def share(part: float) -> str:
    """Return `98.4%`; all and nothing are said only where they are exact."""
    if part <= 0 or part >= 1:
        return "0%" if part <= 0 else "100%"
    percent = part * 100
    if percent < 0.1:
        return "<0.1%"
    if percent > 99.9:
        return ">99.9%"
    return f"{percent:.1f}%" if percent < 10 or percent > 99 else f"{percent:.0f}%"


def amount(number: float) -> str:
    """Return a sum of money without its currency: `1,234.50`, and `1,234` where nothing stands behind the point."""
    text = f"{abs(number):,.2f}".removesuffix(".00")
    return f"−{text}" if number < 0 and text != "0" else text


def bound(number: float) -> str:
    """Return where a column of a histogram begins or ends: three digits are enough."""
    if number >= 1_000_000:
        return f"{number / 1_000_000:.3g}M"
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def instant(at: datetime) -> str:
    """Return `16 Nov 2026, 14:05 UTC`."""
    at = at.astimezone(UTC)
    return f"{_day(at)} {at.year}, {at:%H:%M} UTC"


def hour_name(hour: int) -> str:
    """Return `16 Nov, 14:00` of an hour since 1970."""
    at = _EPOCH + timedelta(hours=hour)
    return f"{_day(at)}, {at:%H}:00"


def day_name(day: int) -> str:
    """Return `16 Nov` of a day since 1970."""
    return _day(_EPOCH + timedelta(days=day))


def day_and_year(day: int) -> str:
    """Return `16 Nov 2026` of a day since 1970."""
    at = _EPOCH + timedelta(days=day)
    return f"{_day(at)} {at.year}"


def _day(at: datetime) -> str:
    return f"{at.day} {_MONTHS[at.month - 1]}"

"""Numbers as people read them, on the terminal and on the page."""

_SIZES = ("B", "kB", "MB", "GB", "TB")


def count(number: int) -> str:
    """Return `12,345`."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Return `1 row`, `12,345 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: float) -> str:
    """Return bytes as `26.1 MB`, in powers of 1000."""
    for unit in _SIZES:
        if number < 999.5 or unit == _SIZES[-1]:
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" or number >= 99.95 else f"{number:.1f} {unit}"


def span(seconds: float) -> str:
    """Return a duration as `1.2 s`, `45 s`, `3 min 05 s`, `2 h 07 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min"


def per_second(number: float) -> str:
    """Return a rate as `24,100/s`, without digits that mean nothing."""
    return f"{number:,.0f}/s" if number >= 10 or number == 0 else f"{number:.1f}/s"

"""Text of one option → its value. Each parser says what it expects when the text is something else.

The same parsers serve the command line, the environment and capi.toml, so that `15m` means one thing. A
parser raises ValueError with the sentence that becomes the hint; who called it knows the option's name.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from capi_cli.event import limits

_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.ASCII)
_RATE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(%?)", re.ASCII)
_API_VERSION = re.compile(r"v\d{1,3}\.\d{1,2}", re.ASCII)
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def text(value: str) -> str:
    """Return the text, trimmed; empty text is an error."""
    if not (cleaned := value.strip()):
        raise ValueError("Expected some text.")
    return cleaned


def switch(value: str) -> bool:
    """Return what a flag's variable says: `1`, `true`, `yes` or `on`; or `0`, `false`, `no` or `off`."""
    if (word := value.strip().lower()) in _YES or word in _NO:
        return word in _YES
    raise ValueError("It is a switch: expected 1 or 0, true or false, yes or no, on or off.")


def duration_s(value: str) -> float:
    """Return seconds: `90s`, `15m`, `2h`, `7d`, or a plain number of seconds."""
    if not (found := _DURATION.fullmatch(value.strip().lower())):
        raise ValueError("Expected a duration such as 90s, 15m, 2h, 7d, or a number of seconds.")
    return float(found[1]) * _UNITS_S[found[2]]


def some_time_s(value: str) -> float:
    """Return a duration above zero, in seconds."""
    if (found := duration_s(value)) > 0:
        return found
    raise ValueError("Expected a duration above zero, such as 60s.")


def keeping_s(value: str) -> float:
    """Return how long the ledger remembers, in seconds: no shorter than Meta takes an event."""
    if (found := duration_s(value)) >= limits.MAX_AGE_PHYSICAL_STORE_S:
        return found
    raise ValueError(
        "Expected 62d or longer: Meta takes shop sales that old, and a forgotten one is sent twice."
    )


def rate(value: str) -> float:
    """Return a share between 0 and 1: `0.1` or `10%`."""
    found = _RATE.fullmatch(value.strip())
    share = float(found[1]) / (100 if found[2] else 1) if found else -1.0
    if not 0 <= share <= 1:
        raise ValueError("Expected a share between 0 and 1, such as 0.1 or 10%.")
    return share


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return a parser of whole numbers from `low` to `high`."""
    expected = (
        f"Expected a whole number from {low} to {high}."
        if high
        else f"Expected a whole number, {low} or more."
    )

    def parse(value: str) -> int:
        cleaned = value.strip().replace("_", "")
        if not (cleaned.isascii() and cleaned.isdigit()) or int(cleaned[:12]) < low:
            raise ValueError(expected)
        if high is not None and int(cleaned) > high:
            raise ValueError(expected)
        return int(cleaned)

    return parse


def choice(*words: str) -> Callable[[str], str]:
    """Return a parser of one word of a closed list."""

    def parse(value: str) -> str:
        cleaned = value.strip().lower()
        if cleaned in words:
            return cleaned
        from difflib import get_close_matches

        near = get_close_matches(cleaned, words, n=1)
        raise ValueError(f"Expected {' or '.join(words)}." + (f" Did you mean {near[0]}?" if near else ""))

    return parse


def dataset_id(value: str) -> str:
    """Return a dataset's id: digits, as Events Manager shows it."""
    cleaned = value.strip()
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= 32):
        raise ValueError(
            "Expected the digits that Events Manager shows under Settings, such as 1234567890123456."
        )
    return cleaned


def api_version(value: str) -> str:
    """Return a Graph API version such as `v26.0`."""
    cleaned = value.strip().lower()
    if not _API_VERSION.fullmatch(cleaned):
        raise ValueError("Expected a Graph API version such as v26.0.")
    return cleaned


def url(value: str) -> str:
    """Return the address of a Graph endpoint, without a slash at its end."""
    expected = "Expected an address such as https://graph.facebook.com or http://127.0.0.1:8080."
    cleaned = value.strip().rstrip("/")
    try:
        parts = urlsplit(cleaned)
        _ = parts.port
    except ValueError as error:
        raise ValueError(expected) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(expected)
    return cleaned


def timezone(value: str) -> str:
    """Return an IANA zone's name; another spelling is an error that names the nearest."""
    from difflib import get_close_matches
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    cleaned = value.strip()
    try:
        if cleaned.lower() in ("localtime", "posixrules"):
            raise ValueError  # "never local": the same file must mean the same times on every machine
        return ZoneInfo(cleaned).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        known = {name.lower(): name for name in sorted(available_timezones())}
        near = get_close_matches(cleaned.lower(), known, n=2)
        meant = f" Did you mean {' or '.join(known[name] for name in near)}?" if near else ""
        raise ValueError(f"Expected an IANA zone such as Europe/Berlin.{meant}") from error


def country(value: str) -> str:
    """Return an ISO alpha-2 code in capitals."""
    import pycountry

    cleaned = value.strip().upper()
    if pycountry.countries.get(alpha_2=cleaned) is None:
        meant = " Did you mean GB?" if cleaned == "UK" else ""
        raise ValueError(f"Expected an ISO 3166 code of two letters, such as DE or US.{meant}")
    return cleaned


def path(value: str) -> Path:
    """Return a path, `~` expanded."""
    if not value.strip():
        raise ValueError("Expected a path.")
    return Path(value).expanduser()


def page(value: str) -> Path:
    """Return the path of an HTML page; another ending may be a source's, which must not be overwritten."""
    if (found := path(value)).suffix.lower() not in (".html", ".htm"):
        raise ValueError("Expected a path that ends in .html.")
    return found


def encoding(value: str) -> str:
    """Return the name of a text encoding that Python knows."""
    import codecs

    try:
        "".encode(value.strip())  # refuses codecs that are not of text, which lookup knows too
        return codecs.lookup(value.strip()).name
    except LookupError as error:
        raise ValueError("Expected the name of an encoding, such as utf-8, cp1252 or latin-1.") from error


def delimiter(value: str) -> str:
    """Return the one character between cells; `tab` and `\\t` are words for it."""
    found = "\t" if value.strip().lower() in ("tab", "\\t") else value
    if len(found) != 1 or found in '"\r\n':
        raise ValueError("Expected one character such as ; or the word tab.")
    return found


def names(value: str) -> tuple[str, ...]:
    """Return names between commas, none of them empty."""
    found = tuple(part.strip() for part in value.split(","))
    if not all(found):
        raise ValueError("Expected names between commas, such as email,phone,total.")
    return found


def pair(left: str, right: str) -> Callable[[str], tuple[str, str]]:
    """Return a parser of `LEFT=RIGHT`, cut at the first `=`."""

    def parse(value: str) -> tuple[str, str]:
        first, sign, second = value.partition("=")
        if not (first.strip() and sign and second):
            raise ValueError(f"Expected {left}={right}, with something on both sides.")
        return first.strip(), second

    return parse


def where(value: str) -> tuple[str, tuple[str, ...]]:
    """Return `COLUMN=VALUE[,VALUE…]` as the column and its values."""
    column, values = pair("COLUMN", "VALUE[,VALUE…]")(value)
    found = tuple(part.strip() for part in values.split(",") if part.strip())
    if not found:
        raise ValueError("Expected COLUMN=VALUE[,VALUE…], with something on both sides.")
    return column, found

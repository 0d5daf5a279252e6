"""URLs: kept as they are, but for personal data in their query; and the click id of a landing page."""

import re
from typing import Final
from urllib.parse import unquote

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.scalars import holds_email
from capi_cli.event.normalize.text import clean

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#\s]+)").match
_FBCLID = re.compile(r"(?:^|[?&#;])fbclid=([^&#;\s]+)").search
# Nothing personal without one of these: an address's sign, a phone's plus (a `+` before a letter is a space),
# a percent sign that is itself encoded, a name that phone numbers go by.
_SUSPECTS: Final = ("@", "%40", "%25", "%2b", "tel", "phone", "mob", "cel", "msisdn", "whatsapp", "ph=")
_PLUS = re.compile(r"\+[0-9(]").search
_PHONE_NAME = re.compile(
    r"(?:^|[^a-z])(?:tel|ph|mob|cell|msisdn)$|phone|telefon|telephone|mobile|celular|whatsapp", re.IGNORECASE
).search
_PHONE = re.compile(r"(?<!\w)\+\(?[0-9](?:[ ().\u00a0/-]{0,2}[0-9]){6,14}(?![0-9])").search
_PHONE_DIGITS = re.compile(r"\+?(?:[ ().\u00a0/-]{0,2}[0-9]){7,15}[ )]?").fullmatch
_MAX_DECODINGS: Final = 3  # a URL within a URL within a URL


def normalize_url(value: str) -> str | Finding | None:
    """Return a URL; query values that hold an e-mail address or phone number are cut out, with a warning.

    A scheme is required, and a host.

    Source:
        Meta, "Server event parameters", event_source_url; error 2804016 for personal data that is not hashed.
    """
    text = clean(value)
    if not text:
        return None
    if not _SCHEME(text):
        return Finding("url-without-scheme")
    if " " in text or "\t" in text or "\n" in text or "\r" in text:
        text = re.sub(r"\s", lambda match: f"%{ord(match[0]):02X}" if match[0].isascii() else match[0], text)
    mark = _first_mark(text)
    if mark is None or not _is_suspect(text[mark:].lower()):
        return text
    found = text[: mark + 1] + _without_personal_data(text[mark + 1 :])
    return text if found == text else Finding("url-personal-data", found)


def _first_mark(text: str) -> int | None:
    """Return where the query or the fragment begins."""
    query, fragment = text.find("?"), text.find("#")
    if query < 0 or fragment < 0:
        found = max(query, fragment)
        return found if found >= 0 else None
    return min(query, fragment)


def _is_suspect(query: str) -> bool:
    for sign in _SUSPECTS:  # a loop, since `any` takes twice as long
        if sign in query:
            return True
    return "+" in query and _PLUS(query) is not None


def _without_personal_data(query: str) -> str:
    parts = re.split(r"([&;#?])", query)
    parts[::2] = [_cut(part) for part in parts[::2]]
    return "".join(parts)


def _cut(part: str) -> str:
    """Return a `name=value` of a query, the value left out where it is personal."""
    name, equals, raw = part.partition("=")
    value = _decoded(raw if equals else name)
    if not (holds_email(value) or _PHONE(value) or (_PHONE_NAME(name) and _PHONE_DIGITS(value.strip()))):
        return part
    return name + equals if equals else ""


def _decoded(text: str) -> str:
    for _ in range(_MAX_DECODINGS):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def fbclid_of(url: str) -> str | None:
    """Return the click id of a landing page's URL, as Meta gave it; None where it carries none."""
    if "fbclid=" not in url:
        return None
    match = _FBCLID(url.strip())
    return unquote(match[1]) if match else None

"""Match keys that stay plain: addresses of machines, browser and click ids, ids of pages, leads and devices.

Rules of this file: trimmed, case never changed, nothing hashed; what Meta would refuse or could not match is
left out with a warning and the row goes on.

Source: Meta, "Customer information parameters"; "fbp and fbc parameters".
"""

import re
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from socket import AF_INET6, inet_ntop, inet_pton
from typing import Final

from capi_cli.event import limits
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.text import absent_word, clean
from capi_cli.event.normalize.urls import fbclid_of

_BROWSER_ID = re.compile(r"fb\.[0-9]\.[0-9]{10,13}\.[^.\s]\S*").fullmatch
_CLICK_ID = re.compile(r"[A-Za-z0-9._~%-]{8,1000}").fullmatch
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"({_OCTET})(?:\.{_OCTET}){{3}}").fullmatch
# First octets below which some range is private, reserved or multicast; the others need no second look.
_LOOK_CLOSER: Final = frozenset(map(str, (0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256))))
# The blocks of 2000::/3 with special ranges: Teredo and documentation, 6to4, documentation.
_SPECIAL_IPV6: Final = frozenset({b"\x20\x01", b"\x20\x02", b"\x3f\xff"})
_LEAD_ID = re.compile(rf"[0-9]{{{limits.MIN_LEAD_ID_DIGITS},{limits.MAX_LEAD_ID_DIGITS}}}").fullmatch
_DAMAGED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}|[0-9]{17,}\.0+").fullmatch
_POINT_ZERO = re.compile(r"([0-9]{1,16})\.0+").fullmatch
_ZEROS: Final = frozenset("0-")
_NUMBERS: Final = frozenset(
    "lead_id fb_login_id page_id page_scoped_user_id ig_account_id ig_sid whatsapp_business_account_id "
    "instagram_business_account_id".split()
)


def normalize_plain_key(name: str, value: str) -> str | Finding | None:
    """Return the text of a plain match key.

    Args:
        name: As Meta spells it: `client_ip_address`, `fbp`, `lead_id`, …
        value: One cell.
    """
    text = clean(value)
    if not text:
        return None
    if absent := absent_word(name, text):
        return absent
    rule = _RULES.get(name)
    if rule is not None:
        return rule(text)
    return _number_id(text) if name in _NUMBERS else text


def _ip_address(text: str) -> str | Finding:
    match = _IPV4(text)
    if match and match[1] not in _LOOK_CLOSER:
        return text
    if ":" in text and (known := _ordinary_ipv6(text)):
        return known
    try:
        address = ip_address(text)
    except ValueError:
        return Finding("ip-invalid")
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not address.is_global or address.is_multicast or address.is_reserved:
        return Finding("ip-private")
    return str(address)


def _ordinary_ipv6(text: str) -> str | None:
    """Return an address of 2000::/3 in its short form, by the system's quick parser; None for a closer look."""
    try:
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):  # the latter for NUL, which JSON can carry
        return None
    if packed[:2] in _SPECIAL_IPV6 or packed[0] >> 5 != 1:
        return None
    return inet_ntop(AF_INET6, packed)


def _fbc(text: str) -> str | Finding:
    return text if _BROWSER_ID(text) else Finding("fbc-invalid")


def _fbp(text: str) -> str | Finding:
    return text if _BROWSER_ID(text) else Finding("fbp-invalid")


def _lead_id(text: str) -> str | Finding:
    found = _number_id(text.removeprefix("l:").strip())
    if isinstance(found, str) and not _LEAD_ID(found):
        return Finding("lead-id-invalid")
    return found


def _number_id(text: str) -> str | Finding:
    """Return an id made of digits; one that a spreadsheet rounded is somebody else's, and is refused."""
    if _DAMAGED(text):
        return Finding("id-damaged")
    match = _POINT_ZERO(text)
    return match[1] if match else text


def _device_id(text: str) -> str | Finding:
    """Return an advertising id; all zeros is what a phone gives whose owner said no."""
    return Finding("madid-zeros") if _ZEROS.issuperset(text) else text


_RULES: Final[dict[str, Callable[[str], str | Finding]]] = {
    "client_ip_address": _ip_address,
    "fbc": _fbc,
    "fbp": _fbp,
    "lead_id": _lead_id,
    "madid": _device_id,
}


def fbc_from_fbclid(value: str, event_time_s: int) -> str | Finding | None:
    """Return the fbc of a click: `fb.1.<event time in ms>.<fbclid>`; None where a URL carries no click id.

    Args:
        value: A click id, its case untouched, or the URL of the landing page.
        event_time_s: Unix seconds of the event.

    Source:
        Meta, "fbp and fbc parameters": a server that builds the value itself uses subdomain index 1.
    """
    text = clean(value)
    if not text or absent_word("fbclid", text):
        return None
    if _BROWSER_ID(text):
        return text
    click = fbclid_of(text)
    if click is None:
        if "/" in text or "=" in text or "?" in text:  # a URL without one
            return None
        click = text
    if not _CLICK_ID(click):
        return Finding("fbclid-invalid")
    return f"fb.1.{event_time_s * 1000}.{click}"

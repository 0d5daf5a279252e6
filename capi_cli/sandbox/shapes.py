"""Which JSON shape each member of an event must have: number, text, list, object.

Built from the shared field table, but judged here by code of its own. `QUICK` says which type of a value is
enough to pass; a value of another type is looked at by its shape, which answers in the words of Meta's refusal.
"""

import re
import socket
from collections.abc import Callable
from typing import Any

from capi_cli.event.fields import FIELDS, GROUPS, Kind

Fault = str | None
Shape = Callable[[Any], Fault]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII).fullmatch
_WEB_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#]+\S*", re.ASCII).match


def _text(value: Any) -> Fault:
    return None if value.__class__ is str else "must be a string"


def _integer(value: Any) -> Fault:
    return None if value.__class__ is int else "must be an integer"


def _number(value: Any) -> Fault:
    if value.__class__ in (int, float) or (value.__class__ is str and _NUMBER(value)):
        return None  # the samples of "Custom data" show "142.52" as text, too
    return "must be a number"


def _boolean(value: Any) -> Fault:
    return None if value is True or value is False or value in (0, 1) else "must be a boolean"


def _texts(value: Any) -> Fault:
    if value.__class__ is not list:
        return "must be an array"
    return None if all(item.__class__ is str for item in value) else "must be an array of strings"


def _web_address(value: Any) -> Fault:
    if value.__class__ is not str:
        return "must be a string"
    return None if _WEB_ADDRESS(value) else "must be a URL with a scheme"


def _array(value: Any) -> Fault:
    return None if value.__class__ is list else "must be an array"


def _object(value: Any) -> Fault:
    return None if value.__class__ is dict else "must be an object"


def _text_or_list(value: Any) -> Fault:
    return None if value.__class__ in (str, list) else "must be a string or an array of strings"


def _id(value: Any) -> Fault:
    return None if value.__class__ in (str, int) else "must be a string"


def _address(value: Any) -> Fault:
    if value.__class__ is not str:
        return "must be a string"
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in value else socket.AF_INET, value)
    except (OSError, ValueError):  # ValueError: a null character
        return "must be a valid IPv4 or IPv6 address"
    return None


def _status(value: Any) -> Fault:
    return None if value.__class__ in (str, bool) else "must be a string"


def _choice(words: tuple[str, ...]) -> Shape:
    known = frozenset(words)

    def shape(value: Any) -> Fault:
        if value.__class__ is not str:
            return "must be a string"
        return None if value in known else f"must be one of {', '.join(words)}"

    return shape


_SHAPES: dict[Kind, tuple[Shape, type | None]] = {
    Kind.TEXT: (_text, str),
    Kind.INTEGER: (_integer, int),
    Kind.NUMBER: (_number, float),
    Kind.BOOLEAN: (_boolean, bool),
    Kind.TIME: (_integer, int),
    Kind.URL: (_web_address, None),
    Kind.TEXTS: (_texts, None),
    Kind.MATCH_KEY: (_text_or_list, list),  # a list's members are judged with their hashing
    Kind.PLAIN_KEY: (_text, str),
}
# Where the kind of the table is not the shape on the wire.
_OWN: dict[str, tuple[Shape, type | None]] = {
    "user_data.client_ip_address": (_address, None),
    "user_data.lead_id": (_id, str),  # "integer" at Meta; the SDKs send text
    "user_data.fb_login_id": (_id, str),
    "custom_data.contents": (_array, list),
    "custom_data.status": (_status, str),
    "custom_data.store_data": (_object, dict),
    "attribution_data.attribution_setting": (_object, dict),
}
_LEFT_OUT = {"app_data.extinfo", "lead_created_at"}  # a refusal of its own, 2804043; never on the wire

QUICK: dict[str, dict[str, type | None]] = {}
SHAPES: dict[str, dict[str, Shape]] = {}


def _build() -> None:
    for group in ("", *GROUPS):
        QUICK[group], SHAPES[group] = {}, {}
    for path, field in FIELDS.items():
        if field.group not in SHAPES or field.kind is Kind.INPUT or path in _LEFT_OUT:
            continue
        if field.kind is Kind.CHOICE:
            shape, quick = _choice(field.choices), None
        else:
            shape, quick = _OWN.get(path) or _SHAPES[field.kind]
        SHAPES[field.group][field.name], QUICK[field.group][field.name] = shape, quick
    for group in GROUPS:
        SHAPES[""][group], QUICK[""][group] = _object, dict


_build()

CONTENT_SHAPES: dict[str, Shape] = {
    "quantity": _integer,
    "item_price": _number,
    "price": _number,
    "title": _text,
    "description": _text,
    "brand": _text,
    "category": _text,
    "delivery_category": _choice(FIELDS["custom_data.delivery_category"].choices),
}


def misshapen(group: str, members: dict[str, Any]) -> tuple[str, str] | None:
    """Return the name and the fault of the first member of a wrong shape; unknown members pass.

    Events of a file are alike: which members must be looked at is found once for the same names and types.
    """
    key = (group, *members, *map(type, members.values()))
    checks = _CHECKS.get(key)
    if checks is None:
        if len(_CHECKS) >= _MAX_CHECKS:
            _CHECKS.clear()
        checks = _CHECKS[key] = _checks_for(group, members)
    for name, shape in checks:
        if fault := shape(members[name]):
            return name, fault
    return None


_CHECKS: dict[tuple[Any, ...], tuple[tuple[str, Shape], ...]] = {}
_MAX_CHECKS = 2000  # ours: more shapes of events than any export has


def _checks_for(group: str, members: dict[str, Any]) -> tuple[tuple[str, Shape], ...]:
    quick, shapes = QUICK[group], SHAPES[group]
    return tuple(
        (name, shapes[name])
        for name, value in members.items()
        if name in shapes and quick[name] is not value.__class__
    )

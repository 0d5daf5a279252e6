"""Meta's rules for one event, judged by code that the client does not share.

The first fault found decides, as one bad event refuses its whole request. What is judged, in this order: required
members and shapes (2804019), hashing (2804016), time (2804003, 2804004), match keys (2804036, 2804050), money
(2804009, 2804010, 2804023), contents (2804008), limited data use (2804030), and the needs of the action source
(2804043, 2804063, 2804066, 2804069, 2804079, 2804087, 2804116).

2804118, 2804131 and 2804132 need Meta's knowledge of pages and accounts; 2804001, 2804007, 2804017, 2804022 and
2804048 have no known meaning. None of them is judged; a fault can send them.

Source: Meta, "Server event parameters", "Customer information parameters", "Custom data", "Best practices", "Data
processing options", "App events", "Business messaging"; meanings of subcodes from field reports.
"""

import re
from typing import Any

from capi_cli.event import limits
from capi_cli.event.fields import MATCH_KEYS, PLAIN_KEYS
from capi_cli.sandbox import needs
from capi_cli.sandbox.currencies import KNOWN_CURRENCIES
from capi_cli.sandbox.graph import GraphError, event_error, path_error
from capi_cli.sandbox.shapes import CONTENT_SHAPES, QUICK, misshapen

_DIGEST = re.compile(
    rf"[0-9a-f]{{{limits.SHA256_HEX_DIGITS}}}(?:\.[A-Za-z0-9_-]{{{limits.APPENDIX_CHARACTERS}}})?"
).fullmatch
_DIGEST_LENGTHS = {limits.SHA256_HEX_DIGITS}
_HEX_DIGITS = b"0123456789abcdef"
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+").search
_PHONE = re.compile(rf"\s*\+[0-9][0-9 ().-]{{{limits.MIN_PHONE_DIGITS - 1},22}}\s*", re.ASCII).fullmatch
_LEAD_ID = re.compile(
    rf"[0-9]{{{limits.MIN_LEAD_ID_DIGITS},{limits.MAX_LEAD_ID_DIGITS}}}", re.ASCII
).fullmatch

_REQUIRED = ("event_name", "event_time", "action_source", "user_data")
# Hashing is recommended for external_id and compulsory for the others.
_HASHED = frozenset(MATCH_KEYS) - {"external_id"}
_KNOWN_KEYS = frozenset(MATCH_KEYS) | frozenset(PLAIN_KEYS)
# Personal fields that were read as unhashed where they stood in custom_data; city and country are documented there.
_PERSONAL = (_HASHED - {"country"}) | {"email", "phone", "first_name", "last_name", "state", "zip", "gender"}
_CUSTOM = QUICK["custom_data"]
_STRONG = _KNOWN_KEYS - frozenset[str]().union(*limits.WEAK_USER_DATA)


def judge_event(event: Any, now_s: float, index: int = 0) -> GraphError | None:
    """Return why Meta would refuse this event, and its whole request with it; None where it is accepted.

    Args:
        event: One member of `data`, parsed.
        now_s: Unix seconds at which the request arrived.
        index: Its place in `data`, for the paths of 2804019.
    """
    if event.__class__ is not dict:
        return path_error(f"$['data'][{index}]", "must be an object")
    for name in _REQUIRED:
        if event.get(name) is None:
            return path_error(f"$['data'][{index}]['{name}']", "is required")
    if found := misshapen("", event):
        return path_error(f"$['data'][{index}]['{found[0]}']", found[1])
    if not event["event_name"].strip():
        return path_error(f"$['data'][{index}]['event_name']", "is required")
    return (
        _judge_user_data(event["user_data"], index)
        or _judge_time(event["event_time"], event["action_source"], now_s)
        or _judge_custom_data(event, event.get("custom_data"), index)
        or _judge_rest(event, index)
    )


def _judge_user_data(user_data: dict[str, Any], index: int) -> GraphError | None:
    if found := misshapen("user_data", user_data):
        return path_error(f"$['data'][{index}]['user_data']['{found[0]}']", found[1])
    digests: list[Any] = []
    for name, value in user_data.items():
        if name in _HASHED:
            if value.__class__ is list:
                digests += value
            else:
                digests.append(value)
    if digests and not _all_digests(digests) and (error := _find_unhashed(user_data, index)):
        return error
    if not _are_texts(user_data.get("external_id", ())):
        return path_error(f"$['data'][{index}]['user_data']['external_id']", "must be an array of strings")
    if "lead_id" in user_data and not _LEAD_ID(str(user_data["lead_id"])):
        return event_error(2804036)
    if (_STRONG.isdisjoint(user_data) or not all(user_data.values())) and is_weak(user_data):
        return event_error(2804050)
    return None


def _are_texts(values: Any) -> bool:
    try:
        "".join(values)  # raises at the first that is no text, four times as fast as asking each one
    except TypeError:
        return False
    return True


def _all_digests(digests: list[Any]) -> bool:
    """Tell whether all are plain SHA-256 digests: one pass over all of them."""
    if not _are_texts(digests) or set(map(len, digests)) != _DIGEST_LENGTHS:
        return False
    return not "".join(digests).encode().translate(None, _HEX_DIGITS)


def _find_unhashed(user_data: dict[str, Any], index: int) -> GraphError | None:
    """Return what is wrong with the first match key that is not hashed; None where all carry an appendix."""
    for name, value in user_data.items():
        if name in _HASHED:
            for digest in value if value.__class__ is list else (value,):
                if digest.__class__ is not str:
                    path = f"$['data'][{index}]['user_data']['{name}']"
                    return path_error(path, "must be an array of strings")
                if not _DIGEST(digest):
                    return event_error(2804016, name)
    return None


def is_weak(user_data: dict[str, Any]) -> bool:
    """Tell whether the match keys are none, or a subset of a combination that is too broad."""
    keys = {name for name, value in user_data.items() if name in _KNOWN_KEYS and value not in ("", [], [""])}
    return any(keys <= weak for weak in limits.WEAK_USER_DATA)


def _judge_time(event_time: int, action_source: str, now_s: float) -> GraphError | None:
    if event_time > now_s + limits.MAX_FUTURE_S:
        return event_error(2804004)
    if now_s - event_time > limits.max_age_s(action_source):
        return event_error(2804003)
    return None


def _judge_custom_data(event: dict[str, Any], custom_data: Any, index: int) -> GraphError | None:
    purchase = event["event_name"] == "Purchase"
    if custom_data is None:
        return event_error(2804009) if purchase else None
    if found := misshapen("custom_data", custom_data):
        return path_error(f"$['data'][{index}]['custom_data']['{found[0]}']", found[1])
    if purchase and "value" not in custom_data:
        return event_error(2804009)
    if (purchase or "value" in custom_data) and custom_data.get("currency") not in KNOWN_CURRENCIES:
        return event_error(2804010 if purchase else 2804023)
    if "contents" in custom_data and (error := _judge_contents(custom_data["contents"], index)):
        return error
    for name, value in custom_data.items():
        if name not in _CUSTOM and value.__class__ is str and _is_personal(name, value):
            return event_error(2804016, name)
    return None


def _is_personal(name: str, value: str) -> bool:
    if name in _PERSONAL:
        return bool(value) and not _DIGEST(value)
    return ("@" in value and _EMAIL(value) is not None) or ("+" in value and _PHONE(value) is not None)


def _judge_contents(contents: list[Any], index: int) -> GraphError | None:
    for place, item in enumerate(contents):
        if item.__class__ is not dict:
            return path_error(f"$['data'][{index}]['custom_data']['contents'][{place}]", "must be an object")
        if item.get("id") in (None, ""):
            return event_error(2804008)
        if item["id"].__class__ not in (str, int):
            path = f"$['data'][{index}]['custom_data']['contents'][{place}]['id']"
            return path_error(path, "must be a string")
        for name, value in item.items():
            shape = CONTENT_SHAPES.get(name)
            if shape is not None and (fault := shape(value)):
                return path_error(f"$['data'][{index}]['custom_data']['contents'][{place}]['{name}']", fault)
    return None


_NEEDY = frozenset({"website", "app", "business_messaging"})


def _judge_rest(event: dict[str, Any], index: int) -> GraphError | None:
    for group in ("app_data", "original_event_data", "attribution_data"):
        if group in event and (found := misshapen(group, event[group])):
            return path_error(f"$['data'][{index}]['{group}']['{found[0]}']", found[1])
    if "data_processing_options" in event and (error := needs.judge_limited_use(event, index)):
        return error
    if "extinfo" in event or "extinfo" in event.get("app_data", ()):
        found_extinfo = event.get("extinfo", event.get("app_data", {}).get("extinfo"))
        if not needs.is_extinfo(found_extinfo):
            return event_error(2804043)
    if event["action_source"] in _NEEDY:
        return needs.judge_action_source(event, index)
    return None


def remarks_of(event: dict[str, Any]) -> list[str]:
    """Return non-fatal remarks about an event that is accepted: unknown match keys, odd click and browser ids."""
    remarks = []
    user_data = event["user_data"]
    if unknown := user_data.keys() - _KNOWN_KEYS:
        remarks.append(f"Unknown customer information parameters are ignored: {', '.join(sorted(unknown))}.")
    for name in ("fbc", "fbp"):
        if name in user_data and not user_data[name].startswith("fb."):
            remarks.append(f"The {name} parameter is not in the form that Meta gives it.")
    return remarks

"""What an action source, and limited data use, ask of an event beyond the members that all events need.

Source: Meta, "Server event parameters", "App data", "App events", "Business messaging", "Data processing options".
"""

from typing import Any

from capi_cli.event import limits
from capi_cli.sandbox.graph import GraphError, event_error, path_error

_MESSAGING_EVENTS = frozenset(limits.MESSAGING_EVENTS)
_OPTIONS = frozenset({"LDU", "AMO"})  # AMO: seen in an SDK's test, undocumented
_COUNTRIES = frozenset({0, *limits.LDU_COUNTRIES.values()})
_STATES = frozenset({0, *limits.LDU_STATES.values()})
_APP_FLAGS = ("advertiser_tracking_enabled", "application_tracking_enabled")
_PLATFORMS = ("a2", "i2")  # extinfo, position 0: Android, iOS
_OS_VERSION = 4  # the other position of extinfo that must be filled


def judge_limited_use(event: dict[str, Any], index: int) -> GraphError | None:
    """Judge `data_processing_options`; an explicit empty list means "do not limit" and needs nothing.

    With LDU: a country, and with a country a state; where either is 0, "locate the person", or both are absent,
    an IP address to locate by.
    """
    options = event["data_processing_options"]
    if not all(option in _OPTIONS for option in options):
        return path_error(f"$['data'][{index}]['data_processing_options']", "must be LDU or empty")
    if "LDU" not in options:
        return None
    country = event.get("data_processing_options_country")
    state = event.get("data_processing_options_state")
    located = bool(event["user_data"].get("client_ip_address"))
    if country is None and state is None:
        return None if located else event_error(2804030)
    if country not in _COUNTRIES or state not in _STATES:
        return event_error(2804030)
    if (country == 0 or state == 0) and not located:
        return event_error(2804030)
    return None


def is_extinfo(value: Any) -> bool:
    """Tell whether it is a list of 16 strings, with a platform and an operating system's version."""
    return (
        value.__class__ is list
        and len(value) == limits.EXTINFO_PARTS
        and all(part.__class__ is str for part in value)
        and value[0] in _PLATFORMS
        and bool(value[_OS_VERSION])
    )


def judge_action_source(event: dict[str, Any], index: int) -> GraphError | None:
    """Judge the needs of website, app and business_messaging events.

    A website event without `client_user_agent` passes: the page asks for it, v26.0 was seen to accept without.
    """
    match event["action_source"]:
        case "website":
            if not event.get("event_source_url"):
                return path_error(f"$['data'][{index}]['event_source_url']", "is required")
            return None
        case "app":
            return _judge_app(event, index)
        case "business_messaging":
            return _judge_messaging(event, index)
    return None


def _judge_app(event: dict[str, Any], index: int) -> GraphError | None:
    app_data = event.get("app_data")
    if not app_data:
        return path_error(f"$['data'][{index}]['app_data']", "is required")
    for name in _APP_FLAGS:
        if name not in app_data:
            return path_error(f"$['data'][{index}]['app_data']['{name}']", "is required")
    if "extinfo" not in app_data and "extinfo" not in event:
        return event_error(2804043)
    return None


def _judge_messaging(event: dict[str, Any], index: int) -> GraphError | None:
    channel = event.get("messaging_channel")
    if channel is None:
        return event_error(2804063)
    if event["event_name"] not in _MESSAGING_EVENTS:
        return event_error(2804066)
    ids = event["user_data"]
    user_data = f"$['data'][{index}]['user_data']"
    match channel:
        case "messenger":
            if not ids.get("page_id"):
                return event_error(2804069)
            if not ids.get("page_scoped_user_id"):
                return path_error(f"{user_data}['page_scoped_user_id']", "is required")
        case "whatsapp":
            if not (ids.get("page_id") or ids.get("whatsapp_business_account_id")):
                return event_error(2804116)
            if not ids.get("ctwa_clid"):
                return event_error(2804087)
        case "instagram":
            if not (ids.get("ig_account_id") or ids.get("instagram_business_account_id")):
                return event_error(2804079)
            if not ids.get("ig_sid"):
                return path_error(f"{user_data}['ig_sid']", "is required")
    return None

"""What validate rejects the sandbox refuses, rule by rule: the same fault in a cell, and in an event without rules."""

from copy import deepcopy
from typing import Any

import pytest

from capi_cli.event.fields import MATCH_KEYS
from capi_cli.event.findings import Severity
from capi_cli.event.limits import DAY_S
from capi_cli.event.rules import catalogue
from capi_cli.event.rules.cells import RULES as UNREADABLE
from capi_cli.sandbox.endpoint import judge_request
from tests.prepare.messy import NOW, SHA, prepare

# One good row of each kind, by field; what stands in the table below is changed in it.
ROW = {
    "event_name": "Purchase",
    "event_time": "2025-12-31T23:00:00Z",
    "event_id": "order-1",
    "action_source": "website",
    "event_source_url": "https://shop.example/thanks",
    "user_data.em": "john_smith@gmail.com",
    "user_data.client_user_agent": "Mozilla/5.0",
    "custom_data.value": "19.99",
    "custom_data.currency": "EUR",
    "custom_data.order_id": "1",
}
MESSAGING = {"action_source": "business_messaging", "user_data.em": "", "user_data.ctwa_clid": "ARAk"}
WHATSAPP = MESSAGING | {"messaging_channel": "whatsapp", "user_data.whatsapp_business_account_id": "1"}
LIMITED = {"data_processing_options": "LDU", "data_processing_options_country": "1"}

# rule, cells that break it, the same fault as a client without rules would send it, Meta's subcode
REFUSED: list[tuple[str, dict[str, str], dict[str, Any], int]] = [
    ("event-name-missing", {"event_name": ""}, {"event_name": None}, 2804019),
    ("action-source-missing", {"action_source": ""}, {"action_source": None}, 2804019),
    ("action-source-unknown", {"action_source": "kiosk"}, {"action_source": "kiosk"}, 2804019),
    ("event-time-missing", {"event_time": ""}, {"event_time": None}, 2804019),
    ("time-unreadable", {"event_time": "yesterday"}, {"event_time": "yesterday"}, 2804019),
    ("time-zone-missing", {"event_time": "2025-12-31 23:00"}, {"event_time": "2025-12-31 23:00"}, 2804019),
    (
        "time-zone-name",
        {"event_time": "2025-12-31 23:00 CST"},
        {"event_time": "2025-12-31 23:00 CST"},
        2804019,
    ),
    ("time-day-or-month", {"event_time": "05/03/2025 10:11"}, {"event_time": "05/03/2025 10:11"}, 2804019),
    ("time-format-unknown", {"event_time": "31.12.2025 10:11"}, {"event_time": "31.12.2025 10:11"}, 2804019),
    ("time-excel-serial", {"event_time": "46022.5"}, {"event_time": 46022.5}, 2804019),
    ("time-excel-serial", {"event_time": "46022"}, {"event_time": 46022}, 2804003),
    ("time-damaged", {"event_time": "1.76722E+09"}, {"event_time": "1.76722E+09"}, 2804019),
    ("event-too-old", {"event_time": str(NOW - 7 * DAY_S)}, {"event_time": NOW - 7 * DAY_S - 1}, 2804003),
    ("event-in-future", {"event_time": str(NOW + 61)}, {"event_time": NOW + 61}, 2804004),
    ("number-unreadable", {"custom_data.value": "a lot"}, {"custom_data.value": "a lot"}, 2804019),
    ("number-comma", {"custom_data.value": "12,50"}, {"custom_data.value": "12,50"}, 2804019),
    ("number-not-finite", {"custom_data.value": "NaN"}, {"custom_data.value": "NaN"}, 2804019),
    ("currency-unknown", {"custom_data.currency": "ZZZ"}, {"custom_data.currency": "ZZZ"}, 2804010),
    ("purchase-without-value", {"custom_data.value": ""}, {"custom_data.value": None}, 2804009),
    ("purchase-without-currency", {"custom_data.currency": ""}, {"custom_data.currency": None}, 2804010),
    (
        "value-without-currency",
        {"event_name": "Lead", "custom_data.currency": ""},
        {"event_name": "Lead", "custom_data.currency": None},
        2804023,
    ),
    (
        "processing-option-unknown",
        {"data_processing_options": "LIMIT"},
        {"data_processing_options": ["LIMIT"]},
        2804019,
    ),
    (
        "processing-code-unknown",
        LIMITED | {"data_processing_options_state": "999"},
        {
            "data_processing_options": ["LDU"],
            "data_processing_options_country": 1,
            "data_processing_options_state": 999,
        },
        2804030,
    ),
    (
        "ldu-without-state",
        LIMITED,
        {"data_processing_options": ["LDU"], "data_processing_options_country": 1},
        2804030,
    ),
    ("user-data-empty", {"user_data.em": "", "user_data.client_user_agent": ""}, {"user_data": {}}, 2804050),
    (
        "user-data-weak",
        {"user_data.em": "", "user_data.ct": "Berlin"},
        {"user_data": {"ct": [SHA], "client_user_agent": "Mozilla/5.0"}},
        2804050,
    ),
    ("website-without-url", {"event_source_url": ""}, {"event_source_url": None}, 2804019),
    (
        "website-without-url",
        {"event_source_url": "shop.example"},
        {"event_source_url": "shop.example"},
        2804019,
    ),
    ("app-without-app-data", {"action_source": "app"}, {"action_source": "app"}, 2804019),
    (
        "app-without-app-data",
        {
            "action_source": "app",
            "app_data.extinfo": "a2|1",
            "app_data.advertiser_tracking_enabled": "1",
            "app_data.application_tracking_enabled": "1",
        },
        {
            "action_source": "app",
            "app_data": {
                "extinfo": ["a2"],
                "advertiser_tracking_enabled": 1,
                "application_tracking_enabled": 1,
            },
        },
        2804043,
    ),
    ("messaging-without-channel", MESSAGING, {"action_source": "business_messaging"}, 2804063),
    (
        "messaging-event-unknown",
        WHATSAPP | {"event_name": "Donate"},
        {"action_source": "business_messaging", "messaging_channel": "whatsapp", "event_name": "Donate"},
        2804066,
    ),
    (
        "messaging-without-ids",
        MESSAGING | {"messaging_channel": "messenger"},
        {"action_source": "business_messaging", "messaging_channel": "messenger"},
        2804069,
    ),
    (
        "messaging-without-ids",
        WHATSAPP | {"user_data.whatsapp_business_account_id": ""},
        {"action_source": "business_messaging", "messaging_channel": "whatsapp"},
        2804116,
    ),
    (
        "messaging-without-ids",
        MESSAGING | {"messaging_channel": "instagram"},
        {"action_source": "business_messaging", "messaging_channel": "instagram"},
        2804079,
    ),
]

# Errors that capi alone makes of what Meta would take: each is a wrong number or a wrong person, counted quietly.
STRICTER = {
    "event-name-email": "Meta takes any name",
    "event-id-email": "Meta takes any id",
    "event-id-conflict": "Meta keeps the first and drops the other",
    "template-column-empty": "Meta takes an event without an id",
    "value-currency-contradicts": "Meta sees the one currency that is sent",
    "number-decimal-contradicts": "either reading is a number to Meta",
    "purchase-negative": "Meta takes the number",
    "group-too-far": "Meta would count the order twice",
    "group-value-differs": "Meta takes the number",
    "event-before-lead": "Meta throws the event away and says nothing",
}
# The same fault as another rule's, met in another place.
ELSEWHERE = {
    "event-expired": "event-too-old, just before the POST",
    "time-zone-unknown": "time-zone-missing, with a column of zones",
    "time-format-differs": "time-unreadable, with a named layout",
    "time-unit-differs": "time-unreadable, in a column of numbers",
}


def test_every_error_is_held_against_the_sandbox() -> None:
    errors = {rule.code for rule in catalogue().values() if rule.severity is Severity.ERROR}
    never_events = {rule.code for rule in UNREADABLE}
    assert errors == {code for code, *_ in REFUSED} | STRICTER.keys() | ELSEWHERE.keys() | never_events


def one_row(changes: dict[str, str]) -> tuple[list[str], list[dict[str, Any]]]:
    prepared, events = prepare({path: [cell or None] for path, cell in (ROW | changes).items()}, {})
    codes = [code for code, _ in prepared.tally.findings]
    return codes, events


def sent(changes: dict[str, Any]) -> dict[str, Any]:
    """Return the event of the good row with members changed, None taking one out."""
    (event,) = one_row({})[1]
    event = deepcopy(event)
    for path, value in changes.items():
        group, _, name = path.rpartition(".")
        members = event[group] if group else event
        if value is None:
            del members[name]
        else:
            members[name] = value
    return event


def test_the_good_row_is_good() -> None:
    codes, (event,) = one_row({})
    assert codes == []
    assert event["user_data"] == {"em": [SHA], "client_user_agent": "Mozilla/5.0"}
    assert judge_request([event], NOW) is None


@pytest.mark.parametrize(("code", "cells", "members", "subcode"), REFUSED)
def test_what_validate_rejects_the_sandbox_refuses(
    code: str, cells: dict[str, str], members: dict[str, Any], subcode: int
) -> None:
    codes, events = one_row(cells)
    assert events == []
    if code != "event-too-old":  # told by the run, after the ledger was asked
        assert code in codes
    refused = judge_request([sent(members)], NOW)
    assert refused is not None
    assert refused.subcode == subcode


@pytest.mark.parametrize("key", MATCH_KEYS)
def test_a_match_key_that_is_not_hashed_is_refused_and_never_sent(key: str) -> None:
    event = sent({f"user_data.{key}": ["Ana"]})
    refused = judge_request([event], NOW)
    assert refused is None if key == "external_id" else refused is not None and refused.subcode == 2804016
    _, events = one_row({f"user_data.{key}": "Ana"})
    assert [
        text for event in events for text in event["user_data"].get(key, []) if len(text) != len(SHA)
    ] == []


@pytest.mark.parametrize(
    "name", ["custom_data.note", "custom_data.phone", "custom_data.zip", "custom_data.search_string"]
)
@pytest.mark.parametrize("cell", ["ana@example.com", "+49 171 1234567"])
def test_personal_data_under_custom_data_is_refused_and_never_sent(name: str, cell: str) -> None:
    (event,) = one_row({name: cell})[1]
    assert name.partition(".")[2] not in event["custom_data"]
    if name != "custom_data.search_string":  # one of Meta's own, in which it looks for none
        refused = judge_request([sent({name: cell})], NOW)
        assert refused is not None
        assert refused.subcode == 2804016

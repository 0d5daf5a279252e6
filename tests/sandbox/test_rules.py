"""Each rule of Meta, one at a time: a good event, one change, the subcode that answers it."""

import pytest

from capi_cli.event.fields import MATCH_KEYS
from capi_cli.sandbox.endpoint import judge_request
from capi_cli.sandbox.rules import judge_event, remarks_of

REMOVE = "REMOVE"
DIGEST = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
DAY_S = 86_400
NOW_S = 1_790_000_000

# kind, changes, subcode
REFUSED = [
    ("website", {"event_time": NOW_S - 7 * DAY_S - 1}, 2804003),
    ("store", {"event_time": NOW_S - 62 * DAY_S - 1}, 2804003),
    ("app", {"event_time": NOW_S - 8 * DAY_S}, 2804003),
    ("website", {"event_time": NOW_S + 61}, 2804004),
    ("website", {"event_time": NOW_S * 1000}, 2804004),
    ("website", {"custom_data.contents": [{"id": "a"}, {"quantity": 1}]}, 2804008),
    ("website", {"custom_data.contents": [{"id": ""}]}, 2804008),
    ("website", {"custom_data.value": REMOVE}, 2804009),
    ("website", {"custom_data": REMOVE}, 2804009),
    ("website", {"custom_data.currency": REMOVE}, 2804010),
    ("website", {"custom_data.currency": "EURO"}, 2804010),
    ("website", {"custom_data.currency": "ZZZ"}, 2804010),
    ("website", {"event_name": "AddToCart", "custom_data.currency": REMOVE}, 2804023),
    ("website", {"user_data.em": ["john_smith@gmail.com"]}, 2804016),
    ("website", {"user_data.em": DIGEST.upper()}, 2804016),
    ("website", {"user_data.em": [DIGEST, "plain"]}, 2804016),
    ("website", {"user_data.em": ""}, 2804016),
    ("website", {"user_data.em": DIGEST[:32]}, 2804016),
    ("website", {"user_data.em": [DIGEST + ".1234567"]}, 2804016),
    ("website", {"user_data.em": [DIGEST[:63]], "user_data.ph": ["0" + DIGEST]}, 2804016),
    ("website", {"custom_data.note": "from john@example.com"}, 2804016),
    ("website", {"custom_data.note": "+1 650 555 1212"}, 2804016),
    ("website", {"custom_data.zip": "94035"}, 2804016),
    ("website", {"custom_data.em": "john@example.com"}, 2804016),
    ("website", {"data_processing_options": ["LDU"], "user_data.client_ip_address": REMOVE}, 2804030),
    ("website", {"data_processing_options": ["LDU"], "data_processing_options_country": 1}, 2804030),
    (
        "website",
        {
            "data_processing_options": ["LDU"],
            "data_processing_options_country": 1,
            "data_processing_options_state": 999,
        },
        2804030,
    ),
    (
        "store",
        {
            "data_processing_options": ["LDU"],
            "data_processing_options_country": 0,
            "data_processing_options_state": 0,
        },
        2804030,
    ),
    ("website", {"user_data.lead_id": "12345678901234"}, 2804036),
    ("website", {"user_data.lead_id": 123456789012345678}, 2804036),
    ("website", {"user_data.lead_id": "l:1234567890123456"}, 2804036),
    ("app", {"app_data.extinfo": REMOVE}, 2804043),
    ("app", {"app_data.extinfo": ["a2"] * 15}, 2804043),
    ("app", {"app_data.extinfo": ["a3", "", "", "", "14", *[""] * 11]}, 2804043),
    ("app", {"app_data.extinfo": ["i2", "", "", "", "", *[""] * 11]}, 2804043),
    ("app", {"app_data.extinfo": "a2,com.shop"}, 2804043),
    ("website", {"user_data": {}}, 2804050),
    ("website", {"user_data": {"em": []}}, 2804050),
    ("website", {"user_data": {"shoe_size": "44"}}, 2804050),
    ("website", {"user_data": {"client_user_agent": "Mozilla/5.0"}}, 2804050),
    ("website", {"user_data": {key: [DIGEST] for key in ("ct", "country", "st", "zp", "ge")}}, 2804050),
    ("website", {"user_data": {"db": [DIGEST], "client_user_agent": "Mozilla/5.0"}}, 2804050),
    ("website", {"user_data": {"fn": [DIGEST], "ge": [DIGEST]}}, 2804050),
    ("website", {"user_data": {"ln": [DIGEST]}}, 2804050),
    ("messenger", {"messaging_channel": REMOVE}, 2804063),
    ("messenger", {"event_name": "AddPaymentInfo"}, 2804066),
    ("messenger", {"user_data.page_id": REMOVE}, 2804069),
    ("instagram", {"user_data.ig_account_id": REMOVE}, 2804079),
    ("whatsapp", {"user_data.ctwa_clid": REMOVE}, 2804087),
    ("whatsapp", {"user_data.whatsapp_business_account_id": REMOVE}, 2804116),
]

# kind, changes, the end of the path and the fault
MISSHAPEN = [
    ("website", {"event_name": REMOVE}, "['event_name'] is required"),
    ("website", {"event_name": " "}, "['event_name'] is required"),
    ("website", {"event_time": REMOVE}, "['event_time'] is required"),
    ("website", {"event_time": "1790000000"}, "['event_time'] must be an integer"),
    ("website", {"event_time": 1790000000.5}, "['event_time'] must be an integer"),
    ("website", {"event_time": True}, "['event_time'] must be an integer"),
    ("website", {"action_source": REMOVE}, "['action_source'] is required"),
    ("website", {"action_source": "Website"}, "['action_source'] must be one of"),
    ("website", {"user_data": REMOVE}, "['user_data'] is required"),
    ("website", {"user_data": []}, "['user_data'] must be an object"),
    (
        "website",
        {"user_data.em": {"0": DIGEST}},
        "['user_data']['em'] must be a string or an array of strings",
    ),
    ("website", {"user_data.em": [DIGEST, 5]}, "['user_data']['em'] must be an array of strings"),
    ("website", {"user_data.em": [None]}, "['user_data']['em'] must be an array of strings"),
    ("website", {"user_data.external_id": [5]}, "['user_data']['external_id'] must be an array of strings"),
    ("website", {"user_data.fbp": None}, "['user_data']['fbp'] must be a string"),
    ("website", {"user_data.client_ip_address": "10.0.0"}, "['client_ip_address'] must be a valid IPv4"),
    ("website", {"user_data.client_ip_address": "a\0"}, "['client_ip_address'] must be a valid IPv4"),
    ("website", {"event_id": 5}, "['event_id'] must be a string"),
    ("website", {"event_source_url": REMOVE}, "['event_source_url'] is required"),
    ("website", {"event_source_url": "shop.example/a"}, "['event_source_url'] must be a URL with a scheme"),
    ("website", {"opt_out": "no"}, "['opt_out'] must be a boolean"),
    ("website", {"custom_data": "value=5"}, "['custom_data'] must be an object"),
    ("website", {"custom_data.value": "1,234.56"}, "['custom_data']['value'] must be a number"),
    ("website", {"custom_data.value": None}, "['custom_data']['value'] must be a number"),
    ("website", {"custom_data.contents": '[{"id":"a"}]'}, "['custom_data']['contents'] must be an array"),
    ("website", {"custom_data.contents": ["a"]}, "['custom_data']['contents'][0] must be an object"),
    (
        "website",
        {"custom_data.contents": [{"id": "a", "quantity": "2"}]},
        "['custom_data']['contents'][0]['quantity'] must be an integer",
    ),
    (
        "website",
        {"custom_data.contents": [{"id": "a", "delivery_category": "drone"}]},
        "['custom_data']['contents'][0]['delivery_category'] must be one of",
    ),
    ("website", {"custom_data.contents": [{"id": []}]}, "['contents'][0]['id'] must be a string"),
    ("website", {"custom_data.content_ids": "a,b"}, "['custom_data']['content_ids'] must be an array"),
    (
        "website",
        {"custom_data.content_ids": [1]},
        "['custom_data']['content_ids'] must be an array of strings",
    ),
    ("website", {"custom_data.num_items": "2"}, "['custom_data']['num_items'] must be an integer"),
    ("website", {"custom_data.order_id": 5}, "['custom_data']['order_id'] must be a string"),
    ("website", {"custom_data.store_data": "5"}, "['custom_data']['store_data'] must be an object"),
    ("website", {"data_processing_options": "LDU"}, "['data_processing_options'] must be an array"),
    ("website", {"data_processing_options": ["ldu"]}, "['data_processing_options'] must be LDU or empty"),
    ("website", {"customer_segmentation": "gold"}, "['customer_segmentation'] must be one of"),
    (
        "website",
        {"original_event_data.event_time": "1"},
        "['original_event_data']['event_time'] must be an integer",
    ),
    ("website", {"attribution_data.attribution_model": "best"}, "['attribution_model'] must be one of"),
    ("app", {"app_data": REMOVE}, "['app_data'] is required"),
    ("app", {"app_data": None}, "['app_data'] must be an object"),
    (
        "app",
        {"app_data.advertiser_tracking_enabled": REMOVE},
        "['app_data']['advertiser_tracking_enabled'] is required",
    ),
    ("app", {"app_data.application_tracking_enabled": "yes"}, "must be a boolean"),
    ("messenger", {"messaging_channel": "sms"}, "['messaging_channel'] must be one of"),
    ("messenger", {"user_data.page_scoped_user_id": REMOVE}, "['page_scoped_user_id'] is required"),
    ("instagram", {"user_data.ig_sid": REMOVE}, "['user_data']['ig_sid'] is required"),
]

ACCEPTED = [
    *[(kind, {}) for kind in ("website", "store", "app", "messenger", "whatsapp", "instagram")],
    ("website", {"event_time": NOW_S - 7 * DAY_S}),
    ("store", {"event_time": NOW_S - 62 * DAY_S}),
    ("website", {"event_time": NOW_S + 60}),
    ("website", {"user_data.em": DIGEST + ".AbCd_-12"}),
    ("website", {"user_data.external_id": "User 42"}),
    ("website", {"user_data.external_id": ["User 42", DIGEST]}),
    ("website", {"user_data.client_ip_address": "2001:db8::1"}),
    ("website", {"user_data.client_user_agent": REMOVE}),
    ("website", {"user_data.lead_id": 123456789012345}),
    ("website", {"user_data": {"fn": [DIGEST], "ln": [DIGEST]}}),
    ("website", {"custom_data.value": "142.52", "custom_data.currency": "usd"}),
    ("website", {"custom_data.value": 0}),
    ("website", {"custom_data.note": "plain words", "custom_data.shoes": {"size": 44}}),
    ("website", {"custom_data.zip": DIGEST}),
    ("website", {"event_name": "PageView", "custom_data": REMOVE}),
    ("website", {"data_processing_options": []}),
    ("website", {"data_processing_options": ["LDU"]}),
    (
        "store",
        {
            "data_processing_options": ["LDU"],
            "data_processing_options_country": 1,
            "data_processing_options_state": 1000,
        },
    ),
    ("app", {"app_data.extinfo": REMOVE, "extinfo": ["i2", "", "", "", "17.0", *[""] * 11]}),
    (
        "instagram",
        {"user_data.ig_account_id": REMOVE, "user_data.instagram_business_account_id": "1"},
    ),
    ("whatsapp", {"user_data.whatsapp_business_account_id": REMOVE, "user_data.page_id": "1"}),
]


@pytest.mark.parametrize(("kind", "changes", "subcode"), REFUSED)
def test_one_change_brings_its_subcode(kind, changes, subcode, make_event):
    error = judge_event(make_event(kind, changes), NOW_S)
    assert error is not None
    assert (error.code, error.subcode, error.status) == (100, subcode, 400)


@pytest.mark.parametrize(("kind", "changes", "words"), MISSHAPEN)
def test_a_wrong_shape_names_the_path_in_the_request(kind, changes, words, make_event):
    error = judge_event(make_event(kind, changes), NOW_S, index=3)
    assert error is not None and error.subcode == 2804019
    assert error.detail.startswith("$['data'][3]")
    assert words in error.detail


@pytest.mark.parametrize(("kind", "changes"), ACCEPTED)
def test_what_meta_takes_passes(kind, changes, make_event):
    assert judge_event(make_event(kind, changes), NOW_S) is None


@pytest.mark.parametrize("key", [key for key in MATCH_KEYS if key != "external_id"])
def test_every_hashed_key_must_be_hashed(key, make_event):
    error = judge_event(make_event("website", {f"user_data.{key}": "plain"}), NOW_S)
    assert error is not None
    assert (error.subcode, error.detail) == (2804016, key)


@pytest.mark.parametrize("event", [None, [], "text", 5])
def test_an_event_is_an_object(event):
    error = judge_event(event, NOW_S, index=2)
    assert error is not None and error.detail == "$['data'][2] must be an object"


def test_a_thousand_events_pass_and_one_more_does_not(make_event):
    assert judge_request([make_event()] * 1000, NOW_S) is None
    error = judge_request([make_event()] * 1001, NOW_S)
    assert error is not None and error.code == 100


def test_no_events_are_refused():
    error = judge_request([], NOW_S)
    assert error is not None and error.code == 100


def test_one_bad_event_refuses_all(make_event):
    events = [make_event() for _ in range(10)]
    events[7]["event_time"] = NOW_S - 30 * DAY_S
    error = judge_request(events, NOW_S)
    assert error is not None
    assert (error.subcode, error.detail) == (2804003, "")


def test_odd_ids_and_unknown_keys_are_only_remarks(make_event):
    event = make_event("website", {"user_data.fbc": "IwAR123", "user_data.shoe_size": "44"})
    assert judge_event(event, NOW_S) is None
    remarks = remarks_of(event)
    assert len(remarks) == 2
    assert "shoe_size" in remarks[0] and "fbc" in remarks[1]

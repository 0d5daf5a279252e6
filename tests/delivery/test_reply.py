import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.delivery.reply import Parsed, Reply, parse_reply, read_retry_after, read_usage

NOW = datetime(2026, 9, 20, 12, 0, tzinfo=UTC)


def parsed(body: object, status: int = 200, **headers: str) -> Parsed:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_reply(Reply(status=status, headers=named, body=text), now=NOW)


def test_a_success_is_read_whole() -> None:
    found = parsed(
        {"events_received": 3, "messages": ["Events are late."], "fbtrace_id": "AbC-1_2"},
        date="Sun, 20 Sep 2026 12:00:05 GMT",
    )
    assert found == Parsed(
        status=200,
        is_json=True,
        events_received=3,
        messages=("Events are late.",),
        fbtrace_id="AbC-1_2",
        date=datetime(2026, 9, 20, 12, 0, 5, tzinfo=UTC),
    )


def test_every_field_of_a_success_is_optional() -> None:
    assert parsed({}) == Parsed(status=200, is_json=True)
    assert parsed({"events_received": None, "messages": None, "fbtrace_id": 7}) == Parsed(
        status=200, is_json=True
    )


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"<html>502</html>", b"[1]", b'"text"', b"{", b"\xff\xfe", b"[" * 99999]
)
def test_a_body_that_is_no_json_object_is_nobodys_answer(body: bytes) -> None:
    assert parsed(body, 502) == Parsed(status=502)


def test_an_error_is_read_whole() -> None:
    found = parsed(
        {
            "error": {
                "message": "Invalid parameter",
                "type": "OAuthException",
                "code": 100,
                "error_subcode": 2804019,
                "is_transient": False,
                "error_user_title": "Paramètre non valide",
                "error_user_msg": "$['data'][17]['custom_data']['contents'] must be an array",
                "fbtrace_id": "Axyz",
            }
        },
        400,
    )
    assert found.error is not None
    assert (found.error.code, found.error.subcode, found.error.is_transient) == (100, 2804019, False)
    assert (
        found.error.text == "Paramètre non valide: $['data'][17]['custom_data']['contents'] must be an array"
    )
    assert found.error.index == 17
    assert found.fbtrace_id == "Axyz"


def test_an_invalid_tokens_short_error_is_read() -> None:
    found = parsed({"error": {"message": "Invalid OAuth access token.", "code": 190}}, 401)
    assert found.error is not None
    assert (found.error.code, found.error.subcode, found.error.is_transient, found.error.index) == (
        190,
        0,
        None,
        None,
    )
    assert found.error.text == "Invalid OAuth access token."


def test_numbers_in_text_are_numbers_and_nonsense_is_absent() -> None:
    found = parsed(
        {"error": {"code": "100", "error_subcode": "2804003", "is_transient": "no", "message": ["x"]}}, 400
    )
    assert found.error is not None
    assert (found.error.code, found.error.subcode, found.error.is_transient) == (100, 2804003, None)
    assert found.error.text == ""
    assert parsed({"error": {"code": True}}, 400).error.code == 0  # type: ignore[union-attr]
    assert parsed({"error": "text"}, 400).error is None


@pytest.mark.parametrize(
    ("place", "index"),
    [
        ("$['data'][0]['user_data'] is required", 0),
        ('$["data"][999] is wrong', 999),
        ("data[4].event_name", 4),
        ("$['data'][3]['a'] and $['data'][3]['b']", 3),
        ("$['data'][3] and $['data'][4]", None),
        ("$['data'] must be an array", None),
        ("$['data'][x]", None),
        ("3 events are too old", None),
    ],
)
def test_only_a_path_names_an_event(place: str, index: int | None) -> None:
    found = parsed({"error": {"code": 100, "error_subcode": 2804019, "error_user_msg": place}}, 400)
    assert found.error is not None
    assert found.error.index == index


def test_texts_are_redacted_before_anyone_sees_them() -> None:
    found = parsed(
        {
            "messages": ["em ann@example.com is not hashed", {"odd": "bob@example.com"}],
            "error": {"code": 100, "message": "bad +49 170 1234567"},
        },
        400,
    )
    assert "@" not in "".join(found.messages)
    assert "170" not in found.error.text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Sun, 20 Sep 2026 12:02:00 GMT", 120.0),
        ("Sun, 20 Sep 2026 11:00:00 GMT", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("-5", 0.0),
        ("1e9", 0.0),
        ("99999999", 604800.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float) -> None:
    assert read_retry_after(value, now=NOW) == seconds


def test_a_retry_date_is_measured_on_the_servers_own_clock() -> None:
    found = parsed({}, 503, retry_after="Sun, 20 Sep 2026 13:00:30 GMT", date="Sun, 20 Sep 2026 13:00:00 GMT")
    assert found.wait_s == 30.0


def test_the_fullest_gauge_and_the_longest_regain_time_count() -> None:
    headers = {
        "x-app-usage": '{"call_count":28,"total_cputime":11,"total_time":12}',
        "x-ad-account-usage": '{"acc_id_util_pct":40.5,"reset_time_duration":600,"ads_api_access_tier":"x"}',
        "x-business-use-case-usage": json.dumps(
            {
                "1": [{"type": "ads_management", "call_count": 5, "estimated_time_to_regain_access": 0}],
                "2": [{"type": "ads_insights", "total_time": 96, "estimated_time_to_regain_access": 4}],
            }
        ),
    }
    assert read_usage(headers) == (96.0, 240.0)


def test_an_account_that_is_full_waits_for_its_reset() -> None:
    assert read_usage({"x-ad-account-usage": '{"acc_id_util_pct":100,"reset_time_duration":90}'}) == (
        100.0,
        90.0,
    )


@pytest.mark.parametrize(
    "text", ["", "x", "[]", '{"1":2}', '{"1":[3]}', '{"1":[{"call_count":"many"}]}', '{"call_count":-4}']
)
def test_gauges_of_another_shape_are_empty(text: str) -> None:
    assert read_usage(dict.fromkeys(("x-app-usage", "x-business-use-case-usage"), text)) == (0.0, 0.0)


ODD = [
    None,
    True,
    -1,
    0,
    1.5,
    float("inf"),
    float("nan"),
    1 << 70,
    "",
    "-",
    "12",
    "é",
    [],
    [None, {}],
    {},
    {"a": [1]},
]
JSON = st.sampled_from(ODD)
NAMES = [
    "events_received",
    "messages",
    "fbtrace_id",
    "code",
    "error_subcode",
    "is_transient",
    "message",
    "error_data",
]


@given(
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(NAMES), JSON),
    st.dictionaries(st.sampled_from(NAMES), JSON),
)
def test_no_shape_of_reply_raises(status: int, members: dict[str, object], error: dict[str, object]) -> None:
    body = json.dumps(members | {"error": error}).encode()
    assert parse_reply(Reply(status=status, body=body), now=NOW).status == status


@given(st.binary(max_size=200), st.text(max_size=40))
def test_no_bytes_raise(body: bytes, header: str) -> None:
    headers = dict.fromkeys(("date", "retry-after", "x-app-usage", "x-business-use-case-usage"), header)
    assert parse_reply(Reply(status=200, headers=headers, body=body), now=NOW).status == 200

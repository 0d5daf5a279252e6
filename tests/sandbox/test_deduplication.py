"""De-duplication as Meta documents it: which two events are one, and for how long."""

import orjson
import pytest

from capi_cli.sandbox.bodies import split_events

HOUR_S = 3600
REMOVE = "REMOVE"


@pytest.fixture
def pair(client, sandbox, make_event, clock):
    """Send an event, then a changed one later; return how many were duplicates."""

    def send(kind, changes, later_s=0):
        first = make_event(kind, {"event_time": int(clock.now_s)})
        assert client.send(first)[0] == 200
        clock.now_s += later_s
        second = make_event(kind, {"event_time": first["event_time"], **changes})
        assert client.send(second)[0] == 200
        return sandbox.state()["duplicates"]

    return send


@pytest.mark.parametrize(
    ("changes", "later_s", "duplicates"),
    [
        ({}, 0, 1),
        ({"custom_data.value": 1}, 48 * HOUR_S, 1),
        ({}, 48 * HOUR_S + 1, 0),
        ({"event_name": "Lead"}, 0, 0),
        ({"event_id": "other"}, 0, 0),
    ],
)
def test_web_events_are_one_by_name_and_id_within_48_hours(pair, changes, later_s, duplicates):
    assert pair("website", changes, later_s) == duplicates


def test_web_events_without_an_id_are_never_one(client, sandbox, make_event):
    event = make_event("website", {"event_id": REMOVE})
    client.send(event, event)
    assert sandbox.state()["events_processed"] == 2


@pytest.mark.parametrize(
    ("changes", "later_s", "duplicates"),
    [
        ({}, 7 * 24 * HOUR_S, 1),
        ({}, 7 * 24 * HOUR_S + 1, 0),
        ({"event_id": "another"}, 0, 1),
        ({"user_data.em": ["0" * 64]}, 0, 1),
        ({"custom_data.order_id": "8"}, 0, 0),
        ({"custom_data.item_number": "b"}, 0, 0),
        ({"event_name": "Lead"}, 0, 0),
    ],
)
def test_offline_events_are_one_by_order_within_7_days(pair, changes, later_s, duplicates):
    assert pair("store", changes, later_s) == duplicates


def test_offline_events_of_another_time_are_two(client, sandbox, make_event, now_s):
    client.send(make_event("store"), make_event("store", {"event_time": now_s - 5}))
    assert sandbox.state()["duplicates"] == 0


def test_offline_events_without_an_order_are_one_by_user_data(client, sandbox, make_event):
    event = make_event("store", {"custom_data.order_id": REMOVE})
    other = make_event("store", {"custom_data.order_id": REMOVE, "user_data.em": ["0" * 64]})
    client.send(event, other, event)
    assert sandbox.state()["duplicates"] == 1


def test_messaging_events_are_never_one(client, sandbox, make_event):
    event = make_event("messenger", {"event_id": "a"})
    client.send(event, event)
    assert sandbox.state()["duplicates"] == 0


def test_duplicates_tell_whether_their_bytes_were_the_same(client, sandbox, make_event):
    same = make_event()
    client.send(make_event("website", {"event_id": "x"}), same, make_event("website", {"event_id": "y"}))
    client.send(same)
    changed = make_event("website", {"custom_data.value": 20})
    client.send(changed, make_event("website", {"event_id": "z"}))
    state = sandbox.state()
    assert (state["duplicates_same_bytes"], state["duplicates_other_bytes"]) == (1, 1)
    first, second, third = sandbox.memory.digests_of(same)
    assert first == second != third
    assert len(sandbox.memory.digests_of(make_event("website", {"event_id": "x"}))) == 1
    assert sandbox.memory.digests_of(make_event("website", {"event_id": "never"})) == []


def test_events_are_cut_out_of_a_body_byte_for_byte(make_event):
    one = b'{"event_name":"Lead","n":1.50,"contents":[{"id":"},{"}]}'
    two = '{"event_name":"Käufe","s":"}]","contents":[{"id":"b"}]}'.encode()
    body = b'{"test_event_code":"T","data":[' + one + b"," + two + b"," + one + b'],"partner_agent":"capi"}'
    events = orjson.loads(body)["data"]
    rest = [piece.partition(b":")[2][:-1] for piece in (one, two, one)]
    assert split_events(body, events) == rest
    assert split_events(b'{"data":[' + one + b"]}", [orjson.loads(one)]) == rest[:1]


@pytest.mark.parametrize("order", [1, -1])
def test_events_of_odd_bodies_are_encoded_anew(order):
    events = [{"event_name": "a", "k": [{"event_name": "x"}, {"event_name": "y"}]}, {"n": 1}][::order]
    body = orjson.dumps({"data": events}, option=orjson.OPT_INDENT_2)
    parts = split_events(body, events)
    assert sorted(parts) == sorted([b'"a","k":[{"event_name":"x"},{"event_name":"y"}]', b"1"])


def test_nested_objects_that_begin_alike_do_not_mislead():
    events = [{"event_name": "a", "k": [{"event_name": "x"}, {"event_name": "y"}]}, {"event_name": "b"}]
    assert split_events(orjson.dumps({"data": events}), events) == [
        b'"a","k":[{"event_name":"x"},{"event_name":"y"}]',
        b'"b"',
    ]

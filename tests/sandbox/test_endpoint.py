"""Requests over the wire: forms of a body, who may ask, Graph's replies, and the endpoints that only look."""

import gzip
import hashlib
import hmac
import json
from urllib.parse import urlencode

import orjson
import pytest

from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.saving import saved_events
from capi_cli.sandbox.server import Sandbox

DATASET = "1234567890"
TOKEN = "SANDBOX-TOKEN"
EVENTS = f"/v26.0/{DATASET}/events"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_good_request_is_answered_in_graphs_shape(client, make_event):
    status, reply = client.send(make_event(), make_event("store"))
    assert status == 200
    assert reply["events_received"] == 2 and reply["messages"] == []
    assert reply["fbtrace_id"].startswith("A") and len(reply["fbtrace_id"]) == 23
    assert client.headers["content-type"] == "application/json; charset=UTF-8"


def test_a_refusal_is_answered_in_graphs_shape_and_nothing_is_processed(client, sandbox, make_event, now_s):
    status, reply = client.send(make_event(), make_event("website", {"event_time": now_s - 10**6}))
    assert status == 400
    error = reply["error"]
    assert error["message"] == "Invalid parameter"
    assert error["type"] == "OAuthException"
    assert (error["code"], error["error_subcode"], error["is_transient"]) == (100, 2804003, False)
    assert error["error_user_title"] == "Event Timestamp Too Old"
    assert error["error_user_msg"] and error["fbtrace_id"]
    assert sandbox.state()["events_received"] == 0
    assert sandbox.state()["refusals"] == {"100/2804003": 1}


def test_a_shape_error_names_its_path_in_the_message(client, make_event):
    _, reply = client.send(make_event(), make_event("website", {"custom_data.contents": "a"}))
    path = "$['data'][1]['custom_data']['contents'] must be an array"
    assert path in reply["error"]["message"]
    assert path in reply["error"]["error_user_msg"]


def test_an_unhashed_key_is_named(client, make_event):
    _, reply = client.send(make_event("website", {"user_data.ph": "16505551212"}))
    assert reply["error"]["error_subcode"] == 2804016
    assert "ph" in reply["error"]["error_user_msg"]
    assert "16505551212" not in json.dumps(reply)


def test_texts_for_people_are_localized_and_codes_are_not(open_client, make_event, clock):
    titles = {}
    for locale in ("en_US", "fr_FR", "de_DE"):
        with Sandbox(locale=locale, now=clock) as sandbox:
            _, reply = open_client(sandbox.port).send(make_event("website", {"user_data": {}}))
            assert reply["error"]["error_subcode"] == 2804050
            titles[locale] = reply["error"]["error_user_title"]
    assert len(set(titles.values())) == 3


def test_remarks_come_as_messages(client, make_event):
    _, reply = client.send(make_event("website", {"user_data.fbc": "IwAR123"}))
    assert reply["events_received"] == 1 and "fbc" in reply["messages"][0]


@pytest.mark.parametrize("prefix", ["/v26.0", "/v22.0", ""])
def test_living_versions_and_none_are_served(client, make_event, prefix):
    body = {"data": [make_event()]}
    status, _ = client.ask("POST", f"{prefix}/{DATASET}/events", body)
    assert status == 200


@pytest.mark.parametrize(
    ("version", "code"), [("v12.0", 2635), ("v21.0", 2635), ("v99.0", 2500), ("vx", 2500)]
)
def test_other_versions_are_refused(client, make_event, version, code):
    status, reply = client.ask("POST", f"/{version}/{DATASET}/events", {"data": [make_event()]})
    assert (status, reply["error"]["code"]) == (400, code)


def test_a_wrong_dataset_is_100_33(client, make_event):
    status, reply = client.ask("POST", "/v26.0/999/events", {"data": [make_event()]})
    assert (status, reply["error"]["code"], reply["error"]["error_subcode"]) == (400, 100, 33)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_a_missing_or_wrong_token_is_190_with_401(client, make_event, headers):
    headers = {"Content-Type": "application/json", **headers}
    status, reply = client.ask("POST", EVENTS, {"data": [make_event()]}, headers)
    assert (status, reply["error"]["code"]) == (401, 190)
    assert "is_transient" not in reply["error"] and "error_subcode" not in reply["error"]
    assert client.headers["www-authenticate"].startswith("OAuth")


def test_the_token_may_stand_in_header_body_or_query(client, make_event):
    plain = {"Content-Type": "application/json"}
    body = {"data": [make_event()]}
    assert client.ask("POST", EVENTS, body)[0] == 200
    assert client.ask("POST", EVENTS, {**body, "access_token": TOKEN}, plain)[0] == 200
    assert client.ask("POST", f"{EVENTS}?access_token={TOKEN}", body, plain)[0] == 200


def test_the_proof_of_the_apps_secret_is_asked_where_configured(open_client, make_event, clock):
    proof = hmac.new(b"secret", TOKEN.encode(), hashlib.sha256).hexdigest()
    with Sandbox(token=TOKEN, app_secret="secret", now=clock) as sandbox:
        client = open_client(sandbox.port)
        assert client.send(make_event())[1]["error"]["code"] == 104
        assert client.send(make_event(), appsecret_proof="0" * 64)[1]["error"]["code"] == 104
        assert client.send(make_event(), appsecret_proof=proof)[0] == 200


def test_forms_carry_data_as_json_text_or_as_a_list_of_texts(client, make_event):
    events = [make_event(), make_event("app")]
    texts = [orjson.dumps(event).decode() for event in events]
    for fields in (
        {"data": orjson.dumps(events).decode()},
        {"data": orjson.dumps(texts).decode()},
        {"data[0]": texts[0], "data[1]": texts[1]},
    ):
        body = urlencode({**fields, "access_token": TOKEN})
        status, reply = client.ask("POST", EVENTS, body, FORM)
        assert (status, reply.get("events_received")) == (200, 2)


def test_json_may_hold_a_list_of_texts(client, make_event):
    texts = [orjson.dumps(make_event()).decode()]
    assert client.ask("POST", EVENTS, {"data": texts})[1]["events_received"] == 1


def test_multipart_is_read(client, make_event):
    data = orjson.dumps([make_event()]).decode()
    parts = "".join(
        f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("data", data), ("access_token", TOKEN))
    )
    headers = {"Content-Type": "multipart/form-data; boundary=XX"}
    assert client.ask("POST", EVENTS, parts + "--XX--\r\n", headers)[1]["events_received"] == 1


@pytest.mark.parametrize(
    "body", ["{", "[]", "5", '{"data": 5}', '{"data": "["}', '{"data": ["{"]}', "{}", '{"data": []}']
)
def test_broken_bodies_are_refused(client, body):
    status, reply = client.ask("POST", EVENTS, body)
    assert (status, reply["error"]["code"]) == (400, 100)


def test_gzip_is_refused_unless_allowed(client, open_client, make_event, clock):
    packed = gzip.compress(orjson.dumps({"data": [make_event()]}))
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    assert client.ask("POST", EVENTS, packed, headers)[0] == 400
    with Sandbox(gzip_allowed=True, now=clock) as sandbox:
        other = open_client(sandbox.port)
        assert other.ask("POST", EVENTS, packed, headers)[1]["events_received"] == 1
        assert other.ask("POST", EVENTS, packed[:-9], headers)[0] == 400
        assert other.ask("POST", EVENTS, b"no gzip", headers)[0] == 400


def test_debug_token_tells_a_good_token_from_a_bad_one(client):
    _, good = client.ask("GET", f"/v26.0/debug_token?input_token={TOKEN}")
    assert good["data"]["is_valid"] is True and "ads_management" in good["data"]["scopes"]
    _, bad = client.ask("GET", "/v26.0/debug_token?input_token=other")
    assert bad["data"]["is_valid"] is False and bad["data"]["error"]["code"] == 190


def test_a_form_that_says_get_reads_and_keeps_the_token_out_of_the_url(client):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}
    form = f"method=GET&input_token={TOKEN}".encode()
    assert client.ask("POST", "/v26.0/debug_token", form, headers)[1]["data"]["is_valid"] is True
    assert client.ask("POST", "/v26.0/debug_token", f"input_token={TOKEN}".encode(), headers)[0] == 400


def test_a_dataset_shows_the_asked_fields(client, make_event):
    client.send(make_event(), make_event())
    assert client.ask("GET", f"/v26.0/{DATASET}")[1] == {"id": DATASET}
    _, found = client.ask("GET", f"/v26.0/{DATASET}?fields=name,is_consolidated_container,duplicate_entries")
    assert found["is_consolidated_container"] is True
    assert (found["id"], found["duplicate_entries"]) == (DATASET, 1)
    status, reply = client.ask("GET", f"/v26.0/{DATASET}?fields=shoe_size")
    assert (status, reply["error"]["code"]) == (400, 100)
    assert client.ask("GET", "/v26.0/999")[1]["error"]["error_subcode"] == 33


def test_quality_of_web_events_holds_coverage_of_what_was_received(client, make_event):
    client.send(
        make_event(),
        make_event(
            "website", {"event_id": "b", "user_data.ph": [*make_event("store")["user_data"].values()]}
        ),
    )
    _, found = client.ask("GET", f"/v26.0/dataset_quality?dataset_id={DATASET}&fields=web")
    (row,) = found["web"]
    feedback = {
        item["identifier"]: item["coverage"]["percentage"]
        for item in row["event_match_quality"]["match_key_feedback"]
    }
    assert row["event_name"] == "Purchase"
    assert 0 <= row["event_match_quality"]["composite_score"] <= 10
    assert (feedback["email"], feedback["phone"]) == (100, 50)
    assert row["event_coverage"]["goal_percentage"] == 75
    assert row["dedupe_key_feedback"][0]["dedupe_key"] == "event_id"
    assert row["data_freshness"]["upload_frequency"] == "real_time"


def test_quality_gives_only_the_asked_fields_and_knows_offline(client, make_event):
    client.send(make_event(), make_event("store"))
    fields = "web{event_name,event_match_quality{composite_score}},"
    fields += "offline{composite{score},match_key{coverage{email,phone}}}"
    _, found = client.ask("GET", f"/v26.0/dataset_quality?dataset_id={DATASET}&fields={fields}")
    assert found == {
        "web": [{"event_name": "Purchase", "event_match_quality": {"composite_score": 6.2}}],
        "offline": [{"composite": {"score": 8.6}, "match_key": {"coverage": {"email": 0.0, "phone": 100.0}}}],
    }
    _, refused = client.ask("GET", f"/v26.0/dataset_quality?dataset_id={DATASET}&fields=web{{shoe_size}}")
    assert refused["error"]["code"] == 100


def test_quality_can_be_refused_and_can_lack_what_graph_may_leave_out(sandbox, client, make_event):
    path = f"/v26.0/dataset_quality?dataset_id={DATASET}&fields=web"
    assert client.send(make_event())[0] == 200
    sandbox.faults = Faults.parse("quality=200")
    assert client.send(make_event())[0] == 200
    status, reply = client.ask("GET", path)
    assert (status, reply["error"]["code"]) == (400, 200)
    sandbox.faults = Faults.parse("quality-sparse")
    assert client.ask("GET", path)[1] == {
        "web": [{"event_name": "Purchase", "event_match_quality": {"composite_score": 6.2}}]
    }


@pytest.mark.parametrize(
    ("query", "code", "subcode"),
    [
        ("dataset_id=999&fields=web", 100, 2044055),
        (f"dataset_id={DATASET}&fields=web%7Ba", 2500, None),
        (f"dataset_id={DATASET}&fields=a%7D", 2500, None),
        (f"dataset_id={DATASET}&fields=radio", 100, None),
    ],
)
def test_quality_refuses_what_it_does_not_know(client, query, code, subcode):
    status, reply = client.ask("GET", f"/v26.0/dataset_quality?{query}")
    assert (status, reply["error"]["code"], reply["error"].get("error_subcode")) == (400, code, subcode)


def test_looking_needs_the_token_too(client):
    for path in (f"/v26.0/{DATASET}", "/v26.0/debug_token?input_token=a", "/v26.0/dataset_quality"):
        assert client.ask("GET", path, headers={})[0] == 401


def test_the_version_can_be_asked(client):
    assert client.ask("GET", f"/api_version?access_token={TOKEN}", headers={})[1] == {"api_version": "v26.0"}


def test_saved_bodies_are_the_bytes_that_came(tmp_path, open_client, make_event, clock):
    folder = tmp_path / "received"
    with Sandbox(save_dir=folder, now=clock) as sandbox:
        client = open_client(sandbox.port)
        body = orjson.dumps({"data": [make_event()], "partner_agent": "capi-cli/1"})
        client.ask("POST", EVENTS, body)
        client.send(make_event("website", {"event_time": 1}))
        client.ask(
            "POST",
            EVENTS,
            urlencode({"data": "[" + orjson.dumps(make_event("store")).decode() + "]", "access_token": "t"}),
            FORM,
        )
    assert sorted(path.name for path in folder.iterdir()) == [
        "reply-000001.json",
        "reply-000002.json",
        "request-000001.json",
        "request-000002.form",
    ]
    assert (folder / "request-000001.json").read_bytes() == body
    reply = orjson.loads((folder / "reply-000001.json").read_bytes())
    assert reply["status"] == 200 and orjson.loads(reply["body"])["events_received"] == 1
    assert saved_events(folder) == [make_event()]


def test_lines_tell_each_request_without_its_query(open_client, make_event, clock):
    lines: list[str] = []
    with Sandbox(token=TOKEN, say=lines.append, now=clock) as sandbox:
        client = open_client(sandbox.port)
        client.ask(
            "POST",
            f"{EVENTS}?access_token={TOKEN}",
            {"data": [make_event()]},
            {"Content-Type": "application/json"},
        )
        client.send(make_event("website", {"event_time": 1}))
    assert len(lines) == 2
    assert f"POST {EVENTS}" in lines[0] and "200 received 1" in lines[0]
    assert "400 refused 100/2804003" in lines[1]
    assert TOKEN not in "".join(lines)


def test_test_events_are_counted_and_kept(client, sandbox, make_event):
    client.send(make_event(), test_event_code="TEST123")
    state = sandbox.state()
    assert (state["events_received"], state["test_events"]) == (1, 1)


def test_without_checks_events_are_only_counted(open_client, make_event):
    with Sandbox(check="none") as sandbox:
        client = open_client(sandbox.port)
        events = [make_event("website", {"event_time": 1, "original_event_data.event_name": "Lead"})] * 3
        assert client.send(*events)[1]["events_received"] == 3
        body = urlencode({"data": orjson.dumps(events).decode()})
        assert client.ask("POST", EVENTS, body, FORM)[1]["events_received"] == 3
        assert sandbox.state()["events_received"] == 6

"""Every fault on demand: what the client sees, and whether the events were processed."""

import http.client

import pytest

from capi_cli.errors import UsageError
from capi_cli.sandbox.faults import Dice, Faults, parse_fault
from capi_cli.sandbox.server import Sandbox


@pytest.fixture
def faulty(sandbox, open_client, make_event):
    """Put faults in force, send one event, return status, reply, headers, and how many events were processed."""

    def send(*texts):
        sandbox.faults = Faults.parse(*texts)
        client = open_client(sandbox.port)
        status, reply = client.send(make_event())
        return status, reply, client.headers, sandbox.state()["events_received"]

    return send


@pytest.mark.parametrize("status", [500, 502, 503])
def test_server_errors_come_before_or_after_processing(faulty, status):
    assert faulty(f"http={status}")[::3] == (status, 0)
    assert faulty(f"http-after={status}")[::3] == (status, 1)


@pytest.mark.parametrize(
    ("shape", "status", "code", "header"),
    [
        ("429", 429, 4, "retry-after"),
        ("4", 400, 4, ""),
        ("17", 400, 17, "x-ad-account-usage"),
        ("32", 400, 32, ""),
        ("341", 400, 341, ""),
        ("613", 400, 613, "x-business-use-case-usage"),
        ("80004", 400, 80004, "x-business-use-case-usage"),
        ("200", 200, 4, ""),
    ],
)
def test_throttling_in_each_shape(faulty, shape, status, code, header):
    found, reply, headers, processed = faulty(f"throttle={shape}:wait=7")
    assert (found, reply["error"]["code"], processed) == (status, code, 0)
    assert reply["error"]["is_transient"] is True
    if header:
        assert "7" in headers[header] or '"reset_time_duration":420' in headers[header]
    if shape == "80004":
        assert '"estimated_time_to_regain_access":7' in headers["x-business-use-case-usage"]


def test_a_dropped_connection_is_processed_or_not(sandbox, open_client, make_event):
    for text, received in (("drop-before", 0), ("drop-after", 1)):
        sandbox.faults = Faults.parse(text)
        with pytest.raises(http.client.RemoteDisconnected):
            open_client(sandbox.port).send(make_event())
        assert sandbox.state()["events_received"] == received


def test_half_a_reply_is_incomplete(sandbox, open_client, make_event):
    sandbox.faults = Faults.parse("drop-reply")
    with pytest.raises(http.client.IncompleteRead):
        open_client(sandbox.port).send(make_event())
    assert sandbox.state()["events_received"] == 1


def test_html_and_empty_bodies(faulty):
    status, body, headers, processed = faulty("html")
    assert (status, processed) == (502, 0)
    assert b"<html>" in body and headers["content-type"].startswith("text/html")
    assert faulty("empty=504")[:2] == (504, b"")
    assert faulty("empty=200")[::3] == (200, 1)


def test_short_counts_and_missing_trace(faulty):
    status, reply, _, processed = faulty("short=1", "no-trace", "message=Look here: now")
    assert (status, reply["events_received"], processed) == (200, 0, 1)
    assert "fbtrace_id" not in reply
    assert reply["messages"] == ["Look here: now"]


def test_usage_headers_come_with_success(faulty):
    status, _, headers, _ = faulty("usage=85")
    assert status == 200
    assert '"call_count":85' in headers["x-app-usage"]
    assert '"acc_id_util_pct":85' in headers["x-ad-account-usage"]


def test_a_token_expires_after_so_many_requests(sandbox, client, make_event):
    sandbox.faults = Faults.parse("expire:after=2")
    found = [client.send(make_event()) for _ in range(4)]
    assert [status for status, _ in found] == [200, 200, 401, 401]
    assert (found[2][1]["error"]["code"], found[2][1]["error"]["error_subcode"]) == (190, 463)
    assert client.ask("GET", "/v26.0/debug_token?input_token=SANDBOX-TOKEN")[0] == 401


def test_latency_delays_the_reply(faulty):
    import time

    begun = time.perf_counter()
    assert faulty("latency=0.2")[0] == 200
    assert time.perf_counter() - begun >= 0.2


def test_named_events_are_refused_for_an_unknown_reason(sandbox, client, make_event):
    sandbox.faults = Faults.parse("refuse=2804999:event_id=bad|worse*")
    for event_id, status in (("good", 200), ("bad", 400), ("bad-not", 200), ("worse-7", 400)):
        found, reply = client.send(make_event(), make_event("website", {"event_id": event_id}))
        assert found == status
        if status == 400:
            assert (reply["error"]["code"], reply["error"]["error_subcode"]) == (100, 2804999)
    sandbox.faults = Faults.parse("refuse=100:event_name=Lead")
    _, reply = client.send(make_event("website", {"event_name": "Lead"}))
    assert reply["error"]["code"] == 100 and "error_subcode" not in reply["error"]


@pytest.mark.parametrize(
    ("text", "status", "code", "subcode"),
    [
        ("error=368", 400, 368, None),
        ("error=190/460", 401, 190, 460),
        ("error=100", 400, 100, None),
        ("error=200", 400, 200, None),
        ("transient=1", 500, 1, None),
    ],
)
def test_any_code_can_be_asked_for(faulty, text, status, code, subcode):
    found, reply, _, processed = faulty(text)
    assert (found, reply["error"]["code"], reply["error"].get("error_subcode")) == (status, code, subcode)
    assert processed == 0


def test_the_first_fault_that_answers_stands(faulty):
    assert faulty("http=502", "throttle=17")[0] == 502


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("drop-after:first=2", [1, 2]),
        ("drop-after:every=3", [3, 6, 9]),
        ("drop-after:after=8", [9, 10]),
        ("drop-after:after=2,first=1", [3]),
        ("drop-after", list(range(1, 11))),
    ],
)
def test_counts_say_which_requests_are_hit(text, hits):
    dice = Dice(Faults.parse(text))
    assert [turn for turn in range(1, 11) if dice.roll()] == hits


def test_dice_are_seeded_and_fair():
    def roll(text):
        dice = Dice(Faults.parse(text))
        return [bool(dice.roll()) for _ in range(1000)]

    assert roll("http:0.1") == roll("http:0.1") != roll("http:0.1,seed=1")
    assert 60 < sum(roll("http:0.1")) < 140


@pytest.mark.parametrize(
    "text",
    [
        "http=503",
        "throttle=80004:0.1,wait=5",
        "drop-after:first=2",
        "latency=0.3",
        "expire:after=10",
        "refuse=2804999:event_id=a|b*,event_name=Lead",
        "http-after=500:0.25,first=3,after=1,seed=9,every=2",
        "message=Hello: world",
    ],
)
def test_a_faults_words_parse_to_themselves(text):
    fault = parse_fault(text)
    assert str(fault) == text
    assert parse_fault(str(fault)) == fault


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("thrttle", "Did you mean throttle"),
        ("throttle=5", "80004"),
        ("http=abc", "takes a number"),
        ("http=99", "HTTP status"),
        ("latency=soon", "seconds"),
        ("drop-after=5", "takes no value"),
        ("http:2", "between 0 and 1"),
        ("http:frist=2", "Did you mean first"),
        ("http:every=0", "whole number"),
        ("http:event_id=a", "refuse only"),
        ("error=x", "code/subcode"),
    ],
)
def test_a_mistyped_fault_says_what_would_be_right(text, words):
    with pytest.raises(UsageError) as caught:
        parse_fault(text)
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_faults_are_switched_while_it_runs(client, sandbox, make_event):
    assert client.ask("POST", "/_sandbox/faults", {"faults": ["http=500:first=1"]})[1] == {
        "faults": ["http=500:first=1"]
    }
    assert client.send(make_event())[0] == 500
    assert client.send(make_event())[0] == 200
    _, state = client.ask("GET", "/_sandbox/state")
    assert state == sandbox.state()
    assert (state["requests"], state["requests_faulted"], state["faults"]) == (2, 1, ["http=500:first=1"])
    for wrong in ({"faults": ["nonsense"]}, {"fault": []}, [], "x"):
        assert client.ask("POST", "/_sandbox/faults", wrong)[0] == 400
    assert client.ask("GET", "/_sandbox/other")[0] == 400


def test_faults_work_without_checks(open_client, make_event):
    with Sandbox(check="none", faults=Faults.parse("http=503:first=1")) as sandbox:
        client = open_client(sandbox.port)
        assert [client.send(make_event())[0] for _ in range(2)] == [503, 200]

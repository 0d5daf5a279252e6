"""Replies that repeat what they were told, values and token: in Graph's words, in HTML, in headers, cut off."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.privacy.echo import Answer, Asked, echo
from tests.privacy.files import COUNTRY, EVENT, MAPPED, delimited, orders, rows
from tests.privacy.markers import PERSON, TOKEN, proof
from tests.privacy.scene import Scene

EMAIL, PHONE, NAME = (PERSON[key][0] for key in ("email", "phone", "last_name"))
AGENT = "Quokkazilla/5.0 (Xanthippos; O’Quagmire) Llanfair/9"
CLICK = "fb.1.1754000000000.QuokkaClickXanthippe"
SENT = ("orders.csv", *EVENT, *COUNTRY, *MAPPED, "--max-error-rate", "1", "--retry-for", "0s")


def key_of(asked: Asked, name: str) -> str:
    """Return a match key of the request's first event, as it was sent."""
    user_data = asked.events[0]["user_data"] if asked.events else {}
    assert isinstance(user_data, dict)
    found = user_data.get(name, "none")
    return str(found[0] if isinstance(found, list) else found)


def digest_of(asked: Asked) -> str:
    return key_of(asked, "em")


def plain_of(asked: Asked) -> str:
    return f"user agent {key_of(asked, 'client_user_agent')} and fbc {key_of(asked, 'fbc')}"


def refusal(code: int, subcode: int = 0, status: int = 400, **members: object) -> Answer:
    error = {"message": "Invalid parameter", "code": code, "error_subcode": subcode, "fbtrace_id": TOKEN[:20]}
    body = json.dumps({"error": error | members}).encode()
    return Answer(status, {"Content-Type": "application/json"}, body)


def page(asked: Asked, status: int) -> Answer:
    """Return what a gateway shows that prints the request it did not like."""
    lines = "".join(f"<li>{name}: {value}</li>" for name, value in asked.headers.items())
    text = f"<html><title>Blocked {EMAIL}</title><ul>{lines}</ul><pre>{asked.body.decode()}</pre></html>"
    return Answer(status, {"Content-Type": "text/html"}, text.encode())


def accepted(asked: Asked, **members: object) -> Answer:
    told = {"events_received": len(asked.events), "messages": [], "fbtrace_id": "A1b2"} | members
    return Answer(200, {}, json.dumps(told, ensure_ascii=False).encode())


Say = Callable[[Asked], Answer]
REPLIES: dict[str, tuple[Say, int]] = {
    "a value of an event": (
        lambda asked: refusal(
            100, 2804019, error_user_msg=f"The e-mail {EMAIL} is not hashed, nor is {PHONE}"
        ),
        3,
    ),
    "in quotes": (
        lambda asked: refusal(100, 2804016, error_user_msg=f"ln “{NAME}” or '{NAME}' or «{NAME}»"),
        3,
    ),
    "in the title": (lambda asked: refusal(100, 2804050, error_user_title=EMAIL, error_user_msg=PHONE), 3),
    "a digest": (lambda asked: refusal(100, 2804019, message=f"(#100) em {digest_of(asked)} is unknown"), 3),
    "percent-encoded": (lambda asked: refusal(100, 2804019, message=f"see /x?em={quote(EMAIL, safe='')}"), 3),
    "in data": (
        lambda asked: refusal(100, 2804019, error_data={"blame": [["data", 0, EMAIL, PHONE, TOKEN]]}),
        3,
    ),
    "as a code": (lambda asked: refusal(100, error_subcode=EMAIL, message=TOKEN), 10),
    "a plain key": (lambda asked: refusal(100, 2804019, message=f"{plain_of(asked)} are odd"), 3),
    "remarks": (
        lambda asked: accepted(
            asked, messages=[EMAIL, {"em": digest_of(asked)}, f"token {TOKEN}", plain_of(asked)]
        ),
        0,
    ),
    "as a trace": (lambda asked: accepted(asked, fbtrace_id=TOKEN), 0),
    "a digest as a trace": (lambda asked: accepted(asked, fbtrace_id=digest_of(asked)[:40]), 0),
    "a number as a trace": (lambda asked: accepted(asked, fbtrace_id=PERSON["phone"][1]), 0),
    "the token": (lambda asked: refusal(190, 463, 401, message=f"Malformed access token {TOKEN}"), 12),
    "a part of the token": (lambda asked: refusal(190, 0, 401, message=f"Token {TOKEN[5:20]}… expired"), 12),
    "the token in a URL": (
        lambda asked: refusal(200, message=f"https://x.example/?access_token={TOKEN}"),
        12,
    ),
    "the proof": (lambda asked: refusal(104, message=f"Invalid appsecret_proof {proof()} provided"), 12),
    "an unknown dataset": (lambda asked: refusal(100, 33, message=f"Object {EMAIL} with {TOKEN}"), 12),
    "a version": (lambda asked: refusal(2635, message=f"{TOKEN} {EMAIL}"), 10),
    "an unknown code": (lambda asked: refusal(777, message=f"{digest_of(asked)} {PHONE}"), 10),
    "throttled": (
        lambda asked: Answer(
            400,
            {"Retry-After": TOKEN, "X-App-Usage": asked.body[:900].decode("latin-1")},
            refusal(80004, message=f"Slow down, {EMAIL}").body,
        ),
        4,
    ),
    "a passing fault": (lambda asked: refusal(2, 0, 500, is_transient=True, message=f"{EMAIL} {TOKEN}"), 4),
    "a page, 200": (lambda asked: page(asked, 200), 4),
    "a page, 403": (lambda asked: page(asked, 403), 12),
    "a page, 404": (lambda asked: page(asked, 404), 10),
    "a page, 502": (lambda asked: page(asked, 502), 4),
    "a redirect": (
        lambda asked: Answer(302, {"Location": f"http://127.0.0.1:9/?access_token={TOKEN}&em={EMAIL}"}),
        10,
    ),
    "fewer received": (lambda asked: accepted(asked, events_received=1, messages=[digest_of(asked)]), 4),
    "cut off": (lambda asked: Answer(200, {}, asked.body, cut=True), 4),
    "hung up": (lambda asked: Answer(0), 4),
    "another shape": (lambda asked: Answer(200, {}, json.dumps([EMAIL, TOKEN]).encode()), 4),
    "its own body": (lambda asked: Answer(400, {}, asked.body), 4),
}
FORMS = (("-v",), ("-v", "--log-format", "json", "--output", "json", "--report", "page.html"))


def file() -> str:
    """Return orders whose rows also hold what is sent plain."""
    return delimited([row | {"client_user_agent": AGENT, "fbc": CLICK} for row in rows(3)])


@pytest.mark.parametrize("name", REPLIES)
def test_what_a_reply_repeats(scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    say, code = REPLIES[name]
    scene.write("orders.csv", file())
    with echo(say) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        for form in FORMS:
            ended = scene.run("upload", *SENT, *form)
            assert ended.code == code, ended.err
            for plain in ("Quokkazilla", "Xanthippos", "QuokkaClick"):
                assert plain not in ended.out + ended.err
        scene.run("runs", "--output", "json")
        scene.run("doctor", "--output", "json")
    assert any(TOKEN in asked.headers.get("authorization", "") for asked in meta.asked)
    assert not any(TOKEN in asked.path or proof() in asked.path for asked in meta.asked)


def test_a_prepared_folder_that_meta_refuses(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.write("orders.csv", orders(3, 0))
    scene.run("prepare", *SENT[:-2], "-o", str(scene.prepared))
    with echo(lambda asked: refusal(100, 2804019, message=f"em {digest_of(asked)} of {EMAIL}")) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        assert scene.run("upload", str(scene.prepared), "--max-error-rate", "1").code == 3


def test_what_the_quality_of_a_dataset_repeats(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    said = f"{EMAIL} {PHONE} '{NAME}' {TOKEN}"
    row = {
        "event_name": EMAIL,
        "event_match_quality": {
            "composite_score": EMAIL,
            "match_key_feedback": [{"identifier": PHONE, "coverage": {"percentage": TOKEN}}],
            "diagnostics": [{"name": said, "description": said, "solution": said}],
        },
        "dedupe_key_feedback": [{"dedupe_key": said}],
        "data_freshness": {"upload_frequency": said},
        "composite": {"score": 1, "recommendation": said},
    }
    told = {"web": [row], "offline": [row], "data": [row]}
    for reply in (
        Answer(200, {}, json.dumps(told).encode()),
        refusal(200, message=said),
        refusal(1, message=said),
    ):
        with echo(lambda _, reply=reply: reply) as meta:  # type: ignore[misc]
            monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
            for form in ((), ("--output", "json")):
                assert scene.run("quality", *form).code in (0, 4, 12)

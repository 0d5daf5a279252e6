import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
import pytest

from capi_cli.delivery.decide import Again, Stop
from capi_cli.sinks.probe import TokenFacts, probe
from capi_cli.sinks.settings import GraphSettings

Settings = Callable[..., GraphSettings]
NOW = datetime(2026, 9, 20, 12, 0, 30, tzinfo=UTC)
DATE = {"date": "Sun, 20 Sep 2026 12:00:00 GMT"}


def refusal(code: int, subcode: int) -> httpx.Response:
    return httpx.Response(400, json={"error": {"code": code, "error_subcode": subcode}}, headers=DATE)


class Meta:
    def __init__(self, events: httpx.Response, token: httpx.Response) -> None:
        self.events, self.token = events, token
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.events if request.url.path.endswith("/events") else self.token


FACTS = {
    "data": {
        "is_valid": True,
        "type": "SYSTEM_USER",
        "application": "Shop",
        "expires_at": 1893456000,
        "scopes": ["ads_management"],
    }
}


def test_too_old_means_that_all_is_well(settings: Settings) -> None:
    meta = Meta(refusal(100, 2804003), httpx.Response(200, json=FACTS))
    found = probe(settings(), now=lambda: NOW, transport=httpx.MockTransport(meta))
    assert found.is_fine
    assert found.clock_ahead_s == 30.0
    assert found.token == TokenFacts(
        is_valid=True,
        kind="SYSTEM_USER",
        application="Shop",
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
        scopes=("ads_management",),
    )
    events, token = meta.requests
    (event,) = json.loads(events.content)["data"]
    assert event["event_time"] < NOW.timestamp() - 10 * 365 * 86400
    assert parse_qs(token.content.decode())["method"] == ["GET"]
    assert all("EAAtest" not in str(request.url) for request in meta.requests)


@pytest.mark.parametrize(
    ("events", "decision"),
    [
        (refusal(190, 463), Stop),
        (refusal(100, 33), Stop),
        (refusal(200, 0), Stop),
        (httpx.Response(502), Again),
    ],
)
def test_what_is_wrong_is_said_as_delivery_would(
    settings: Settings, events: httpx.Response, decision: type
) -> None:
    meta = Meta(events, httpx.Response(400, json={"error": {"code": 190}}))
    found = probe(settings(), now=lambda: NOW, transport=httpx.MockTransport(meta))
    assert not found.is_fine
    assert isinstance(found.decision, decision)
    assert found.token is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data":[]}', b'{"data":{"is_valid":"yes"}}'])
def test_an_odd_word_on_the_token_is_no_word(settings: Settings, body: bytes) -> None:
    meta = Meta(refusal(100, 2804003), httpx.Response(200, content=body))
    assert probe(settings(), transport=httpx.MockTransport(meta)).token is None


def test_a_token_without_end_has_no_expiry(settings: Settings) -> None:
    facts = {"data": FACTS["data"] | {"expires_at": 0}}
    meta = Meta(refusal(100, 2804003), httpx.Response(200, json=facts))
    found = probe(settings(), transport=httpx.MockTransport(meta))
    assert found.token is not None
    assert found.token.expires_at is None

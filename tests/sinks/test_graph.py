import gzip
import hashlib
import hmac
import json
import logging
import subprocess
import sys
from collections.abc import Callable

import httpx
import pytest

from capi_cli import __version__
from capi_cli.delivery.batch import Batch
from capi_cli.delivery.reply import Fault, FaultKind, Parsed
from capi_cli.errors import ConfigurationError
from capi_cli.sinks.graph import Graph
from capi_cli.sinks.settings import GraphSettings

Make = Callable[..., Batch]
Settings = Callable[..., GraphSettings]
TOKEN = "EAAtestTOKENvalue123"


class Server:
    """Keeps requests and answers them alike."""

    def __init__(self, answer: httpx.Response | Exception | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.answer = answer or httpx.Response(200, json={"events_received": 2, "fbtrace_id": "T1"})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def post(server: Server, settings: GraphSettings, batch: Batch) -> Parsed | Fault:
    graph = Graph(settings, transport=httpx.MockTransport(server))
    try:
        answer = graph.post(batch).answer
        assert answer is not None
        return answer
    finally:
        graph.close()


def test_a_batch_becomes_one_post(settings: Settings, batch_of: Make) -> None:
    server = Server()
    answer = post(server, settings(graph_url="https://graph.facebook.com"), batch_of(2))
    assert isinstance(answer, Parsed)
    assert (answer.status, answer.events_received, answer.fbtrace_id) == (200, 2, "T1")
    (request,) = server.requests
    assert request.method == "POST"
    assert str(request.url) == "https://graph.facebook.com/v26.0/1234567890/events"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"capi-cli/{__version__}"
    assert "gzip" in request.headers["accept-encoding"]
    assert "content-encoding" not in request.headers
    assert (
        request.content == b'{"data":[{"n":0},{"n":1}],"partner_agent":"capi-cli/%s"}' % __version__.encode()
    )


def test_the_same_batch_gives_the_same_bytes(settings: Settings, batch_of: Make) -> None:
    server = Server()
    for _ in range(2):
        post(server, settings(gzip=True), batch_of(2))
    assert server.requests[0].content == server.requests[1].content


def test_requests_share_nothing_but_their_heads(settings: Settings, batch_of: Make) -> None:
    server = Server(httpx.Response(200, headers={"set-cookie": "a=b"}, json={"events_received": 2}))
    graph = Graph(settings(), transport=httpx.MockTransport(server))
    for count in (2, 5):
        graph.post(batch_of(count))
    graph.close()
    first, second = server.requests
    assert first.headers["content-length"] == str(len(first.content))
    assert second.headers["content-length"] == str(len(second.content))
    assert len(second.content) > len(first.content)
    assert "cookie" not in second.headers
    other = {"content-length"}
    assert {k: v for k, v in first.headers.items() if k not in other} == {
        k: v for k, v in second.headers.items() if k not in other
    }


def test_an_address_that_httpx_cannot_read_is_a_fault(settings: Settings, batch_of: Make) -> None:
    graph = Graph(settings(graph_url="https://1.2.3.400"))
    answer = graph.post(batch_of(1)).answer
    graph.close()
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.REQUEST


def test_a_test_event_code_goes_to_the_top_level(settings: Settings, batch_of: Make) -> None:
    server = Server()
    post(server, settings(test_event_code='TEST"1'), batch_of(1))
    body = json.loads(server.requests[0].content)
    assert body["test_event_code"] == 'TEST"1'
    assert set(body) == {"data", "partner_agent", "test_event_code"}


def test_the_token_can_travel_in_the_body(settings: Settings, batch_of: Make) -> None:
    server = Server()
    post(server, settings(token_in_body=True), batch_of(1))
    (request,) = server.requests
    assert json.loads(request.content)["access_token"] == TOKEN
    assert "authorization" not in request.headers
    assert TOKEN not in str(request.url)


def test_an_app_secret_signs_the_token(settings: Settings, batch_of: Make) -> None:
    server = Server()
    post(server, settings(app_secret="s3cret"), batch_of(1))
    body = json.loads(server.requests[0].content)
    assert body["appsecret_proof"] == hmac.new(b"s3cret", TOKEN.encode(), hashlib.sha256).hexdigest()
    assert "s3cret" not in server.requests[0].content.decode()


def test_a_body_is_compressed_where_asked_for(settings: Settings, batch_of: Make) -> None:
    server = Server()
    post(server, settings(gzip=True), batch_of(3))
    (request,) = server.requests
    assert request.headers["content-encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(request.content))["data"]) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(settings: Settings, batch_of: Make, status: int) -> None:
    server = Server(httpx.Response(status, headers={"location": "http://127.0.0.1:2/elsewhere"}))
    answer = post(server, settings(), batch_of(1))
    assert isinstance(answer, Parsed)
    assert answer.status == status
    assert len(server.requests) == 1


def test_an_exception_becomes_a_fault(settings: Settings, batch_of: Make) -> None:
    assert post(Server(httpx.ReadTimeout("x")), settings(), batch_of(1)) == Fault(
        kind=FaultKind.TIMEOUT, detail="the server is silent"
    )


def test_a_reply_without_end_is_read_only_so_far(settings: Settings, batch_of: Make) -> None:
    answer = post(Server(httpx.Response(200, content=b" " * (3 << 20))), settings(), batch_of(1))
    assert answer == Parsed(status=200)


def test_a_body_that_cannot_be_unpacked_is_no_answer(settings: Settings, batch_of: Make) -> None:
    broken = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
    answer = post(Server(broken), settings(), batch_of(1))
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.BROKEN


def test_nothing_shows_the_token(
    settings: Settings, batch_of: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    where = settings()
    graph = Graph(where, transport=httpx.MockTransport(Server()))
    done = graph.post(batch_of(2))
    graph.close()
    assert TOKEN not in repr(graph) + repr(where) + repr(done) + caplog.text


def test_a_refused_connection_is_a_fault_and_nothing_was_sent(settings: Settings, batch_of: Make) -> None:
    graph = Graph(settings(graph_url="http://127.0.0.1:9"))
    answer = graph.post(batch_of(1)).answer
    graph.close()
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.NOT_SENT


def test_loopback_never_goes_through_a_proxy(
    settings: Settings, batch_of: Make, loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    graph = Graph(settings(graph_url=loopback.url))
    answer = graph.post(batch_of(2)).answer
    graph.close()
    assert isinstance(answer, Parsed)
    assert answer.events_received == 2


def test_a_proxy_of_the_environment_is_used_for_https(
    settings: Settings, batch_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    graph = Graph(settings(graph_url="https://graph.invalid"))
    answer = graph.post(batch_of(1)).answer
    graph.close()
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.NOT_SENT


def test_a_proxy_that_cannot_be_read_names_the_variable(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:word@host:1")
    with pytest.raises(ConfigurationError) as caught:
        Graph(settings(graph_url="https://graph.invalid"))
    assert "HTTPS_PROXY" in caught.value.hint
    assert "word" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_ca_bundle_that_is_missing_names_the_variable(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, tmp_path
) -> None:
    for other in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, str(tmp_path / "absent.pem"))
    with pytest.raises(ConfigurationError) as caught:
        Graph(settings(graph_url="https://graph.invalid"))
    assert name in caught.value.message


def test_one_connection_serves_many_requests(settings: Settings, batch_of: Make, loopback) -> None:
    graph = Graph(settings(graph_url=loopback.url))
    for _ in range(5):
        graph.post(batch_of(1))
    graph.close()
    assert loopback.connections == 1
    assert loopback.paths == ["/v26.0/1234567890/events"] * 5


def test_naming_a_sink_does_not_load_httpx() -> None:
    code = "import sys, capi_cli.sinks.sink, capi_cli.sinks.splitting; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

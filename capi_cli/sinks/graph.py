"""Meta's Graph endpoint: one batch, one POST to `/{version}/{dataset}/events`.

1. The body is JSON bytes, assembled around the events with one copy.
2. The token travels in the `Authorization` header, or in the body; never in a URL, repr, log or exception.
3. Redirects are not followed, and no cookie is sent. A reply of any kind is handed on; an exception becomes a fault.

Source: Meta, "Using the API"; field reports for the header and the JSON token.
"""

import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import httpx

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.redact import Secrets
from capi_cli.delivery.reply import HEADERS_READ, Fault, Reply, parse_reply
from capi_cli.sinks.attempt import Attempted
from capi_cli.sinks.client import open_client
from capi_cli.sinks.deadline import Deadline
from capi_cli.sinks.faults import FOREIGN, fault_of
from capi_cli.sinks.settings import PARTNER_AGENT, GraphSettings

MAX_REPLY_BYTES: Final = 1 << 20
GZIP_LEVEL: Final = 6


def _now() -> datetime:
    return datetime.now(UTC)


class Graph:
    """Posts batches. One client for all threads; a request is never tried twice here."""

    def __init__(
        self,
        settings: GraphSettings,
        *,
        now: Callable[[], datetime] = _now,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._now = now
        self._secrets = Secrets(settings.token, settings.app_secret, *secrets_in_body(settings).values())
        self._deadline = Deadline()
        self._client = open_client(settings, self._deadline, transport)
        self._url = f"{settings.root}/{settings.dataset_id}/events"
        self._headers = {"Content-Type": "application/json"} | authorization(settings)
        if settings.gzip:
            self._headers["Content-Encoding"] = "gzip"
        self._first: httpx.Request | None = None  # without a body
        self._tail = b"]," + json.dumps(_top_level(settings), separators=(",", ":")).encode()[1:]

    def __repr__(self) -> str:
        return f"Graph({self._url})"

    def post(self, batch: Batch) -> Attempted:
        """Post the batch once; whatever the network does comes back as a value."""
        reply = self._within_limit(lambda: self._request(self.body(batch)))
        if isinstance(reply, Fault):
            return Attempted(posted=batch, answer=reply)
        answer = parse_reply(reply, now=self._now(), sent=batch.joined)
        return Attempted(posted=batch, answer=answer)

    def body(self, batch: Batch) -> bytes:
        """Return the request's body."""
        body = b"".join((b'{"data":[', batch.joined, self._tail))
        return gzip.compress(body, GZIP_LEVEL, mtime=0) if self._settings.gzip else body

    def exchange(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Reply | Fault:
        """Make one request within the time limit of the settings."""
        return self._within_limit(
            lambda: self._client.build_request(method, url, content=body, headers=headers)
        )

    def _within_limit(self, build: Callable[[], httpx.Request]) -> Reply | Fault:
        try:
            with self._deadline.of(self._settings.timeout_s):
                return self._read(build())
        except FOREIGN as error:
            return fault_of(error)

    def _request(self, body: bytes) -> httpx.Request:
        """Return the POST of a batch; address and headers are read and merged once, which is most of the work."""
        if self._first is None:
            first = self._client.build_request("POST", self._url, headers=self._headers)
            del first.headers["Content-Length"]
            self._first = first
        first = self._first
        return httpx.Request(first.method, first.url, headers=first.headers, content=body)

    def _read(self, request: httpx.Request) -> Reply:
        response = self._client.send(request, stream=True)
        try:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_REPLY_BYTES:
                    break
            octets = self._secrets.cut_bytes(bytes(body[:MAX_REPLY_BYTES]))
            return Reply(status=response.status_code, headers=self._headers_read(response), body=octets)
        finally:
            response.close()
            # It holds its stream, which holds it: a cycle that keeps the megabyte of the request until it is found.
            response.stream = request.stream = httpx.ByteStream(b"")

    def _headers_read(self, response: httpx.Response) -> dict[str, str]:
        """Return the headers that are read, without secrets; asking httpx for all of them costs ten times as much."""
        found: dict[str, str] = {}
        for raw_name, raw_value in response.headers.raw:
            name = raw_name.lower().decode("latin-1")
            if name in HEADERS_READ:
                value = self._secrets.cut(raw_value.decode("latin-1"))
                found[name] = f"{found[name]}, {value}" if name in found else value
        return found

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def authorization(settings: GraphSettings) -> dict[str, str]:
    """Return the header that carries the token; none where it goes in the body."""
    return {} if settings.token_in_body else {"Authorization": f"Bearer {settings.token}"}


def secrets_in_body(settings: GraphSettings) -> dict[str, str]:
    """Return the members of a body that carry the token, where asked for, and the app secret's proof."""
    members: dict[str, str] = {}
    if settings.token_in_body:
        members["access_token"] = settings.token
    if settings.app_secret:
        signed = hmac.new(settings.app_secret.encode(), settings.token.encode(), hashlib.sha256)
        members["appsecret_proof"] = signed.hexdigest()
    return members


def _top_level(settings: GraphSettings) -> dict[str, str]:
    members = {"partner_agent": PARTNER_AGENT}
    if settings.test_event_code:
        members["test_event_code"] = settings.test_event_code
    return members | secrets_in_body(settings)

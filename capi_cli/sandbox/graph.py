"""How Graph speaks: error and success replies, trace ids, usage headers.

Key on `code` and `error_subcode` only: titles and texts for people are localized. Every member but `message` and
`code` may be missing, so what is absent here is left out, not null.

Source: Meta, "Handle errors", "Marketing API error reference", "Rate limiting"; field reports for the subcodes.
"""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any

import orjson

from capi_cli.sandbox.words import words_for

JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back over the wire.

    Attributes:
        cut: Send only this many bytes of the body, then close; None for all of it.
        remarks: What the printed line says about it.
    """

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphError:
    """Why a request is refused.

    Attributes:
        detail: The words that only this refusal can say: a path and its fault, the name of a key.
        status: HTTP status. Meta answers most refusals with 400 and a bad token with 401.
        is_transient: None leaves the member out, as Meta does for a bad token.
    """

    code: int
    subcode: int | None = None
    detail: str = ""
    status: int = 400
    is_transient: bool | None = False
    type: str = "OAuthException"
    headers: tuple[tuple[str, str], ...] = field(default=())

    @property
    def name(self) -> str:
        """The code as people write it: `100/2804003`."""
        return f"{self.code}/{self.subcode}" if self.subcode is not None else str(self.code)


def event_error(subcode: int, detail: str = "") -> GraphError:
    """Return a refusal of an event's content: always code 100, never transient."""
    return GraphError(code=100, subcode=subcode, detail=detail)


def path_error(path: str, fault: str) -> GraphError:
    """Return the refusal that names where it is: `$['data'][0]['custom_data']['contents'] must be an array`."""
    return event_error(2804019, f"{path} {fault}")


def new_trace_id() -> str:
    """Return an id like Graph's: an `A`, then 22 characters of base64url."""
    return "A" + base64.urlsafe_b64encode(secrets.token_bytes(17)).decode()[:22]


def encode_error(error: GraphError, *, locale: str = "en_US", trace_id: str | None = None) -> Reply:
    """Return the reply for a refusal; `trace_id` None leaves `fbtrace_id` out."""
    words = words_for(error.code, error.subcode, locale)
    message = words.message
    if error.detail and (error.subcode in (None, 2804019) or error.code != 100):
        message = f"(#{error.code}) {error.detail}"
    body: dict[str, Any] = {"message": message, "type": error.type, "code": error.code}
    if error.subcode is not None:
        body["error_subcode"] = error.subcode
    if error.is_transient is not None:
        body["is_transient"] = error.is_transient
    if words.title:
        body["error_user_title"] = words.title
        body["error_user_msg"] = words.text.replace("{detail}", error.detail)
    if trace_id is not None:
        body["fbtrace_id"] = trace_id
    return Reply(
        status=error.status,
        body=orjson.dumps({"error": body}),
        headers=(("WWW-Authenticate", _challenge(message)), *error.headers)
        if error.status == 401
        else error.headers,
        remarks=f"refused {error.name} {error.detail}".rstrip(),
    )


def encode_success(received: int, messages: list[str], trace_id: str | None) -> Reply:
    """Return `{"events_received": N, "messages": [...], "fbtrace_id": "A…"}`; the trace id may be missing."""
    body: dict[str, Any] = {"events_received": received, "messages": messages}
    if trace_id is not None:
        body["fbtrace_id"] = trace_id
    return Reply(status=200, body=orjson.dumps(body), remarks=f"received {received}")


def encode_value(value: Any) -> Reply:
    """Return a plain 200 with a JSON value."""
    return Reply(status=200, body=orjson.dumps(value))


def usage_headers(dataset_id: str, percent: int, regain_minutes: int = 0) -> tuple[tuple[str, str], ...]:
    """Return the three usage headers of the Marketing API, all at the same percentage."""
    business = {
        dataset_id: [
            {
                "type": "ads_management",
                "call_count": percent,
                "total_cputime": percent,
                "total_time": percent,
                "estimated_time_to_regain_access": regain_minutes,
                "ads_api_access_tier": "standard_access",
            }
        ]
    }
    account = {
        "acc_id_util_pct": percent,
        "reset_time_duration": regain_minutes * 60,
        "ads_api_access_tier": "standard_access",
    }
    app = {"call_count": percent, "total_cputime": percent, "total_time": percent}
    return (
        ("X-Business-Use-Case-Usage", orjson.dumps(business).decode()),
        ("X-Ad-Account-Usage", orjson.dumps(account).decode()),
        ("X-App-Usage", orjson.dumps(app).decode()),
    )


def _challenge(message: str) -> str:
    return f'OAuth "Facebook Platform" "invalid_token" "{message}"'

"""What one POST came back with: a reply, or a fault in place of one; and what a reply says, read defensively.

1. Every field of a reply is optional; a body may be HTML, empty, or JSON of another shape.
2. Texts are for people: they are localized, so nothing here or in `decide` looks inside them.
3. Texts are redacted here, once, before anyone can show them.

Source: Meta, "Using the API" and "Handle errors"; Marketing API, "Rate limiting".
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from capi_cli.delivery.redact import plain_values, redact

HEADERS_READ: Final = (
    "content-type",
    "date",
    "location",
    "retry-after",
    "x-app-usage",
    "x-ad-account-usage",
    "x-business-use-case-usage",
)
MAX_MESSAGES: Final = 20
_META_TRACE: Final = re.compile(
    r"A(?=[^a-z]*[a-z])(?=.*[0-9])[A-Za-z0-9_-]{20,24}"
)  # as in its documentation
MAX_WAIT_S: Final = 7 * 86_400  # a longer one is not believed


class FaultKind(StrEnum):
    """Why no reply came, sorted by what can have happened to the events."""

    NOT_SENT = "not-sent"  # no connection: nothing left
    TLS = "tls"  # the certificate was not believed: nothing left
    TIMEOUT = "timeout"  # the request began; no answer in time
    BROKEN = "broken"  # the request began; the connection died, or the answer was no HTTP
    REQUEST = "request"  # the request could not be built: nothing left


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """No reply. `detail` names the kind of trouble for people, without addresses or headers."""

    kind: FaultKind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One HTTP reply as it came; `headers` has lower-case names and holds at least HEADERS_READ where sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphError:
    """The error object of a Graph reply.

    Attributes:
        code: Graph's code; 0 where it names none.
        subcode: 0 where it names none.
        is_transient: None where it does not say.
        text: Meta's words for people, redacted; may be empty.
        index: Which event of the request a path in the reply names; None mostly.
    """

    code: int
    subcode: int = 0
    is_transient: bool | None = None
    text: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a reply says.

    Attributes:
        is_json: The body is a JSON object, so it may be Graph that speaks.
        events_received: None where the reply does not say.
        usage_percent: The fullest of Meta's rate-limit gauges, 0 to 100 and above.
        wait_s: `Retry-After` or Meta's time to regain access, whichever is longer; 0 where none is asked.
        date: The server's clock when it answered.
    """

    status: int
    is_json: bool = False
    events_received: int | None = None
    messages: tuple[str, ...] = ()
    fbtrace_id: str = ""
    error: GraphError | None = None
    usage_percent: float = 0.0
    wait_s: float = 0.0
    date: datetime | None = None


def parse_reply(reply: Reply, *, now: datetime, sent: bytes | memoryview = b"") -> Parsed:
    """Read a reply, whatever it holds.

    Args:
        reply: As it came.
        now: This machine's clock, aware; used for dates where the server names no clock of its own.
        sent: The events it answers, joined as in the request: what they carry as it is is cut out of the texts.
    """
    document = _json_object(reply.body)
    date = _http_date(reply.headers.get("date", ""))
    percent, regain_s = read_usage(reply.headers)
    asked_s = read_retry_after(reply.headers.get("retry-after", ""), now=date or now)
    if document is None:
        return Parsed(status=reply.status, usage_percent=percent, wait_s=max(asked_s, regain_s), date=date)
    error = document.get("error")
    trace = document.get("fbtrace_id")
    if isinstance(error, dict) and not trace:
        trace = error.get("fbtrace_id")
    hide = _hiding(sent)
    return Parsed(
        status=reply.status,
        is_json=True,
        events_received=_whole(document.get("events_received")),
        messages=_messages(document.get("messages"), hide),
        fbtrace_id=_trace(trace, sent),
        error=_graph_error(error, hide) if isinstance(error, dict) else None,
        usage_percent=percent,
        wait_s=max(asked_s, regain_s),
        date=date,
    )


def read_retry_after(value: str, *, now: datetime) -> float:
    """Return the seconds that a `Retry-After` asks for: a number, or an HTTP date; 0 for anything else."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return min(float(value), float(MAX_WAIT_S))
    at = _http_date(value)
    if at is None:
        return 0.0
    return min(max(0.0, (at - now).total_seconds()), float(MAX_WAIT_S))


def read_usage(headers: Mapping[str, str]) -> tuple[float, float]:
    """Return the fullest gauge in percent, and the seconds until access is regained, of the usage headers.

    Source: Marketing API, "Rate limiting": X-App-Usage, X-Ad-Account-Usage, X-Business-Use-Case-Usage.
    """
    percents, waits = [0.0], [0.0]
    app = _json_object(headers.get("x-app-usage", "").encode()) or {}
    percents += [_number(app.get(name)) for name in ("call_count", "total_cputime", "total_time")]
    account = _json_object(headers.get("x-ad-account-usage", "").encode()) or {}
    percents.append(_number(account.get("acc_id_util_pct")))
    if percents[-1] >= 100:
        waits.append(_number(account.get("reset_time_duration")))  # seconds
    business = _json_object(headers.get("x-business-use-case-usage", "").encode()) or {}
    for gauges in business.values():
        for gauge in gauges if isinstance(gauges, list) else ():
            if isinstance(gauge, dict):
                percents += [
                    _number(gauge.get(name)) for name in ("call_count", "total_cputime", "total_time")
                ]
                waits.append(60 * _number(gauge.get("estimated_time_to_regain_access")))  # minutes
    return max(percents), min(max(waits), float(MAX_WAIT_S))


def _hiding(sent: bytes | memoryview) -> Callable[[str], str]:
    """Return what makes a text fit to be shown; the events are read once, and only where there is a text."""
    values: list[str] | None = None

    def hide(text: str) -> str:
        nonlocal values
        if text and values is None:
            values = plain_values(sent)
        return redact(text, values or ())

    return hide


def _graph_error(error: dict[str, object], hide: Callable[[str], str]) -> GraphError:
    spoken = [_text(error.get("error_user_title")), _text(error.get("error_user_msg"))]
    text = ": ".join(part for part in spoken if part) or _text(error.get("message"))
    transient = error.get("is_transient")
    return GraphError(
        code=_whole(error.get("code")) or 0,
        subcode=_whole(error.get("error_subcode")) or 0,
        is_transient=transient if isinstance(transient, bool) else None,
        text=hide(text),
        index=_named_index([error.get("error_user_msg"), error.get("message"), error.get("error_data")]),
    )


def _named_index(places: list[object]) -> int | None:
    """Return the event that a path such as `$['data'][17]['custom_data']` names: a path, not a text.

    Two paths that name different events name none.
    """
    found: set[int] = set()
    for place in places:
        text = place if isinstance(place, str) else json.dumps(place) if place else ""
        for mark in ("['data'][", '["data"][', '[\\"data\\"][', "data["):
            rest = text
            while mark in rest:
                rest = rest.split(mark, 1)[1]
                digits = rest.split("]", 1)[0]
                if digits.isascii() and digits.isdigit() and len(digits) <= 6:
                    found.add(int(digits))
    return found.pop() if len(found) == 1 else None


def _json_object(text: bytes) -> dict[str, object] | None:
    if not text.strip():
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _http_date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _messages(value: object, hide: Callable[[str], str]) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    texts = [
        _text(item) if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        for item in value[:MAX_MESSAGES]
    ]
    return tuple(hide(text) for text in texts if text)


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        value = int(value.strip()[:19])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return 0.0
    return float(value)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _trace(value: object, sent: bytes | memoryview) -> str:
    """Return a trace id as it may be shown: of Meta's own look, or harmless characters that were not sent."""
    text = _text(value)
    if _META_TRACE.fullmatch(text):
        return (
            text  # no digest has that look; searching a megabyte for each costs more than half a millisecond
        )
    is_word = len(text) <= 48 and text.isascii() and all(c.isalnum() or c in "-_=" for c in text)
    return text if is_word and not text.isdigit() and text.encode() not in bytes(sent) else ""

"""Ask Meta whether token, dataset and version work, without creating an event: for `capi doctor`.

1. One event that is years too old: Meta refuses it with 2804003 exactly where everything before its age is fine.
2. `/debug_token` says what the token is. Where that is refused nothing is known, and nothing is wrong.

Source: field reports for the probe; Meta, "Access tokens" for debug_token.
"""

import json
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.decide import Accepted, Decision, Split, decide
from capi_cli.delivery.reply import Fault, Parsed
from capi_cli.sinks.graph import Graph
from capi_cli.sinks.reading import ask
from capi_cli.sinks.settings import GraphSettings

TOO_OLD: Final = "meta-100-2804003"
OLD_EVENT_AT: Final = 1_262_304_000  # 2010-01-01, long before any limit of Meta's
_NOBODY: Final = "0" * 63 + "1"  # the form of a digest, and no value's


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """What `/debug_token` says.

    Attributes:
        expires_at: None where the token never expires, or Meta does not say.
    """

    is_valid: bool
    kind: str = ""
    application: str = ""
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What one look at Meta found.

    Attributes:
        is_fine: Token, dataset and version let an event through as far as its age.
        decision: What delivery would do after this answer; a `Stop` carries message and hint.
        answer: As it came.
        latency_s: How long the answer took.
        clock_ahead_s: This machine's clock less the server's; None where the server names no time.
        token: None where Meta does not say.
    """

    is_fine: bool
    decision: Decision
    answer: Parsed | Fault
    latency_s: float
    clock_ahead_s: float | None
    token: TokenFacts | None


def probe(
    settings: GraphSettings,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    transport: httpx.BaseTransport | None = None,
) -> Probe:
    """Make the two requests, once each."""
    graph = Graph(settings, now=now, transport=transport)
    try:
        began = time.monotonic()
        answer = graph.post(_old_event()).answer
        latency_s = time.monotonic() - began
        assert answer is not None  # a graph always answers for a batch
        answered_at = now()
        token = _ask_about_token(graph, settings)
    finally:
        graph.close()
    decision = decide(answer, sent=1)
    date = answer.date if isinstance(answer, Parsed) else None
    return Probe(
        is_fine=isinstance(decision, Accepted) or (isinstance(decision, Split) and decision.code == TOO_OLD),
        decision=decision,
        answer=answer,
        latency_s=latency_s,
        clock_ahead_s=(answered_at - date).total_seconds() if date is not None else None,
        token=token,
    )


def _old_event() -> Batch:
    event = {
        "event_name": "PageView",
        "event_time": OLD_EVENT_AT,
        "event_id": "capi-doctor",
        "action_source": "other",
        "user_data": {"external_id": [_NOBODY]},
    }
    joined = json.dumps(event, separators=(",", ":")).encode()
    return Batch(
        number=0,
        joined=joined,
        starts=array("q", [0, len(joined) + 1]),
        expires_at=array("q", [1 << 60]),  # its age is the point
        event_keys=array("Q", [0]),
        content_keys=array("Q", [0]),
    )


def _ask_about_token(graph: Graph, settings: GraphSettings) -> TokenFacts | None:
    reply = ask(graph, settings, "debug_token", {"input_token": settings.token})
    if isinstance(reply, Fault) or reply.status != 200:
        return None
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("is_valid"), bool):
        return None
    return TokenFacts(
        is_valid=data["is_valid"],
        kind=_text(data.get("type")),
        application=_text(data.get("application")),
        expires_at=_instant(data.get("expires_at")),
        scopes=tuple(scope for scope in _list(data.get("scopes")) if isinstance(scope, str)),
    )


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 36:
        return None
    return datetime.fromtimestamp(value, UTC)


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

"""Build what sends to Meta: the sinks one around the other, and the gate and the pool they share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from capi_cli.delivery.concurrency import AdaptiveLimit
from capi_cli.sinks.fresh import Fresh
from capi_cli.sinks.gate import Gate
from capi_cli.sinks.graph import Graph
from capi_cli.sinks.recording import Journal, Recording
from capi_cli.sinks.retrying import Retrying, Wait
from capi_cli.sinks.settings import GraphSettings
from capi_cli.sinks.sink import Sink
from capi_cli.sinks.splitting import Splitting


@dataclass(frozen=True, slots=True)
class Stack:
    """The outermost sink, and the gate that counts what goes through it."""

    sink: Sink
    gate: Gate


def open_stack(
    settings: GraphSettings,
    *,
    concurrency: int,
    stop: threading.Event,
    now: Callable[[], float],
    retry_for_s: float | None = None,
    journal: Journal | None = None,
    on_wait: Callable[[Wait], None] = lambda wait: None,
    transport: httpx.BaseTransport | None = None,
) -> Stack:
    """Return the sinks that deliver to Meta.

    Args:
        settings: Where and as whom.
        concurrency: Most requests in flight.
        stop: Set when no further POST may begin.
        now: Unix seconds.
        retry_for_s: `--retry-for`; None where it was not given.
        journal: Where parts are recorded; None for runs that mark nothing as delivered.
        on_wait: Told of every wait before a retry.
        transport: Stands in for the network in tests.

    Raises:
        ConfigurationError: A proxy or CA bundle in the environment that can't be used.
    """
    gate = Gate(AdaptiveLimit(concurrency), stop=stop)
    attempt = Fresh(Graph(settings, transport=transport), now)
    sink: Sink = Retrying(attempt, gate=gate, stop=stop, retry_for_s=retry_for_s, now=now, on_wait=on_wait)
    if journal is None:
        return Stack(Splitting(sink), gate)
    return Stack(Splitting(Recording(sink, journal), on_judged=journal.answered), gate)

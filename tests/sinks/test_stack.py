"""The whole stack and the pool against a real loopback server, several threads at once."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome
from capi_cli.sinks.pool import Delivery
from capi_cli.sinks.settings import GraphSettings
from capi_cli.sinks.stack import open_stack

Make = Callable[..., Batch]
Settings = Callable[..., GraphSettings]


def test_batches_arrive_whole_and_are_counted(settings: Settings, batch_of: Make, loopback) -> None:
    stop, received, lock = threading.Event(), [], threading.Lock()
    accept = loopback.answer

    def keep(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        with lock:
            received.extend(event["n"] for event in json.loads(body)["data"])
        accept(handler, body)

    loopback.answer = keep
    stack = open_stack(settings(graph_url=loopback.url), concurrency=4, stop=stop, now=time.time)
    pool = Delivery(stack.sink, concurrency=4, stop=stop)
    for number in range(20):
        pool.submit(batch_of(10, number=number, first=10 * number))
    assert pool.drain()
    pool.close()
    stack.sink.close()
    receipts = pool.results()
    assert {receipt.outcome for receipt in receipts} == {Outcome.ACCEPTED}
    assert sorted(received) == list(range(200))
    assert sum(receipt.requests for receipt in receipts) == stack.gate.traffic().requests == 20
    assert loopback.connections <= 4


def test_a_connection_cut_after_the_request_is_tried_again_byte_for_byte(
    settings: Settings, batch_of: Make, loopback
) -> None:
    stop, bodies, accept = threading.Event(), [], loopback.answer

    def cut_first(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        bodies.append(body)
        if len(bodies) == 1:
            handler.close_connection = True
        else:
            accept(handler, body)

    loopback.answer = cut_first
    waits = []
    stack = open_stack(
        settings(graph_url=loopback.url), concurrency=1, stop=stop, now=time.time, on_wait=waits.append
    )
    retrying = stack.sink._inner
    retrying._pause = lambda seconds: None
    (receipt,) = stack.sink.send(batch_of(3))
    stack.sink.close()
    assert (receipt.outcome, receipt.requests) == (Outcome.ACCEPTED, 2)
    assert bodies[0] == bodies[1]
    assert len(waits) == 1
    assert stack.gate.traffic().retries == 1

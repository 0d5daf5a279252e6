"""What every sink keeps, whatever it does with a batch."""

import json
import threading
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.concurrency import AdaptiveLimit
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.sinks.fresh import Fresh
from capi_cli.sinks.gate import Gate
from capi_cli.sinks.graph import Graph
from capi_cli.sinks.recording import Recording
from capi_cli.sinks.retrying import Retrying
from capi_cli.sinks.settings import GraphSettings
from capi_cli.sinks.sink import Sink
from capi_cli.sinks.splitting import Splitting

NOW = 1_000_000.0


def make_batch(count: int, number: int = 1) -> Batch:
    """Every seventh event is bad, every eleventh too old."""
    events = [
        json.dumps({"n": index, "bad": index % 7 == 3}, separators=(",", ":")).encode()
        for index in range(count)
    ]
    starts = array("q", [0])
    for event in events:
        starts.append(starts[-1] + len(event) + 1)
    return Batch(
        number=number,
        joined=b",".join(events),
        starts=starts,
        expires_at=array("q", [0 if index % 11 == 5 else 1 << 40 for index in range(count)]),
        event_keys=array("Q", range(count)),
        content_keys=array("Q", range(count)),
        origins=range(count),
    )


def accepts(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"events_received": len(json.loads(request.content)["data"])})


def judges(request: httpx.Request) -> httpx.Response:
    if any(event["bad"] for event in json.loads(request.content)["data"]):
        return httpx.Response(400, json={"error": {"code": 100, "error_subcode": 2804016, "message": "x"}})
    return accepts(request)


def answers(status: int, body: object) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, json=body)


def breaks(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("cut")


SERVERS = {
    "accepts": accepts,
    "judges": judges,
    "odd": answers(400, {"error": {"code": 100, "message": "x"}}),
    "auth": answers(401, {"error": {"code": 190, "message": "x"}}),
    "throttles": answers(400, {"error": {"code": 80004, "message": "x"}}),
    "short": answers(200, {"events_received": 0}),
    "empty": answers(200, None),
    "redirects": answers(302, {}),
    "breaks": breaks,
}


class Leaving:
    def send(self, batch: Batch) -> Sequence[Receipt]:
        return [Receipt(batch=batch, outcome=Outcome.UNSENT)]

    def close(self) -> None: ...


class Book:
    def in_flight(self, batch: Batch) -> None:
        assert len(batch) > 0

    def answered(self, receipts: Sequence[Receipt]) -> None:
        assert all(len(receipt.batch) > 0 for receipt in receipts)


def retrying(server: str) -> Retrying:
    settings = GraphSettings(
        graph_url="http://127.0.0.1:1", api_version="v26.0", dataset_id="1", token="EAAtoken"
    )
    clock = [0.0]
    stop = threading.Event()

    def pause(seconds: float) -> None:
        clock[0] += seconds + 1.0

    graph = Graph(settings, transport=httpx.MockTransport(SERVERS[server]))
    return Retrying(
        Fresh(graph, lambda: NOW),
        gate=Gate(AdaptiveLimit(8), stop=stop, clock=lambda: clock[0]),
        stop=stop,
        clock=lambda: clock[0],
        now=lambda: NOW,
        pause=pause,
    )


def stack(server: str) -> Sink:
    book = Book()
    return Splitting(Recording(retrying(server), book), on_judged=book.answered)


SINKS: dict[str, Callable[[], Sink]] = {
    "recording": lambda: Recording(Leaving(), Book()),
    "splitting": lambda: Splitting(Leaving()),
    **{f"retrying, {server}": lambda server=server: retrying(server) for server in SERVERS},
    **{f"stack, {server}": lambda server=server: stack(server) for server in SERVERS},
}


@pytest.fixture(params=SINKS, ids=str)
def sink(request: pytest.FixtureRequest) -> Sink:
    return SINKS[request.param]()


@pytest.mark.parametrize("count", [1, 2, 5, 6, 40])
def test_receipts_speak_of_each_event_once(sink: Sink, count: int) -> None:
    receipts = sink.send(make_batch(count))
    assert sorted(key for receipt in receipts for key in receipt.batch.event_keys) == list(range(count))
    sink.close()


def test_a_receipt_keeps_the_bytes_and_the_rows_of_its_events(sink: Sink) -> None:
    whole = make_batch(40)
    for receipt in sink.send(whole):
        part = receipt.batch
        assert part.number == 1
        for place, key in enumerate(part.event_keys):
            assert part.event(place) == whole.event(key)
            assert part.origins[place] == key
            assert part.content_keys[place] == key
    sink.close()


def test_whatever_was_not_accepted_says_why_unless_nothing_was_to_be_sent(sink: Sink) -> None:
    for receipt in sink.send(make_batch(40)):
        if receipt.outcome in (Outcome.REJECTED, Outcome.UNKNOWN):
            assert receipt.code
            assert receipt.reason
            assert receipt.hint
        if receipt.outcome is Outcome.ACCEPTED:
            assert (receipt.code, receipt.reason, receipt.stop, receipt.refused) == ("", "", None, None)
        if receipt.stop is not None:
            assert receipt.stop.message
            assert receipt.stop.hint
        assert "EAAtoken" not in repr(receipt)
    sink.close()


def test_only_accepted_events_cost_a_request_at_least(sink: Sink) -> None:
    receipts = sink.send(make_batch(40))
    requests = sum(receipt.requests for receipt in receipts)
    assert requests >= any(receipt.outcome is Outcome.ACCEPTED for receipt in receipts)
    assert all(receipt.requests >= 0 for receipt in receipts)
    sink.close()


def test_it_can_be_used_from_several_threads(sink: Sink) -> None:
    with ThreadPoolExecutor(4) as threads:
        batches = [make_batch(8, number) for number in range(1, 9)]
        answered = list(threads.map(sink.send, batches))
    for batch, receipts in zip(batches, answered, strict=True):
        assert {receipt.batch.number for receipt in receipts} == {batch.number}
        assert sum(len(receipt.batch) for receipt in receipts) == 8
    sink.close()


def test_closing_twice_is_harmless(sink: Sink) -> None:
    sink.send(make_batch(2))
    sink.close()
    sink.close()
    assert hasattr(sink, "send")

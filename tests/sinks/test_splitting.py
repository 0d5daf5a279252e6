import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.concurrency import AdaptiveLimit
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import ConfigurationError, CredentialsError
from capi_cli.sinks.gate import Gate
from capi_cli.sinks.graph import Graph
from capi_cli.sinks.recording import Recording
from capi_cli.sinks.retrying import Retrying
from capi_cli.sinks.splitting import Splitting

Make = Callable[..., Batch]
DATA = (100, 2804016)
ODD = (100, 0)


def all_of(fates: dict[Outcome, list[int]]) -> list[int]:
    return sorted(number for numbers in fates.values() for number in numbers)


class Book:
    """A journal that remembers what it was told, in order."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, list[int], str]] = []

    def in_flight(self, batch: Batch) -> None:
        self.lines.append(("in flight", list(batch.event_keys), ""))

    def answered(self, receipts: list[Receipt]) -> None:
        self.lines += [("answered", list(found.batch.event_keys), str(found.outcome)) for found in receipts]


class Scene:
    def __init__(self, meta, settings, max_extra: int = 64) -> None:
        self.meta, self.book = meta, Book()
        self.stop = threading.Event()
        self.gate = Gate(AdaptiveLimit(8), stop=self.stop)
        graph = Graph(settings(), transport=meta.transport)
        inner = Retrying(AsAttempt(graph), gate=self.gate, stop=self.stop, pause=lambda seconds: None)
        self.sink = Splitting(Recording(inner, self.book), max_extra=max_extra, on_judged=self.book.answered)

    def send(self, batch: Batch) -> dict[Outcome, list[int]]:
        self.receipts = list(self.sink.send(batch))
        fates: dict[Outcome, list[int]] = {}
        for receipt in self.receipts:
            fates.setdefault(receipt.outcome, []).extend(receipt.batch.event_keys)
        return {outcome: sorted(numbers) for outcome, numbers in fates.items()}


class AsAttempt:
    """Graph as it is."""

    def __init__(self, graph: Graph) -> None:
        self.post, self.close = graph.post, graph.close


@pytest.fixture
def scene(meta, settings) -> Callable[..., Scene]:
    return lambda **options: Scene(meta, settings, **options)


def test_a_good_batch_passes(scene, batch_of: Make) -> None:
    assert scene().send(batch_of(4)) == {Outcome.ACCEPTED: [0, 1, 2, 3]}


def test_one_bad_event_is_rejected_and_all_others_are_accepted(scene, meta, batch_of: Make) -> None:
    meta.bad = {617: DATA}
    here = scene()
    fates = here.send(batch_of(1000))
    assert fates[Outcome.REJECTED] == [617]
    assert fates[Outcome.ACCEPTED] == [number for number in range(1000) if number != 617]
    assert sorted(meta.accepted) == fates[Outcome.ACCEPTED]
    (rejected,) = [receipt for receipt in here.receipts if receipt.outcome is Outcome.REJECTED]
    assert (rejected.code, rejected.fbtrace_id) == ("meta-100-2804016", "Trefused")
    assert rejected.hint


def test_a_named_event_costs_three_more_requests(scene, meta, batch_of: Make) -> None:
    meta.bad, meta.names_index = {617: DATA}, True
    here = scene()
    here.send(batch_of(1000))
    assert [len(body) for body in meta.bodies] == [1000, 617, 1, 382]


def test_the_cost_is_told(scene, meta, batch_of: Make) -> None:
    meta.bad = {3: DATA, 40: DATA}
    here = scene()
    here.send(batch_of(64))
    assert sum(receipt.requests for receipt in here.receipts) == len(meta.bodies)
    assert here.gate.traffic().requests == len(meta.bodies)
    assert here.gate.traffic().retries == 0


def test_each_part_is_recorded_around_its_own_post(scene, meta, batch_of: Make) -> None:
    meta.bad = {1: DATA}
    here = scene()
    here.send(batch_of(2))
    assert here.book.lines == [
        ("in flight", [0, 1], ""),
        ("answered", [0, 1], "unsent"),
        ("in flight", [0], ""),
        ("answered", [0], "accepted"),
        ("in flight", [1], ""),
        ("answered", [1], "rejected"),
    ]


def test_beyond_the_bound_the_rest_is_unsent(scene, meta, batch_of: Make) -> None:
    meta.bad = dict.fromkeys(range(0, 1000, 2), DATA)
    here = scene()
    fates = here.send(batch_of(1000))
    assert len(meta.bodies) == 65
    assert all_of(fates) == list(range(1000))
    undecided = [receipt for receipt in here.receipts if receipt.outcome is Outcome.UNSENT]
    assert {receipt.code for receipt in undecided} == {"undecided"}
    assert all(receipt.stop is None for receipt in here.receipts)


def test_an_odd_refusal_that_a_part_escapes_was_the_content(scene, meta, batch_of: Make) -> None:
    meta.bad = {5: ODD}
    here = scene()
    fates = here.send(batch_of(8))
    assert fates == {Outcome.REJECTED: [5], Outcome.ACCEPTED: [0, 1, 2, 3, 4, 6, 7]}
    assert ("answered", [5], "rejected") in here.book.lines


def test_an_odd_refusal_in_the_first_half_is_settled_by_the_second(scene, meta, batch_of: Make) -> None:
    meta.bad = {0: ODD}
    fates = scene().send(batch_of(8))
    assert fates == {Outcome.REJECTED: [0], Outcome.ACCEPTED: [1, 2, 3, 4, 5, 6, 7]}


def test_an_odd_refusal_of_both_halves_stops_the_run(scene, meta, batch_of: Make) -> None:
    meta.bad = dict.fromkeys(range(8), ODD)
    here = scene()
    assert here.send(batch_of(8)) == {Outcome.UNSENT: list(range(8))}
    assert len(meta.bodies) == 3
    (stop,) = [receipt.stop for receipt in here.receipts if receipt.stop]
    assert isinstance(stop, ConfigurationError)
    assert "meta-100-0" in stop.message
    assert all(receipt.refused is None for receipt in here.receipts)


def test_a_lone_event_is_judged_by_what_the_run_has_seen(scene, meta, batch_of: Make) -> None:
    meta.bad = {7: ODD}
    here = scene()
    assert here.send(batch_of(1, first=7)) == {Outcome.UNSENT: [7]}
    assert isinstance(here.receipts[0].stop, ConfigurationError)
    here.send(batch_of(2))
    assert here.send(batch_of(1, first=7)) == {Outcome.REJECTED: [7]}


def test_what_was_accepted_before_a_stop_is_kept(scene, meta, batch_of: Make) -> None:
    meta.bad = {3: DATA}
    here = scene()
    original = meta.refuse

    def expire_later(code: int, subcode: int, place: int = 0):
        if len(meta.bodies) > 2:
            return original(190, 463)
        return original(code, subcode, place)

    meta.refuse = expire_later
    fates = here.send(batch_of(4))
    assert fates == {Outcome.ACCEPTED: [0, 1, 2], Outcome.UNSENT: [3]}
    (stop,) = [receipt.stop for receipt in here.receipts if receipt.stop]
    assert isinstance(stop, CredentialsError)


def test_a_stop_in_the_middle_leaves_the_rest_unsent(scene, meta, batch_of: Make) -> None:
    meta.bad = {0: DATA}
    here = scene()
    original = meta.refuse

    def stop_then_refuse(*code):
        here.stop.set()
        return original(*code)

    meta.refuse = stop_then_refuse
    assert here.send(batch_of(8)) == {Outcome.UNSENT: list(range(8))}
    assert len(meta.bodies) == 1


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    count=st.integers(1, 60),
    bad=st.dictionaries(st.integers(0, 59), st.sampled_from([DATA, ODD, (100, 2804003)]), max_size=6),
    names=st.booleans(),
)
def test_every_event_has_one_fate_and_no_good_one_is_refused(
    meta, settings, batch_of: Make, count: int, bad: dict[int, tuple[int, int]], names: bool
) -> None:
    here_meta = type(meta)(bad=bad, names_index=names)
    here = Scene(here_meta, settings)
    fates = here.send(batch_of(count))
    assert all_of(fates) == list(range(count))
    assert set(fates.get(Outcome.REJECTED, [])) <= set(bad)
    assert sorted(here_meta.accepted) == fates.get(Outcome.ACCEPTED, [])
    assert sum(receipt.requests for receipt in here.receipts) == len(here_meta.bodies)

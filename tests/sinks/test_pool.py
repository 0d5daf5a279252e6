import threading
import time
from collections.abc import Callable, Sequence

import pytest

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import ConfigurationError, CredentialsError, DeliveryError
from capi_cli.sinks import pool as pool_module
from capi_cli.sinks.pool import QUEUE, Delivery

Make = Callable[..., Batch]


class Slow:
    """Holds every batch until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.together = 0
        self.most = 0
        self.lock = threading.Lock()

    def send(self, batch: Batch) -> Sequence[Receipt]:
        with self.lock:
            self.together += 1
            self.most = max(self.most, self.together)
        self.begun.release()
        assert self.go.wait(10.0)
        with self.lock:
            self.together -= 1
        return [Receipt(batch=batch, outcome=Outcome.ACCEPTED, requests=1)]

    def close(self) -> None:
        pass


class Answers:
    def __init__(self, answer: Callable[[Batch], Sequence[Receipt]]) -> None:
        self.answer = answer

    def send(self, batch: Batch) -> Sequence[Receipt]:
        return self.answer(batch)

    def close(self) -> None:
        pass


def accepted(batch: Batch) -> list[Receipt]:
    return [Receipt(batch=batch, outcome=Outcome.ACCEPTED, requests=1)]


def test_every_batch_gets_its_receipts(batch_of: Make) -> None:
    pool = Delivery(Answers(accepted), concurrency=4)
    for number in range(50):
        assert pool.submit(batch_of(2, number=number))
    assert pool.drain()
    assert sorted(receipt.batch.number for receipt in pool.results()) == list(range(50))
    assert pool.results() == []
    assert pool.error is None
    pool.close()


def test_a_callback_hears_each_batch_one_at_a_time(batch_of: Make) -> None:
    heard: list[int] = []
    busy = threading.Lock()

    def hear(receipts: Sequence[Receipt]) -> None:
        assert busy.acquire(blocking=False)
        heard.extend(receipt.batch.number for receipt in receipts)
        busy.release()

    pool = Delivery(Answers(accepted), concurrency=8, on_receipts=hear)
    for number in range(200):
        pool.submit(batch_of(1, number=number))
    pool.drain()
    pool.close()
    assert sorted(heard) == list(range(200))
    assert pool.results() == []


def test_submit_waits_while_senders_and_queue_are_full(batch_of: Make) -> None:
    sink = Slow()
    pool = Delivery(sink, concurrency=3)
    taken = []

    def fill() -> None:
        for number in range(12):
            taken.append(pool.submit(batch_of(1, number=number)))

    thread = threading.Thread(target=fill, daemon=True)
    thread.start()
    for _ in range(3):
        assert sink.begun.acquire(timeout=5.0)
    time.sleep(0.05)
    assert len(taken) == 3 + QUEUE
    sink.go.set()
    thread.join(5.0)
    assert pool.drain()
    pool.close()
    assert sink.most == 3
    assert taken == [True] * 12


@pytest.mark.parametrize(("patience_s", "most"), [(0.001, 6), (60.0, 2)])
def test_there_are_as_many_senders_as_the_server_keeps_waiting(
    batch_of: Make, monkeypatch: pytest.MonkeyPatch, patience_s: float, most: int
) -> None:
    """Where submitting never waits that long for a sender, the first two do all of the work."""
    monkeypatch.setattr(pool_module, "PATIENCE_S", patience_s)
    slow = Slow()
    pool = Delivery(slow, concurrency=6)
    submitter = threading.Thread(target=lambda: [pool.submit(batch_of(1, number=n)) for n in range(12)])
    submitter.start()
    for _ in range(most):
        assert slow.begun.acquire(timeout=10.0)
    slow.go.set()
    submitter.join(10.0)
    assert pool.drain()
    assert len(pool.results()) == 12
    assert slow.most == most
    pool.close()


def test_a_fatal_receipt_stops_the_claiming(batch_of: Make) -> None:
    stop = threading.Event()

    def refuse(batch: Batch) -> list[Receipt]:
        return [Receipt(batch=batch, outcome=Outcome.UNSENT, stop=CredentialsError("no", "make one"))]

    pool = Delivery(Answers(refuse), concurrency=1, stop=stop)
    count = 0
    while pool.submit(batch_of(1)):
        count += 1
    pool.drain()
    assert stop.is_set()
    assert isinstance(pool.error, CredentialsError)
    assert len(pool.results()) == count
    pool.close()


@pytest.mark.parametrize("order", [(4, 12, 10), (10, 4, 12), (12, 10, 4)])
def test_of_several_faults_the_one_that_needs_a_person_most_is_kept(
    batch_of: Make, order: tuple[int, ...]
) -> None:
    errors = {4: DeliveryError("late"), 10: ConfigurationError("odd"), 12: CredentialsError("no")}

    def refuse(batch: Batch) -> list[Receipt]:
        return [
            Receipt(batch=batch.part(place, place + 1), outcome=Outcome.UNSENT, stop=errors[code])
            for place, code in enumerate(order)
        ]

    pool = Delivery(Answers(refuse), concurrency=1)
    pool.submit(batch_of(3))
    pool.drain()
    pool.close()
    assert pool.error is errors[12]


def test_an_error_of_the_sink_makes_the_batch_unknown(batch_of: Make) -> None:
    def fail(batch: Batch) -> list[Receipt]:
        raise ConfigurationError("full", "free some")

    pool = Delivery(Answers(fail), concurrency=1)
    pool.submit(batch_of(3))
    pool.drain()
    pool.close()
    (receipt,) = pool.results()
    assert (receipt.outcome, len(receipt.batch)) == (Outcome.UNKNOWN, 3)
    assert pool.error is receipt.stop


def test_a_bug_in_a_sender_reaches_the_submitter(batch_of: Make) -> None:
    def fail(batch: Batch) -> list[Receipt]:
        raise ZeroDivisionError

    pool = Delivery(Answers(fail), concurrency=1)
    pool.submit(batch_of(1))
    with pytest.raises(ZeroDivisionError):
        pool.drain()
    pool.close()


def test_after_a_stop_what_is_queued_is_unsent_and_what_is_in_flight_is_heard(batch_of: Make) -> None:
    sink, stop = Slow(), threading.Event()
    pool = Delivery(sink, concurrency=1, stop=stop)
    for number in range(3):
        pool.submit(batch_of(1, number=number))
    assert sink.begun.acquire(timeout=5.0)
    pool.stop()
    assert not pool.submit(batch_of(1))
    sink.go.set()
    assert pool.drain()
    pool.close()
    fates = {receipt.batch.number: receipt.outcome for receipt in pool.results()}
    assert fates == {0: Outcome.ACCEPTED, 1: Outcome.UNSENT, 2: Outcome.UNSENT}


def test_what_is_not_answered_in_time_is_unknown_and_its_late_answer_unheard(batch_of: Make) -> None:
    sink, stop = Slow(), threading.Event()
    pool = Delivery(sink, concurrency=1, stop=stop)
    pool.submit(batch_of(1, number=1))
    pool.submit(batch_of(1, number=2))
    assert sink.begun.acquire(timeout=5.0)
    stop.set()
    assert not pool.drain(grace_s=0.05)
    fates = {receipt.batch.number: receipt.outcome for receipt in pool.results()}
    assert fates == {1: Outcome.UNKNOWN, 2: Outcome.UNSENT}
    sink.go.set()
    pool.close()
    assert pool.results() == []

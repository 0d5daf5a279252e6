import threading

from capi_cli.delivery.budget import Budget
from capi_cli.delivery.concurrency import AdaptiveLimit, Sign
from capi_cli.sinks.gate import Gate


def test_no_more_enter_than_may_be_in_flight(clock) -> None:
    stop = threading.Event()
    gate = Gate(AdaptiveLimit(8), stop=stop, clock=clock)
    first, second = gate.enter("a"), gate.enter("b")
    entered = threading.Event()

    def third() -> None:
        if gate.enter("c") is not None:
            entered.set()

    thread = threading.Thread(target=third, daemon=True)
    thread.start()
    assert not entered.wait(0.05)
    assert gate.traffic().in_flight == 2
    gate.leave(first, Sign.LOST, events=1)
    assert entered.wait(2.0)
    gate.leave(second, Sign.LOST, events=1)
    thread.join(2.0)
    assert gate.traffic().requests == 2


def test_in_an_outage_one_sender_enters(clock) -> None:
    stop = threading.Event()
    gate = Gate(AdaptiveLimit(8), Budget(tokens=1), stop=stop, clock=clock)
    place = gate.enter("a")
    gate.leave(place, Sign.LOST, events=1, answered=False)
    assert gate.traffic().allowed == 1
    probe = gate.enter("a")
    assert probe is not None
    clock.now += 10.0
    assert gate.enter("b", until=clock.now - 1.0) is None
    gate.leave(probe, Sign.ANSWERED, events=1, answered=True)
    assert gate.enter("b") is not None
    assert gate.proven


def test_a_prober_that_gives_up_hands_over(clock) -> None:
    gate = Gate(AdaptiveLimit(8), Budget(tokens=0), clock=clock)
    gate.leave(gate.enter("a"), Sign.LOST, events=1, answered=False)
    gate.forget("a")
    assert gate.enter("b") is not None


def test_a_stopped_gate_lets_nobody_in(clock) -> None:
    stop = threading.Event()
    gate = Gate(AdaptiveLimit(8), stop=stop, clock=clock)
    stop.set()
    assert gate.enter("a") is None


def test_the_soonest_wait_is_shown_only_while_nothing_moves(clock) -> None:
    gate = Gate(AdaptiveLimit(8), clock=clock)
    gate.waits("a", "later", 900.0)
    gate.waits("b", "sooner", 800.0)
    assert (gate.traffic().waiting_for, gate.traffic().retry_at) == ("sooner", 800.0)
    place = gate.enter("c")
    assert gate.traffic().waiting_for == ""
    gate.leave(place, Sign.ANSWERED, events=3, is_retry=True, answered=True)
    gate.goes_on("b")
    found = gate.traffic()
    assert (found.waiting_for, found.requests, found.retries, found.allowed) == ("later", 1, 1, 2)

"""Ctrl-C, `kill`, and clocks that jump: what was begun is finished and recorded, and the same command resumes."""

import json
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capi_cli.sandbox.faults import Faults
from tests.surroundings.conftest import UPLOAD, Machine

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
ROWS = 400
SMALL = ("--batch-size", "10", "--concurrency", "2", "--output", "json")


def wait_for_events(machine: Machine, events: int) -> None:
    for _ in range(400):
        if machine.sent.received >= events:
            return
        time.sleep(0.05)
    raise AssertionError(f"only {machine.sent.received} events came")


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_requests_in_flight_end(machine: Machine, number: signal.Signals, code: int) -> None:
    machine.write_orders(ROWS)
    machine.sandbox.faults = Faults.parse("latency=0.2")
    process = machine.start(*UPLOAD, *SMALL)
    wait_for_events(machine, 30)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "requests in flight are awaited" in err
    assert f'"events_accepted": {machine.sent.received}' in out, "what was received is known to be accepted"
    assert '"events_unknown": 0' in out
    error = json.loads(out)["error"]
    assert error["code"] in ("interrupted", "terminated"), "why it is not finished, before that it is not"
    assert error["message"].split(".")[0] in ("Interrupted", "Terminated")
    assert "not sent" in error["message"]
    assert "same command" in error["hint"]
    assert 30 <= machine.sent.received < ROWS
    machine.sandbox.faults = Faults.parse()
    again = machine.capi(*UPLOAD, *SMALL)
    assert again.code == 0
    assert again.summary["rows_skipped"] + again.summary["events_accepted"] == ROWS
    assert (machine.sent.processed, machine.sent.duplicates) == (ROWS, 0)


@POSIX
def test_a_second_signal_leaves_at_once_and_the_next_run_sends_the_rest(machine: Machine) -> None:
    machine.write_orders(ROWS)
    machine.sandbox.faults = Faults.parse("latency=20:after=2")
    process = machine.start(*UPLOAD, *SMALL)
    wait_for_events(machine, 20)
    until = time.monotonic() + 10
    while machine.sent.requests < 3 and time.monotonic() < until:  # one that is in flight for long
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None, "requests in flight are awaited"
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert (process.returncode, time.monotonic() - begun < 5) == (130, True)
    machine.sandbox.faults = Faults.parse()
    again = machine.capi(*UPLOAD, *SMALL)
    assert again.code == 0
    assert machine.sent.processed == ROWS
    assert machine.sent.duplicates_other_bytes == 0


@POSIX
def test_a_signal_while_waiting_for_meta_ends_the_wait(machine: Machine) -> None:
    machine.write_orders(20)
    machine.sandbox.faults = Faults.parse("http=503")
    process = machine.start(*UPLOAD, *SMALL)
    for _ in range(200):
        if machine.sent.faults:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    process.communicate(timeout=30)
    assert (process.returncode, time.monotonic() - begun < 10) == (143, True)
    machine.sandbox.faults = Faults.parse()
    assert machine.capi(*UPLOAD, *SMALL).code == 0
    assert machine.sent.processed == 20


def at(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")


def test_a_clock_that_jumps_back_sends_nothing_twice(machine: Machine) -> None:
    machine.write_orders(50)
    assert machine.capi(*UPLOAD).code == 0
    machine.environ["CAPI_NOW"] = at(-12)  # some of the orders lie in the future now
    again = machine.capi(*UPLOAD, "--output", "json", "--max-error-rate", "1")
    assert again.summary["events_accepted"] == 0
    assert machine.sent.received == 50
    del machine.environ["CAPI_NOW"]
    again = machine.capi(*UPLOAD, "--output", "json")
    assert (again.code, again.summary["rows_skipped"]) == (0, 50)


def test_a_clock_that_jumps_ahead_rejects_nothing_that_was_accepted(machine: Machine) -> None:
    machine.write_orders(50)
    assert machine.capi(*UPLOAD).code == 0
    machine.environ["CAPI_NOW"] = at(24 * 90)
    again = machine.capi(*UPLOAD, "--output", "json")
    assert (again.code, again.summary["rows_skipped"], again.summary["rows_rejected"]) == (0, 50, 0)
    machine.environ["CAPI_NOW"] = at(24 * 365 * 3)
    machine.capi(*UPLOAD, "--max-error-rate", "1")
    del machine.environ["CAPI_NOW"]
    again = machine.capi(*UPLOAD, "--output", "json")
    assert (again.code, again.summary["rows_skipped"]) == (0, 50), "a wrong clock, once, forgets nothing"
    assert machine.sent.received == 50


def test_an_instant_that_is_none(machine: Machine) -> None:
    machine.write_orders(1)
    machine.environ["CAPI_NOW"] = "tomorrow"
    ended = machine.capi(*UPLOAD)
    assert (ended.code, "CAPI_NOW" in ended.err) == (10, True)
    assert not Path(machine.state).exists()

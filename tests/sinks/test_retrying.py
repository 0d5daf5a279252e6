"""Retrying on a virtual clock: no test takes real time."""

import threading
from collections.abc import Callable, Sequence

import pytest

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt, Refusal
from capi_cli.delivery.reply import Fault, FaultKind, GraphError, Parsed
from capi_cli.errors import CredentialsError, DeliveryError
from capi_cli.sinks.attempt import Attempted
from capi_cli.sinks.fresh import Fresh
from capi_cli.sinks.gate import Gate
from capi_cli.sinks.retrying import Retrying, Wait

Make = Callable[..., Batch]
Answer = Parsed | Fault

DOWN = Fault(kind=FaultKind.NOT_SENT, detail="refused")
CUT = Fault(kind=FaultKind.BROKEN, detail="cut")
SILENT = Fault(kind=FaultKind.TIMEOUT, detail="silent")
BUSY = Parsed(status=503, is_json=True, error=GraphError(code=2, text="Service down"))
THROTTLED = Parsed(status=400, is_json=True, error=GraphError(code=80004))
NO_TOKEN = Parsed(status=401, is_json=True, error=GraphError(code=190), fbtrace_id="T190")
BAD_DATA = Parsed(
    status=400, is_json=True, error=GraphError(code=100, subcode=2804016, text="em?"), fbtrace_id="T"
)
ODD = Parsed(status=400, is_json=True, error=GraphError(code=100, text="odd"))


def ok(count: int) -> Parsed:
    return Parsed(status=200, is_json=True, events_received=count, fbtrace_id="T1", messages=("Be quick.",))


class Script:
    """An attempt whose answers are written down; the last one repeats. Each post takes `seconds`."""

    def __init__(self, clock: object, *answers: Answer, seconds: float = 0.0) -> None:
        self.clock = clock
        self.answers = list(answers)
        self.posts: list[Batch] = []
        self.seconds = seconds
        self.before: Callable[[], None] = lambda: None

    def post(self, batch: Batch) -> Attempted:
        self.before()
        self.clock.now += self.seconds  # type: ignore[attr-defined]
        self.posts.append(batch)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Attempted(posted=batch, answer=answer)

    def close(self) -> None:
        self.posts.append(None)  # type: ignore[arg-type]


class Scene:
    def __init__(
        self, clock, gate: Gate, *answers: Answer, dice: float = 1.0, seconds: float = 0.0, **options
    ) -> None:
        self.clock, self.gate = clock, gate
        self.script = Script(clock, *answers, seconds=seconds)
        self.stop = threading.Event()
        self.waits: list[Wait] = []
        self.sink = Retrying(
            Fresh(self.script, clock),
            gate=gate,
            stop=self.stop,
            clock=clock,
            now=clock,
            pause=clock.pause,
            dice=lambda: dice,
            on_wait=self.waits.append,
            **options,
        )

    def send(self, batch: Batch) -> Sequence[Receipt]:
        return self.sink.send(batch)


@pytest.fixture
def scene(clock, gate: Gate) -> Callable[..., Scene]:
    return lambda *answers, **options: Scene(clock, gate, *answers, **options)


def test_an_accepted_batch_takes_one_request(scene, batch_of: Make) -> None:
    batch = batch_of(3)
    here = scene(ok(3))
    assert here.send(batch) == [
        Receipt(
            batch=batch,
            outcome=Outcome.ACCEPTED,
            fbtrace_id="T1",
            status=200,
            messages=("Be quick.",),
            requests=1,
        )
    ]
    assert (here.gate.traffic().requests, here.gate.traffic().retries, here.waits) == (1, 0, [])


def test_passing_faults_are_tried_again_with_growing_waits(scene, batch_of: Make) -> None:
    here = scene(DOWN, BUSY, CUT, ok(2))
    (receipt,) = here.send(batch_of(2))
    assert (receipt.outcome, receipt.requests) == (Outcome.ACCEPTED, 4)
    assert here.clock.waits == [1.0, 2.0, 4.0]
    assert here.gate.traffic().retries == 3
    assert [wait.attempt for wait in here.waits] == [1, 2, 3]
    assert "no connection" in here.waits[0].reason
    assert len({batch.joined for batch in here.script.posts}) == 1


def test_quota_waits_are_longer_and_counted_apart(scene, batch_of: Make) -> None:
    here = scene(BUSY, THROTTLED, BUSY, THROTTLED, ok(2), retry_for_s=900.0)
    here.send(batch_of(2))
    assert here.clock.waits == [1.0, 60.0, 2.0, 120.0]


def test_the_dice_decide_within_the_step(scene, batch_of: Make) -> None:
    here = scene(DOWN, DOWN, ok(1), dice=0.5)
    here.send(batch_of(1))
    assert here.clock.waits == [0.5, 1.0]


def test_what_meta_asks_for_is_waited(scene, batch_of: Make) -> None:
    asked = Parsed(status=429, wait_s=77.0)
    here = scene(asked, ok(1), dice=0.0)
    here.send(batch_of(1))
    assert here.clock.waits == [77.0]


def test_a_longer_wait_than_is_left_ends_the_run_at_once(scene, batch_of: Make) -> None:
    asked = Parsed(status=429, wait_s=1800.0)
    here = scene(asked, retry_for_s=900.0)
    (receipt,) = here.send(batch_of(1))
    assert (receipt.outcome, receipt.requests, here.clock.waits) == (Outcome.UNSENT, 1, [])
    assert isinstance(receipt.stop, DeliveryError)
    assert receipt.stop.exit_code == 4
    assert "30 min" in receipt.stop.message
    assert "after 1970-01-12 14:16 UTC" in receipt.stop.hint  # 1,000,000 s + 1800 s


@pytest.mark.parametrize(("retry_for_s", "spent"), [(None, 120.0), (30.0, 30.0)])
def test_a_batch_gives_up_when_its_time_is_used(
    scene, batch_of: Make, retry_for_s: float | None, spent: float
) -> None:
    here = scene(DOWN, retry_for_s=retry_for_s)
    (receipt,) = here.send(batch_of(1))
    assert receipt.outcome is Outcome.UNSENT
    assert isinstance(receipt.stop, DeliveryError)
    assert sum(here.clock.waits) == pytest.approx(spent)
    assert "capi doctor" in receipt.stop.hint


def test_meta_that_asks_for_patience_was_reached(scene, batch_of: Make) -> None:
    here = scene(Parsed(status=429), retry_for_s=600.0)
    (receipt,) = here.send(batch_of(1))
    assert isinstance(receipt.stop, DeliveryError)
    assert "capi doctor" not in receipt.stop.hint


def test_a_run_that_was_answered_before_has_fifteen_minutes(scene, batch_of: Make) -> None:
    here = scene(ok(1), DOWN)
    here.send(batch_of(1))
    (receipt,) = here.send(batch_of(1))
    assert sum(here.clock.waits) == pytest.approx(900.0)
    assert "15 min" in receipt.stop.message
    assert "capi doctor" not in receipt.stop.hint


def test_the_time_a_request_takes_counts(scene, batch_of: Make) -> None:
    here = scene(SILENT, seconds=60.0, dice=0.0)
    (receipt,) = here.send(batch_of(1))
    assert receipt.requests == 3  # the deadline runs from the first fault, at 60 s
    assert receipt.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("maybe", [CUT, SILENT, BUSY])
def test_once_maybe_processed_never_unsent_again(scene, batch_of: Make, maybe: Answer) -> None:
    (receipt,) = scene(maybe, DOWN, retry_for_s=20.0).send(batch_of(2))
    assert receipt.outcome is Outcome.UNKNOWN
    (receipt,) = scene(maybe, NO_TOKEN).send(batch_of(2))
    assert receipt.outcome is Outcome.UNKNOWN


def test_credentials_stop_the_run(scene, batch_of: Make) -> None:
    (receipt,) = scene(NO_TOKEN).send(batch_of(2))
    assert isinstance(receipt.stop, CredentialsError)
    assert (receipt.outcome, receipt.code, receipt.fbtrace_id) == (Outcome.UNSENT, "meta-190-0", "T190")
    assert receipt.hint == receipt.stop.hint


def test_a_short_count_is_unknown_and_not_tried_again(scene, batch_of: Make) -> None:
    here = scene(ok(2))
    (receipt,) = here.send(batch_of(3))
    assert (receipt.outcome, receipt.code, receipt.requests) == (Outcome.UNKNOWN, "short-count", 1)
    assert receipt.stop is None


def test_a_refused_batch_is_unsent_and_can_be_split(scene, batch_of: Make) -> None:
    (receipt,) = scene(BAD_DATA).send(batch_of(3))
    assert (receipt.outcome, receipt.code) == (Outcome.UNSENT, "meta-100-2804016")
    assert receipt.refused == Refusal(sure=True)


def test_a_single_refused_event_is_rejected(scene, batch_of: Make) -> None:
    (receipt,) = scene(BAD_DATA).send(batch_of(1))
    assert (receipt.outcome, receipt.reason, receipt.refused) == (Outcome.REJECTED, "em?", None)
    (receipt,) = scene(ODD).send(batch_of(1))
    assert (receipt.outcome, receipt.refused) == (Outcome.UNSENT, Refusal(sure=False))


def test_events_that_expire_while_waiting_are_left_out(scene, batch_of: Make, clock) -> None:
    here = scene(DOWN, ok(1))
    batch = batch_of(2, expires_at=[int(clock.now) + 1, 1 << 40])
    expired, accepted = here.send(batch)
    assert (expired.outcome, expired.code) == (Outcome.REJECTED, "event-expired")
    assert (accepted.outcome, list(accepted.batch.event_keys), accepted.requests) == (
        Outcome.ACCEPTED,
        [1],
        2,
    )


def test_events_that_expire_after_a_lost_answer_are_unknown(scene, batch_of: Make, clock) -> None:
    here = scene(CUT, ok(1))
    expired, accepted = here.send(batch_of(2, expires_at=[int(clock.now) + 1, 1 << 40]))
    assert (expired.outcome, expired.code) == (Outcome.UNKNOWN, "event-expired")
    assert accepted.outcome is Outcome.ACCEPTED


def test_a_batch_of_old_events_makes_no_request(scene, batch_of: Make) -> None:
    here = scene(ok(2))
    (receipt,) = here.send(batch_of(2, expires_at=1))
    assert (receipt.outcome, receipt.requests) == (Outcome.REJECTED, 0)
    traffic = here.gate.traffic()
    assert (traffic.requests, traffic.in_flight) == (0, 0)


def test_a_stopped_run_begins_no_post(scene, batch_of: Make, gate: Gate) -> None:
    stop = threading.Event()
    here = scene(ok(1))
    here.sink._stop = stop
    gate._stop = stop
    stop.set()
    (receipt,) = here.send(batch_of(1))
    assert (receipt.outcome, receipt.code, receipt.requests) == (Outcome.UNSENT, "interrupted", 0)
    assert here.script.posts == []
    assert receipt.stop is None


def test_a_stop_while_waiting_ends_the_batch(scene, batch_of: Make, gate: Gate) -> None:
    here = scene(CUT)
    gate._stop = here.stop
    here.sink._pause = lambda seconds: here.stop.set()
    (receipt,) = here.send(batch_of(1))
    assert (receipt.outcome, receipt.code, receipt.requests) == (Outcome.UNKNOWN, "interrupted", 1)


def test_the_gate_tells_why_a_sender_waits(scene, batch_of: Make, gate: Gate) -> None:
    seen = []
    here = scene(Parsed(status=429, wait_s=60.0), ok(1))
    here.sink._pause = lambda seconds: seen.append(gate.traffic())
    here.send(batch_of(1))
    assert "slow down" in seen[0].waiting_for
    assert seen[0].retry_at == here.clock.now + 60.0
    assert gate.traffic().waiting_for == ""


def test_a_bug_below_gives_its_place_back(scene, batch_of: Make, gate: Gate) -> None:
    here = scene(ok(1))

    def break_down() -> None:
        raise RuntimeError("a bug")

    here.script.before = break_down
    with pytest.raises(RuntimeError):
        here.send(batch_of(1))
    assert gate.traffic().in_flight == 0


def test_closing_reaches_what_posts(scene) -> None:
    here = scene(ok(1))
    here.sink.close()
    assert here.script.posts == [None]

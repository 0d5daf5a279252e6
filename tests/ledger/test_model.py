"""The ledger against a dictionary: any order of runs, crashes, answers, resends, forgetting and time."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome
from capi_cli.ledger.fates import Fate
from capi_cli.ledger.opening import open_ledger, read_ledger
from capi_cli.ledger.recording import RecordingLedger
from tests.ledger.events import DATASET, HOST, Clock, batch, keys, receipt

WINDOW_S = 48 * 3600
KEYS = st.integers(0, 11).map(lambda n: n if n % 2 else 2**64 - 1 - n)
EVENTS = st.dictionaries(KEYS, st.integers(0, 2), min_size=1, max_size=6).map(
    lambda found: list(found.items())
)


class LedgerMachine(RuleBasedStateMachine):
    """`accepted`, `refused` and `unknown` are the dictionaries; `aloft` is in flight."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.accepted: dict[int, int] = {}
        self.refused: dict[int, int] = {}
        self.unknown: dict[int, tuple[float, bool]] = {}  # sent at, told
        self.aloft: dict[int, tuple[Batch, float]] = {}
        self.answered: set[int] = set()  # in this run, which knows by its own index what it sent
        self.number = 0
        self.ledger: RecordingLedger

    @initialize(fresh_rows=st.sampled_from([1, 3, 8, 1000]))
    def begin(self, fresh_rows: int) -> None:
        self.fresh_rows = fresh_rows
        self.open()

    def open(self) -> None:
        self.answered.clear()
        self.ledger = open_ledger(self.folder, HOST, DATASET, now=self.clock, fresh_rows=self.fresh_rows)

    @rule(events=EVENTS)
    def send(self, events: list[tuple[int, int]]) -> None:
        flying = {key for part, _ in self.aloft.values() for key in part.event_keys}
        events = [event for event in events if event[0] not in flying]
        if events:
            self.number += 1
            part = batch(events, number=self.number)
            self.ledger.in_flight(part)
            self.aloft[self.number] = (part, float(int(self.clock.at)))

    @precondition(lambda self: self.aloft)
    @rule(data=st.data(), outcome=st.sampled_from(list(Outcome)), cut=st.integers(0, 6))
    def answer(self, data: st.DataObject, outcome: Outcome, cut: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.aloft)))
        whole, sent_at = self.aloft.pop(number)
        cut = min(cut, len(whole))
        other = data.draw(st.sampled_from(list(Outcome)))
        parts = [(whole.part(0, cut), outcome), (whole.part(cut, len(whole)), other)]
        parts = [(part, said) for part, said in parts if len(part)]
        self.ledger.answered([receipt(part, said) for part, said in parts])
        for part, said in parts:
            self.answered.update(part.event_keys)
            for key, content in zip(part.event_keys, part.content_keys, strict=True):
                self.learn(key, content, said, sent_at)

    def learn(self, key: int, content: int, said: Outcome, sent_at: float) -> None:
        match said:
            case Outcome.ACCEPTED:
                self.accepted[key] = content
                self.refused.pop(key, None)
                self.unknown.pop(key, None)
            case Outcome.REJECTED:
                self.refused[key] = content
                self.unknown.pop(key, None)
            case Outcome.UNKNOWN:
                before = self.unknown.get(key, (sent_at, False))[0]
                self.unknown[key] = (min(before, sent_at), False)
                self.refused.pop(key, None)
            case Outcome.UNSENT:
                pass

    @rule(tidy=st.booleans())
    def next_run(self, tidy: bool) -> None:
        if tidy:
            self.ledger.close()
        else:  # as if killed: nothing is put in order, only the kernel lets go of the lock and the files
            self.ledger._lock.release()
            self.ledger._known.close()
            self.ledger._database.connection.close()
        for part, sent_at in self.aloft.values():
            for key, content in zip(part.event_keys, part.content_keys, strict=True):
                self.learn(key, content, Outcome.UNKNOWN, sent_at)
        self.aloft.clear()
        self.open()

    @rule(hours=st.sampled_from([0.5, 20, 47, 49]))
    def wait(self, hours: float) -> None:
        self.clock.at += hours * 3600

    @rule(some=st.sets(KEYS, max_size=4))
    def tell(self, some: set[int]) -> None:
        self.ledger.tell(keys(*sorted(some)))
        for key in some & set(self.unknown):
            self.unknown[key] = (self.unknown[key][0], True)

    @rule(some=st.sets(KEYS, min_size=1, max_size=3))
    def forget(self, some: set[int]) -> None:
        self.ledger.forget(keys(*some))
        for known in (self.accepted, self.refused, self.unknown):
            for key in some:
                known.pop(key, None)

    def expected(self, key: int, content: int, *, from_outside: bool) -> Fate:
        if key in self.accepted:
            return Fate.ACCEPTED_SAME if self.accepted[key] == content else Fate.ACCEPTED_CHANGED
        unknown = self.unknown.get(key)
        if from_outside:
            for part, sent_at in self.aloft.values():
                if key in part.event_keys:
                    unknown = (min(sent_at, unknown[0]) if unknown else sent_at, False)
        if unknown is not None:
            sent_at, told = unknown
            if told:
                return Fate.UNKNOWN_TOLD
            return Fate.UNKNOWN_RESEND if self.clock.at - sent_at < WINDOW_S else Fate.UNKNOWN_UNTOLD
        if key in self.refused:
            return Fate.REFUSED_SAME if self.refused[key] == content else Fate.REFUSED_CHANGED
        return Fate.NEW

    @invariant()
    def knows_what_the_dictionaries_know(self) -> None:
        if not hasattr(self, "ledger"):
            return
        numbers = [key for n in range(12) for key in (n, 2**64 - 1 - n) if key not in self.answered]
        asked = [(key, content) for key in numbers for content in (2, 0)]
        found = self.ledger.classify(
            keys(*(key for key, _ in asked)), keys(*(content for _, content in asked))
        )
        assert found.tolist() == [self.expected(key, content, from_outside=False) for key, content in asked]

    @invariant()
    def tells_it_from_outside(self) -> None:
        if not hasattr(self, "ledger"):
            return
        looking = read_ledger(self.folder, HOST, DATASET, now=self.clock)
        asked = [(key, 1) for n in range(12) for key in (n, 2**64 - 1 - n)]
        found = looking.classify(keys(*(key for key, _ in asked)), np.ones(24, np.uint64))
        looking.close()
        assert found.tolist() == [self.expected(key, content, from_outside=True) for key, content in asked]

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.close()
        shutil.rmtree(self.folder)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)

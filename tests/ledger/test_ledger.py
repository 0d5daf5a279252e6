"""What a ledger remembers of every outcome, across runs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from capi_cli.delivery.receipt import Outcome
from capi_cli.errors import LedgerError
from capi_cli.ledger.columns import U64
from capi_cli.ledger.fates import Fate, RunStart
from capi_cli.ledger.forgetting import forget_events
from capi_cli.ledger.history import open_histories
from capi_cli.ledger.opening import check_ledger, open_ledger, read_ledger
from capi_cli.ledger.place import ledger_place, ledger_places
from capi_cli.ledger.recording import RecordingLedger
from tests.ledger.events import DATASET, HOST, NOON, Clock, batch, keys, receipt

HOUR, DAY = 3600, 86_400


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Folder:
    """A state folder with a clock; `with folder.run() as ledger` is one run."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock

    def run(self, **options: Any) -> RecordingLedger:
        return open_ledger(self.path, HOST, DATASET, now=self.clock, **options)

    def fate(self, key: int, content: int) -> Fate:
        with self.run() as ledger:
            first = Fate(ledger.classify(keys(key), keys(content))[0])
        assert self.looked_up(keys(key), keys(content)) == [first]
        return first

    def looked_up(self, event_keys: U64, content_keys: U64) -> list[int]:
        """Return the fates that a dry run sees."""
        with closing(read_ledger(self.path, HOST, DATASET, now=self.clock)) as looking:
            return looking.classify(event_keys, content_keys).tolist()


@pytest.fixture
def folder(tmp_path: Path, clock: Clock) -> Iterator[Folder]:
    yield Folder(tmp_path / "state", clock)


def sent(folder: Folder, outcome: Outcome, *events: tuple[int, int], **facts: Any) -> None:
    with folder.run() as ledger:
        part = batch(events, windows_s=facts.pop("windows_s", ()))
        ledger.in_flight(part)
        ledger.answered([receipt(part, outcome, **facts)])


def test_an_accepted_event_is_skipped_and_a_changed_one_told(folder: Folder) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 10), (2**64 - 1, 20))
    assert folder.fate(1, 10) is Fate.ACCEPTED_SAME
    assert folder.fate(1, 11) is Fate.ACCEPTED_CHANGED
    assert folder.fate(2**64 - 1, 20) is Fate.ACCEPTED_SAME
    assert folder.fate(3, 10) is Fate.NEW


def test_an_accepted_event_counts_at_once_for_all_but_its_own_run(folder: Folder) -> None:
    """Its own run knows by its index of rows what it sent; see tests/ledger/test_run_index.py."""
    with folder.run() as ledger:
        part = batch([(1, 10)])
        ledger.in_flight(part)
        assert folder.looked_up(keys(1), keys(10)) == [Fate.UNKNOWN_RESEND]
        ledger.answered([receipt(part)])
        assert folder.looked_up(keys(2, 1, 1), keys(1, 10, 11)) == [0, 1, 2]


def test_a_refused_event_is_remembered_with_its_content_and_words(folder: Folder) -> None:
    sent(folder, Outcome.REJECTED, (1, 10), reason="Zip code is wrong.")
    assert folder.fate(1, 10) is Fate.REFUSED_SAME
    assert folder.fate(1, 11) is Fate.REFUSED_CHANGED
    with folder.run() as ledger:
        refusal = ledger.refusals([1, 2])[1]
    assert (refusal.code, refusal.reason, refusal.fbtrace_id) == (
        "meta-100-2804003",
        "Zip code is wrong.",
        "Abc",
    )
    sent(folder, Outcome.ACCEPTED, (1, 11))
    assert folder.fate(1, 11) is Fate.ACCEPTED_SAME


def test_a_refusal_that_was_settled_after_it_landed_is_remembered(folder: Folder) -> None:
    with folder.run() as ledger:
        whole = batch([(1, 1), (2, 2)])
        ledger.in_flight(whole)
        ledger.answered([receipt(whole, Outcome.UNSENT)])
        ledger.answered([receipt(whole.part(1, 2), Outcome.REJECTED)])
    assert folder.fate(1, 1) is Fate.NEW
    assert folder.fate(2, 2) is Fate.REFUSED_SAME


def test_events_that_expired_before_their_post_are_not_refusals(folder: Folder) -> None:
    sent(folder, Outcome.REJECTED, (1, 1), code="event-expired", status=0)
    assert folder.fate(1, 1) is Fate.NEW


def test_unsent_events_are_as_they_were(folder: Folder) -> None:
    sent(folder, Outcome.UNSENT, (1, 1))
    assert folder.fate(1, 1) is Fate.NEW
    sent(folder, Outcome.UNKNOWN, (2, 2))
    sent(folder, Outcome.UNSENT, (2, 2))
    assert folder.fate(2, 2) is Fate.UNKNOWN_RESEND


def test_an_unknown_event_is_sent_again_inside_its_window_and_told_once_after(
    folder: Folder, clock: Clock
) -> None:
    sent(folder, Outcome.UNKNOWN, (1, 1), (2, 2), (3, 3), windows_s=[48 * HOUR, 7 * DAY, 0])
    assert folder.fate(1, 1) is Fate.UNKNOWN_RESEND
    assert folder.fate(1, 9) is Fate.UNKNOWN_RESEND
    assert folder.fate(3, 3) is Fate.UNKNOWN_UNTOLD
    clock.at += 48 * HOUR
    assert folder.fate(1, 1) is Fate.UNKNOWN_UNTOLD
    assert folder.fate(2, 2) is Fate.UNKNOWN_RESEND
    with folder.run() as ledger:
        ledger.tell(keys(1, 3))
    assert folder.fate(1, 1) is Fate.UNKNOWN_TOLD
    assert folder.fate(3, 3) is Fate.UNKNOWN_TOLD
    assert folder.fate(2, 2) is Fate.UNKNOWN_RESEND


def test_the_window_runs_from_the_first_post_that_may_have_arrived(folder: Folder, clock: Clock) -> None:
    sent(folder, Outcome.UNKNOWN, (1, 1))
    clock.at += 40 * HOUR
    sent(folder, Outcome.UNKNOWN, (1, 1))
    clock.at += 10 * HOUR
    assert folder.fate(1, 1) is Fate.UNKNOWN_UNTOLD


def test_an_unknown_event_that_is_resolved_is_unknown_no_longer(folder: Folder) -> None:
    sent(folder, Outcome.UNKNOWN, (1, 1), (2, 2))
    sent(folder, Outcome.ACCEPTED, (1, 1))
    sent(folder, Outcome.REJECTED, (2, 2))
    assert folder.fate(1, 1) is Fate.ACCEPTED_SAME
    assert folder.fate(2, 2) is Fate.REFUSED_SAME


def test_a_clock_that_was_set_back_does_not_open_a_window_again(folder: Folder, clock: Clock) -> None:
    sent(folder, Outcome.UNKNOWN, (1, 1))
    clock.at -= 30
    assert folder.fate(1, 1) is Fate.UNKNOWN_RESEND
    clock.at -= 365 * DAY
    assert folder.fate(1, 1) is Fate.UNKNOWN_UNTOLD


def test_what_was_in_flight_when_a_run_ended_is_unknown(folder: Folder) -> None:
    with folder.run() as ledger:
        ledger.in_flight(batch([(1, 1), (2, 2)]))
        looking = read_ledger(folder.path, HOST, DATASET, now=folder.clock)
        assert looking.classify(keys(1, 3), keys(1, 3)).tolist() == [Fate.UNKNOWN_RESEND, Fate.NEW]
        looking.close()
    assert folder.fate(1, 1) is Fate.UNKNOWN_RESEND
    assert folder.fate(2, 2) is Fate.UNKNOWN_RESEND


def test_parts_of_one_flight_may_end_differently(folder: Folder) -> None:
    whole = batch([(n, n) for n in range(1, 7)])
    with folder.run() as ledger:
        ledger.in_flight(whole)
        ledger.answered(
            [
                receipt(whole.select([0, 3]), Outcome.REJECTED, code="event-expired", status=0),
                receipt(whole.select([1, 2]), Outcome.ACCEPTED),
                receipt(whole.select([4]), Outcome.UNKNOWN),
            ]
        )
    fates = [folder.fate(n, n) for n in range(1, 7)]
    assert fates == [
        Fate.NEW,
        Fate.ACCEPTED_SAME,
        Fate.ACCEPTED_SAME,
        Fate.NEW,
        Fate.UNKNOWN_RESEND,
        Fate.UNKNOWN_RESEND,  # nobody spoke of it: it is still in flight
    ]


def test_keys_are_kept_400_days_and_no_longer(folder: Folder, clock: Clock) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 1))
    sent(folder, Outcome.REJECTED, (2, 2))
    sent(folder, Outcome.UNKNOWN, (3, 3))
    clock.at += 399 * DAY
    sent(folder, Outcome.ACCEPTED, (4, 4))
    assert folder.fate(1, 1) is Fate.ACCEPTED_SAME
    clock.at += 2 * DAY
    sent(folder, Outcome.ACCEPTED, (5, 5))
    assert [folder.fate(n, n) for n in range(1, 6)] == [
        Fate.NEW,
        Fate.NEW,
        Fate.NEW,
        Fate.ACCEPTED_SAME,
        Fate.ACCEPTED_SAME,
    ]


def test_how_long_keys_are_kept_can_be_said(folder: Folder, clock: Clock) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 1))
    clock.at += 700 * DAY
    with folder.run(kept_s=800 * DAY) as ledger:
        part = batch([(2, 2)])
        ledger.in_flight(part)
        ledger.answered([receipt(part)])
    for kept_s, known in ((701 * DAY, Fate.ACCEPTED_SAME), (699 * DAY, Fate.NEW)):
        looking = read_ledger(folder.path, HOST, DATASET, now=clock, kept_s=kept_s)
        assert looking.classify(keys(1, 2), keys(1, 2)).tolist() == [known, Fate.ACCEPTED_SAME]
        looking.close()
    forget_events(ledger_place(folder.path, HOST, DATASET), [2], lock_wait_s=0, now=clock)
    with folder.run(kept_s=800 * DAY) as ledger:
        fates = ledger.classify(keys(1, 2), keys(1, 2)).tolist()
    assert fates == [Fate.ACCEPTED_SAME, Fate.NEW], "erasing one event makes no other too old"


def test_a_clock_far_ahead_forgets_nothing(folder: Folder, clock: Clock) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 1))
    clock.at += 5000 * DAY
    assert folder.fate(1, 1) is Fate.ACCEPTED_SAME
    clock.at = NOON
    assert folder.fate(1, 1) is Fate.ACCEPTED_SAME


def test_forgotten_events_are_new(folder: Folder) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 1), (2, 2))
    sent(folder, Outcome.REJECTED, (3, 3))
    with folder.run() as ledger:
        ledger.forget(keys(3, 1))
    assert [folder.fate(n, n) for n in (1, 2, 3)] == [Fate.NEW, Fate.ACCEPTED_SAME, Fate.NEW]


def test_test_events_mark_nothing_and_find_nothing(folder: Folder) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 1))
    with folder.run(marks=False) as ledger:
        assert ledger.classify(keys(1), keys(1)).tolist() == [Fate.NEW]
        part = batch([(2, 2)])
        ledger.in_flight(part)
        ledger.answered([receipt(part)])
    assert folder.fate(2, 2) is Fate.NEW


def test_looking_writes_nothing(folder: Folder) -> None:
    looking = read_ledger(folder.path, HOST, DATASET)
    assert looking.classify(keys(1), keys(1)).tolist() == [Fate.NEW]
    part = batch([(1, 1)])
    looking.in_flight(part)
    looking.answered([receipt(part)])
    looking.close()
    assert not folder.path.exists()
    sent(folder, Outcome.ACCEPTED, (1, 1))
    place = ledger_place(folder.path, HOST, DATASET)
    before = {path.name: path.read_bytes() for path in place.folder.iterdir()}
    looking = read_ledger(folder.path, HOST, DATASET)
    looking.answered([receipt(batch([(9, 9)]))])
    assert looking.classify(keys(1, 9), keys(1, 9)).tolist() == [Fate.ACCEPTED_SAME, Fate.NEW]
    looking.close()
    after = {path.name: path.read_bytes() for path in place.folder.iterdir()}
    assert {name: after[name] for name in before} == before


def test_datasets_and_hosts_do_not_share_a_ledger(tmp_path: Path) -> None:
    folders = {
        ledger_place(tmp_path, host, dataset).folder.name
        for host in ("graph.facebook.com", "127.0.0.1:8443", "127.0.0.1-8443")
        for dataset in ("1", "2", "../../up", "CON:")
    }
    assert len(folders) == 12
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for name in folders)


def test_an_answer_after_the_end_is_told_and_changes_nothing(folder: Folder) -> None:
    with folder.run() as ledger:
        part = batch([(1, 1)])
        ledger.in_flight(part)
    with pytest.raises(LedgerError, match="closed"):
        ledger.answered([receipt(part)])
    assert folder.fate(1, 1) is Fate.UNKNOWN_RESEND


def test_many_threads_write_at_once(folder: Folder) -> None:
    def send(number: int) -> None:
        part = batch([(number * 100 + n, n) for n in range(100)], number=number)
        ledger.in_flight(part)
        ledger.answered([receipt(part, Outcome.ACCEPTED if number % 3 else Outcome.UNKNOWN)])

    with folder.run(fresh_rows=900) as ledger, ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(60)))
    with folder.run() as ledger:
        fates = ledger.classify(keys(*range(6000)), np.tile(keys(*range(100)), 60))
    said = [{Fate.UNKNOWN_RESEND}, {Fate.ACCEPTED_SAME}, {Fate.ACCEPTED_SAME}]
    assert [set(fates[n * 100 : n * 100 + 100].tolist()) for n in range(60)] == said * 20


def test_a_look_while_shelves_are_merged_sees_every_event(folder: Folder) -> None:
    with folder.run(fresh_rows=20) as ledger, ThreadPoolExecutor(1) as pool:
        done = 0

        def send() -> None:
            nonlocal done
            for number in range(150):
                part = batch([(number * 10 + n, n) for n in range(10)], number=number)
                ledger.in_flight(part)
                ledger.answered([receipt(part)])
                done = number + 1

        sending = pool.submit(send)
        looks = 0
        while not sending.done():
            before = done
            looking = read_ledger(folder.path, HOST, DATASET, now=folder.clock)
            fates = looking.classify(keys(*range(before * 10)), np.tile(keys(*range(10)), before))
            looking.close()
            assert (fates == Fate.ACCEPTED_SAME).all()
            looks += 1
        sending.result()
        assert looks > 3


def test_files_are_their_owners_only(folder: Folder) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 1))
    with folder.run() as ledger:
        part = batch([(2, 2)])
        ledger.in_flight(part)
        modes = {path.name: path.stat().st_mode & 0o777 for path in ledger.folder.iterdir()}
        assert ledger.folder.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}
    assert {"ledger.sqlite", "ledger.sqlite-wal", "ledger.lock", "00000001.keys"} <= set(modes)


def test_runs_and_receipts_are_found_again(folder: Folder) -> None:
    began = datetime(2026, 9, 1, 12, tzinfo=UTC)
    start = RunStart(
        run_id="r1", command="capi upload a.csv", sources=("a.csv",), mapping="em ← email", started_at=began
    )
    with folder.run() as ledger:
        ledger.begin_run(start)
        whole = batch([(1, 1), (2**63 + 5, 2), (3, 3)], number=4)
        ledger.in_flight(whole)
        ledger.answered([receipt(whole.part(0, 2)), receipt(whole.part(2, 3), Outcome.REJECTED)])
        lost = batch([(7, 7)], number=5)
        ledger.in_flight(lost)
        (history,) = open_histories(folder.path)
        with history:
            assert history.runs()[0].finished_at is None
        ledger.end_run("r1", finished_at=began, exit_code=3, summary='{"rows_read": 4}')
    with folder.run():
        pass
    (history,) = open_histories(folder.path)
    with history:
        (run,) = history.runs()
        assert (run.sources, run.mapping, run.exit_code, run.summary) == (
            ("a.csv",),
            "em ← email",
            3,
            {"rows_read": 4},
        )
        assert run.started_at == began
        assert history.run("r2") is None
        assert [(r.batch, r.first, r.events, r.outcome, r.code) for r in history.receipts("r1")] == [
            (4, 0, 2, "accepted", ""),
            (4, 2, 1, "rejected", "meta-100-2804003"),
            (5, 0, 1, "unknown", "no-answer"),
        ]
        states = {}
        for key in (2**63 + 5, 3, 7, 8):
            entry = history.find_events([key], NOON).get(key)
            states[key] = entry and (entry.state, entry.receipt and entry.receipt.run_id)
        assert states == {
            2**63 + 5: ("accepted", "r1"),
            3: ("refused", "r1"),
            7: ("unknown", "r1"),
            8: None,
        }


def test_the_doctor_counts(folder: Folder) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 1), (2, 2))
    sent(folder, Outcome.UNKNOWN, (3, 3))
    (place,) = ledger_places(folder.path)
    assert check_ledger(place).startswith("2 events accepted, 0 refused, 1 unknown, in 0 runs")


def test_many_events_move_to_shelves_and_stay_known(folder: Folder) -> None:
    rng = np.random.default_rng(3)
    everything = rng.integers(0, 2**64, 20_000, dtype=np.uint64)
    with folder.run(fresh_rows=700) as ledger:
        for number, begin in enumerate(range(0, len(everything), 500)):
            some = everything[begin : begin + 500].tolist()
            part = batch([(key, key ^ 1) for key in some], number=number)
            ledger.in_flight(part)
            ledger.answered([receipt(part)])
        assert (ledger.classify(everything, everything ^ np.uint64(1)) == Fate.ACCEPTED_SAME).all()
        assert len(list(ledger.folder.glob("*.keys"))) < 15
    with folder.run() as ledger:
        mixed = np.concatenate([everything, everything + np.uint64(1)])
        fates = ledger.classify(mixed, mixed ^ np.uint64(1))
        assert (fates[:20_000] == Fate.ACCEPTED_SAME).all()
        assert (fates[20_000:] == Fate.NEW).all()


def test_the_newest_content_counts_after_a_resend(folder: Folder) -> None:
    for content in (10, 11, 12):
        sent(folder, Outcome.ACCEPTED, (1, content))
    assert folder.fate(1, 12) is Fate.ACCEPTED_SAME
    assert folder.fate(1, 10) is Fate.ACCEPTED_CHANGED


def test_who_asks_does_not_wait_for_who_writes(folder: Folder) -> None:
    sent(folder, Outcome.ACCEPTED, (1, 10))
    with folder.run() as ledger, ThreadPoolExecutor(1) as pool, ledger._database.lock:
        asked = pool.submit(ledger.classify, keys(1, 2), keys(10, 10))
        assert asked.result(10).tolist() == [Fate.ACCEPTED_SAME, Fate.NEW]

"""One run at a time, in real processes; and what a killed run leaves behind."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from capi_cli.errors import LedgerError
from capi_cli.ledger.fates import Fate
from capi_cli.ledger.lock import take_lock
from capi_cli.ledger.opening import open_ledger
from tests.ledger.events import DATASET, HOST, keys

ROOT = Path(__file__).parents[2]

HOLD = """
import sys, time
from pathlib import Path
from capi_cli.ledger.opening import open_ledger
from tests.ledger.events import DATASET, HOST, batch
ledger = open_ledger(Path(sys.argv[1]), HOST, DATASET, command="capi upload first.csv")
ledger.in_flight(batch([(1, 1), (2, 2)]))
"""

SEND = """
import sys
from pathlib import Path
from capi_cli.ledger.opening import open_ledger
from tests.ledger.events import DATASET, HOST, batch, receipt
ledger = open_ledger(Path(sys.argv[1]), HOST, DATASET, fresh_rows=40)
first = int(sys.argv[2])
for number in range(first, first + 100_000):
    print("sends", number, flush=True)
    part = batch([(number * 10 + n, number) for n in range(10)], number=number)
    ledger.in_flight(part)
    print("flies", number, flush=True)
    ledger.answered([receipt(part)])
    print("lands", number, flush=True)
"""


def start(script: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def wait_for(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().startswith(word)


def kill(process: "subprocess.Popen[str]") -> str:
    process.send_signal(signal.SIGKILL)
    assert process.stdout is not None
    with process.stdout:
        output = process.stdout.read()
    process.wait(timeout=30)
    return output


def test_a_second_run_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    first = start(HOLD + "print('holds', flush=True); time.sleep(60)", tmp_path)
    try:
        wait_for(first, "holds")
        with pytest.raises(LedgerError) as caught:
            open_ledger(tmp_path, HOST, DATASET)
        assert caught.value.exit_code == 13
        assert f"process {first.pid} on " in caught.value.message
        assert "capi upload first.csv" in caught.value.message
        assert "--lock-wait" in caught.value.hint
        open_ledger(tmp_path, HOST, "another dataset").close()
    finally:
        kill(first)


def test_a_second_run_waits_as_long_as_it_was_told_to(tmp_path: Path) -> None:
    first = start(HOLD + "print('holds', flush=True); time.sleep(0.5); ledger.close()", tmp_path)
    try:
        wait_for(first, "holds")
        began = time.monotonic()
        open_ledger(tmp_path, HOST, DATASET, lock_wait_s=30).close()
        assert time.monotonic() - began > 0.2
    finally:
        kill(first)


def test_two_ledgers_in_one_process_keep_each_other_out(tmp_path: Path) -> None:
    with open_ledger(tmp_path, HOST, DATASET), pytest.raises(LedgerError, match="another run"):
        open_ledger(tmp_path, HOST, DATASET)
    open_ledger(tmp_path, HOST, DATASET).close()


def test_waiting_takes_no_real_time_here(tmp_path: Path) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    held = take_lock(tmp_path / "lock", command="a", wait_s=0)
    with pytest.raises(LedgerError):
        take_lock(tmp_path / "lock", command="b", wait_s=7, sleep=sleep, monotonic=lambda: now[0])
    assert now[0] == pytest.approx(7, abs=0.2)
    held.release()
    take_lock(tmp_path / "lock", command="b", wait_s=0).release()


def test_a_killed_run_frees_the_lock_and_leaves_its_events_unknown(tmp_path: Path) -> None:
    first = start(HOLD + "print('holds', flush=True); time.sleep(60)", tmp_path)
    wait_for(first, "holds")
    kill(first)
    with open_ledger(tmp_path, HOST, DATASET) as ledger:
        fates = ledger.classify(keys(1, 2, 3), keys(1, 2, 3)).tolist()
    assert fates == [Fate.UNKNOWN_RESEND, Fate.UNKNOWN_RESEND, Fate.NEW]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_worker_that_outlives_a_killed_run_does_not_keep_the_lock(tmp_path: Path) -> None:
    script = HOLD + "import os\nif os.fork() == 0: time.sleep(20); os._exit(0)\n"
    first = start(script + "print('holds', os.getpid(), flush=True); time.sleep(60)", tmp_path)
    wait_for(first, "holds")
    first.send_signal(signal.SIGKILL)
    first.wait(timeout=30)
    open_ledger(tmp_path, HOST, DATASET, lock_wait_s=2).close()
    assert first.stdout is not None
    first.stdout.close()


def test_kills_at_random_moments_lose_and_invent_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("CAPI_TEST_SEED", "20260901"))
    dice = random.Random(seed)
    said: dict[int, str] = {}
    for round_ in range(6):
        process = start(SEND, tmp_path, round_ * 100_000 + 1)
        wait_for(process, "sends")
        time.sleep(dice.uniform(0, 0.15))
        for line in ["sends " + str(round_ * 100_000 + 1), *kill(process).splitlines()]:
            word, _, number = line.partition(" ")
            said[int(number)] = word
        with open_ledger(tmp_path, HOST, DATASET, fresh_rows=40) as ledger:
            for number, word in said.items():
                fates = ledger.classify(
                    keys(*(number * 10 + n for n in range(10))), keys(*[number] * 10)
                ).tolist()
                allowed = {
                    "sends": (Fate.NEW, Fate.UNKNOWN_RESEND),
                    "flies": (Fate.UNKNOWN_RESEND, Fate.ACCEPTED_SAME),
                    "lands": (Fate.ACCEPTED_SAME,),
                }[word]
                assert len(set(fates)) == 1 and fates[0] in allowed, (
                    f"seed {seed}: {word} {number} is {fates}"
                )
    assert sum(word == "lands" for word in said.values()) > 10

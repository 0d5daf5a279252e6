"""A run that is killed at any moment is resumed by the same command; what Meta gets twice is the same to the byte."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox
from tests.runs.promise import DATASET, TOKEN, write_orders

KILLS = 30
ROWS = 6_000
BATCH = 40


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
@pytest.mark.timeout(400)
def test_thirty_kills_at_random_moments_lose_and_invent_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("CAPI_TEST_SEED", random.randrange(10**6)))
    dice = random.Random(seed)
    orders = write_orders(tmp_path / "orders.csv", ROWS)
    command = [
        sys.executable,
        "-m",
        "capi_cli",
        "upload",
        str(orders),
        "--batch-size",
        str(BATCH),
        "--yes",
        "-q",
    ]
    command += [
        "--set",
        "event_name=Purchase",
        "--set",
        "action_source=physical_store",
        "--set",
        "currency=EUR",
    ]
    with Sandbox(token=TOKEN, faults=Faults.parse("latency=0.01")) as sandbox:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "META_ACCESS_TOKEN": TOKEN,
            "META_DATASET_ID": DATASET,
            "CAPI_GRAPH_URL": sandbox.url,
            "CAPI_STATE_DIR": str(tmp_path / "state"),
            "CAPI_WORKERS": "1",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        killed = 0
        while killed < KILLS:
            before = sandbox.state()["requests"]
            with subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            ) as run:
                goal = before + dice.randrange(0, 6)
                while run.poll() is None and sandbox.state()["requests"] < goal:
                    time.sleep(0.002)
                time.sleep(dice.random() * 0.03)
                run.kill()
                _, told = run.communicate(timeout=60)
            assert b"Traceback" not in told, f"CAPI_TEST_SEED={seed}"
            killed += 1
        last = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        state = sandbox.state()
    assert last.returncode == 0, f"CAPI_TEST_SEED={seed}: {last.stdout}{last.stderr}"
    assert state["events_processed"] == ROWS, f"CAPI_TEST_SEED={seed}: lost or invented"
    assert state["duplicates_other_bytes"] == 0, f"CAPI_TEST_SEED={seed}: sent twice with other bytes"

"""What an event costs on disk and in memory, measured."""

import subprocess
import sys
from array import array
from pathlib import Path

import numpy as np

from capi_cli.delivery.batch import Batch
from capi_cli.ledger.database import folder_bytes
from capi_cli.ledger.fates import Fate
from capi_cli.ledger.opening import open_ledger
from tests.ledger.events import DATASET, HOST, receipt

ROOT = Path(__file__).parents[2]


def test_at_most_24_bytes_an_event(tmp_path: Path) -> None:
    events = 300_000
    everything = np.random.default_rng(1).integers(0, 2**64, events, dtype=np.uint64)
    offsets = array("q", range(1001))
    with open_ledger(tmp_path, HOST, DATASET) as ledger:
        for begin in range(0, events, 1000):
            column = array("Q", everything[begin : begin + 1000].tobytes())
            part = Batch(
                number=begin // 1000 + 1,
                joined=b"",
                starts=offsets,
                expires_at=offsets[1:],
                event_keys=column,
                content_keys=column,
            )
            ledger.in_flight(part)
            ledger.answered([receipt(part, status=200)])
        folder = ledger.folder
    assert folder_bytes(folder) <= 24 * events
    with open_ledger(tmp_path, HOST, DATASET) as ledger:
        assert (ledger.classify(everything, everything) == Fate.ACCEPTED_SAME).all()


MEMORY = """
import resource, sys
import numpy as np
from capi_cli.ledger.run_index import RunIndex
dice = np.random.default_rng(1)
def check(index, rows):
    keys = dice.integers(0, 2**64, rows, dtype=np.uint64)
    assert not index.check(keys, keys).any()
with RunIndex() as small:
    check(small, 32_768)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with RunIndex() as index:
    for _ in range(92):
        check(index, 32_768)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_three_million_keys_of_a_run_in_40_mebibytes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=ROOT, capture_output=True, text=True, check=True
    )
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit <= 40 << 20

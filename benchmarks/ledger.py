"""What the ledger costs per event: recording, looking up, and on disk. `python benchmarks/ledger.py [EVENTS]`."""

import resource
import sys
import tempfile
import threading
import time
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.ledger.database import folder_bytes
from capi_cli.ledger.opening import open_ledger
from capi_cli.ledger.place import ledger_places
from capi_cli.ledger.run_index import RunIndex

BATCH = 1000
UPLOAD_PER_S = 80_000  # events a second of an upload, to which the ledger's share is set in relation


def batches(keys: np.ndarray) -> list[Batch]:
    empty = array("q", bytes(8 * (BATCH + 1)))
    return [
        Batch(
            number=number + 1,
            joined=b"",
            starts=empty,
            expires_at=empty,
            event_keys=array("Q", keys[begin : begin + BATCH].tobytes()),
            content_keys=array("Q", keys[begin : begin + BATCH].tobytes()),
        )
        for number, begin in enumerate(range(0, len(keys), BATCH))
    ]


def timed(what: str, events: int, work: Callable[[], object]) -> float:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{what:<44} {wall / events * 1e6:8.3f} µs/event {cpu / events * 1e6:8.3f} µs CPU "
        f"{events / wall / 1e6:8.2f} M/s"
    )
    return wall


def main(events: int) -> None:
    rng = np.random.default_rng(7)
    keys = rng.integers(0, 2**64, events, dtype=np.uint64)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def look_up(block: int) -> Callable[[], None]:
            def work() -> None:
                with open_ledger(folder, "host", "1") as ledger:
                    for begin in range(0, events, block):
                        part = keys[begin : begin + block]
                        ledger.classify(part, part)

            return work

        def record(threads: int, name: str) -> Callable[[], None]:
            todo = batches(keys)

            def work() -> None:
                with open_ledger(folder, "host", name) as ledger, ThreadPoolExecutor(threads) as pool:

                    def send(batch: Batch) -> None:
                        ledger.in_flight(batch)
                        ledger.answered(
                            [Receipt(batch=batch, outcome=Outcome.ACCEPTED, fbtrace_id="A" * 23, status=200)]
                        )

                    list(pool.map(send, todo))

            return work

        timed("look up, all new, blocks of 32,768", events, look_up(32_768))
        for threads in (8, 2):
            wall = timed(f"record, {threads} threads", events, record(threads, str(threads)))
            print(f"{'':<44} {wall / (events / UPLOAD_PER_S):8.1%} of an upload at {UPLOAD_PER_S:,} events/s")
        timed("record, 1 thread", events, record(1, "1"))
        timed("look up, all accepted, blocks of 32,768", events, look_up(32_768))
        timed("look up, all accepted, blocks of 8,192", events, look_up(8_192))
        for place in ledger_places(folder)[:1]:
            print(f"{'on disk':<44} {folder_bytes(place.folder) / events:8.2f} bytes/event")

    def index() -> None:
        with RunIndex() as seen:
            for begin in range(0, events, 32_768):
                part = keys[begin : begin + 32_768]
                seen.check(part, part)

    timed("stood earlier in this run, blocks of 32,768", events, index)
    print(f"{'peak memory':<44} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.1f} MiB")
    assert threading.active_count() == 1


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)

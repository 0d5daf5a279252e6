"""All benchmarks in one run: `make bench`, or python benchmarks/run.py [--rows 300000] [--quick] [--full].

It generates seeded exports in a temporary folder, measures capi, the official SDK, a hand-written script and the
floors side by side, prints the targets and writes `performance.md` and `performance.svg`.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import orjson
from contestants import HERE, Bench
from exports import write
from measure import run
from page import FORMATS, Measured, write_page
from suites import latency, memory, save_bodies, scaling, speed, start_up

from capi_cli.sandbox.process import start_process

PROFILED_ROWS = 100_000
LARGE_ROWS = 3_000_000
SMALL_ROWS = 10_000
STEADY_ROWS = 200_000  # fewer are over before concurrency has grown


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure capi beside the SDK, a script, and the floors.")
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--sdk-rows", type=int, default=20_000, help="rows for the SDK, scaled to --rows")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--formats", default=",".join(FORMATS), help="some of %(default)s")
    parser.add_argument("--quick", action="store_true", help="one round, no slow replies: does it work?")
    parser.add_argument("--full", action="store_true", help="also 3 million rows, and one giant row group")
    parser.add_argument(
        "--calm", type=float, default=0, metavar="MINUTES", help="wait so long for an idle machine"
    )
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs", help="folder of the page")
    return parser.parse_args()


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def wait_for_calm(minutes: float) -> float:
    """Wait until the machine has little else to do, and return its load average."""
    until = time.monotonic() + 60 * minutes
    while hasattr(os, "getloadavg"):
        load = os.getloadavg()[0]
        if load < 1.0 or time.monotonic() >= until:
            return load
        time.sleep(10)
    return 0.0


def measure(asked: argparse.Namespace, bench: Bench) -> Measured:
    """Run all suites."""
    kinds = [kind for kind in FORMATS if kind in asked.formats.split(",")]
    say(f"writing exports of {bench.rows:,} rows ...")
    write(bench.rows, *(bench.export(kind) for kind in {*kinds, "csv"}))
    write(bench.sdk_rows, *(bench.export(kind, bench.sdk_rows) for kind in kinds))
    few = bench.folder / "profiled.csv"
    write(min(bench.rows, PROFILED_ROWS), few)
    load = wait_for_calm(asked.calm)
    rounds = 1 if asked.quick else asked.rounds
    save_bodies(bench)
    return Measured(
        rows=bench.rows,
        sdk_rows=bench.sdk_rows,
        rounds=rounds,
        load=load,
        quick=asked.quick,
        speed=speed(bench, kinds, rounds, say),
        start=start_up(bench, 1 if asked.quick else 3 * rounds),
        memory=memory(bench, memory_exports(bench, kinds, full=asked.full), say),
        scaling=large_rates(bench, full=asked.full),
        latency=latency(bench, say) if bench.rows >= STEADY_ROWS and not asked.quick else None,
        judging=orjson.loads(run(bench.python(str(HERE / "hot_path.py"), "judging", str(few))).said),
        profile=orjson.loads(run(bench.python(str(HERE / "hot_path.py"), "profile", str(few))).said),
    )


def memory_exports(bench: Bench, kinds: list[str], *, full: bool) -> dict[str, Path]:
    """Return the exports whose uploads' memory is measured, by name."""
    found = {f"{bench.rows:,} rows of {FORMATS[kind]}": bench.export(kind) for kind in kinds}
    if not full:
        return found
    small = bench.export("csv", SMALL_ROWS)
    write(SMALL_ROWS, small)
    say(f"writing exports of {LARGE_ROWS:,} rows ...")
    large = {kind: bench.export(kind, LARGE_ROWS) for kind in kinds}
    giant = bench.folder / "giant.parquet"
    write(LARGE_ROWS, *large.values())
    write(LARGE_ROWS // 3, giant, group_rows=LARGE_ROWS)
    found |= {f"{SMALL_ROWS:,} rows of CSV": small}
    found |= {f"{LARGE_ROWS:,} rows of {FORMATS[kind]}": path for kind, path in large.items()}
    return found | {f"Parquet, {LARGE_ROWS // 3:,} rows in one row group": giant}


def large_rates(bench: Bench, *, full: bool) -> dict[str, list[float]]:
    """Return the rates of a large and of the usual file, where the large one was asked for."""
    return scaling(bench, bench.export("csv", LARGE_ROWS), LARGE_ROWS, 2, say) if full else {}


def main() -> int:
    """Measure, print the targets, write the page."""
    asked = parse()
    with tempfile.TemporaryDirectory(prefix="capi-bench-") as name, start_process(check="none") as sink:
        bench = Bench(
            folder=Path(name), rows=asked.rows, sdk_rows=min(asked.rows, asked.sdk_rows), url=sink.url
        )
        found = measure(asked, bench)
    for line in write_page(found, asked.out):
        print(line)
    say(f"{asked.out / 'performance.md'} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

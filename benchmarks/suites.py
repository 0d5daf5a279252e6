"""What is measured, each suite in rounds: contestants alternate, so that a busy moment hits all of them."""

import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
from contestants import Bench, check_events, seconds_for
from exports import write
from measure import Command, Spent, peak_mib, run

from capi_cli.ledger.database import folder_bytes
from capi_cli.ledger.place import ledger_places
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.process import SandboxProcess, start_process

LATENCY_S = 0.3
IN_FLIGHT = 8
POLL_S = 0.1
STEADY = (0.35, 0.9)  # shares of the events between which the rate is measured: ramp and tail are left out
Say = Callable[[str], None]
Samples = dict[str, list[float]]


def speed(bench: Bench, kinds: list[str], rounds: int, say: Say) -> Samples:
    """Return seconds by `<kind> <job> <contestant>`."""
    found: Samples = defaultdict(list)
    for number in range(1, rounds + 1):
        for kind in kinds:
            for name, seconds in _one_round(bench, kind):
                found[f"{kind} {name}"].append(seconds)
                say(f"round {number}: {kind} {name} {seconds:.2f}")
    return found


def _one_round(bench: Bench, kind: str) -> Iterator[tuple[str, float]]:
    path, few, rows = bench.export(kind), bench.export(kind, bench.sdk_rows), bench.rows
    bench.fresh_state()
    yield "prepare capi", check_events(run(bench.prepare(path)), rows).wall_s
    yield "prepare script", run(bench.script(path, sends=False)).wall_s
    yield "prepare sdk", seconds_for(run(bench.sdk(few, sends=False)), rows)
    yield "upload capi", check_events(run(bench.upload(path)), rows).wall_s
    if kind == "csv":
        yield "ledger bytes", _ledger_bytes(bench) / rows
        again = run(bench.upload(path))
        if orjson.loads(again.said)["requests"]:
            raise SystemExit("a finished upload made requests when it ran again")
        yield "upload again", again.wall_s
        yield "upload without ledger", check_events(run(bench.upload(path, ledger=False)), rows).wall_s
        yield "validate capi", run(bench.validate(path)).wall_s
        yield "floor hash", bench.floor("hash", str(path))
    yield "upload script", run(bench.script(path, sends=True)).wall_s
    yield "upload sdk", seconds_for(run(bench.sdk(few, sends=True)), rows)
    yield "floor read", bench.floor("read", str(path))
    yield "floor post", bench.floor("post", str(bench.folder / "bodies"), bench.upload_url)


def _ledger_bytes(bench: Bench) -> int:
    return sum(folder_bytes(place.folder) for place in ledger_places(bench.state))


def save_bodies(bench: Bench) -> None:
    """Keep the bodies of one upload, for the floor that posts them."""
    with start_process(check="none", save_dir=bench.folder / "bodies") as saving:
        bench.fresh_state()
        run(bench.upload(bench.export("csv"), url=saving.url))


def start_up(bench: Bench, rounds: int) -> Samples:
    """Return seconds of the commands that a person waits for."""
    ten = bench.folder / "ten.csv"
    write(10, ten)
    commands = {
        "start floor": bench.python("-c", "import typer, rich"),
        "start version": bench.capi("--version"),
        "start help": bench.capi("--help"),
        "start validate": bench.validate(ten),
    }
    found: Samples = defaultdict(list)
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(run(command).wall_s)
    return found


def memory(bench: Bench, paths: dict[str, Path], say: Say) -> dict[str, float | None]:
    """Return the peak of all processes of an upload, in MiB, for each export."""
    found: dict[str, float | None] = {}
    for name, path in paths.items():
        bench.fresh_state()
        found[name] = peak_mib(bench.upload(path))
        say(f"peak memory of {name}: {found[name] or 0:.0f} MiB")
    return found


def scaling(bench: Bench, large: Path, large_rows: int, rounds: int, say: Say) -> Samples:
    """Return events a second of an upload of many rows and of the usual number, alternately."""
    found: Samples = defaultdict(list)
    for _ in range(rounds):
        for name, path, rows in (("usual", bench.export("csv"), bench.rows), ("large", large, large_rows)):
            bench.fresh_state()
            found[f"rate {name}"].append(rows / check_events(run(bench.upload(path)), rows).wall_s)
            say(f"{rows:,} rows: {found[f'rate {name}'][-1]:,.0f} events/s")
    return found


def latency(bench: Bench, say: Say) -> tuple[float, float]:
    """Return the steady share of the wire's limit, and the share of one core, with slow replies."""
    with start_process(check="none", faults=Faults.parse(f"latency={LATENCY_S}")) as slow:
        bench.fresh_state()
        upload = bench.upload(bench.export("csv"), "--concurrency", str(IN_FLIGHT), url=slow.url)
        spent, seen = _watched(upload, slow)
    begin, end = (share * bench.rows for share in STEADY)
    steady = [(at, events) for at, events in seen if begin <= events <= end]
    slope, _ = statistics.linear_regression(*zip(*steady, strict=True))
    share = slope / (IN_FLIGHT * 1000 / LATENCY_S)
    say(f"latency: {share:.2f} of the wire, {spent.cpu_s / spent.wall_s:.2f} of a core, {spent.wall_s:.1f} s")
    return share, spent.cpu_s / spent.wall_s


def _watched(command: Command, sink: SandboxProcess) -> tuple[Spent, list[tuple[float, float]]]:
    """Run a command and return, several times a second, how many events the sink had processed."""
    seen: list[tuple[float, float]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(POLL_S):
            seen.append((time.perf_counter(), float(sink.state()["events_processed"])))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        return run(command), seen
    finally:
        done.set()
        thread.join()

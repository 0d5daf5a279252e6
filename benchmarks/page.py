"""`docs/performance.md`: what was measured beside what was wanted, misses included, and the profile behind it."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from chart import bars
from suites import Samples

FORMATS = {"csv": "CSV", "jsonl": "JSON lines", "parquet": "Parquet"}
FIRST_AIM = 10.0  # times the SDK; the wanted numbers came later
NOTES = Path(__file__).with_name("notes.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One target.

    Attributes:
        what: What was measured.
        value: How much.
        wanted: How much is wanted.
        better: Whether more or less of it is better.
        form: How both are written.
    """

    what: str
    value: float
    wanted: float
    better: Literal["more", "less"]
    form: str

    @property
    def met(self) -> bool:
        return self.value >= self.wanted if self.better == "more" else self.value <= self.wanted

    def __str__(self) -> str:
        sign = "≥" if self.better == "more" else "≤"
        verdict = "yes" if self.met else f"no, {abs(self.value - self.wanted) / self.wanted:.0%} off"
        return f"| {self.what} | {self.form.format(self.value)} | {sign} {self.form.format(self.wanted)} | {verdict} |"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Everything that one run of the benchmarks found. What was not measured is empty or None."""

    rows: int
    sdk_rows: int
    rounds: int
    load: float
    quick: bool
    speed: Samples
    start: Samples
    memory: dict[str, float | None]
    scaling: Samples
    latency: tuple[float, float] | None
    judging: dict[str, float]
    profile: dict[str, Any]


def ratio(samples: Samples, upper: str, lower: str) -> float:
    """Return the median over the rounds of one contestant's seconds to another's."""
    return statistics.median(
        above / below for above, below in zip(samples[upper], samples[lower], strict=True)
    )


def lines(found: Measured) -> list[Line]:
    """Return all targets with what was measured."""
    speed, kinds = found.speed, [kind for kind in FORMATS if f"{kind} upload capi" in found.speed]
    table: list[Line] = []

    def add(what: str, value: float, wanted: float, better: Literal["more", "less"], form: str) -> None:
        table.append(Line(what=what, value=value, wanted=wanted, better=better, form=form))

    for kind in kinds:
        name, times = FORMATS[kind], "{:.1f} ×"
        for job in ("prepare", "upload"):
            wanted = 20.0 if kind == "csv" or job == "prepare" else 15.0
            value = ratio(speed, f"{kind} {job} sdk", f"{kind} {job} capi")
            add(f"{job} {name}, to the SDK: the first aim", value, FIRST_AIM, "more", times)
            add(f"{job} {name}, to the SDK", value, wanted, "more", times)
        value = ratio(speed, f"{kind} upload script", f"{kind} upload capi")
        add(f"upload {name}, to the hand-written script", value, 2.5, "more", times)
    if "csv" in kinds:
        share = "{:.0%}"
        add(
            "a finished upload again, to its first time",
            ratio(speed, "csv upload again", "csv upload capi"), 0.35, "less", "{:.2f} ×",
        )  # fmt: skip
        cost = 1 - ratio(speed, "csv upload without ledger", "csv upload capi")
        add("the ledger's share of the upload's time", cost, 0.10, "less", share)
        add(
            "the ledger on disk, bytes an event",
            statistics.median(speed["csv ledger bytes"]),
            24,
            "less",
            "{:.1f}",
        )
        add(
            "validate, to preparing",
            ratio(speed, "csv validate capi", "csv prepare capi"), 1.0, "less", "{:.2f} ×",
        )  # fmt: skip
        judged = found.judging["judging_s"] / found.judging["normalizing_s"]
        add("judging, over normalizing and hashing", judged, 0.30, "less", share)
    for name, mib in found.memory.items():
        if mib is not None:
            add(f"peak memory, {name}", mib, 300, "less", "{:.0f} MiB")
    if found.scaling:
        value = ratio(found.scaling, "rate large", "rate usual")
        add("rate of 3 million rows, to that of the others", value, 0.95, "more", "{:.2f} ×")
    if found.latency:
        add(
            "300 ms latency, 8 in flight: share of the wire's limit", found.latency[0], 0.95, "more", "{:.0%}"
        )
        add("the same: share of one core", found.latency[1], 0.45, "less", "{:.0%}")
    floor = '`python -c "import typer, rich"`'
    add(
        f"`capi --version`, to {floor}",
        ratio(found.start, "start version", "start floor"),
        0.4,
        "less",
        "{:.2f} ×",
    )
    add(
        f"`capi --help`, to {floor}",
        ratio(found.start, "start help", "start floor"),
        1.15,
        "less",
        "{:.2f} ×",
    )
    add(
        "`capi validate` of ten rows",
        statistics.median(found.start["start validate"]),
        0.6,
        "less",
        "{:.2f} s",
    )
    return table


def medians(found: Measured) -> list[str]:
    """Return the table of rates and floors."""
    kinds = [kind for kind in FORMATS if f"{kind} upload capi" in found.speed]
    names = {
        "prepare capi": "prepare, capi",
        "prepare script": "prepare, hand-written script",
        "prepare sdk": "prepare, official SDK",
        "upload capi": "upload, capi",
        "upload script": "upload, hand-written script",
        "upload sdk": "upload, official SDK",
        "floor read": "floor: read the file with pyarrow",
        "floor post": "floor: post the ready bytes",
        "floor hash": "floor: hash each distinct match key once",
    }
    table = ["| | " + " | ".join(FORMATS[kind] for kind in kinds) + " |", "|---|" + "---|" * len(kinds)]
    for name, words in names.items():
        cells = []
        for kind in kinds:
            seconds = found.speed.get(f"{kind} {name}")
            cells.append(
                f"{found.rows / (s := statistics.median(seconds)):,.0f}/s ({s:.2f} s)" if seconds else ""
            )
        table.append(f"| {words} | " + " | ".join(cells) + " |")
    return table


def profile_lines(found: Measured) -> list[str]:
    """Return the table of the hottest functions."""
    total_s = found.profile["total_s"]
    table = ["| function | calls | own time | share | with what it calls |", "|---|---|---|---|---|"]
    for row in found.profile["functions"]:
        own_s, all_s = row["own_s"], row["with_callees_s"]
        table.append(
            f"| `{row['name']}` | {row['calls']:,} | {own_s:.3f} s | {own_s / total_s:.0%} | {all_s:.3f} s |"
        )
    return table


def processor() -> str:
    """Return the processor's name, as far as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def write_page(found: Measured, folder: Path) -> list[Line]:
    """Write the page and its chart into a folder, and return the targets."""
    folder.mkdir(parents=True, exist_ok=True)
    table = lines(found)
    kinds = [kind for kind in FORMATS if f"{kind} upload capi" in found.speed]
    groups = [(f"prepare {FORMATS[kind]}", f"{kind} prepare") for kind in kinds]
    groups += [(f"upload {FORMATS[kind]}", f"{kind} upload") for kind in kinds]
    rates = [
        (
            label,
            [
                found.rows / statistics.median(found.speed[f"{key} {who}"])
                for who in ("capi", "script", "sdk")
            ],
        )
        for label, key in groups
    ]
    (folder / "performance.svg").write_text(
        bars(rates, ("capi", "hand-written script", "official SDK"), "events a second"), encoding="utf-8"
    )
    (folder / "performance.md").write_text("\n".join(_page(found, table)) + "\n", encoding="utf-8")
    return table


def _page(found: Measured, table: Sequence[Line]) -> list[str]:
    missed = sum(not line.met for line in table)
    quick = " This was a quick run: the numbers say only that the benchmark works." if found.quick else ""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    written = (
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {found.rows:,} rows, {found.rounds} rounds, "
        f"Python {platform.python_version()}, {cores} cores ({processor()}), load average before it "
        f"{found.load:.1f}.{quick}"
    )
    method = (
        "13 columns, 10 of them match keys; phones in national formats beside a country column; repeat customers, "
        "unicode names. The whole judgement is included. Contestants alternate, side by side, in one run; a number "
        "is the median of the rounds, a ratio the median of the rounds' ratios. Seconds are those of whole processes, "
        f"start included. The SDK goes through {found.sdk_rows:,} rows, and its time without its start is scaled. "
        "The sink is the bundled sandbox, which counts and does not judge, on the same cores."
    )
    return [
        "# Performance",
        "",
        written,
        "",
        method,
        "",
        "![Events a second of capi, a hand-written script and the official SDK](performance.svg)",
        "",
        "## Measured beside wanted",
        "",
        f"{len(table) - missed} of {len(table)} targets are met.",
        "",
        "| | measured | wanted | met |",
        "|---|---|---|---|",
        *map(str, table),
        "",
        "## Medians",
        "",
        *medians(found),
        "",
        NOTES.read_text(encoding="utf-8").strip(),
        "",
        "## Profile of the hot path",
        "",
        "`cProfile` over `capi validate` in one process; it makes calls of small functions dearer than they are.",
        "",
        *profile_lines(found),
    ]

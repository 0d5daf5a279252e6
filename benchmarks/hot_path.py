"""Where the time of preparing goes, in one process.

python benchmarks/hot_path.py profile orders.csv [N]    # cProfile: the N functions with the most time of their own
python benchmarks/hot_path.py judging orders.csv        # seconds of judging, and of normalizing and hashing

Both run `capi validate` here, without worker processes, and print JSON.
"""

import contextlib
import cProfile
import io
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import orjson
from contestants import MAPPING
from exports import write

from capi_cli.cli.app import main
from capi_cli.prepare import cells, hashed, noticed, preparer
from capi_cli.runs import judge, whole_file

JUDGING = [
    (preparer, "check_rows"),
    (preparer, "presence"),
    (preparer, "block_facts"),
    (preparer.Preparer, "_check_times"),
    (noticed.Noticed, "cells"),
    (judge.Judge, "judge"),
    (whole_file.WholeFile, "add"),
]
# Whatever fills a field: the preparer names them all.
FIELDS = [
    found
    for found in vars(preparer).values()
    if isinstance(found, type) and found is not preparer.Fills and "fill" in vars(found)
]
NORMALIZING = [
    *((field, "fill") for field in FIELDS),
    (hashed.RowCountry, "of"),
    (cells.TimeField, "texts"),
]


def validate(path: str) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        os.environ |= {"CAPI_WORKERS": "1", "CAPI_STATE_DIR": folder}
        code = main(["validate", path, *MAPPING, "-q"])
    if code:
        raise SystemExit(f"validate ended with {code}")


def warm_up() -> None:
    """Import what is imported late."""
    with tempfile.TemporaryDirectory() as folder:
        ten = Path(folder) / "ten.csv"
        write(10, ten)
        validate(str(ten))


def profile(path: str, most: int) -> dict[str, Any]:
    warm_up()
    profiler = cProfile.Profile()
    profiler.runcall(validate, path)
    stats = pstats.Stats(profiler)
    rows = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:most]  # type: ignore[attr-defined]
    return {
        "total_s": stats.total_tt,  # type: ignore[attr-defined]
        "functions": [
            {"name": _name(where), "calls": calls, "own_s": own_s, "with_callees_s": all_s}
            for where, (_, calls, own_s, all_s, _) in rows
        ],
    }


def _name(where: tuple[str, int, str]) -> str:
    file, line, function = where
    if file == "~":
        return function.strip("<>")
    return f"{'/'.join(Path(file).parts[-2:])}:{line} {function}"


class Stopwatch:
    """Adds up the seconds of functions, without those of other watched functions that they call."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner_s: list[float] = []

    def watch(self, owner: Any, name: str, label: str) -> None:
        function: Callable[..., Any] = getattr(owner, name)

        @wraps(function)
        def watched(*args: Any, **more: Any) -> Any:
            self._inner_s.append(0.0)
            begun = time.perf_counter()
            try:
                return function(*args, **more)
            finally:
                took_s = time.perf_counter() - begun
                self.seconds[label] = self.seconds.get(label, 0.0) + took_s - self._inner_s.pop()
                if self._inner_s:
                    self._inner_s[-1] += took_s

        setattr(owner, name, watched)


def judging(path: str) -> dict[str, float]:
    stopwatch = Stopwatch()
    for label, functions in (("judging_s", JUDGING), ("normalizing_s", NORMALIZING)):
        for owner, name in functions:
            stopwatch.watch(owner, name, label)
    warm_up()
    stopwatch.seconds.clear()
    validate(path)
    return stopwatch.seconds


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["profile", path, *most]:
            found: dict[str, Any] = profile(path, int(most[0]) if most else 15)
        case ["judging", path]:
            found = judging(path)
        case _:
            raise SystemExit(__doc__)
    sys.stdout.write(orjson.dumps(found).decode() + "\n")

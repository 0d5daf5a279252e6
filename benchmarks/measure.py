"""What a command costs: seconds, processor seconds of all its processes, and the peak of their memory together.

Memory is PSS (shared pages counted once), summed over the process and its descendants and sampled; only Linux tells
it. Processor seconds include processes that outlive their parent: this one adopts and reaps them.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SAMPLE_S = 0.02
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_ADOPT_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one command cost.

    Attributes:
        wall_s: From its start to its exit.
        cpu_s: Of it and all its descendants.
        said: Its standard output.
    """

    wall_s: float
    cpu_s: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line with its surroundings.

    Attributes:
        line: Words.
        folder: Where it runs.
        more: Environment variables beside this process's own.
    """

    line: Sequence[str]
    folder: Path
    more: Mapping[str, str]

    def start(self, output: IO[bytes], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("CAPI_", "META_"))
        }
        return subprocess.Popen(
            self.line, cwd=self.folder, env=environ | dict(self.more), stdout=output, stderr=complaints
        )

    def check(self, code: int, complaints: IO[bytes]) -> None:
        if code:
            complaints.seek(0)
            raise SystemExit(f"{' '.join(self.line)} ended with {code}:\n{complaints.read().decode()}")


def run(command: Command) -> Spent:
    """Run a command to its end; raise where it fails."""
    adopt()
    before = set(children(os.getpid()))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        begun = time.perf_counter()
        process = command.start(out, complaints)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu_s = usage.ru_utime + usage.ru_stime + _reap(before)
        command.check(process.returncode, complaints)
        out.seek(0)
        return Spent(wall_s=wall_s, cpu_s=cpu_s, said=out.read().decode())


def peak_mib(command: Command) -> float | None:
    """Run a command and return the peak memory of its processes together; None where the system can't tell."""
    if not sys.platform.startswith("linux"):
        return None
    peak = 0
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        process = command.start(out, complaints)
        while process.poll() is None:
            peak = max(peak, sum(map(_pss_bytes, _tree(process.pid))))
            time.sleep(SAMPLE_S)
        command.check(process.returncode, complaints)
    return peak / 2**20


def adopt() -> None:
    """Become the parent of descendants that outlive theirs, to count their time."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid: int) -> list[int]:
    """Return a process's children."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        pass  # it has ended
    return found


def _tree(pid: int) -> list[int]:
    return [pid, *(deeper for child in children(pid) for deeper in _tree(child))]


def _pss_bytes(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # it has ended
    return 0


def _reap(before: set[int]) -> float:
    """Wait for adopted processes and return their processor seconds."""
    spent, until = 0.0, time.monotonic() + _ADOPT_S
    while (left := set(children(os.getpid())) - before) and time.monotonic() < until:
        for pid in left:
            done, _, usage = os.wait4(pid, os.WNOHANG)
            if done:
                spent += usage.ru_utime + usage.ru_stime
        time.sleep(0.005)
    return spent

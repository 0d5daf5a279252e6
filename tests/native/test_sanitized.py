"""The loops read and write nothing but what they were given, as a compiler's sanitizers see it.

All files of capi_cli/native are built with them, and the tests that hold loops and twins equal run over that library.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from capi_cli.native import library

SOURCES = Path(library.__file__).parent
ROOT = SOURCES.parents[1]
COMPILER = shutil.which("cc") or ""
OPTIONS = "-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -shared -fPIC".split()
TESTS = (
    *("tests/prepare/test_key_loop.py", "tests/prepare/test_kernels.py", "tests/prepare/test_hashes.py"),
    *("tests/readers/test_fast_native.py", "tests/readers/test_json_native.py", "tests/readers/test_utf8.py"),
    *("tests/prepare/test_scalars.py", "tests/ledger/test_run_index.py", "tests/sandbox/test_counting.py"),
)
TOO_LONG = "not behind_whatever_may_be_dialled"  # 120,000 phones
RUN = """
import sys
from pathlib import Path
import pytest
from capi_cli.native import library
library.PATH = Path(sys.argv[1])
assert library.library() is not None, "the library was not loaded"
sys.exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-k", *sys.argv[2:]]))
"""
OUTSIDE = "int outside(const unsigned char *bytes, int place) { return bytes[place]; }"
READ_OUTSIDE = """
import ctypes, sys
import numpy as np
room = np.zeros(4096, np.uint8)
ctypes.CDLL(sys.argv[1]).outside(ctypes.c_void_p(room.ctypes.data), len(room))
"""

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not sys.platform.startswith("linux") or not COMPILER, reason="no cc on Linux"),
]


def build(to: Path, sources: list[Path]) -> dict[str, str]:
    """Build a library; return the environment in which it can be loaded."""
    built = subprocess.run([COMPILER, *OPTIONS, "-o", str(to), *map(str, sources)], capture_output=True)
    runtime = subprocess.run([COMPILER, "-print-file-name=libasan.so"], capture_output=True, text=True)
    if built.returncode or not Path(runtime.stdout.strip()).is_file():
        pytest.skip("cc has no sanitizers")
    found = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CAPI_"))}
    return found | {
        "LD_PRELOAD": runtime.stdout.strip(),
        "ASAN_OPTIONS": "detect_leaks=0",  # the interpreter's own
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # others are not watched
    }


def run(code: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.mark.timeout(300)
def test_the_loops_stay_inside_what_they_were_given(tmp_path: Path) -> None:
    environment = build(tmp_path / "libkernels.so", sorted(SOURCES.glob("*.c")))
    ended = run(RUN, environment, str(tmp_path / "libkernels.so"), TOO_LONG, *TESTS)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]


def test_a_byte_outside_would_be_seen(tmp_path: Path) -> None:
    source = tmp_path / "outside.c"
    source.write_text(OUTSIDE)
    environment = build(tmp_path / "outside.so", [source])
    ended = run(READ_OUTSIDE, environment, str(tmp_path / "outside.so"))
    assert ended.returncode != 0
    assert "heap-buffer-overflow" in ended.stderr

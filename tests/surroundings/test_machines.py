"""Machines that are not a developer's: bare environments, umasks, folders that can't be written, full disks."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.surroundings.conftest import MARKER, TOKEN, UPLOAD, Machine

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes, umasks and mounts as on POSIX")
_PR_CAPBSET_DROP, _OVERRIDES = 24, (1, 2, 3)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


def obey_modes() -> None:
    """Take away, in a child before it starts, what lets root write where nobody may."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for number in _OVERRIDES:
            libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)


def modes_are_obeyed(folder: Path) -> bool:
    folder.chmod(0o555)
    touch = [sys.executable, "-c", f"open({str(folder / 'x')!r}, 'w')"]
    done = subprocess.run(touch, preexec_fn=obey_modes, capture_output=True, check=False)
    folder.chmod(0o755)
    return done.returncode != 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_bare_environment_is_enough(machine: Machine) -> None:
    machine.write_orders(3)
    del machine.environ["CAPI_STATE_DIR"]
    machine.environ["HOME"] = str(machine.folder / "home")
    for name in ("HOME", None):
        ended = machine.capi(*UPLOAD, "--sandbox", "--output", "json")
        assert (ended.code, ended.summary["events_accepted"]) == (0, 3)
        if name:
            del machine.environ[name]
    assert sorted(path.name for path in (machine.folder / "work").iterdir()) == ["orders.csv"]


def test_quiet_prints_nothing_where_nothing_went_wrong(machine: Machine) -> None:
    machine.write_orders(3)
    ended = machine.capi(*UPLOAD, "-q")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    ended = machine.capi(*UPLOAD, "-q")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert machine.sent.received == 3
    machine.write_orders(30, bad=1)
    ended = machine.capi(*UPLOAD, "-q")
    assert ended.code == 3
    assert "1 row rejected" in ended.out + ended.err


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_files_are_their_owners_whatever_the_umask(machine: Machine, umask: int) -> None:
    machine.write_orders(30, bad=1)
    ended = machine.capi(*UPLOAD, "--report", "page.html", umask=umask)
    assert ended.code == 3
    assert mode(machine.folder / "work" / "orders.rejects.csv") == 0o600
    assert mode(machine.state) == 0o700
    for path in machine.state.rglob("*"):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path


def test_rejects_of_a_folder_that_can_not_be_written_go_to_the_state_folder(machine: Machine) -> None:
    machine.write_orders(30, bad=1)
    work = machine.folder / "work"
    if not modes_are_obeyed(work):
        pytest.skip("root may write everywhere here")
    work.chmod(0o555)
    try:
        ended = machine.capi(*UPLOAD, "--output", "json", preexec_fn=obey_modes)
    finally:
        work.chmod(0o755)
    assert ended.code == 3
    rejects = machine.state / "orders.rejects.csv"
    assert ended.summary["rejects_path"] == str(rejects)
    assert mode(rejects) == 0o600
    assert mode(machine.state) == 0o700
    assert MARKER in rejects.read_text()
    assert machine.sent.received == 29


def test_nothing_is_sent_that_could_not_be_recorded(machine: Machine) -> None:
    machine.write_orders(3)
    machine.state.mkdir()
    if not modes_are_obeyed(machine.state):
        pytest.skip("root may write everywhere here")
    machine.state.chmod(0o555)
    try:
        ended = machine.capi(*UPLOAD, preexec_fn=obey_modes)
    finally:
        machine.state.chmod(0o755)
    assert ended.code == 13
    assert "--state-dir" in ended.err
    assert machine.sent.requests == 0


def test_a_state_folder_that_is_a_file(machine: Machine) -> None:
    machine.write_orders(3)
    machine.state.write_text("")
    ended = machine.capi(*UPLOAD)
    assert ended.code == 13
    assert "--state-dir" in ended.err
    assert machine.sent.requests == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this test mounts a small file system, which root alone may")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, *, but_bytes: int) -> None:
    free = shutil.disk_usage(disk).free
    (disk / "filler").write_bytes(bytes(max(0, free - but_bytes)))


def grow(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)


@pytest.mark.system
@pytest.mark.parametrize("but_bytes", [0, 40_000, 160_000])
def test_a_full_disk_for_the_ledger_sends_nothing_unrecorded(
    machine: Machine, small_disk: Path, but_bytes: int
) -> None:
    machine.write_orders(20_000)
    fill(small_disk, but_bytes=but_bytes)
    machine.environ["CAPI_STATE_DIR"] = str(small_disk / "state")
    ended = machine.capi(*UPLOAD, "--output", "json", "--batch-size", "100", "--retry-for", "5s")
    assert ended.code == 13
    accepted = machine.sent.received
    assert "--state-dir" in ended.summary["error"]["hint"]
    grow(small_disk)
    again = machine.capi(*UPLOAD, "--output", "json")
    assert again.code == 0
    assert machine.sent.processed == 20_000
    assert accepted < 20_000
    assert machine.sent.duplicates <= 8 * 100, "at most what was in flight may come twice"
    assert machine.sent.duplicates_other_bytes == 0


@pytest.mark.system
def test_a_full_disk_for_the_rejects_is_said(machine: Machine, small_disk: Path) -> None:
    machine.write_orders(20_000, bad=19_000)
    fill(small_disk, but_bytes=8192)
    rejects = ("--rejects", str(small_disk / "bad.csv"), "--max-error-rate", "1")
    ended = machine.capi(*UPLOAD, "--output", "json", *rejects)
    assert ended.code not in (0, 1, 3)
    assert "bad.csv" in ended.summary["error"]["message"] + ended.summary["error"]["hint"]
    assert ended.summary["rejects_path"] is None
    assert not list(small_disk.glob("*bad*")), "nothing half-written is left"


def test_nothing_that_was_written_holds_a_secret(machine: Machine) -> None:
    machine.write_orders(30, bad=1)
    machine.capi(*UPLOAD, "-v", "--report", "page.html", "--log-format", "json")
    machine.capi("runs")
    for path in machine.folder.rglob("*"):
        if path.is_file() and path.name not in ("orders.csv", "orders.rejects.csv"):
            content = path.read_bytes()
            assert TOKEN.encode() not in content, path
            assert MARKER.encode() not in content, path

"""Who can read what is written: its owner alone, whatever the umask, and also after a run that was killed."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from capi_cli.sandbox.server import Sandbox
from tests.privacy.conftest import DATASET
from tests.privacy.files import COUNTRY, EVENT, MAPPED, orders
from tests.privacy.markers import PERSON, TOKEN
from tests.privacy.scene import Scene

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and umasks as on POSIX")
ORDERS = ("orders.csv", *EVENT, *COUNTRY, *MAPPED)


@pytest.fixture(params=[0o000, 0o027], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(folder: Path, but: set[Path]) -> dict[str, str]:
    """Return what others may do anything with, by name; the user's own files left out."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077 and path not in but:
            found[path.relative_to(folder.parent).as_posix()] = oct(mode)
    return found


def test_what_is_written_is_its_owners(scene: Scene, monkeypatch: pytest.MonkeyPatch, umask: int) -> None:
    scene.write("orders.csv", orders(20, 1))
    (scene.work / "orders.csv").chmod(0o600)
    for folder in (scene.work, scene.root / "tmp", scene.root / "home"):
        folder.chmod(0o700)
    scene.sent_folders.append(scene.root / "saved")
    text = orders(20, 1).encode()
    monkeypatch.setenv("CAPI_STATE_DIR", str(scene.root / "deep" / "down" / "state"))
    with Sandbox(dataset_id=DATASET, token=TOKEN, save_dir=scene.root / "saved" / "bodies") as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        assert scene.run("prepare", *ORDERS, "-o", str(scene.prepared / "new")).code == 3
        assert (
            scene.run("prepare", *ORDERS, "-o", str(scene.prepared / "zstd"), "--compress", "zstd").code == 3
        )
        assert scene.run("upload", *ORDERS, "--report", "page.html").code == 3
        piped = ("upload", "-", "--format", "csv", *ORDERS[1:], "--preflight", "full")
        assert scene.run(*piped, stdin=text).code == 3
        assert scene.run("upload", *ORDERS, "--sandbox").code == 3
    assert open_to_others(scene.root, {scene.root}) == {}
    rejects = sorted(scene.work.glob("*.rejects*"))
    assert len(rejects) >= 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in rejects} == {0o600}


def test_a_folder_that_is_there_already_is_closed_to_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.write("orders.csv", orders(3, 0))
    for folder in (scene.state, scene.state / "ledgers", scene.prepared):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
    with Sandbox(dataset_id=DATASET, token=TOKEN) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        assert scene.run("upload", *ORDERS).code == 0
        assert scene.run("prepare", *ORDERS, "-o", str(scene.prepared)).code == 0
        usual = scene.root / "home" / ".local" / "state" / "capi"
        usual.mkdir(parents=True)
        usual.chmod(0o755)
        monkeypatch.delenv("CAPI_STATE_DIR")
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        assert scene.run("upload", *ORDERS).code == 0
    assert open_to_others(scene.state / "ledgers", set()) == {}
    assert open_to_others(scene.prepared, set()) == {}
    if sys.platform == "linux":
        assert (usual / "ledgers").is_dir()
        assert open_to_others(usual, set()) == {}


def test_a_folder_of_another_user_where_everybody_writes_is_refused(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.write("orders.csv", orders(3, 0))
    shared = scene.root / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "state").mkdir()
    monkeypatch.setenv("CAPI_STATE_DIR", str(shared / "state"))
    monkeypatch.setattr("capi_cli.own_files.os.geteuid", lambda: os.getuid() + 1)
    if os.getuid() == 0:
        os.chown(shared / "state", 12345, -1)
    ended = scene.run("upload", *ORDERS)
    assert (ended.code, "--state-dir" in ended.err) == (13, True)
    assert list((shared / "state").iterdir()) == []


def test_a_copy_of_stdin_goes_with_the_next_run_where_its_own_was_killed(scene: Scene) -> None:
    piped = ["-", "--format", "csv", *ORDERS[1:], "--preflight", "full", "--dry-run"]
    child = subprocess.Popen(
        [sys.executable, "-m", "capi_cli", "upload", *piped],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdin is not None
    child.stdin.write(orders(2000, 0).encode())
    child.stdin.flush()
    until = time.monotonic() + 30
    while not (copies := list(scene.state.glob("stdin-*"))) and time.monotonic() < until:
        time.sleep(0.05)
    (copy,) = copies
    os.utime(copy, (1, 1))
    scene.sources.add(copy)
    assert scene.run("upload", *piped, stdin=orders(2, 0).encode()).code == 0
    assert copy.exists(), "the run that made it lives"
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    os.utime(copy, (1, 1))
    assert scene.run("upload", *piped, stdin=orders(2, 0).encode()).code == 0
    assert list(scene.state.glob("stdin-*")) == []
    assert PERSON["email"][0] in orders(1, 0)

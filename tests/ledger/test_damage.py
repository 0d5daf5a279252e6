"""Full, read-only, damaged, foreign, newer: each is told with its mend, and nothing is believed that is not so."""

import errno
import os
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from capi_cli.delivery.receipt import Outcome
from capi_cli.errors import LedgerError
from capi_cli.ledger import database as database_module
from capi_cli.ledger import shelf_writer
from capi_cli.ledger.fates import Fate
from capi_cli.ledger.history import open_histories
from capi_cli.ledger.opening import check_ledger, open_ledger, read_ledger
from capi_cli.ledger.place import Place, file_system, ledger_place, local_disk_notes
from tests.ledger.events import DATASET, HOST, batch, keys, receipt


def filled(state_dir: Path) -> Place:
    with open_ledger(state_dir, HOST, DATASET) as ledger:
        for number, outcome in enumerate((Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN), 1):
            part = batch([(number * 1000 + n, n) for n in range(20)], number=number)
            ledger.in_flight(part)
            ledger.answered([receipt(part, outcome)])
    return ledger_place(state_dir, HOST, DATASET)


def accepted_fates(state_dir: Path) -> list[int]:
    with open_ledger(state_dir, HOST, DATASET) as ledger:
        return ledger.classify(keys(*range(1000, 1020)), keys(*range(20))).tolist()


def test_a_full_disk_sends_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with open_ledger(tmp_path, HOST, DATASET) as ledger:
        before = batch([(1, 1)], number=1)
        ledger.in_flight(before)
        pages = ledger._database.connection.execute("PRAGMA page_count").fetchone()[0]
        ledger._database.connection.execute(f"PRAGMA max_page_count = {pages}")
        part = batch([(n, n) for n in range(100, 1100)], number=2)
        with pytest.raises(LedgerError, match="the disk is full") as caught:
            ledger.in_flight(part)
        assert caught.value.exit_code == 13
        assert "--state-dir" in caught.value.hint
        ledger._database.connection.execute("PRAGMA max_page_count = 100000")
        ledger.answered([receipt(before)])
        ledger.in_flight(part)
        ledger.answered([receipt(part)])
    with open_ledger(tmp_path, HOST, DATASET) as ledger:
        assert ledger.classify(keys(1, 100), keys(1, 100)).tolist() == [Fate.ACCEPTED_SAME] * 2


def test_a_full_disk_while_shelving_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    ledger = open_ledger(tmp_path, HOST, DATASET, fresh_rows=5)
    part = batch([(n, n) for n in range(10)])
    ledger.in_flight(part)
    monkeypatch.setattr(shelf_writer.os, "fsync", full)
    with pytest.raises(LedgerError, match="the disk is full"):
        ledger.answered([receipt(part)])
    with closing(read_ledger(tmp_path, HOST, DATASET)) as looking:
        assert looking.classify(keys(3), keys(3)).tolist() == [Fate.ACCEPTED_SAME]
    with pytest.raises(LedgerError, match="the disk is full"):
        ledger.close()
    assert not list(ledger.folder.glob("*.keys"))
    monkeypatch.setattr(shelf_writer.os, "fsync", real)
    with open_ledger(tmp_path, HOST, DATASET) as ledger:
        assert ledger.classify(keys(3), keys(3)).tolist() == [Fate.ACCEPTED_SAME]


def in_child(work: Callable[[], None]) -> int:
    """Run the work in a child process; return 13 where it ends in a LedgerError, 0 where it ends well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except LedgerError as error:
            code = 13 if error.hint and "can't be used" in error.message else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and resource limits")
def test_a_real_limit_on_file_sizes(tmp_path: Path) -> None:
    import resource

    filled(tmp_path)

    def work() -> None:
        with open_ledger(tmp_path, HOST, DATASET) as ledger:
            resource.setrlimit(resource.RLIMIT_FSIZE, (64_000, 64_000))
            for number in range(10, 30):
                part = batch([(number * 1000 + n, 1) for n in range(900)], number=number)
                ledger.in_flight(part)
                ledger.answered([receipt(part)])

    assert in_child(work) == 13
    assert accepted_fates(tmp_path) == [Fate.ACCEPTED_SAME] * 20


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and users")
@pytest.mark.parametrize("sends", [True, False])
def test_a_folder_that_may_not_be_written(sends: bool) -> None:
    folder = Path(tempfile.mkdtemp())  # not below pytest's, which only its owner may enter
    try:
        place = filled(folder)
        for path in (folder, folder / "ledgers", place.folder):
            path.chmod(0o555)
        for path in place.folder.iterdir():
            path.chmod(0o444)

        def work() -> None:
            if os.geteuid() == 0:
                os.setuid(65534)
            if sends:
                open_ledger(folder, HOST, DATASET)
            else:
                looking = read_ledger(folder, HOST, DATASET)
                assert looking.classify(keys(1001), keys(1)).tolist() == [Fate.ACCEPTED_SAME]
                looking.close()

        assert in_child(work) == (13 if sends else 0)
    finally:
        for path in (folder, folder / "ledgers", place.folder):
            path.chmod(0o755)
        shutil.rmtree(folder)


def flipped(octets: bytes, at: int, bit: int) -> bytes:
    return octets[:at] + bytes([octets[at] ^ (1 << bit)]) + octets[at + 1 :]


@pytest.mark.parametrize("pattern", ["*.keys", "ledger.sqlite"])
def test_flipped_bits_are_seen_or_change_nothing(tmp_path: Path, pattern: str) -> None:
    place = filled(tmp_path)
    (path,) = place.folder.glob(pattern)
    sound = {each.name: each.read_bytes() for each in place.folder.iterdir()}
    dice = random.Random(4)
    seen = 0
    for _ in range(60):
        for each in place.folder.iterdir():
            each.unlink()
        for name, octets in sound.items():
            (place.folder / name).write_bytes(octets)
        octets = sound[path.name]
        path.write_bytes(flipped(octets, dice.randrange(len(octets)), dice.randrange(8)))
        try:
            assert accepted_fates(tmp_path) == [Fate.ACCEPTED_SAME] * 20
        except LedgerError as error:
            assert error.hint
            seen += 1
    assert seen > 0


@pytest.mark.parametrize("name", ["ledger.sqlite", "00000001.keys"])
@pytest.mark.parametrize("share", [0, 0.3, 0.9, None])
def test_cut_and_missing_files_are_seen(tmp_path: Path, name: str, share: float | None) -> None:
    place = filled(tmp_path)
    path = place.folder / name
    if share is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(LedgerError) as caught:
        open_ledger(tmp_path, HOST, DATASET)
    assert caught.value.exit_code == 13
    assert "backup" in caught.value.hint
    assert (place.folder / "00000001.keys").exists() or name != "ledger.sqlite"


def test_the_doctor_sees_damage(tmp_path: Path) -> None:
    place = filled(tmp_path)
    (path,) = place.folder.glob("*.keys")
    path.write_bytes(flipped(path.read_bytes(), 70, 3))
    with pytest.raises(LedgerError, match="damaged"):
        check_ledger(place)


def test_a_shelf_that_nothing_refers_to_is_removed(tmp_path: Path) -> None:
    place = filled(tmp_path)
    shutil.copy(place.folder / "00000001.keys", place.folder / "00000009.keys")
    assert accepted_fates(tmp_path) == [Fate.ACCEPTED_SAME] * 20
    assert not (place.folder / "00000009.keys").exists()


def test_a_foreign_database_is_not_touched(tmp_path: Path) -> None:
    place = ledger_place(tmp_path, HOST, DATASET)
    place.folder.mkdir(parents=True)
    with sqlite3.connect(place.database) as foreign:
        foreign.execute("CREATE TABLE theirs (id)")
    foreign.close()
    with pytest.raises(LedgerError, match="no database of capi"):
        open_ledger(tmp_path, HOST, DATASET)


def test_a_newer_ledger_asks_for_a_newer_capi(tmp_path: Path) -> None:
    place = filled(tmp_path)
    connection = sqlite3.connect(place.database)
    connection.execute(f"PRAGMA user_version = {database_module.SCHEMA_VERSION + 1}")
    connection.close()
    for opened in (
        lambda: open_ledger(tmp_path, HOST, DATASET),
        lambda: read_ledger(tmp_path, HOST, DATASET),
        lambda: open_histories(tmp_path),
    ):
        with pytest.raises(LedgerError, match="newer capi") as caught:
            opened()
        assert "upgrade" in caught.value.hint


def test_an_older_ledger_is_migrated_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = filled(tmp_path)
    known = database_module.MIGRATIONS
    monkeypatch.setattr(database_module, "SCHEMA_VERSION", len(known) + 1)
    broken = "CREATE TABLE more (id); SELECT no_such_thing;"
    monkeypatch.setattr(database_module, "MIGRATIONS", (*known, broken))
    with pytest.raises(LedgerError):
        open_ledger(tmp_path, HOST, DATASET)
    monkeypatch.setattr(database_module, "MIGRATIONS", (*known, "ALTER TABLE runs ADD COLUMN remark TEXT;"))
    assert accepted_fates(tmp_path) == [Fate.ACCEPTED_SAME] * 20
    connection = sqlite3.connect(place.database)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(known) + 1,)
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'more'").fetchone()
    connection.close()


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
//nas/share /mnt/with\\040space cifs rw 0 0
/dev/vdb /home/local ext4 rw 0 0
drvfs /mnt/c 9p rw 0 0
"""


@pytest.mark.skipif(sys.platform == "win32", reason="reads the mounts of Linux")
def test_network_file_systems_are_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    kinds = {
        path: file_system(Path(path), mounts)
        for path in ("/home/ann/state", "/home/local/state", "/mnt/with space/x", "/var/x", "/home")
    }
    assert kinds == {
        "/home/ann/state": "nfs4",
        "/home/local/state": "ext4",
        "/mnt/with space/x": "cifs",
        "/var/x": "ext4",
        "/home": "nfs4",
    }
    with pytest.raises(LedgerError, match="network file system") as caught:
        local_disk_notes(Path("/home/ann/state"), mounts)
    assert "--state-dir" in caught.value.hint
    assert local_disk_notes(Path("/var/x"), mounts) == ()
    assert "9p" in local_disk_notes(Path("/mnt/c/state"), mounts)[0]
    assert local_disk_notes(Path("/var/x"), tmp_path / "none") == ()

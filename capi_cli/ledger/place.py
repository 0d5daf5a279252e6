"""Where a ledger stands: one folder per Graph host and dataset, on a local disk, readable by its owner only."""

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from capi_cli.errors import LedgerError
from capi_cli.ledger.mend import translated
from capi_cli.own_files import OWNER_ALONE, keep_to_owner, make_own_folder

_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,90}[a-z0-9]")
# SQLite's WAL needs memory shared between processes and locks that hold; these file systems promise neither.
# Source: SQLite, "Write-Ahead Logging", "All processes using a database must be on the same host computer".
_NETWORK: Final = frozenset(
    "nfs nfs4 cifs smb smb2 smb3 smbfs afs afpfs ncpfs ceph glusterfs lustre gpfs beegfs orangefs webdav davfs "
    "fuse.sshfs fuse.s3fs fuse.gcsfuse fuse.rclone fuse.glusterfs fuse.ceph fuse.blobfuse2 fuse.davfs".split()
)
_DOUBTFUL: Final = frozenset("9p drvfs virtiofs fuse fuse.vmhgfs-fuse vboxsf prl_fs".split())


@dataclass(frozen=True, slots=True)
class Place:
    """One ledger's folder and the files in it."""

    folder: Path

    @property
    def database(self) -> Path:
        """Runs, receipts, what is in flight, and the list of shelves."""
        return self.folder / "ledger.sqlite"

    @property
    def lock(self) -> Path:
        """Locked while a run writes."""
        return self.folder / "ledger.lock"


def ledger_place(state_dir: Path, graph_host: str, dataset_id: str) -> Place:
    """Return where the ledger of a dataset stands. The name is plain on every file system, Windows' too."""
    name = f"{graph_host}-{dataset_id}".lower()
    if not _PLAIN.fullmatch(name):
        digest = hashlib.sha256(f"{graph_host}\0{dataset_id}".encode()).hexdigest()[:12]
        name = f"{re.sub(r'[^a-z0-9.]+', '-', name).strip('.-')[:60]}-{digest}"
    return Place(state_dir / "ledgers" / name)


def ledger_places(state_dir: Path) -> list[Place]:
    """Return all ledgers of a state folder, by name."""
    folder = state_dir / "ledgers"
    with translated("the state folder", state_dir):
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return [place for place in map(Place, found) if place.database.is_file()]


def make_folder(place: Place) -> None:
    """Make the folder, for its owner only.

    Raises:
        LedgerError: It can't be made or written.
    """
    with translated("the state folder", place.folder):
        ledgers = place.folder.parent
        make_own_folder(ledgers.parent)
        for folder in (ledgers, place.folder):
            folder.mkdir(mode=OWNER_ALONE, exist_ok=True)
            keep_to_owner(folder)
        if not os.access(place.folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "not writable")


def local_disk_notes(folder: Path, mounts: Path = Path("/proc/mounts")) -> tuple[str, ...]:
    """Return a warning where the file system may not keep locks.

    Raises:
        LedgerError: The folder is on a network file system.
    """
    kind = file_system(folder, mounts)
    if kind in _NETWORK:
        raise LedgerError(
            f"the state folder {folder} is on a network file system ({kind}), where a ledger can be lost or shared "
            "by two runs",
            "name a folder on a local disk with --state-dir (CAPI_STATE_DIR); in a container, a volume of the node",
        )
    if kind in _DOUBTFUL:
        doubt = f"the state folder {folder} is on a {kind} file system, which may not keep locks"
        return (f"{doubt}; a local disk is safer (--state-dir)",)
    return ()


def file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Return the type of the file system that holds the folder; empty where the system does not say."""
    whole = Path(os.path.realpath(folder))
    if sys.platform == "win32":
        return "smb" if str(whole).startswith("\\\\") else ""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:  # not Linux
        return ""
    best, kind = -1, ""
    for line in lines:
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), parts[1]))
        if (whole == point or point in whole.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), parts[2]
    return kind

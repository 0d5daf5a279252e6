"""Folders that only their owner can look into, whatever the umask: they hold ledgers, digests, and users' rows."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

OWNER_ALONE: Final = 0o700


def make_own_folder(folder: Path) -> None:
    """Make a folder for its owner only, and likewise those above it that are missing.

    Raises:
        OSError: It can't be made; or it stands where everybody may write, as in /tmp, and is somebody else's.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=OWNER_ALONE, exist_ok=True)
    if os.name != "posix" or folder.stat().st_uid in (os.geteuid(), 0):
        return
    if folder.absolute().parent.stat().st_mode & stat.S_IWOTH:
        raise PermissionError(errno.EPERM, "it belongs to another user")


def keep_to_owner(folder: Path) -> None:
    """Take away what others may do in a folder of ours that is there already."""
    facts = folder.stat()
    if os.name == "posix" and facts.st_uid == os.geteuid() and facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        folder.chmod(OWNER_ALONE)

"""What can go wrong with a disk, turned into a LedgerError that says how to mend it."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from capi_cli.errors import LedgerError
from capi_cli.ledger.shelf import DamagedShelfError

_FREE_SPACE: Final = "free some space, or name another disk with --state-dir, and run the same command again"
_MAY_WRITE: Final = "make it writable for this user, or name another folder with --state-dir (CAPI_STATE_DIR)"
_DAMAGED: Final = (
    "restore the folder from a backup; or move it away and run again: events of the last 48 hours that are sent once "
    "more are de-duplicated by Meta, older ones would count twice (--since 2d leaves those out)"
)
_BY_ERRNO: Final = {
    errno.ENOSPC: ("the disk is full", _FREE_SPACE),
    errno.EDQUOT: ("the disk quota is used up", _FREE_SPACE),
    errno.EFBIG: ("the file would be larger than this user or file system allows", _FREE_SPACE),
    errno.EROFS: ("the file system is read-only", _MAY_WRITE),
    errno.EACCES: ("this user may not write there", _MAY_WRITE),
    errno.EPERM: ("this user may not write there", _MAY_WRITE),
    errno.ENOENT: ("a file or folder is missing", _DAMAGED),
    errno.ENOTDIR: ("a part of the path is a file", "name a folder with --state-dir"),
    errno.EIO: ("the disk reports an error", "check the disk, then run `capi doctor`"),
}
_BY_SQLITE: Final = {
    sqlite3.SQLITE_FULL: ("the disk is full", _FREE_SPACE),
    sqlite3.SQLITE_READONLY: ("this user may not write there", _MAY_WRITE),
    sqlite3.SQLITE_CANTOPEN: ("the database can't be opened", _MAY_WRITE),
    sqlite3.SQLITE_PERM: ("this user may not write there", _MAY_WRITE),
    sqlite3.SQLITE_CORRUPT: ("the database is damaged", _DAMAGED),
    sqlite3.SQLITE_NOTADB: ("the database is damaged", _DAMAGED),
    sqlite3.SQLITE_BUSY: ("another process holds the database", "wait until it is done, then run again"),
    sqlite3.SQLITE_LOCKED: ("another process holds the database", "wait until it is done, then run again"),
    sqlite3.SQLITE_PROTOCOL: (
        "the file system can't lock files as SQLite needs it",
        "name a folder on a local disk with --state-dir",
    ),
    sqlite3.SQLITE_IOERR: ("the disk reports an error", "check the disk, then run `capi doctor`"),
}


def damaged(what: str, detail: str) -> LedgerError:
    """Return the error of a ledger whose bytes are not those that were written."""
    return LedgerError(f"{what} is damaged: {detail}", _DAMAGED)


@contextmanager
def translated(what: str, folder: Path | None) -> Iterator[None]:
    """Turn errors of the disk and of SQLite into LedgerError.

    Args:
        what: What could not be read or written: `the ledger`.
        folder: Where it stands, for the message; None for the system's temporary folder.
    """
    place = f" ({folder})" if folder is not None else ""
    try:
        yield
    except DamagedShelfError as error:
        raise damaged(what + place, str(error)) from error
    except sqlite3.ProgrammingError:  # ours, not the disk's
        raise
    except sqlite3.Error as error:
        raise _from_sqlite(f"{what}{place}", error) from error
    except OSError as error:
        words, hint = _BY_ERRNO.get(error.errno or 0, (f"the system says {error.strerror}", _MAY_WRITE))
        raise LedgerError(f"{what}{place} can't be used: {words}", hint) from error


def _from_sqlite(what: str, error: sqlite3.Error) -> LedgerError:
    extended = getattr(error, "sqlite_errorcode", 0)
    # SHMSIZE is how SQLite says that the disk is full where a log's index can't grow
    code = sqlite3.SQLITE_FULL if extended == sqlite3.SQLITE_IOERR_SHMSIZE else extended & 0xFF
    if code in _BY_SQLITE:
        words, hint = _BY_SQLITE[code]
    elif isinstance(error, sqlite3.DatabaseError):  # a missing table or column, text that is no text
        words, hint = "the database is damaged", _DAMAGED
    else:
        words, hint = "the database can't be used", "run `capi doctor`"
    return LedgerError(
        f"{what} can't be used: {words} ({getattr(error, 'sqlite_errorname', 'SQLite')})", hint
    )

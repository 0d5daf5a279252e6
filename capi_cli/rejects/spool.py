"""Rejected rows on their way to the file: added in any order from any thread, read back in file order.

SQLite's private temporary database: on disk, readable by its owner only, gone with the process however that ends;
so millions of rejects cost no memory.
"""

import sqlite3
import threading
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Final

from capi_cli.errors import ConfigurationError
from capi_cli.rejects.reject import Reject

_PENDING: Final = 500
_CACHE_KIB: Final = 4096


class Spool:
    """Rejected rows, sorted by disk. Called from several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[tuple[int, bytes, str, str, str, str]] = []
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(
            "CREATE TABLE rejects (row INTEGER, raw BLOB, code TEXT, field TEXT, reason TEXT, hint TEXT)"
        )

    def add(self, reject: Reject) -> None:
        """Keep one rejected row."""
        values = (reject.row, reject.raw, reject.code, reject.field, reject.reason, reject.hint)
        with self._lock:
            self._pending.append(values)
            if len(self._pending) >= _PENDING:
                self._write()

    def _write(self) -> None:
        try:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO rejects VALUES (?, ?, ?, ?, ?, ?)", self._pending)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"Rejected rows can't be kept until the end of the run: {error}.",
                "Make room in the folder for temporary files (TMPDIR).",
            ) from error
        self._pending.clear()

    def in_order(self) -> Iterator[Reject]:
        """Yield one reject for each row, in file order; further errors of a row stand in its reason.

        Called once, when nothing is added any more.
        """
        with self._lock:
            self._write()
        found = self._database.execute(
            "SELECT row, raw, code, field, reason, hint FROM rejects ORDER BY row, code, field, reason"
        )
        rejects = (
            Reject(row=row, raw=raw, code=code, field=field, reason=reason, hint=hint)
            for row, raw, code, field, reason, hint in found
        )
        for _, same in groupby(rejects, attrgetter("row")):
            yield _merged(list(same))

    def close(self) -> None:
        """Forget the rows."""
        with self._lock:
            self._pending.clear()
            self._database.close()


def _merged(rejects: list[Reject]) -> Reject:
    """Return the first of one row's rejects, with the others' reasons after its own."""
    first = rejects[0]
    reasons = list(dict.fromkeys(reject.reason for reject in rejects))
    if len(reasons) == 1:
        return first
    return Reject(
        row=first.row,
        raw=first.raw,
        code=first.code,
        field=first.field,
        reason="; ".join(reasons),
        hint=first.hint,
    )

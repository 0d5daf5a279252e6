"""Events that are neither new nor accepted: refused by Meta, or unknown. They are few and stand in the database.

In memory is only which keys may be among them, so that a run asks the database about those alone. A key that was
settled meanwhile may stay in that list: it costs a question, and decides nothing.
"""

import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import Final

import numpy as np
import numpy.typing as npt

from capi_cli.ledger.cargo import Cargo
from capi_cli.ledger.columns import U64, Positions
from capi_cli.ledger.fates import Fate, Refusal

_CLOCK_SLACK_S: Final = 3600  # a clock that was set back by more can't say that a window is still open


def signed(keys: U64) -> list[int]:
    """Return keys as SQLite's integers, which have a sign."""
    found: list[int] = np.ascontiguousarray(keys).view(np.int64).tolist()
    return found


def as_signed(key: int) -> int:
    """Return one key as SQLite's integer."""
    return key - 2**64 if key >= 2**63 else key


class Undecided:
    """The refused and the unknown events of one ledger."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        rows = connection.execute(
            "SELECT event_key FROM unknown UNION SELECT event_key FROM refused"
        ).fetchall()
        self._keys = np.sort(np.array([key for (key,) in rows], np.int64).view(np.uint64))
        self._added: list[U64] = []
        self._memory = threading.Lock()  # guards the two

    @property
    def is_empty(self) -> bool:
        """Whether the database holds none."""
        return not len(self._keys) and not self._added

    def note(self, keys: U64) -> None:
        """Remember that the database may now hold these."""
        with self._memory:
            self._added.append(keys)

    def among(self, keys: U64) -> Positions:
        """Return the positions of keys that the database may hold."""
        with self._memory:
            if self._added:
                self._keys = np.unique(np.concatenate([self._keys, *self._added]))
                self._added.clear()
            known = self._keys
        if not len(known):
            return np.empty(0, np.int64)
        at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        return np.flatnonzero(known[at] == keys)

    def fates(self, keys: U64, contents: U64, oldest: int, now: float) -> npt.NDArray[np.int8]:
        """Return the fates of events that may be here; `oldest` is the first receipt that is still kept."""
        fates = np.zeros(len(keys), np.int8)
        for index, (key, content) in enumerate(zip(signed(keys), signed(contents), strict=True)):
            fates[index] = self._fate(key, content, oldest, now)
        return fates

    def _fate(self, key: int, content: int, oldest: int, now: float) -> Fate:
        unknown = self._connection.execute(
            "SELECT sent_at, window_s, told FROM unknown WHERE event_key = ? AND receipt >= ?", (key, oldest)
        ).fetchone()
        if unknown is not None:
            sent_at, window_s, told = unknown
            if told:
                return Fate.UNKNOWN_TOLD
            is_open = window_s > 0 and -_CLOCK_SLACK_S <= now - sent_at < window_s
            return Fate.UNKNOWN_RESEND if is_open else Fate.UNKNOWN_UNTOLD
        refused = self._connection.execute(
            "SELECT content_key FROM refused WHERE event_key = ? AND receipt >= ?", (key, oldest)
        ).fetchone()
        if refused is None:
            return Fate.NEW
        return Fate.REFUSED_SAME if refused[0] == content else Fate.REFUSED_CHANGED

    def refusals(self, event_keys: Sequence[int]) -> dict[int, Refusal]:
        """Return what Meta said about refused events."""
        found = {}
        for key in event_keys:
            row = self._connection.execute(
                "SELECT t.code, t.reason, t.hint, r.fbtrace_id, r.at "
                "FROM refused f JOIN receipts r ON r.id = f.receipt JOIN texts t ON t.id = r.text "
                "WHERE f.event_key = ?",
                (as_signed(int(key)),),
            ).fetchone()
            if row is not None:
                code, reason, hint, fbtrace_id, at = row
                found[int(key)] = Refusal(
                    code=code,
                    reason=reason,
                    hint=hint,
                    fbtrace_id=fbtrace_id,
                    at=datetime.fromtimestamp(at, UTC),
                )
        return found


def write_unknown(connection: Connection, cargo: Cargo, receipt: int, sent_at: int) -> None:
    """Write events as unknown. Of one that was unknown before, the older POST counts: Meta may have taken that one."""
    connection.executemany(
        "INSERT INTO unknown VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (event_key) DO UPDATE SET "
        "content_key = excluded.content_key, sent_at = min(sent_at, excluded.sent_at), "
        "window_s = min(window_s, excluded.window_s), told = 0, receipt = excluded.receipt",
        [
            (key, content, sent_at, window_s, receipt)
            for key, content, window_s in zip(
                signed(cargo.keys), signed(cargo.contents), cargo.windows_s.tolist(), strict=True
            )
        ],
    )
    erase(connection, "refused", cargo.keys)


def write_refused(connection: Connection, cargo: Cargo, receipt: int) -> None:
    """Write events as refused with this content."""
    connection.executemany(
        "INSERT OR REPLACE INTO refused VALUES (?, ?, ?)",
        [
            (key, content, receipt)
            for key, content in zip(signed(cargo.keys), signed(cargo.contents), strict=True)
        ],
    )
    erase(connection, "unknown", cargo.keys)


def erase(connection: Connection, table: str, keys: U64 | Iterable[int]) -> None:
    """Remove events from `unknown` or `refused`."""
    assert table in ("unknown", "refused")
    rows = signed(keys) if isinstance(keys, np.ndarray) else list(keys)
    connection.executemany(f"DELETE FROM {table} WHERE event_key = ?", [(key,) for key in rows])

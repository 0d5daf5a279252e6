"""What decides the fate of a prepared event: did it stand earlier in this run, was it accepted before, is it too old.

In this order: the ledger is asked before ages are judged, so that a rolling export ends quietly. Exact keys only.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from capi_cli.event.rules import rule
from capi_cli.prepare.prepared import PreparedBlock, RejectedRow
from capi_cli.readers.block import RowBlock
from capi_cli.runs.account import Account

Keys = npt.NDArray[np.uint64]
Verdicts = npt.NDArray[np.int8]
NEW, DUPLICATE, CONFLICT = 0, 1, 2


class Index(Protocol):
    """Which events stood earlier in this run."""

    def check(self, event_keys: Keys, content_keys: Keys) -> Verdicts:
        """Return NEW, DUPLICATE (same content) or CONFLICT (other content) for each event, and remember them."""
        ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """The events of a block that go on, and the rows that do not."""

    keep: npt.NDArray[np.int64]
    rejected: tuple[RejectedRow, ...]


class Judge:
    """Judges prepared blocks in file order."""

    def __init__(self, index: Index, account: Account) -> None:
        self._index = index
        self._account = account

    def judge(self, block: RowBlock, prepared: PreparedBlock, now: int) -> Judgement:
        """Return which events go on; count the others."""
        verdicts = self._index.check(prepared.event_keys, prepared.content_keys)
        lines = block.rows[prepared.index]
        self._skip(lines[verdicts == DUPLICATE])
        fresh = verdicts == NEW
        too_old = fresh & (prepared.expires_at <= now)
        rejected = [
            *self._reject("event-id-conflict", "event_id", prepared, lines, verdicts == CONFLICT),
            *self._reject("event-too-old", "event_time", prepared, lines, too_old),
        ]
        return Judgement(np.flatnonzero(fresh & ~too_old), tuple(rejected))

    def _skip(self, lines: npt.NDArray[np.int64]) -> None:
        self._account.progress.rows_skipped += len(lines)
        self._account.notice("event-id-duplicate", "event_id", len(lines), lines[:5].tolist())

    def _reject(
        self,
        code: str,
        path: str,
        prepared: PreparedBlock,
        lines: npt.NDArray[np.int64],
        hit: npt.NDArray[np.bool_],
    ) -> list[RejectedRow]:
        where = np.flatnonzero(hit)
        if not len(where):
            return []
        self._account.notice(code, path, len(where), lines[where[:5]].tolist())
        found = rule(code)
        message = found.message.replace("{detail}", "")
        return [
            RejectedRow(index=index, code=code, field=path, reason=message, hint=found.fix)
            for index in prepared.index[where].tolist()
        ]

"""What decides the fate of a prepared event.

In this order: did it stand earlier in this run, what does the ledger hold of it, is it too old. The ledger is asked
before ages are judged, so that a rolling export ends quietly. Keys are exact; nothing here is a sketch.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import orjson

from capi_cli.event.rules import rule
from capi_cli.ledger.fates import Fate, Ledger
from capi_cli.ledger.run_index import Standing
from capi_cli.prepare.prepared import PreparedBlock, RejectedRow
from capi_cli.readers.block import RowBlock
from capi_cli.runs.account import Account

Bits = npt.NDArray[np.bool_]
Keys = npt.NDArray[np.uint64]
_SENT_AGAIN = (Fate.NEW, Fate.REFUSED_CHANGED, Fate.UNKNOWN_RESEND)
_NAMED_ORDERS = 3


class Index(Protocol):
    """Which events stood earlier in this run."""

    def check(self, event_keys: Keys, content_keys: Keys) -> npt.NDArray[np.int8]:
        """Return each event's `Standing`, in order, and remember the new ones."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What becomes of a block's events. All members count within the prepared events.

    Attributes:
        keep: int64[m], those to send.
        refused: Those that Meta refused before with this content, to be told again without a POST.
        unknown: Those whose outcome nobody will learn any more, told now, once.
        rejected: Rows that are not sent.
    """

    keep: npt.NDArray[np.int64]
    refused: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    unknown: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    rejected: tuple[RejectedRow, ...] = ()


class Judge:
    """Judges prepared blocks in file order."""

    def __init__(self, index: Index, ledger: Ledger, account: Account, *, resend: bool = False) -> None:
        self._index = index
        self._ledger = ledger
        self._account = account
        self._resend = resend

    def judge(self, block: RowBlock, prepared: PreparedBlock, now: int) -> Judgement:
        """Return which events go on; count the others."""
        lines = block.rows[prepared.index]

        def skip(code: str, hit: Bits, samples: tuple[str, ...] = ()) -> None:
            where = np.flatnonzero(hit)
            self._skip(code, lines[where], block.count(prepared.index[where]), samples)

        standing = self._index.check(prepared.event_keys, prepared.content_keys)
        fresh = standing == Standing.NEW
        fates = self._fates(prepared, fresh)
        too_old = fresh & (prepared.expires_at <= now)
        if fresh.all() and not fates.any() and not too_old.any():  # all are NEW, as nearly always
            return Judgement(keep=np.arange(len(fresh)))
        send = fresh & np.isin(fates, _SENT_AGAIN)
        lost = fresh & (fates == Fate.UNKNOWN_UNTOLD) | too_old & (fates == Fate.UNKNOWN_RESEND)
        expired = too_old & send & ~lost
        skip("event-id-duplicate", standing == Standing.DUPLICATE)
        skip("", fresh & (fates == Fate.ACCEPTED_SAME))
        changed = fresh & (fates == Fate.ACCEPTED_CHANGED)
        skip("order-changed", changed, self._orders(prepared, changed))
        skip("event-unknown-told", fresh & (fates == Fate.UNKNOWN_TOLD))
        self._tell(prepared, lines, lost)
        rejected = [
            *self._reject("event-id-conflict", "event_id", prepared, lines, standing == Standing.CONFLICT),
            *self._reject("event-too-old", "event_time", prepared, lines, expired),
        ]
        self._account.ages.reject(prepared.event_times[expired], now)
        return Judgement(
            keep=np.flatnonzero(send & ~expired & ~lost),
            refused=np.flatnonzero(fresh & (fates == Fate.REFUSED_SAME)),
            unknown=np.flatnonzero(lost),
            rejected=tuple(rejected),
        )

    def _fates(self, prepared: PreparedBlock, fresh: Bits) -> npt.NDArray[np.int8]:
        fates = np.zeros(len(fresh), np.int8)
        if self._resend or not fresh.any():
            return fates
        if fresh.all():
            return self._ledger.classify(prepared.event_keys, prepared.content_keys)
        fates[fresh] = self._ledger.classify(prepared.event_keys[fresh], prepared.content_keys[fresh])
        return fates

    def _skip(self, code: str, lines: npt.NDArray[np.int64], rows: int, samples: tuple[str, ...]) -> None:
        self._account.progress.rows_skipped += rows
        if code:
            self._account.notice(code, "event_id", len(lines), lines[:5].tolist(), samples)

    def _tell(self, prepared: PreparedBlock, lines: npt.NDArray[np.int64], lost: Bits) -> None:
        where = np.flatnonzero(lost)
        if len(where):
            self._account.notice("event-unknown", "event_id", len(where), lines[where[:5]].tolist())
            self._ledger.tell(prepared.event_keys[where])

    def _orders(self, prepared: PreparedBlock, changed: Bits) -> tuple[str, ...]:
        """Name the first orders that changed: their order_id, else their event_id; neither is a match key."""
        names = []
        for place in np.flatnonzero(changed)[:_NAMED_ORDERS].tolist():
            begin, end = prepared.starts[place], prepared.starts[place + 1] - 1
            event = orjson.loads(prepared.joined[begin:end])
            names.append(str(event.get("custom_data", {}).get("order_id") or event["event_id"]))
        return tuple(names)

    def _reject(
        self, code: str, path: str, prepared: PreparedBlock, lines: npt.NDArray[np.int64], hit: Bits
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

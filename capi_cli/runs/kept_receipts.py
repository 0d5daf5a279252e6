"""The receipts that a report shows: those that need a person first, and never more than fit on a page."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from capi_cli.delivery.receipt import Outcome, Receipt

MOST_KEPT: Final = 500  # of each kind: accepted, and the others


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """One receipt without its events.

    Attributes:
        batch: Which batch of the run, from 1.
        first: Where this part begins within the batch, from 0; `last` is where it ends.
        outcome: What happened to all of them.
        code: `meta-<code>-<subcode>`, or a rule's; empty when accepted.
        reason: Meta's own words, redacted.
        fbtrace_id: Meta's trace of the request; may be missing.
    """

    batch: int
    first: int
    last: int
    outcome: Outcome
    code: str
    reason: str
    fbtrace_id: str

    @property
    def events(self) -> int:
        """How many events it speaks of."""
        return self.last - self.first


@dataclass(slots=True)
class KeptReceipts:
    """Counts every receipt, and keeps the first of each kind."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    _accepted: list[ReceiptFacts] = field(default_factory=list)
    _others: list[ReceiptFacts] = field(default_factory=list)

    def add(self, receipt: Receipt) -> None:
        """Count one receipt. The caller keeps threads apart."""
        self.counts[receipt.outcome] += 1
        kept = self._accepted if receipt.outcome is Outcome.ACCEPTED else self._others
        if len(kept) < MOST_KEPT:
            kept.append(
                ReceiptFacts(
                    batch=receipt.batch.number,
                    first=receipt.batch.first,
                    last=receipt.batch.last,
                    outcome=receipt.outcome,
                    code=receipt.code,
                    reason=receipt.reason,
                    fbtrace_id=receipt.fbtrace_id,
                )
            )

    def kept(self) -> tuple[ReceiptFacts, ...]:
        """Return at most 500 receipts, those that were not accepted first, each kind by batch and part."""

        def place(one: ReceiptFacts) -> tuple[int, int]:
            return one.batch, one.first

        return (*sorted(self._others, key=place), *sorted(self._accepted, key=place))[:MOST_KEPT]

"""Write down each part before its POST and after its answer, so that a crash leaves it known as in flight.

It stands around `Retrying` and inside `Splitting`: `Splitting(Recording(Retrying(Fresh(Graph))))`. A part that is
retried stays one entry, in flight from its first POST to its answer; each part of a split one has its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import LedgerError
from capi_cli.sinks.sink import Sink


class Journal(Protocol):
    """Keeps what is in flight and what came back. Called from several threads at once."""

    def in_flight(self, batch: Batch) -> None:
        """Write durably, before the POST, that these events are about to be sent.

        Raises:
            LedgerError: It could not be written; nothing is sent then.
        """
        ...

    def answered(self, receipts: Sequence[Receipt]) -> None:
        """Write durably what came back. Unsent receipts take their events out of flight.

        Raises:
            LedgerError: It could not be written; the events stay in flight, and the next run sends them again.
        """
        ...


class Recording:
    """A sink that keeps a journal of another."""

    def __init__(self, inner: Sink, journal: Journal) -> None:
        self._inner = inner
        self._journal = journal

    def send(self, batch: Batch) -> Sequence[Receipt]:
        """Send, recorded before and after. A journal that fails stops the run by its receipts."""
        try:
            self._journal.in_flight(batch)
        except LedgerError as error:
            return [
                Receipt(
                    batch=batch,
                    outcome=Outcome.UNSENT,
                    code=error.code,
                    reason=error.message,
                    hint=error.hint,
                    stop=error,
                )
            ]
        receipts = list(self._inner.send(batch))
        try:
            self._journal.answered(receipts)
        except LedgerError as error:
            return [*receipts[:-1], replace(receipts[-1], stop=error)]
        return receipts

    def close(self) -> None:
        """Close the other sink; the journal is its owner's to close."""
        self._inner.close()

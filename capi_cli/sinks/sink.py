"""Where batches go. Concerns stack as wrappers of one method: `Splitting(Retrying(Graph(client)))`."""

from collections.abc import Sequence
from typing import Protocol

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Receipt


class Sink(Protocol):
    """One destination. Called from several threads at once."""

    def send(self, batch: Batch) -> Sequence[Receipt]:
        """Deliver the batch; return receipts that together speak of each of its events exactly once.

        Raises:
            CapiError: What stops the run: a refused token, a missing dataset, a ledger that can't record.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...

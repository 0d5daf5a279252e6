"""The sink of a dry run: everything but the POST."""

from collections.abc import Sequence

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt


class Discard:
    """Lets batches go. Nothing is sent, and its receipts say so."""

    def send(self, batch: Batch) -> Sequence[Receipt]:
        """Let the batch go."""
        return [Receipt(batch=batch, outcome=Outcome.UNSENT)]

    def close(self) -> None:
        """Do nothing: nothing is held."""

"""Where batches go. Concerns stack as wrappers of one method.

The stack that sends is `Splitting(Recording(Retrying(Fresh(Graph))))`, built in `stack`. Outermost first:

- `Splitting` turns one refused batch into parts;
- `Recording` writes each part down before its first POST and after its answer;
- `Retrying` posts one part until an answer stands, admitted by the `Gate` each time, and makes receipts;
- `Fresh` leaves out what became too old, just before each POST;
- `Graph` posts. (`Fresh` and `Graph` are attempts, one POST each; the others are sinks.)
"""

from collections.abc import Sequence
from typing import Protocol

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Receipt


class Sink(Protocol):
    """One destination. Called from several threads at once."""

    def send(self, batch: Batch) -> Sequence[Receipt]:
        """Deliver the batch; return receipts that together speak of each of its events exactly once.

        What stops the run (a refused token, a missing dataset, no time left) comes as `Receipt.stop`, so that what
        was accepted before it is not lost.

        Raises:
            CapiError: The destination itself failed, and nobody can say what became of the batch.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...

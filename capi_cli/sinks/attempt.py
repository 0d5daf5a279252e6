"""One POST, below the edge of a Sink: what was posted, and what came back raw. `Retrying` makes receipts of it."""

from dataclasses import dataclass
from typing import Protocol

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Receipt
from capi_cli.delivery.reply import Fault, Parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What one call to `post` did.

    Attributes:
        posted: The events that were in the request; None where none was left to post, and no request was made.
        answer: What came back; None exactly where `posted` is None.
        expired: Receipts of the events that were left out because Meta would find them too old by now.
    """

    posted: Batch | None
    answer: Parsed | Fault | None
    expired: tuple[Receipt, ...] = ()


class Attempt(Protocol):
    """Posts a batch once. Called from several threads at once; raises nothing for what a network can do."""

    def post(self, batch: Batch) -> Attempted:
        """Post the batch once."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...

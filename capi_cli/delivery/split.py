"""Find the events that made Meta refuse a whole batch: which part to send next.

Meta refuses a request for one bad event and processes none of it. So:

1. The reply names an event: send what stands before it, it alone, and what stands behind it.
2. It names none: send the halves. Where the first was accepted, the fault is in the second, which then is halved
   again without being sent whole.
3. Each accepted part is an upload, not a test. Parts go in file order.
4. At most 64 requests more per batch; what is undecided then stays unsent.
5. Refused with a code that does not speak of content: halved once. Where a part is accepted it was the content
   after all; where none is, the request itself is wrong and the run stops.
"""

from dataclasses import dataclass, field
from typing import Final

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Refusal

MAX_EXTRA_REQUESTS: Final = 64


@dataclass(slots=True)
class Piece:
    """A stretch of the batch that is not decided.

    Attributes:
        events: The stretch.
        pair: What the halves of one refused stretch know together; None for other pieces.
    """

    events: Batch
    pair: "Pair | None" = None


@dataclass(slots=True)
class Pair:
    """What is known of a stretch that was refused and halved: whether its first half was taken as it was."""

    first_accepted: bool = False


@dataclass(slots=True)
class Plan:
    """Which parts of one batch to send. `take` and `refused` alternate until `take` returns None.

    Attributes:
        proven: An event of this batch was accepted, or refused for its own content: the request is sound.
        sent: How many pieces were given out.
    """

    batch: Batch
    max_extra: int = MAX_EXTRA_REQUESTS
    proven: bool = False
    _pieces: list[Piece] = field(default_factory=list, init=False)  # a stack, the next one last
    sent: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._pieces.append(Piece(self.batch))

    def take(self) -> Piece | None:
        """Return the next piece to send; None when all is decided, or the extra requests are used up."""
        while self._pieces and self.sent <= self.max_extra:
            piece = self._pieces.pop()
            if piece.pair is not None and piece.pair.first_accepted and len(piece.events) > 1:
                self._halve(piece.events)
                continue
            self.sent += 1
            return piece
        return None

    def accepted(self, piece: Piece) -> None:
        """Note that all of a piece was accepted."""
        self.proven = True
        if piece.pair is not None:
            piece.pair.first_accepted = True

    def refused(self, events: Batch, refusal: Refusal) -> None:
        """Put the parts of a refused stretch of two or more events on the stack."""
        if refusal.sure:
            self.proven = True
        index = refusal.index
        if index is None or not 0 <= index < len(events):
            self._halve(events)
            return
        around = ((index + 1, len(events)), (index, index + 1), (0, index))
        self._pieces += [Piece(events.part(begin, end)) for begin, end in around if begin < end]

    def rest(self) -> list[Batch]:
        """Return the stretches that were not sent, in file order, and forget them."""
        rest = [piece.events for piece in reversed(self._pieces)]
        self._pieces.clear()
        return rest

    def _halve(self, events: Batch) -> None:
        middle = (len(events) + 1) // 2
        pair = Pair()
        self._pieces.append(Piece(events.part(middle, len(events)), pair))
        self._pieces.append(Piece(events.part(0, middle), pair))

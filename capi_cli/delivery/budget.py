"""How long and how widely to retry: one purse for all senders, and a deadline for each batch.

1. Every passing fault costs a token, every answer earns one. With none left there is an outage, and one sender
   alone tries on; the others hold until it got an answer. So an outage costs Meta one probing request at a time.
2. A batch is retried for 15 minutes since its first fault; 2 minutes while no request of the run ever succeeded.
"""

from dataclasses import dataclass
from typing import Final

RETRY_FOR_S: Final = 900.0
RETRY_FOR_UNPROVEN_S: Final = 120.0
TOKENS: Final = 10  # a few dropped connections among eight senders are no outage


@dataclass(slots=True)
class Budget:
    """The purse. Not locked: whoever shares it among threads holds a lock.

    Attributes:
        tokens: What is left.
        proven: A request of this run has succeeded.
        prober: Which sender tries while there is an outage; None where nobody does yet.
    """

    tokens: int = TOKENS
    proven: bool = False
    prober: object | None = None

    @property
    def is_outage(self) -> bool:
        """Whether only one sender may try."""
        return self.tokens <= 0

    def may_post(self, sender: object) -> bool:
        """Tell whether this sender may post now; in an outage the first to ask becomes the prober."""
        if not self.is_outage:
            return True
        if self.prober is None:
            self.prober = sender
        return self.prober is sender

    def faulted(self) -> None:
        """Pay for a passing fault."""
        self.tokens = max(0, self.tokens - 1)

    def answered(self) -> None:
        """Earn by an answer, whatever it says: Meta is there. It ends an outage."""
        self.tokens = min(TOKENS, self.tokens + 1)
        self.prober = None
        self.proven = True

    def left(self, sender: object) -> None:
        """Forget a sender that gave up or went home, so that another can probe."""
        if self.prober is sender:
            self.prober = None


def retry_for(asked_s: float | None, *, proven: bool) -> float:
    """Return how long a batch is tried again; `asked_s` is `--retry-for`, None where it was not given."""
    if asked_s is not None:
        return asked_s
    return RETRY_FOR_S if proven else RETRY_FOR_UNPROVEN_S

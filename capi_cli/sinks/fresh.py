"""Leave out events that became too old while they waited: one of them would get the whole request refused."""

from collections.abc import Callable
from typing import Final

import numpy as np

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.sinks.attempt import Attempt, Attempted

EXPIRED: Final = "event-expired"
REASON: Final = "The event became older than Meta takes while it waited to be sent."
HINT: Final = "Upload exports sooner after the sale; Meta takes 7 days, 62 for physical_store."


class Fresh:
    """Checks the age of every event just before its POST, retries included.

    Args:
        inner: What posts.
        now: Unix seconds.
    """

    def __init__(self, inner: Attempt, now: Callable[[], float]) -> None:
        self._inner = inner
        self._now = now

    def post(self, batch: Batch) -> Attempted:
        """Post the events that are young enough; no request where none is."""
        now = self._now()
        if not len(batch) or np.frombuffer(batch.expires_at, np.int64).min() > now:
            return self._inner.post(batch)
        kept = [index for index, expires_at in enumerate(batch.expires_at) if expires_at > now]
        old = [index for index, expires_at in enumerate(batch.expires_at) if expires_at <= now]
        expired = Receipt(
            batch=batch.select(old), outcome=Outcome.REJECTED, code=EXPIRED, reason=REASON, hint=HINT
        )
        if not kept:
            return Attempted(posted=None, answer=None, expired=(expired,))
        done = self._inner.post(batch.select(kept))
        return Attempted(posted=done.posted, answer=done.answer, expired=(expired, *done.expired))

    def close(self) -> None:
        """Close what posts."""
        self._inner.close()

"""Batches and receipts for the tests of this room."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt

HOST, DATASET = "graph.facebook.com", "1234567890"
NOON = 1_790_000_000.0  # some instant in 2026


class Clock:
    """Unix seconds that move when told."""

    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def batch(events: Sequence[tuple[int, int]], number: int = 1, windows_s: Sequence[int] = ()) -> Batch:
    """Return a batch of (event key, content key) pairs."""
    bodies = [b'{"k":%d}' % key for key, _ in events]
    starts = array("q", [0])
    for body in bodies:
        starts.append(starts[-1] + len(body) + 1)
    return Batch(
        number=number,
        joined=b",".join(bodies),
        starts=starts,
        expires_at=array("q", [0] * len(events)),
        event_keys=array("Q", [key for key, _ in events]),
        content_keys=array("Q", [content for _, content in events]),
        windows_s=array("i", windows_s),
    )


def receipt(of: Batch, outcome: Outcome = Outcome.ACCEPTED, **facts: Any) -> Receipt:
    """Return a receipt; a rejected one is Meta's."""
    if outcome is Outcome.REJECTED:
        facts = {
            "code": "meta-100-2804003",
            "reason": "The event is too old.",
            "hint": "Fix it.",
            "status": 400,
            **facts,
        }
    return Receipt(batch=of, outcome=outcome, fbtrace_id="Abc", **facts)


def keys(*values: int) -> np.ndarray:
    return np.array(values, np.uint64)

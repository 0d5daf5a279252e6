"""A report shows those receipts first that need a person, and never more than fit."""

from array import array

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.runs.kept_receipts import KeptReceipts


def receipt(number: int, outcome: Outcome, first: int = 0) -> Receipt:
    batch = Batch(
        number=number,
        first=first,
        joined=b"{},{}",
        starts=array("q", [0, 3, 6]),
        expires_at=array("q", [1, 1]),
        event_keys=array("Q", [1, 2]),
        content_keys=array("Q", [1, 2]),
    )
    return Receipt(batch=batch, outcome=outcome, code="c", reason="r", fbtrace_id="t")


def test_what_was_not_accepted_comes_first_by_batch_and_part() -> None:
    kept = KeptReceipts()
    for number, outcome, first in (
        (1, Outcome.ACCEPTED, 0),
        (3, Outcome.UNKNOWN, 0),
        (2, Outcome.REJECTED, 2),
        (2, Outcome.UNSENT, 0),
    ):
        kept.add(receipt(number, outcome, first))
    assert [(one.batch, one.first, one.last, one.events) for one in kept.kept()] == [
        (2, 0, 2, 2),
        (2, 2, 4, 2),
        (3, 0, 2, 2),
        (1, 0, 2, 2),
    ]


def test_late_refusals_are_kept_and_all_are_counted() -> None:
    kept = KeptReceipts()
    for number in range(600):
        kept.add(receipt(number, Outcome.ACCEPTED))
    kept.add(receipt(600, Outcome.REJECTED))
    shown = kept.kept()
    assert len(shown) == 500 and shown[0].outcome is Outcome.REJECTED and shown[1].batch == 0
    assert kept.counts == {Outcome.ACCEPTED: 600, Outcome.REJECTED: 1}

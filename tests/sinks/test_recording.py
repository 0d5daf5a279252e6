from collections.abc import Callable, Sequence

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import LedgerError
from capi_cli.sinks.recording import Recording

Make = Callable[..., Batch]


class Accepting:
    def __init__(self, told: list[str]) -> None:
        self.told = told

    def send(self, batch: Batch) -> Sequence[Receipt]:
        self.told.append("sent")
        return [
            Receipt(batch=batch.part(0, 1), outcome=Outcome.UNKNOWN),
            Receipt(batch=batch.part(1, len(batch)), outcome=Outcome.ACCEPTED, requests=1),
        ]

    def close(self) -> None:
        self.told.append("closed")


class Book:
    def __init__(self, told: list[str], fails: str = "") -> None:
        self.told, self.fails = told, fails

    def in_flight(self, batch: Batch) -> None:
        self.tell("in flight")

    def answered(self, receipts: Sequence[Receipt]) -> None:
        self.tell("answered")

    def tell(self, what: str) -> None:
        self.told.append(what)
        if what == self.fails:
            raise LedgerError("The disk is full.", "Free some space.")


def test_it_is_written_down_before_and_after(batch_of: Make) -> None:
    told: list[str] = []
    receipts = Recording(Accepting(told), Book(told)).send(batch_of(3))
    assert told == ["in flight", "sent", "answered"]
    assert [receipt.outcome for receipt in receipts] == [Outcome.UNKNOWN, Outcome.ACCEPTED]


def test_what_cannot_be_recorded_is_not_sent(batch_of: Make) -> None:
    told: list[str] = []
    (receipt,) = Recording(Accepting(told), Book(told, "in flight")).send(batch_of(3))
    assert told == ["in flight"]
    assert (receipt.outcome, len(receipt.batch), receipt.code) == (Outcome.UNSENT, 3, "ledger")
    assert isinstance(receipt.stop, LedgerError)


def test_an_answer_that_cannot_be_recorded_counts_and_stops_the_run(batch_of: Make) -> None:
    told: list[str] = []
    unknown, accepted = Recording(Accepting(told), Book(told, "answered")).send(batch_of(3))
    assert (unknown.stop, accepted.outcome, accepted.requests) == (None, Outcome.ACCEPTED, 1)
    assert isinstance(accepted.stop, LedgerError)


def test_closing_reaches_the_other_sink() -> None:
    told: list[str] = []
    Recording(Accepting(told), Book(told)).close()
    assert told == ["closed"]

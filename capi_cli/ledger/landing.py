"""What an answer does to the ledger: one transaction, and then the same in memory.

| outcome | its events |
|---|---|
| accepted | are accepted, whatever was known of them before |
| rejected by Meta | are remembered with their content |
| unknown | are unknown, from when they were first sent |
| unsent, or too old to be sent | are as they were before |
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import assert_never

import numpy as np

from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.ledger.cargo import Cargo
from capi_cli.ledger.columns import U64
from capi_cli.ledger.history import write_receipt
from capi_cli.ledger.known import Known
from capi_cli.ledger.undecided import erase, write_refused, write_unknown


@dataclass(frozen=True, slots=True)
class Flight:
    """A part on its way: its row in the database, and its events."""

    number: int
    cargo: Cargo
    sent_at: int


@dataclass(slots=True)
class Flights:
    """What is on its way in this run, by batch; and the numbers that rows were given."""

    run: int | None = None
    last_flight: int = 0
    last_receipt: int = 0
    by_batch: dict[int, list[Flight]] = field(default_factory=dict)

    def next_flight(self) -> int:
        """Return a number for a new row."""
        self.last_flight += 1
        return self.last_flight

    def next_receipt(self) -> int:
        """Return a number for a new row."""
        self.last_receipt += 1
        return self.last_receipt


class Landing:
    """One call of `answered`."""

    def __init__(
        self, flights: Flights, known: Known, receipts: Sequence[Receipt], at: int, *, marks: bool
    ) -> None:
        self._flights = flights
        self._known = known
        self._receipts = receipts
        self._at = at
        self._marks = marks
        self._accepted: list[tuple[Cargo, int]] = []
        self._undecided: list[U64] = []
        self._aloft: dict[int, list[Flight]] = {}
        self._plain = self._plainly_accepted()

    @property
    def is_plain(self) -> bool:
        """Whether `write` is one statement."""
        return self._plain is not None

    def _plainly_accepted(self) -> Flight | None:
        """Return the flight whose every event was accepted by the one receipt there is; None where it is not so."""
        if len(self._receipts) != 1 or not self._marks:
            return None
        receipt, flights = self._receipts[0], self._flights.by_batch.get(self._receipts[0].batch.number, ())
        if receipt.outcome is not Outcome.ACCEPTED or receipt.code or len(flights) != 1:
            return None
        cargo = flights[0].cargo
        if receipt.batch.event_keys.tobytes() != cargo.keys.tobytes():
            return None
        return None if len(self._known.undecided.among(cargo.keys)) else flights[0]

    def write(self, connection: Connection) -> None:
        """Write the receipts, and what they say about their events."""
        if self._plain is not None:  # nearly always
            self._accept_all(connection, self._plain, self._receipts[0])
            return
        numbered = []
        for receipt in self._receipts:
            number = self._flights.next_receipt()
            write_receipt(connection, number, self._flights.run, receipt, self._at)
            numbered.append((number, receipt))
        if not self._marks:
            return
        for batch in dict.fromkeys(receipt.batch.number for receipt in self._receipts):
            open_ = [(number, receipt) for number, receipt in numbered if receipt.batch.number == batch]
            self._aloft[batch] = []
            for flight in self._flights.by_batch.get(batch, ()):
                open_ = self._land(connection, batch, flight, open_)
            for number, receipt in open_:  # judged after it landed: `Splitting` settles some refusals later
                self._settle(connection, Cargo.of(receipt.batch), receipt, number, sent_at=self._at)

    def _accept_all(self, connection: Connection, flight: Flight, receipt: Receipt) -> None:
        number, batch = self._flights.next_receipt(), receipt.batch
        flying = (flight.number, number, self._flights.run, batch.number, batch.first, len(batch.event_keys))
        said = (receipt.outcome.value, receipt.fbtrace_id, receipt.status, self._at)
        connection.execute("INSERT INTO arrivals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*flying, *said))
        self._aloft[batch.number] = []
        self._accepted.append((flight.cargo, number))

    def remember(self) -> None:
        """Bring memory to where the database is."""
        for batch, aloft in self._aloft.items():
            if aloft:
                self._flights.by_batch[batch] = aloft
            else:
                self._flights.by_batch.pop(batch, None)
        for cargo, number in self._accepted:
            self._known.accepted.add(cargo.keys, cargo.contents, number)
        for keys in self._undecided:
            self._known.undecided.note(keys)

    def _land(
        self, connection: Connection, batch: int, flight: Flight, receipts: list[tuple[int, Receipt]]
    ) -> list[tuple[int, Receipt]]:
        """Settle what the receipts say about a flight; return those that speak of none of its events."""
        cargo = flight.cargo
        left = np.ones(len(cargo), np.bool_)
        others = []
        for number, receipt in receipts:
            spoken_of = left & np.isin(cargo.keys, np.frombuffer(receipt.batch.event_keys, np.uint64))
            if not spoken_of.any():
                others.append((number, receipt))
                continue
            left &= ~spoken_of
            self._settle(connection, cargo.take(spoken_of), receipt, number, sent_at=flight.sent_at)
        if left.all():
            self._aloft[batch].append(flight)
            return others
        connection.execute("DELETE FROM flights WHERE id = ?", (flight.number,))
        connection.execute("DELETE FROM cargo WHERE flight = ?", (flight.number,))
        if left.any():
            rest = cargo.take(left)
            row = self._write_flight(connection, rest, batch, flight.sent_at, None)
            self._aloft[batch].append(Flight(row, rest, flight.sent_at))
        return others

    def _settle(
        self, connection: Connection, cargo: Cargo, receipt: Receipt, number: int, *, sent_at: int
    ) -> None:
        match receipt.outcome:
            case Outcome.ACCEPTED:
                self._write_flight(connection, cargo, receipt.batch.number, sent_at, number)
                self._accept(connection, cargo, number)
            case Outcome.REJECTED:
                if receipt.status > 0:
                    write_refused(connection, cargo, number)
                    self._undecided.append(cargo.keys)
            case Outcome.UNKNOWN:
                write_unknown(connection, cargo, number, sent_at)
                self._undecided.append(cargo.keys)
            case Outcome.UNSENT:
                pass
            case _:
                assert_never(receipt.outcome)

    def _accept(self, connection: Connection, cargo: Cargo, number: int) -> None:
        self._accepted.append((cargo, number))
        settled = cargo.keys[self._known.undecided.among(cargo.keys)]
        if len(settled):
            erase(connection, "unknown", settled)
            erase(connection, "refused", settled)

    def _write_flight(
        self, connection: Connection, cargo: Cargo, batch: int, sent_at: int, receipt: int | None
    ) -> int:
        number = self._flights.next_flight()
        row = (number, self._flights.run, batch, 0, sent_at, receipt)
        connection.execute("INSERT INTO flights VALUES (?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO cargo VALUES (?, ?)", (number, cargo.packed()))
        return number

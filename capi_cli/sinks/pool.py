"""Senders: threads that carry batches to a sink, with back-pressure towards whoever makes them.

1. Every batch that was taken gets receipts for all its events, whatever happens: the books must add up.
2. A receipt that stops the run, or the `stop` event, ends the claiming; what no sender has begun is unsent.
3. What a sender did not expect (a bug) is raised again in the thread that submits or drains.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import CapiError
from capi_cli.sinks.sink import Sink

QUEUE: Final = 2  # batches ready beyond those that are being sent
# Senders take turns with the threads that prepare, and each turn costs: so there are as many as the server's latency
# needs. The first ones are there at once, another one when all were busy for that long.
FIRST_SENDERS: Final = 2
PATIENCE_S: Final = 0.02
LOOK_S: Final = 0.2  # how often a blocked `submit` looks whether the run stops
LEAVE_S: Final = 1.0  # for idle senders to go home
GRACE_S: Final = 20.0  # for requests in flight when somebody asks to stop
WORST_FIRST: Final = (1, 13, 12, 10, 11, 5, 4)  # exit codes, as the contract ranks them
AGAIN: Final = "Run the same command again; it goes on where this run stopped."


class Delivery:
    """A pool of senders. `submit`, `drain` and `close` belong to one thread.

    Args:
        sink: Where batches go; it is not closed here.
        concurrency: How many senders there are.
        stop: Ends the claiming; set here when a receipt stops the run, and by whoever takes signals.
        on_receipts: Told what came back for each batch, in the order of completion, one call at a time, from the
            sender's thread. Without it receipts wait for `results`.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        concurrency: int,
        stop: threading.Event | None = None,
        on_receipts: Callable[[Sequence[Receipt]], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._concurrency = max(1, concurrency)
        self._stop = stop or threading.Event()
        self._results: list[Receipt] = []
        self._on_receipts = on_receipts or self._results.extend
        lock = threading.RLock()
        self._changed = threading.Condition(lock)  # for the thread that submits and drains
        self._waiting = threading.Condition(
            lock
        )  # for senders; one at a time is woken, as each costs a switch
        self._telling = threading.Lock()
        self._queue: deque[Batch] = deque()
        self._under_way: dict[int, Batch] = {}
        self._being_told = 0
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._crash: BaseException | None = None
        self._error: CapiError | None = None

    @property
    def error(self) -> CapiError | None:
        """What stopped the run: of several, the one that needs a person most. None while nothing did."""
        with self._changed:
            return self._error

    def submit(self, batch: Batch) -> bool:
        """Hand over a batch; wait while senders and queue are full. False: nothing was taken, the run stops."""
        with self._changed:
            while not self._stop.is_set() and not self._crash and self._is_full():
                more = len(self._threads) < self._concurrency
                was_told = self._changed.wait(PATIENCE_S if more else LOOK_S)
                if more and not was_told:
                    self._hire()
            self._raise_crash()
            if self._stop.is_set() or self._closed:
                return False
            self._queue.append(batch)
            if len(self._threads) < min(self._concurrency, FIRST_SENDERS):
                self._hire()
            self._waiting.notify()
            return True

    def results(self) -> list[Receipt]:
        """Return the receipts since the last call, in the order of completion."""
        with self._telling:
            taken = list(self._results)
            self._results.clear()
            return taken

    def stop(self) -> None:
        """End the claiming. What is in flight goes on; `drain` waits for it."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()

    def drain(self, grace_s: float = GRACE_S) -> bool:
        """Wait until every batch has its receipts; once somebody asked to stop, at most `grace_s` longer.

        Returns:
            Whether everything was answered; what was still in flight is called unknown otherwise.
        """
        with self._changed:
            until = float("inf")
            while self._is_busy() and self._crash is None and self._clock() < until:
                if until == float("inf") and self._stop.is_set() and self._error is None:
                    until = self._clock() + grace_s
                self._changed.wait(LOOK_S)
            self._raise_crash()
            begun, waiting = list(self._under_way.values()), list(self._queue)
            self._under_way.clear()  # whose late receipts are not heard any more
            self._queue.clear()
        for batch in begun:
            self._tell([_unanswered(batch, Outcome.UNKNOWN)])
        for batch in waiting:
            self._tell([_unanswered(batch, Outcome.UNSENT)])
        return not begun and not waiting

    def close(self) -> None:
        """Send the senders home. Those still in a request end with the process."""
        with self._changed:
            self._closed = True
            self._waiting.notify_all()
        until = self._clock() + LEAVE_S
        for thread in self._threads:
            thread.join(timeout=max(0.0, until - self._clock()))

    def _is_full(self) -> bool:
        return len(self._queue) + len(self._under_way) >= len(self._threads) + QUEUE

    def _is_busy(self) -> bool:
        return bool(self._queue or self._under_way or self._being_told)

    def _raise_crash(self) -> None:
        if self._crash is not None:
            raise self._crash

    def _hire(self) -> None:
        thread = threading.Thread(
            target=self._work, name=f"capi-sender-{len(self._threads) + 1}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        with _HandOver(self):
            while (batch := self._claim()) is not None:
                receipts = self._deliver(batch)
                self._note_stop(receipts)
                self._settle(batch, receipts)

    def _claim(self) -> Batch | None:
        with self._changed:
            while not self._queue:
                if self._closed:
                    return None
                self._waiting.wait()
            batch = self._queue.popleft()
            self._under_way[id(batch)] = batch
            return batch

    def _deliver(self, batch: Batch) -> Sequence[Receipt]:
        if self._stop.is_set():
            return [_unanswered(batch, Outcome.UNSENT)]
        try:
            return self._sink.send(batch)
        except CapiError as error:
            unknown = Receipt(
                batch=batch,
                outcome=Outcome.UNKNOWN,
                code=error.code,
                reason=error.message,
                hint=error.hint,
                stop=error,
            )
            return [unknown]

    def _note_stop(self, receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            if receipt.stop is None:
                continue
            with self._changed:
                if self._error is None or _rank(receipt.stop) < _rank(self._error):
                    self._error = receipt.stop
            self.stop()

    def _settle(self, batch: Batch, receipts: Sequence[Receipt]) -> None:
        with self._changed:
            heard = self._under_way.pop(id(batch), None) is not None  # else `drain` has spoken for it
            self._being_told += heard
        if heard:
            self._tell(receipts)
        with self._changed:
            self._being_told -= heard
            self._changed.notify_all()

    def _tell(self, receipts: Sequence[Receipt]) -> None:
        with self._telling:
            self._on_receipts(receipts)

    def crashed(self, error: BaseException) -> None:
        """Take over what a sender did not expect, for the thread that submits."""
        with self._changed:
            self._crash = self._crash or error
            self._stop.set()
            self._changed.notify_all()


class _HandOver:
    """Carries any exception of a sender to its pool: a thread has nobody to raise it to."""

    def __init__(self, pool: Delivery) -> None:
        self._pool = pool

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            self._pool.crashed(error)
        return True


def _rank(error: CapiError) -> int:
    code = error.exit_code
    return WORST_FIRST.index(code) if code in WORST_FIRST else len(WORST_FIRST)


def _unanswered(batch: Batch, outcome: Outcome) -> Receipt:
    reason = "The run stopped before this was sent."
    if outcome is Outcome.UNKNOWN:
        reason = "The run ended before an answer came."
    return Receipt(batch=batch, outcome=outcome, code="interrupted", reason=reason, hint=AGAIN)

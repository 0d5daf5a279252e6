"""What an executor does with events: cut them into batches, send them, and yield a receipt for each.

The same sinks as everywhere: `Splitting(Retrying(Fresh(Graph)))`. There is no `Recording`: that these events are
about to be sent was written down by the driver before the task began, and what the task yields is written by Spark
when it ends. So a task that dies leaves no receipts, and its next attempt sends the same bodies once more. Events
that Meta never de-duplicates are then called unknown instead of being sent twice.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.delivery.receipt import Outcome
from capi_cli.errors import CapiError
from capi_cli.runs.clock import SystemClock
from capi_cli.runs.spark.guard import guarded
from capi_cli.runs.spark.receipts import Receipts, batch_of_events
from capi_cli.runs.spark.secrets import TokenPlace, missing_token
from capi_cli.sinks.pool import Delivery
from capi_cli.sinks.settings import GraphSettings, app_secret_of
from capi_cli.sinks.stack import Stack, open_stack

MAYBE_SENT = "attempt-died"
_MAYBE_REASON = "An attempt of the task died and may have sent it; Meta would count it twice."
_MAYBE_HINT = "Look for it in Events Manager; --resend sends it all the same."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """The work on one partition of events; travels to the executors.

    Attributes:
        settings: Where to; its token is a stand-in, the executor finds the real one at `place`.
        threads: Requests in flight in this task.
        test: The receipts mark nothing as delivered.
    """

    settings: GraphSettings
    place: TokenPlace
    run_id: str
    wave: int
    batch_size: int
    threads: int
    retry_for_s: float | None
    clock: SystemClock
    test: bool

    def rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield `RECEIPTS` rows for the events of one partition, as they are answered."""
        yield from guarded(self._rows(batches), "sending events")

    def _rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        cut = batches_of(batches, self.batch_size)
        first = next(cut, None)
        if first is None:
            return
        receipts = Receipts(run_id=self.run_id, wave=self.wave, test=self.test, now=self.clock.now)
        token = self.place.read()
        stop = threading.Event()
        try:
            if token is None:
                raise missing_token(self.place)
            stack = self._open(token, stop)
        except CapiError as error:  # as a receipt: an exception would have Spark try the task again
            yield receipts.about(first, Outcome.UNSENT, error.code, error.message, error.hint, error)
            return
        yield from self._send(chain([first], cut), stack, stop, receipts)

    def _send(
        self, batches: Iterable[pa.Table], stack: Stack, stop: threading.Event, receipts: Receipts
    ) -> Iterator[pa.RecordBatch]:
        delivery = Delivery(stack.sink, concurrency=self.threads, stop=stop)
        again = attempt_number() > 0
        try:
            for number, events in enumerate(batches, start=1):
                if again and (lost := events.filter(pc.equal(events["window_s"], 0))).num_rows:
                    yield receipts.about(lost, Outcome.UNKNOWN, MAYBE_SENT, _MAYBE_REASON, _MAYBE_HINT)
                    events = events.filter(pc.not_equal(events["window_s"], 0))
                if events.num_rows and not delivery.submit(receipts.begun(batch_of_events(number, events))):
                    break
                yield from receipts.take(delivery.results())
            delivery.drain()
            yield from receipts.take(delivery.results())
            yield from receipts.last(stack.gate.traffic())
        finally:
            delivery.close()
            stack.sink.close()

    def _open(self, token: str, stop: threading.Event) -> Stack:
        secret = app_secret_of(os.environ)
        return open_stack(
            replace(self.settings, token=token, app_secret=secret, connections=self.threads),
            concurrency=self.threads,
            stop=stop,
            now=self.clock.now,
            retry_for_s=self.retry_for_s,
        )


def attempt_number() -> int:
    """Return how many attempts of this task there were before; 0 outside of Spark."""
    from pyspark import TaskContext

    context = TaskContext.get()
    return 0 if context is None else int(context.attemptNumber())


def batches_of(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.Table]:
    """Yield tables of `size` events each, the last one smaller, in order."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        if count < size:
            continue
        table = pa.Table.from_batches(waiting)
        whole = count - count % size
        for begin in range(0, whole, size):
            yield table.slice(begin, size).combine_chunks()
        waiting, count = table.slice(whole).to_batches(), count - whole
    if count:
        yield pa.Table.from_batches(waiting).combine_chunks()

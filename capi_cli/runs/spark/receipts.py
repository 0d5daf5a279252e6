"""From events to batches, and from what came back to rows of the table of receipts: one for each event."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

import numpy as np
import orjson
import pyarrow as pa

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import CapiError
from capi_cli.runs.spark.schemas import RECEIPTS, record_batch
from capi_cli.sinks.gate import Traffic

EVENT_COLUMNS = ("event", "event_name", "event_id", "event_key", "content_key", "expires_at", "window_s")


def batch_of_events(number: int, events: pa.Table) -> Batch:
    """Return a table of events as a batch; its origins are their names and ids."""
    bodies = events["event"].to_pylist()
    starts = np.zeros(len(bodies) + 1, np.int64)
    np.cumsum([len(body) + 1 for body in bodies], out=starts[1:])
    return Batch(
        number=number,
        joined=b",".join(bodies),
        starts=array("q", starts.tobytes()),
        expires_at=_integers("q", events["expires_at"], np.int64),
        event_keys=_integers("Q", events["event_key"], np.int64),
        content_keys=_integers("Q", events["content_key"], np.int64),
        windows_s=_integers("i", events["window_s"], np.int32),
        origins=tuple(zip(events["event_name"].to_pylist(), events["event_id"].to_pylist(), strict=True)),
    )


def _integers(code: str, column: pa.ChunkedArray, kind: type[np.integer]) -> "array[int]":
    return array(code, column.to_numpy().astype(kind).tobytes())


class Receipts:
    """Writes the receipts of one task. `begun` is called by the task's thread alone.

    Args:
        run_id: The run.
        wave: Which of its stretches.
        test: Sent with a test event code: marks nothing as delivered.
        now: Unix seconds.
    """

    def __init__(self, *, run_id: str, wave: int, test: bool, now: Callable[[], float]) -> None:
        self._always: dict[str, object] = {"run_id": run_id, "wave": wave, "test": test, "told": False}
        self._now = now
        self._begun: dict[int, datetime] = {}
        self._held: pa.RecordBatch | None = None

    def begun(self, batch: Batch) -> Batch:
        """Note when a batch was handed to the senders: no POST of it is older."""
        self._begun[batch.number] = self._instant()
        return batch

    def take(self, receipts: Sequence[Receipt]) -> Iterator[pa.RecordBatch]:
        """Yield rows for what came back. The latest are held back until `last` knows the task's counts."""
        for receipt in receipts:
            if self._held is not None:
                yield self._held
            self._held = self._rows(receipt)

    def last(self, traffic: Traffic) -> Iterator[pa.RecordBatch]:
        """Yield the rows that were held back, with the task's requests and retries in the first of them."""
        if self._held is None:
            return
        columns = dict(zip(RECEIPTS, self._held.columns, strict=True))
        rest = [0] * (self._held.num_rows - 1)
        counts: dict[str, object] = {
            "requests": [traffic.requests, *rest],
            "retries": [traffic.retries, *rest],
        }
        yield record_batch(RECEIPTS, {**columns, **counts}, self._held.num_rows)

    def about(
        self,
        events: pa.Table,
        outcome: Outcome,
        code: str,
        reason: str,
        hint: str,
        stop: CapiError | None = None,
    ) -> pa.RecordBatch:
        """Return rows for events that no sink has seen."""
        batch = batch_of_events(0, events)
        return self._rows(
            Receipt(batch=batch, outcome=outcome, code=code, reason=reason, hint=hint, stop=stop)
        )

    def _rows(self, receipt: Receipt) -> pa.RecordBatch:
        batch, at = receipt.batch, self._instant()
        named = cast("Sequence[tuple[str, str]]", batch.origins)
        filled: dict[str, object] = {
            **self._always,
            "event_name": [name for name, _ in named],
            "event_id": [id_ for _, id_ in named],
            "event_key": pa.array(np.frombuffer(batch.event_keys, np.int64)),
            "content_key": pa.array(np.frombuffer(batch.content_keys, np.int64)),
            "window_s": pa.array(np.frombuffer(batch.windows_s, np.int32)),
            "outcome": str(receipt.outcome),
            "code": receipt.code,
            "reason": receipt.reason,
            "hint": receipt.hint,
            "fbtrace_id": receipt.fbtrace_id,
            "status": receipt.status,
            "sent_at": self._begun.get(batch.number, at),
            "at": at,
            "requests": 0,
            "retries": 0,
            "stop": None if receipt.stop is None else packed_error(receipt.stop),
        }
        return record_batch(RECEIPTS, filled, len(batch))

    def _instant(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def packed_error(error: CapiError) -> str:
    """Return an error as text that crosses from a task to the driver."""
    return orjson.dumps({"code": error.code, "message": error.message, "hint": error.hint}).decode()


def unpacked_error(text: str) -> CapiError:
    """Return the error again, of the class that has its code."""
    facts = orjson.loads(text)
    kinds = {kind.code: kind for kind in CapiError.__subclasses__()}
    return kinds.get(facts["code"], CapiError)(facts["message"], facts["hint"])

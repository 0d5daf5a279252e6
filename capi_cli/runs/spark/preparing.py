"""What an executor does with the rows of one partition: prepare them, as every engine does, into rows of a table.

Nothing is sent here, and no token is known: what is pickled into Spark's plan is the mapping and the time. The
same partition gives the same rows at each evaluation, whatever executor runs it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from capi_cli.event.rules import rule
from capi_cli.event.rules.mending import with_names
from capi_cli.ledger.run_index import RunIndex
from capi_cli.mapping.model import Mapping
from capi_cli.mapping.show import own_names
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.prepared import FindingCount, PreparedBlock, Tally
from capi_cli.prepare.preparer import Preparer
from capi_cli.readers.block import RowBlock
from capi_cli.readers.json_values import Path
from capi_cli.runs.grouping import WINDOW_ROWS, GroupedBlock, Grouping
from capi_cli.runs.spark.guard import guarded
from capi_cli.runs.spark.rows import Rows
from capi_cli.runs.spark.schemas import PREPARED, record_batch
from capi_cli.runs.whole_file import WholeFile

EVENT: Final = "event"
REJECT: Final = "reject"
TALLY: Final = "tally"


class _Named(msgspec.Struct):
    """What is read back of an encoded event."""

    event_id: str


_read_id: Final = msgspec.json.Decoder(_Named).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing:
    """The work on one partition; travels to the executors.

    Attributes:
        plan: The mapping with its column questions settled.
        paths: Of `plan.wanted`: which of the columns that Spark hands over, and the path in it.
        now: Unix seconds of the run's beginning, for all tasks and attempts: a row's fate must not hang on which
            attempt judged it. Ages are judged again before each POST.
    """

    plan: Plan
    paths: tuple[tuple[int, Path], ...]
    now: int

    def rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield `PREPARED` rows for the rows of one partition."""
        yield from guarded(self._rows(batches), "preparing rows")

    def blocks(self, rows: Rows) -> Iterator[tuple[RowBlock, PreparedBlock]]:
        """Yield blocks of rows, or of orders, with what they became."""
        preparer = Preparer(self.plan)
        if self.plan.mapping.group is None:
            for block in rows.blocks():
                yield block, preparer.prepare(block.columns, block.rows, self.now)
            return
        with RunIndex() as closed:
            for order in Grouping(self.plan, closed).blocks(rows.blocks()):
                yield order, preparer.prepare(order.columns, order.rows, self.now)

    @property
    def reach(self) -> int:
        """How many rows back the rows of an order may stand."""
        return 0 if self.plan.mapping.group is None else 4 * WINDOW_ROWS

    def _rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = Rows(batches, self.paths, reach=self.reach)
        tally, whole_file, filtered = Tally(), WholeFile(), 0
        for block, prepared in self.blocks(rows):
            found = {key: _placed(one, rows) for key, one in findings(block, prepared).items()}
            tally.add(found)
            lines = np.asarray(rows.places(block.rows)[1])
            everything = np.arange(len(prepared.index))
            whole_file.add(replace(prepared, tally=Tally(found)), lines, everything)
            rejected = rejected_rows(block, prepared, self.plan.mapping)
            yield _events(block, prepared, rows)
            if rejected:
                yield _rejects(rejected, rows)
            filtered += block.count() - block.count(prepared.index) - len(rejected) + len(block.bad)
        if rows.count:
            yield _tally(tally, whole_file, rows.count, filtered)


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row of the source that is not sent, by its running number."""

    number: int
    code: str
    field: str
    reason: str
    hint: str


def rejected_rows(block: RowBlock, prepared: PreparedBlock, mapping: Mapping) -> list[Rejected]:
    """Return the rejected rows of a block; of a rejected order all its rows."""
    alike = {(one.hint, one.field) for one in prepared.rejected}
    hints = {(hint, path): own_hint(hint, path, mapping) for hint, path in alike}
    found = [
        Rejected(number, one.code, one.field, one.reason, hints[one.hint, one.field])
        for one in prepared.rejected
        for number, _ in block.records(one.index)
    ]
    for bad in block.bad:
        broken = rule(bad.code)
        reason = broken.message.replace("{detail}", bad.detail)
        found.append(Rejected(bad.row, bad.code, "", reason, broken.fix))
    return found


def own_hint(hint: str, path: str, mapping: Mapping) -> str:
    """Return a mend with the user's own column in it."""
    return with_names(hint, **own_names(mapping, path)._asdict())


def findings(block: RowBlock, prepared: PreparedBlock) -> dict[tuple[str, str], FindingCount]:
    """Return what was noticed in a block, its unreadable rows and contradicting orders included."""
    tally = Tally()
    tally.add(prepared.tally.findings)
    for bad in block.bad:
        tally.add({(bad.code, ""): FindingCount(1, [bad.row], [], bad.detail)})
    if isinstance(block, GroupedBlock) and len(lines := block.contradicting):
        found = FindingCount(len(lines), lines[:5].tolist())
        tally.add({("order-contradicts", "custom_data.order_id"): found})
    return tally.findings


def event_ids(prepared: PreparedBlock) -> list[str]:
    """Return each event's id, read back from its JSON."""
    view = memoryview(prepared.joined)
    return [_read_id(view[begin : end - 1]).event_id for begin, end in pairwise(prepared.starts.tolist())]


def signed(keys: npt.NDArray[np.uint64]) -> pa.Array:
    """Return 64-bit keys as Spark's longs, which have a sign."""
    return pa.array(np.ascontiguousarray(keys).view(np.int64))


def _placed(found: FindingCount, rows: Rows) -> FindingCount:
    return FindingCount(found.count, [rows.row(number) for number in found.rows], found.samples, found.detail)


def _events(block: RowBlock, prepared: PreparedBlock, rows: Rows) -> pa.RecordBatch:
    joined, starts = prepared.joined, prepared.starts.tolist()
    numbers = block.rows[prepared.index]
    source, row = rows.places(numbers)
    counts = [block.count(np.array([index])) for index in prepared.index.tolist()]
    names, currencies = (
        pa.array(prepared.name_names, pa.string()),
        pa.array(prepared.currency_names, pa.string()),
    )
    filled: dict[str, object] = {
        "kind": EVENT,
        "_source": source,
        "_row": row,
        "rows": counts if isinstance(block, GroupedBlock) else 1,
        "event_name": names.take(_codes(prepared.event_names)),
        "event_id": event_ids(prepared),
        "event_key": signed(prepared.event_keys),
        "content_key": signed(prepared.content_keys),
        "event": [joined[begin : end - 1] for begin, end in pairwise(starts)],
        "event_time": pa.array(prepared.event_times),
        "expires_at": pa.array(prepared.expires_at),
        "window_s": pa.array(prepared.windows_s),
        "presence": signed(prepared.presence),
        "value": pa.array(prepared.values),
        "currency": currencies.take(_codes(prepared.currencies)),
    }
    return record_batch(PREPARED, filled, len(numbers))


def _codes(codes: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(codes, pa.int64(), mask=codes < 0)


def _rejects(rejected: list[Rejected], rows: Rows) -> pa.RecordBatch:
    source, row = rows.places(np.array([one.number for one in rejected], np.int64))
    filled: dict[str, object] = {
        "kind": REJECT,
        "_source": source,
        "_row": row,
        "rows": 1,
        "code": [one.code for one in rejected],
        "field": [one.field for one in rejected],
        "reason": [one.reason for one in rejected],
        "hint": [one.hint for one in rejected],
    }
    return record_batch(PREPARED, filled, len(rejected))


def _tally(tally: Tally, whole_file: WholeFile, read: int, filtered: int) -> pa.RecordBatch:
    told = [
        [code, path, found.count, found.rows, found.samples, found.detail]
        for (code, path), found in tally.findings.items()
    ]
    facts = orjson.dumps(
        {"read": read, "filtered": filtered, "findings": told, "whole_file": whole_file.packed()}
    )
    return record_batch(PREPARED, {"kind": TALLY, "tally": [facts]}, 1)

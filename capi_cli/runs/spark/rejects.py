"""The rows that were not sent, with all their columns: a second pass over the table, made only where there are any.

Nothing of a row but its hashed event is kept between preparing and the end of a run, so its cells are read again,
as for a Parquet file. What was rejected later (a conflict, Meta's refusal) is found by the event that the row
becomes, key and content, not by where it stands: a table without an order of its own may come back in another one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import LongType, StringType, StructField, StructType

from capi_cli.event.rules import rule
from capi_cli.mapping.model import Mapping
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.readers.block import RowBlock
from capi_cli.runs.spark.frame import ROW, SOURCE, Frame
from capi_cli.runs.spark.guard import guarded
from capi_cli.runs.spark.preparing import Preparing, Rejected, event_ids, own_hint, rejected_rows, signed
from capi_cli.runs.spark.rows import Rows
from capi_cli.runs.spark.states import REFUSED, TOO_OLD
from capi_cli.runs.spark.verdicts import CODES, CONFLICT
from capi_cli.runs.work import RESEND_HINT

REASONS: Final = ("_code", "_field", "_reason", "_hint")
_TEXTS: Final = ("_event_id", *REASONS, "_first_source")
_NUMBERS: Final = ("_event_key", "_content_key", "_first")
_ADDED: Final = (
    *(StructField(name, StringType()) for name in _TEXTS),
    *(StructField(name, LongType()) for name in _NUMBERS),
)
_NAMED: Final = ("event_key", "event_id", "content_key", "code", "field", "reason", "hint", "once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejecting:
    """The second pass over one partition; travels to the executors.

    Attributes:
        preparing: The first pass, whose paths are those of the whole table.
        events: Whether rows that became events are yielded too: some of them were rejected later.
    """

    preparing: Preparing
    events: bool

    def rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield whole rows with the reasons for which they are rejected."""
        yield from guarded(self._rows(batches), "reading rejected rows")

    def _rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = Rows(batches, self.preparing.paths, reach=self.preparing.reach)
        for block, prepared in self.preparing.blocks(rows):
            if rejected := rejected_rows(block, prepared, self.preparing.plan.mapping):
                yield from _with(rows, _of_rejected(rejected))
            if self.events and len(prepared.index):
                yield from _with(rows, _of_events(block, prepared, rows))


_Columns = tuple[list[int], dict[str, pa.Array]]


def _of_rejected(rejected: Sequence[Rejected]) -> _Columns:
    numbers = [one.number for one in rejected]
    texts = {"_code": "code", "_field": "field", "_reason": "reason", "_hint": "hint"}
    own = {
        name: pa.array([getattr(one, said) for one in rejected], pa.string()) for name, said in texts.items()
    }
    return numbers, own


def _of_events(block: RowBlock, prepared: PreparedBlock, rows: Rows) -> _Columns:
    numbers: list[int] = []
    event: list[int] = []
    for place, index in enumerate(prepared.index.tolist()):
        for number, _ in block.records(index):
            numbers.append(number)
            event.append(place)
    places = pa.array(event, pa.int64())
    source, first = rows.places(block.rows[prepared.index])
    return numbers, {
        "_event_id": pa.array(event_ids(prepared), pa.string()).take(places),
        "_event_key": signed(prepared.event_keys).take(places),
        "_content_key": signed(prepared.content_keys).take(places),
        "_first_source": source.take(places),
        "_first": first.take(places),
    }


def _with(rows: Rows, columns: _Columns) -> Iterator[pa.RecordBatch]:
    numbers, own = columns
    table = rows.taken(np.array(numbers, np.int64))
    for name in (*_TEXTS, *_NUMBERS):
        kind = pa.string() if name in _TEXTS else pa.int64()
        table = table.append_column(name, own.get(name, pa.nulls(len(numbers), kind)))
    yield from table.combine_chunks().to_batches()


def named(judged: DataFrame, receipts: DataFrame | None, mapping: Mapping) -> DataFrame:
    """Return the events that were rejected after they had been prepared, with the words for each.

    Args:
        judged: Of this run.
        receipts: Of this run; None where nothing was sent.
        mapping: Names the user's columns in the mends.
    """
    verdict = F.col("verdict")
    parts = [
        judged.where(verdict == name).select(
            *_NAMED[:3], *_words(name, mapping), F.lit(name != CONFLICT).alias("once")
        )
        for name in (CONFLICT, TOO_OLD)
    ]
    said = ("code", F.lit("").alias("field"), "reason", F.lit(True).alias("once"))
    hint = F.coalesce(F.nullif(F.col("hint"), F.lit("")), F.lit(RESEND_HINT)).alias("hint")
    again = judged.where(verdict == REFUSED).select(*_NAMED[:3], *said[:3], hint, said[3])
    parts.append(again)
    if receipts is not None:
        refused = receipts.where(F.col("outcome") == "rejected")
        parts.append(refused.select(*_NAMED[:3], *said[:3], "hint", said[3]))
    return reduce(DataFrame.unionByName, parts).dropDuplicates(["event_key", "event_id", "content_key"])


def _words(verdict: str, mapping: Mapping) -> list[Column]:
    found = rule(CODES[verdict])
    path = "event_time" if verdict == TOO_OLD else "event_id"
    words = (CODES[verdict], path, found.message.replace("{detail}", ""), own_hint(found.fix, path, mapping))
    return [F.lit(text).alias(name) for name, text in zip(_NAMED[3:7], words, strict=True)]


def rejects(frame: Frame, preparing: Preparing, later: DataFrame | None, format: str) -> DataFrame:
    """Return the rejected rows: the user's columns, `_source`, `_event_id`, and the five of every rejects file.

    Args:
        frame: The table.
        preparing: As it was prepared, its paths those of the whole table.
        later: From `named`; None where no event was rejected after it had been prepared.
        format: What they are written as; Delta does not take every name.
    """
    cells = frame.data.columns[:-2]
    schema = StructType([*frame.data.schema.fields, *_ADDED])
    work = Rejecting(preparing=preparing, events=later is not None)
    rows = frame.data.mapInArrow(work.rows, schema)
    if later is not None:
        rows = _told_later(rows, later)
    names = [*_distinct(_spelled(frame.names, format)), SOURCE, "_event_id", ROW, *REASONS]
    return (
        rows.select(*cells, SOURCE, "_event_id", ROW, *REASONS).sortWithinPartitions(SOURCE, ROW).toDF(*names)
    )


def _told_later(rows: DataFrame, later: DataFrame) -> DataFrame:
    """Put the words of later rejections to the rows of their events, and drop the rows of good events."""
    on = [
        rows["_event_key"] == later["event_key"],
        rows["_event_id"] == later["event_id"],
        rows["_content_key"] == later["content_key"],
    ]
    joined = rows.join(later, on, "left")
    joined = joined.where(F.col("_code").isNotNull() | F.col("code").isNotNull())
    # Of rows that say the same the first was sent, and refused; the others were skipped.
    alike = Window.partitionBy("_event_key", "_event_id", "_content_key", F.col("code").isNotNull())
    place = F.struct("_first_source", "_first")
    joined = joined.withColumn("_is_first", place == F.min(place).over(alike))
    joined = joined.where(F.col("_code").isNotNull() | ~F.col("once") | F.col("_is_first"))
    words = {own: F.coalesce(own, own[1:]) for own in REASONS}
    return joined.withColumns(words)


def _spelled(names: Sequence[str], format: str) -> list[str]:
    return [re.sub(r"[ ,;{}()\n\t=]", "_", name) if format == "delta" else name for name in names]


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names, each once in any case: two that are alike get their place behind them."""
    seen: set[str] = set()
    found = []
    for place, name in enumerate(names):
        unique = name if name.lower() not in seen else f"{name}_{place + 1}"
        seen.add(unique.lower())
        found.append(unique)
    return found

"""Rejected rows of a Parquet source: a second pass picks them, with all their columns."""

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from capi_cli.errors import SourceError
from capi_cli.event.rules.cells import REJECT_COLUMNS
from capi_cli.rejects.cells import told
from capi_cli.rejects.reject import Reject
from capi_cli.rejects.shape import ParquetShape

_BATCH_ROWS: Final = 4096


def write_parquet(file: BinaryIO, shape: ParquetShape, rejects: Iterator[Reject]) -> None:
    """Write the rejected rows, in the order of the source.

    Raises:
        SourceError: The source is gone, damaged, or shorter than it was.
    """
    try:
        source = shape.open()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _changed(shape) from error
    with source:
        kept = [n for n, field in enumerate(source.schema_arrow) if field.name not in REJECT_COLUMNS]
        fields = [source.schema_arrow.field(n) for n in kept]
        own = [pa.field("_row", pa.int64()), *(pa.field(name, pa.string()) for name in REJECT_COLUMNS[1:])]
        schema = pa.schema([*fields, *own], metadata=source.schema_arrow.metadata)
        with pq.ParquetWriter(file, schema) as writer:
            try:
                for picked in _picked(source, rejects, kept, schema):
                    writer.write_batch(picked)
            except (pa.ArrowException, ValueError) as error:
                raise _changed(shape) from error
        if next(rejects, None) is not None:
            raise _changed(shape)


def _picked(
    source: pq.ParquetFile, rejects: Iterator[Reject], kept: list[int], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield the rejected rows of each batch; row groups without any are not read."""
    following = next(rejects, None)
    before = 0  # rows of the groups passed
    for group in range(source.num_row_groups):
        rows = source.metadata.row_group(group).num_rows
        if following is None:
            return
        if following.row <= before + rows:
            at = before
            for batch in source.iter_batches(_BATCH_ROWS, row_groups=[group], use_threads=False):
                found: list[Reject] = []
                while following is not None and following.row <= at + batch.num_rows:
                    found.append(following)
                    following = next(rejects, None)
                if found:
                    yield _with_reasons(batch, [r.row - at - 1 for r in found], found, kept, schema)
                at += batch.num_rows
        before += rows
    if following is not None:
        raise ValueError("a rejected row is not in the source any more")


def _with_reasons(
    batch: pa.RecordBatch, places: list[int], rejects: list[Reject], kept: list[int], schema: pa.Schema
) -> pa.RecordBatch:
    taken = batch.take(pa.array(places, pa.int64()))
    cells = list(zip(*map(told, rejects), strict=True))
    own = [pa.array([r.row for r in rejects], pa.int64()), *(pa.array(c, pa.string()) for c in cells[1:])]
    return pa.RecordBatch.from_arrays([*(taken.column(n) for n in kept), *own], schema=schema)


def _changed(shape: ParquetShape) -> SourceError:
    return SourceError(
        f"{shape.name} changed while it was read, so its rejected rows can't be written.",
        "Run `capi validate` on it again.",
    )

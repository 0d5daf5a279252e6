"""Columns of text put together: the empty cell is null, and a batch without columns knows its rows."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


def no_empty(column: pa.Array) -> pa.Array:
    """Return a string column with null for its empty texts."""
    lengths = pc.binary_length(column)
    if len(column) and pc.min(lengths).as_py() == 0:
        return pc.if_else(pc.equal(lengths, 0), pa.scalar(None, pa.string()), column)
    return column


def batch_of(arrays: Sequence[pa.Array], rows: int) -> pa.RecordBatch:
    """Return a record batch of nameless columns."""
    if not arrays:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
    return pa.RecordBatch.from_arrays(arrays, [str(number) for number in range(len(arrays))])


def joined(parts: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """Return the rows of all; where one has lists in a column and another texts, a text is a list of one."""
    if len(parts) == 1:
        return parts[0]
    columns = zip(*(part.columns for part in parts), strict=True)
    arrays = [pa.concat_arrays(_alike(column)) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, parts[0].schema.names)


def _alike(column: Sequence[pa.Array]) -> Sequence[pa.Array]:
    if all(part.type == column[0].type for part in column):
        return column
    if not any(len(part.flatten()) for part in column if pa.types.is_list(part.type)):
        return [pa.nulls(len(part), pa.string()) if pa.types.is_list(part.type) else part for part in column]
    return [part if pa.types.is_list(part.type) else _as_lists(part) for part in column]


def _as_lists(column: pa.StringArray) -> pa.ListArray:
    offsets = pa.array(range(len(column) + 1), pa.int32())
    return pa.ListArray.from_arrays(offsets, column, mask=column.is_null())

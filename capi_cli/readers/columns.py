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

"""Several values of one row → one JSON list; doubles dropped, order kept."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.prepare.columns import Stream


def json_lists(streams: Sequence[Stream], texts: Sequence[pa.StringArray], length: int) -> pa.StringArray:
    """Return a JSON list for each row, null where it has no value left.

    Args:
        streams: Where the values stood; of each only `rows` is read.
        texts: For each stream, its values as JSON texts, null where dropped.
        length: Number of rows.
    """
    if len(streams) == 1 and streams[0].rows is None:
        return pc.binary_join_element_wise("[", texts[0], "]", "")
    if all(stream.rows is None for stream in streams):
        return _join_columns(list(texts))
    found: list[dict[str, None]] = [{} for _ in range(length)]
    for stream, column in zip(streams, texts, strict=True):
        rows = range(length) if stream.rows is None else stream.rows.tolist()
        for row, text in zip(rows, column.to_pylist(), strict=True):
            if text is not None:
                found[row][text] = None
    return pa.array([f"[{','.join(values)}]" if values else None for values in found], pa.string())


def _join_columns(columns: list[pa.StringArray]) -> pa.StringArray:
    nothing = pa.scalar(None, pa.string())
    for later in range(1, len(columns)):
        for earlier in range(later):
            same = pc.fill_null(pc.equal(columns[later], columns[earlier]), False)
            columns[later] = pc.if_else(same, nothing, columns[later])
    return _one_list(columns)


def _one_list(columns: Sequence[pa.StringArray]) -> pa.StringArray:
    # Arrow's own way of skipping nulls loses the rows that have none but nulls.
    parts = [pc.fill_null(pc.binary_join_element_wise(",", column, ""), "") for column in columns]
    opened = pc.binary_replace_slice(pc.binary_join_element_wise(*parts, ""), 0, 1, "[")
    lists = pc.binary_join_element_wise(opened, "]", "")
    return pc.if_else(pc.equal(lists, "[]"), pa.scalar(None, pa.string()), lists)


def in_one_list(lists: Sequence[pa.StringArray]) -> pa.StringArray:
    """Return the JSON lists of several columns as one list for each row; null where none has a member."""
    inner = [pc.utf8_slice_codeunits(column, 1, -1) for column in lists]
    columns = [pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column) for column in inner]
    return _one_list(columns)

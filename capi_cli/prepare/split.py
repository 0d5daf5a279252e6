"""Cells that hold more than their field: a full name, contacts among other words. Each field takes its part."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.normalize.contacts import email_addresses, phone_numbers
from capi_cli.event.normalize.full_name import split_full_name
from capi_cli.mapping.model import Entry
from capi_cli.prepare.columns import Stream
from capi_cli.prepare.distinct import codes_column, distinct

_LAST_NAMES = ("ln", "f5last")


def split_stream(stream: Stream, entry: Entry) -> Stream:
    """Return what the entry's field takes of each cell: one part of a name, or every address or number."""
    column = distinct(stream.values)
    if entry.split == "full_name":
        return Stream(
            column.take([name_part(value, entry.field.name) for value in column.values]), stream.rows
        )
    find = email_addresses if entry.field.name == "em" else phone_numbers
    parts = pa.array([find(value) for value in column.values], pa.list_(pa.string()))
    lists = parts.take(codes_column(column.codes))
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return Stream(pc.list_flatten(lists), rows if stream.rows is None else stream.rows[rows])


def name_part(value: str, name: str) -> str | None:
    """Return the first or the last name of a full name, whichever the field takes."""
    return split_full_name(value)[1 if name in _LAST_NAMES else 0]

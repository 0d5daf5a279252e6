"""Line items: which rows are one order, and what becomes of their columns. Columns in, columns out.

- Rows with the same cell of `[group] by`, trimmed, are one order; a row whose cell is empty stands for itself.
- An order takes every cell from the first of its rows in which that cell is not empty: an export may fill an
  order's cells in every row, or in one row alone.
- What is read from every row (contents, the value) goes along as one more column, a list of rows for each order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.mapping.model import Mapping
from capi_cli.prepare.columns import Table, list_as_text
from capi_cli.prepare.distinct import Codes, Distinct, distinct
from capi_cli.prepare.items import ITEMS, item_positions

_WHEN_AND_WHO: Final = ("event_time", "user_data.em", "user_data.ph", "user_data.external_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The rows of orders, each order's together.

    Attributes:
        members: int64[m], places of rows, ascending within an order; orders stand by their first rows.
        starts: int64[n + 1], where each order begins in `members`.
    """

    members: Codes
    starts: Codes

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> Codes:
        """How many rows each order has."""
        return np.diff(self.starts)

    @property
    def firsts(self) -> Codes:
        """The place of each order's first row."""
        return self.members[self.starts[:-1]]

    def where(self, keep: npt.NDArray[np.bool_]) -> "Orders":
        """Return the orders where `keep` holds."""
        starts = np.zeros(int(np.count_nonzero(keep)) + 1, np.int64)
        np.cumsum(self.sizes[keep], out=starts[1:])
        return Orders(members=self.members[np.repeat(keep, self.sizes)], starts=starts)


def order_cells(table: Table, position: int) -> Distinct:
    """Return the cells that tell orders apart, trimmed; -1 where there is none."""
    cells = pc.utf8_trim_whitespace(table.text(position))
    return distinct(pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells))


def find_orders(cells: Distinct, taken: npt.NDArray[np.bool_], *, heads: int, reach: int) -> Orders:
    """Return the orders that begin in the first rows.

    Args:
        cells: What tells the orders apart.
        taken: bool[n], rows that belong to orders found before.
        heads: In how many of the first rows an order may begin; at most `reach`, so that none begins there twice.
        reach: How many rows an order may span.
    """
    alone = cells.codes < 0
    codes = np.where(alone, len(cells.values) + np.arange(len(cells)), cells.codes)
    free = np.flatnonzero(~taken)
    begins = np.full(len(cells.values) + len(cells), len(cells), np.int64)
    begins[codes[free][::-1]] = free[::-1]  # of equals the last that is written is the first row
    first = begins[codes[free]]
    within = (first < heads) & (free - first < reach)
    free, first = free[within], first[within]
    order = np.argsort(first, kind="stable")
    first = first[order]
    starts = np.flatnonzero(np.diff(first, prepend=-1))
    return Orders(members=free[order], starts=np.append(starts, len(first)))


def join_rows(columns: pa.RecordBatch, orders: Orders, collected: Sequence[int]) -> pa.RecordBatch:
    """Return one row for each order.

    Args:
        columns: The rows of the source.
        orders: Which of them are one order.
        collected: Columns that are read from every row; they go along as a list of rows.
    """
    arrays = [column.take(pa.array(_first_filled(column, orders))) for column in columns.columns]
    names = list(columns.schema.names)
    if collected:
        rows = pa.array(orders.members)
        cells = [columns.column(slot).take(rows) for slot in collected]
        items = pa.StructArray.from_arrays(cells, [str(place) for place in range(len(cells))])
        arrays.append(pa.ListArray.from_arrays(pa.array(orders.starts.astype(np.int32)), items))
        names.append(ITEMS)
    return pa.RecordBatch.from_arrays(arrays, names)


def _first_filled(column: pa.Array, orders: Orders) -> Codes:
    """Return for each order the place of its first row whose cell is not empty, of its first row if none is."""
    firsts = orders.firsts
    is_list = pa.types.is_list(column.type)
    if not (column.null_count or is_list) or not len(firsts):
        return firsts
    has_value = pc.greater(pc.list_value_length(column), 0) if is_list else pc.is_valid(column)
    filled = np.asarray(pc.fill_null(has_value, False).to_numpy(zero_copy_only=False))[orders.members]
    nowhere = len(column)
    found = np.minimum.reduceat(np.where(filled, orders.members, nowhere), orders.starts[:-1])
    return np.where(found == nowhere, firsts, found)


def contradicting(columns: pa.RecordBatch, orders: Orders, slots: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Return which orders have rows that differ in one of these columns, upper and lower case alike."""
    differs = np.zeros(len(orders), np.bool_)
    if len(orders) == len(orders.members):
        return differs
    for slot in slots:
        column = columns.column(slot)
        texts = column if pa.types.is_string(column.type) else list_as_text(column)
        cells = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
        said = cells.take(pa.array(np.repeat(_first_filled(texts, orders), orders.sizes)))
        other = pc.fill_null(pc.not_equal(cells.take(pa.array(orders.members)), said), False)
        hit = np.asarray(other.to_numpy(zero_copy_only=False))
        differs |= np.logical_or.reduceat(hit, orders.starts[:-1])
    return differs


def telling_positions(mapping: Mapping) -> tuple[int, ...]:
    """Return the positions in which the rows of an order should agree: when, whose, and whether it counts."""
    entries = [mapping.entry(path) for path in _WHEN_AND_WHO]
    found = {at for entry in entries if entry is not None for at in entry.positions}
    found |= {where.position for where in mapping.where}
    return tuple(sorted(found - set(item_positions(mapping))))

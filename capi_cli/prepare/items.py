"""What is read from every row of an order: its contents, its ids of contents, its value.

A block of orders carries those rows as one more column, a list of rows for each order (see `group`). In a block
whose rows stand for themselves the item rows are the rows, and everything here costs nothing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.mapping.model import Mapping
from capi_cli.prepare.columns import Table
from capi_cli.prepare.distinct import Codes, distinct

ITEMS: Final = "items"  # the name of the column of lists
_CONTENTS: Final = "custom_data.contents"
BY_ITEM: Final = (_CONTENTS, "custom_data.content_ids", "custom_data.value")


def item_positions(mapping: Mapping) -> tuple[int, ...]:
    """Return the header positions that are read from every row of an order; none where rows are not joined."""
    if mapping.group is None:
        return ()
    by_item = [
        entry.positions
        for entry in mapping.entries
        if entry.field.path in BY_ITEM or entry.field.path.startswith(f"{_CONTENTS}.")
    ]
    return tuple(sorted({position for positions in by_item for position in positions}))


@dataclass(frozen=True, slots=True)
class ItemRows:
    """The rows of the orders of a block.

    Attributes:
        table: Their cells, of the columns that are read from every row.
        orders: int64[m], the order of each, ascending; None where each row of the block stands for itself.
    """

    table: Table
    orders: Codes | None = None

    @classmethod
    def of(cls, table: Table, positions: tuple[int, ...]) -> "ItemRows":
        """Return the item rows of a block; `positions` are those of `item_positions`."""
        if not positions:
            return cls(table)
        column = table.batch.column(table.batch.num_columns - 1)
        orders = pc.list_parent_indices(column).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
        rows = pa.RecordBatch.from_struct_array(pc.list_flatten(column))
        return cls(Table(rows, {position: slot for slot, position in enumerate(positions)}), orders)

    def rows(self, of: Codes | None = None) -> Codes | None:
        """Return the block's row of each item row, or of those at some places."""
        if self.orders is None or of is None:
            return of if self.orders is None else self.orders
        return self.orders[of]

    def join(self, lists: pa.StringArray, length: int, *, once: bool) -> pa.StringArray:
        """Join the JSON lists of an order's rows into one.

        Args:
            lists: For each item row, null where it has none.
            length: Orders in the block.
            once: A list that stands in several rows of an order counts once: it is the order's, repeated.
        """
        if self.orders is None:
            return lists
        filled = pc.fill_null(pc.greater(pc.binary_length(lists), len("[]")), False)
        kept = np.flatnonzero(np.asarray(filled.to_numpy(zero_copy_only=False)))
        if once:
            texts = distinct(lists).codes[kept]
            _, first = np.unique(self.orders[kept] * (len(lists) + 1) + texts, return_index=True)
            kept = kept[np.sort(first)]
        inner = pc.utf8_slice_codeunits(lists.take(pa.array(kept)), 1, -1)
        starts = np.searchsorted(self.orders[kept], np.arange(length + 1)).astype(np.int32)
        joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(starts), inner), ",")
        empty = pa.array(np.diff(starts) == 0)
        return pc.if_else(
            empty, pa.scalar(None, pa.string()), pc.binary_join_element_wise("[", joined, "]", "")
        )

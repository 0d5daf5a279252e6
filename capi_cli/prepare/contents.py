"""custom_data.contents from columns for ids, quantities, prices: lists side by side in one row, or rows of an order."""

from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.normalize.contents import contents_from_lists
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.columns import Table, entry_text
from capi_cli.prepare.distinct import Outcome, Rule, distinct

# Join a row's cells into one text that is looked up as a whole; a space where a cell holds one of them itself.
_CELL: Final = "\x1f"
_PART: Final = "\x1e"
_SEPARATOR: Final = ";"


class ContentsField:
    """The list of contents; each cell is a list of parts, or a single one."""

    def __init__(self, entries: dict[str, Entry], decimal: str | None) -> None:
        self.entries = entries
        said = [entry.decimal for entry in entries.values() if entry.decimal is not None]
        self._rule = Rule(partial(_contents, tuple(entries), said[0] if said else decimal))

    def fill(self, block: Block) -> None:
        """Fill the list of contents."""
        items = block.items
        cells = [_parts(items.table, entry) for entry in self.entries.values()]
        column = distinct(pc.binary_join_element_wise(*cells, _CELL))
        texts, findings = self._rule.apply(column.values, len(column))
        block.noticed.cells("custom_data.contents", column, findings, items.rows())
        block.put("custom_data.contents", items.join(column.take(texts), len(block), once=False))


def _parts(table: Table, entry: Entry) -> pa.StringArray:
    """Return a column's cells, the parts of each between marks; an empty cell is an empty text."""
    if len(entry.positions) == 1 and entry.template is None:
        column = table.column(entry.positions[0])
        if pa.types.is_list(column.type):
            values = pc.fill_null(_without_marks(column.values), "")
            parts = pa.ListArray.from_arrays(column.offsets, values)
            filled = pc.if_else(
                pc.is_valid(column), pc.binary_join(parts, _PART), pa.scalar(None, pa.string())
            )
            return pc.fill_null(filled, entry.default or "")
    cells = entry_text(table, entry)
    if cells is None:
        cells = pa.repeat(pa.scalar(entry.value, pa.string()), len(table))
    parts = pc.replace_substring(_without_marks(cells), entry.separator or _SEPARATOR, _PART)
    return pc.fill_null(parts, "")


def _without_marks(cells: pa.StringArray) -> pa.StringArray:
    return pc.replace_substring_regex(cells, f"[{_PART}{_CELL}]", " ")


def _contents(names: tuple[str, ...], decimal: str | None, cells: str) -> Outcome:
    lists = {
        name: [part.strip() or None for part in cell.split(_PART)] if cell else []
        for name, cell in zip(names, cells.split(_CELL), strict=True)
    }
    if not any(any(parts) for parts in lists.values()):
        return None
    return contents_from_lists(lists, decimal=decimal)

"""Cells of an entry: columns or a template as one column of text; lists as values with their rows."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.fields import Kind
from capi_cli.mapping.model import Entry
from capi_cli.mapping.template import Template
from capi_cli.prepare.distinct import Codes, distinct


@dataclass(frozen=True, slots=True)
class Table:
    """The wanted columns of a block by their position in the source's header."""

    batch: pa.RecordBatch
    slots: dict[int, int]  # header position → column of the batch

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def column(self, position: int) -> pa.Array:
        """Return the column at that position of the header: string or list<string>."""
        return self.batch.column(self.slots[position])

    def text(self, position: int, *, empty_lists: bool = False) -> pa.StringArray:
        """Return a column as text; of a list cell its one value, of several the JSON text of the list.

        Args:
            position: Of the header.
            empty_lists: Whether a list of none is `[]`; else it is an empty cell.
        """
        column = self.column(position)
        if pa.types.is_string(column.type):
            return column
        return list_as_text(column, empty_lists=empty_lists)

    def filter(self, keep: pa.BooleanArray) -> "Table":
        """Return the rows where `keep` holds."""
        return Table(self.batch.filter(keep), self.slots)


@dataclass(frozen=True, slots=True)
class Stream:
    """Values with the row each belongs to: what list cells and split cells become.

    Attributes:
        values: string[m].
        rows: int64[m], ascending; None where there is exactly one value, perhaps empty, for each row.
    """

    values: pa.StringArray
    rows: Codes | None = None


def entry_text(table: Table, entry: Entry) -> pa.StringArray | None:
    """Return an entry's cells as one column of text, empty cells null or the default; None for a constant."""
    if entry.value is not None:
        return None
    if entry.template is not None:
        return template_text(table, entry)
    # Of a list of texts that it is empty can be the answer: data_processing_options [] is "do not limit".
    first = table.text(entry.positions[0], empty_lists=entry.field.kind is Kind.TEXTS)
    if len(entry.positions) > 1:
        first = _as_one(first, [table.text(position) for position in entry.positions[1:]], entry)
    return with_default(_in_words(first, entry), entry)


def entry_streams(table: Table, entry: Entry) -> list[Stream]:
    """Return the cells of an entry whose field takes several values: one stream for each of its columns."""
    found = []
    for position in entry.positions:
        column = table.column(position)
        if pa.types.is_list(column.type):
            found.append(_flatten(column))
        elif entry.separator:
            found.append(_flatten(pc.split_pattern(column, entry.separator)))
        else:
            found.append(Stream(column))
    if entry.default is not None and len(found) == 1 and found[0].rows is None:
        found[0] = Stream(with_default(found[0].values, entry))
    return found


def _as_one(first: pa.StringArray, others: list[pa.StringArray], entry: Entry) -> pa.StringArray:
    """Join date, time and zone, or lists of items; of other fields the first cell that is filled counts."""
    between = {Kind.TIME: " ", Kind.JSON: ";"}.get(entry.field.kind)
    if between is None:
        return pc.coalesce(first, *others)
    if entry.field.kind is Kind.JSON:
        first = pc.fill_null(first, "")
    # Without a date there is no time. Arrow's own way of skipping nulls loses the rows that have none but nulls.
    behind = [pc.fill_null(pc.binary_join_element_wise(between, column, ""), "") for column in others]
    return pc.binary_join_element_wise(first, *behind, "")


def _in_words(column: pa.StringArray, entry: Entry) -> pa.StringArray:
    if not entry.words:
        return column
    cells = distinct(column)
    return cells.take([in_words(value, entry) for value in cells.values])


def in_words(cell: str, entry: Entry) -> str | None:
    """Return what the mapping says in place of a word that it names; trimmed, in any case, `*` being every other."""
    word = cell.strip().casefold()
    if not word or not entry.words:
        return cell if word else None
    meant = {name.strip().casefold(): said for name, said in entry.words}
    return meant.get(word) or meant.get("*") or cell


def with_default(column: pa.StringArray, entry: Entry) -> pa.StringArray:
    """Fill empty cells with the entry's default."""
    return column if entry.default is None else pc.fill_null(column, entry.default)


def template_text(table: Table, entry: Entry) -> pa.StringArray:
    """Fill a template's columns, trimmed; null where any of them is empty."""
    assert entry.template is not None
    names = dict(zip(entry.columns, entry.positions, strict=True))
    parts: list[pa.StringArray | str] = []
    for part in Template.parse(entry.template).parts:
        if part.column is None:
            parts.append(part.text)
        else:
            cells = pc.utf8_trim_whitespace(table.text(names[part.column]))
            parts.append(pc.if_else(pc.equal(cells, ""), None, cells))
    filled = pc.binary_join_element_wise(*parts, "")
    return filled if isinstance(filled, pa.Array) else pa.repeat(filled, len(table))


def _flatten(column: pa.ListArray) -> Stream:
    rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return Stream(pc.list_flatten(column), rows)


def list_as_text(column: pa.ListArray, *, empty_lists: bool = False) -> pa.StringArray:
    """Return list cells as text: one value as it is, since rows beside it may hold it bare; several as JSON.

    A list of none is null, or `[]` where `empty_lists` is asked for.
    """
    import orjson

    def text(cell: list[str] | None) -> str | None:
        if not cell:
            return "[]" if empty_lists and cell is not None else None
        return cell[0] if len(cell) == 1 else orjson.dumps(cell).decode()

    return pa.array([text(cell) for cell in column.to_pylist()], pa.string())

"""Fields that are not hashed: cells → JSON texts, one scalar rule per field on its distinct texts."""

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.fields import Field, Kind
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.contents import contents_from_lists
from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.json_text import quote
from capi_cli.event.normalize.money import normalize_value
from capi_cli.event.normalize.plain_keys import fbc_from_fbclid
from capi_cli.event.normalize.times import TimeReading
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.checks import is_present
from capi_cli.prepare.columns import Stream, entry_streams, entry_text
from capi_cli.prepare.distinct import Distinct, Outcome, Rule, constant, distinct, pairs
from capi_cli.prepare.encode import Member
from capi_cli.prepare.lists import json_lists
from capi_cli.prepare.quick import quick_value
from capi_cli.prepare.times import read_times

_UNIT = "\x1f"  # joins cells of several columns into one text; a space where a cell holds it itself


class CellField:
    """A field whose cells are read one by one."""

    def __init__(self, entry: Entry, settings: CellSettings) -> None:
        self.entry = entry
        self._rule = Rule(partial(wire_value, entry.field, settings=settings))

    def fill(self, block: Block) -> None:
        """Fill the field."""
        entry = self.entry
        path = entry.field.path
        if entry.value is not None:
            texts, findings = self._rule.apply([entry.value], 1)
            block.noticed.cells(path, constant(entry.value, len(block)), findings)
            block.put(path, texts[0])
        elif entry.field.many and (len(entry.positions) > 1 or entry.separator):
            block.put(path, self._lists(block))
        else:
            cells = entry_text(block.table, entry)
            assert cells is not None
            block.put(path, self._texts(Stream(cells), block))

    def _texts(self, stream: Stream, block: Block) -> pa.StringArray:
        column = distinct(stream.values)
        texts, findings = self._rule.apply(column.values, len(column))
        block.noticed.cells(self.entry.field.path, column, findings, stream.rows)
        return column.take(texts)

    def _lists(self, block: Block) -> pa.StringArray:
        one = Field(self.entry.field.path, Kind.TEXT)
        single = CellField.__new__(CellField)
        single.entry = self.entry
        single._rule = Rule(partial(wire_value, one, settings=CellSettings()))
        streams = entry_streams(block.table, self.entry)
        return json_lists(streams, [single._texts(stream, block) for stream in streams], len(block))


class ValueField:
    """custom_data.value, read beside the row's currency, which a symbol in the cell must not contradict."""

    def __init__(self, entry: Entry, decimal: str | None) -> None:
        self.entry = entry
        self._rule = Rule(partial(_value, entry.decimal or decimal))
        self._has_point = (entry.decimal or decimal) in (None, ".")

    def fill(self, block: Block) -> None:
        """Fill the value; the currency must stand already."""
        path = self.entry.field.path
        currency = _words(block.members.get("custom_data.currency"), len(block))
        plain = None
        if self.entry.value is not None:
            column = constant(self.entry.value, len(block))
        else:
            cells = entry_text(block.table, self.entry)
            assert cells is not None
            if self._has_point:
                plain = quick_value(cells)
                cells = pc.if_else(pc.is_valid(plain), pa.scalar(None, pa.string()), cells)
            column = distinct(cells)
        paired = pairs(column, currency)
        texts, findings = self._rule.apply(paired.values(), len(column))
        block.noticed.cells(path, paired.column(), findings)
        read = paired.column().take(texts)
        block.put(path, read if plain is None else pc.coalesce(plain, read))


def _value(decimal: str | None, cell: tuple[str, str | None]) -> Outcome:
    return normalize_value(cell[0], decimal=decimal, currency=cell[1])


def _words(member: Member | None, length: int) -> Distinct:
    if member is None:
        return Distinct(constant("", length).codes - 1, [])
    if isinstance(member, str):
        return constant(member.strip('"'), length)
    column = distinct(member)
    return Distinct(column.codes, [text.strip('"') for text in column.values])


class TimeField:
    """A time: event_time, original_event_data.event_time, …"""

    def __init__(self, entry: Entry, reading: TimeReading) -> None:
        self.entry = entry
        self._reading = reading

    def fill(self, block: Block) -> None:
        """Fill the time as integer Unix seconds."""
        block.put(self.entry.field.path, self.texts(block))

    def texts(self, block: Block) -> pa.StringArray:
        """Return epoch seconds as text."""
        entry = self.entry
        if entry.value is not None:
            cells = pa.array([entry.value], pa.string())
            texts, column, findings = read_times(cells, self._reading)
            if column is not None:
                block.noticed.cells(entry.field.path, constant(entry.value, len(block)), findings)
            return pa.array([texts[0].as_py()] * len(block), pa.string())
        read = entry_text(block.table, entry)
        assert read is not None
        texts, column, findings = read_times(read, self._reading)
        if column is not None:
            block.noticed.cells(entry.field.path, column, findings)
        return texts


class ContentsField:
    """custom_data.contents from parallel cells: ids, quantities, prices; each a `;`-list or a single value."""

    def __init__(self, entries: dict[str, Entry], decimal: str | None) -> None:
        self.entries = entries
        self._rule = Rule(partial(_contents, tuple(entries), decimal))

    def fill(self, block: Block) -> None:
        """Fill the list of contents."""
        parts = []
        for entry in self.entries.values():
            cells = entry_text(block.table, entry)
            if cells is None:
                cells = pa.array([entry.value] * len(block), pa.string())
            parts.append(pc.fill_null(pc.replace_substring(cells, _UNIT, " "), ""))
        joined = pc.binary_join_element_wise(*parts, _UNIT)
        column = distinct(joined)
        texts, findings = self._rule.apply(column.values, len(column))
        block.noticed.cells("custom_data.contents", column, findings)
        block.put("custom_data.contents", column.take(texts))


def _contents(names: tuple[str, ...], decimal: str | None, cells: str) -> Outcome:
    lists = {
        name: [part.strip() or None for part in cell.split(";")] if cell else []
        for name, cell in zip(names, cells.split(_UNIT), strict=True)
    }
    if not any(any(parts) for parts in lists.values()):
        return None
    return contents_from_lists(lists, decimal=decimal)


class ClickField:
    """fbc from a raw fbclid or a landing page's URL, where the row has no fbc of its own."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def fill(self, block: Block) -> None:
        """Fill fbc; the times must stand already."""
        cells = entry_text(block.table, self.entry)
        if cells is None:
            cells = pa.array([self.entry.value] * len(block), pa.string())
        own = block.members.get("user_data.fbc")
        has_own = is_present(own, len(block)).tolist()
        texts: list[str | None] = []
        findings: dict[int, Finding] = {}
        for index, cell in enumerate(cells.to_pylist()):
            at = int(block.times[index])
            outcome = None if cell is None or has_own[index] or not at else fbc_from_fbclid(cell, at)
            if isinstance(outcome, Finding):
                findings[index] = outcome
                outcome = outcome.kept
            texts.append(None if outcome is None else quote(outcome))
        if findings:
            codes = constant("", len(block)).codes + range(len(block))
            values = [cell or "" for cell in cells.to_pylist()]
            block.noticed.cells(self.entry.field.path, Distinct(codes, values), findings)
        made = pa.array(texts, pa.string())
        if own is None:
            block.put("user_data.fbc", made)
        elif not isinstance(own, str):
            block.put("user_data.fbc", pc.coalesce(own, made))

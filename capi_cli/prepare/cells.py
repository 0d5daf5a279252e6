"""Fields that are not hashed: cells → JSON texts, one scalar rule per field on its distinct texts."""

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.fields import Field, Kind
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.json_text import quote
from capi_cli.event.normalize.plain_keys import fbc_from_fbclid
from capi_cli.event.normalize.times import TimeReading
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.checks import is_present
from capi_cli.prepare.columns import Stream, entry_streams, entry_text
from capi_cli.prepare.distinct import Distinct, Rule, constant, distinct
from capi_cli.prepare.items import BY_ITEM, ItemRows
from capi_cli.prepare.lists import in_one_list, json_lists
from capi_cli.prepare.times import read_times


class CellField:
    """A field whose cells are read one by one."""

    def __init__(self, entry: Entry, settings: CellSettings) -> None:
        self.entry = entry
        self._rule = Rule(partial(wire_value, entry.field, settings=settings))
        self._by_item = entry.field.path in BY_ITEM

    def fill(self, block: Block) -> None:
        """Fill the field."""
        entry = self.entry
        path = entry.field.path
        items = block.items if self._by_item else ItemRows(block.table)
        if entry.value is not None:
            texts, findings = self._rule.apply([entry.value], 1)
            block.noticed.cells(path, constant(entry.value, len(block)), findings)
            block.put(path, texts[0])
        elif entry.field.many and (len(entry.positions) > 1 or entry.separator):
            block.put(path, items.join(self._lists(items, block), len(block), once=True))
        elif self._by_item and len(entry.positions) > 1:
            columns = [items.table.text(position) for position in entry.positions]
            lists = [self._texts(Stream(column), items, block) for column in columns]
            block.put(path, items.join(in_one_list(lists), len(block), once=True))
        else:
            cells = entry_text(items.table, entry)
            assert cells is not None
            texts = self._texts(Stream(cells), items, block)
            block.put(path, items.join(texts, len(block), once=True))

    def _texts(self, stream: Stream, items: ItemRows, block: Block) -> pa.StringArray:
        column = distinct(stream.values)
        texts, findings = self._rule.apply(column.values, len(column))
        block.noticed.cells(self.entry.field.path, column, findings, items.rows(stream.rows))
        return column.take(texts)

    def _lists(self, items: ItemRows, block: Block) -> pa.StringArray:
        one = Field(self.entry.field.path, Kind.TEXT)
        single = CellField.__new__(CellField)
        single.entry = self.entry
        single._rule = Rule(partial(wire_value, one, settings=CellSettings()))
        streams = entry_streams(items.table, self.entry)
        texts = [single._texts(stream, items, block) for stream in streams]
        return json_lists(streams, texts, len(items.table))


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

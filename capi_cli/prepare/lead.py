"""When an event's lead was made: a stage cannot come before its lead, and Meta drops one that does without a word."""

from functools import partial

import numpy as np
import pyarrow as pa

from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.times import TimeReading
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.columns import entry_text
from capi_cli.prepare.distinct import Rule, distinct
from capi_cli.prepare.times import as_integers

LEAD_TIME = "lead_created_at"


class LeadTime:
    """Holds event_time against the time of the lead; is never on the wire itself."""

    def __init__(self, entry: Entry, reading: TimeReading) -> None:
        self.entry = entry
        self._rule = Rule(partial(wire_value, entry.field, settings=CellSettings(reading=reading)))

    def fill(self, block: Block) -> None:
        """Notice the rows whose event came before the lead; a lead time that can't be read is told and passed over."""
        cells = entry_text(block.table, self.entry)
        if cells is None:
            cells = pa.repeat(pa.scalar(self.entry.value, pa.string()), len(block))
        column = distinct(cells)
        texts, findings = self._rule.apply(column.values, len(column))
        block.noticed.cells(LEAD_TIME, column, findings)
        made, known = as_integers(column.take(texts), len(block))
        early = known & (block.times != 0) & (block.times < made)
        block.noticed.rows_where("event-before-lead", "event_time", np.asarray(early))

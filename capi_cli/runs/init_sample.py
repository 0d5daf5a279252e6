"""The first rows of a source, column by column, for looking at."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa

from capi_cli.mapping.header import Header
from capi_cli.mapping.model import Mapping
from capi_cli.prepare.columns import Table
from capi_cli.prepare.plan import settle
from capi_cli.readers.block import Reader
from capi_cli.readers.columns import joined
from capi_cli.runs.preview_cells import RowCells

SAMPLE_ROWS: Final = 2_000
_ROWS_FOR_EXAMPLES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Up to 2,000 rows."""

    header: Header
    table: Table
    today: date

    @classmethod
    def of(cls, reader: Reader, *, today: date) -> "Sample":
        """Read the first rows of a source."""
        header = Header.of(reader.header)
        wanted = tuple(header.usable)
        batches: list[pa.RecordBatch] = []
        rows = 0
        for block in reader.blocks(wanted):
            batches.append(block.columns.slice(0, SAMPLE_ROWS - rows))
            rows += batches[-1].num_rows
            if rows >= SAMPLE_ROWS:
                break
        slots = {position: slot for slot, position in enumerate(wanted)}
        batch = (
            joined(batches)
            if batches
            else pa.record_batch([pa.array([], pa.string()) for _ in wanted], names=[str(p) for p in wanted])
        )
        return cls(header=header, table=Table(batch, slots), today=today)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.table)

    def cells(self, *positions: int) -> list[str]:
        """Return the columns' cells, empty ones left out; the values of list cells one by one."""
        found: list[str] = []
        for position in positions:
            for cell in self.table.column(position).to_pylist():
                found += [one for one in (cell if isinstance(cell, list) else [cell]) if one]
        return found

    def joined(self, positions: tuple[int, ...]) -> list[str]:
        """Return the cells of date, time and zone in several columns, joined by a space."""
        if len(positions) == 1:
            return self.cells(*positions)
        columns = [self.table.text(position).to_pylist() for position in positions]
        return [" ".join(filter(None, cells)) for cells in zip(*columns, strict=True) if cells[0]]

    def row_texts(self, position: int) -> list[str | None]:
        """Return a column's cells, one for each row."""
        found: list[str | None] = self.table.text(position).to_pylist()
        return found

    def examples(self, mapping: Mapping) -> dict[str, tuple[str, str]]:
        """Return by path the first cell that becomes something, and what it becomes; masked as in a preview."""
        plan = settle(mapping, [self.table], today=self.today)
        found: dict[str, tuple[str, str]] = {}
        for row in range(min(self.rows, _ROWS_FOR_EXAMPLES)):
            one = Table(self.table.batch.slice(row, 1), self.table.slots)
            for cell in RowCells(plan, self.header.names, one, show_values=False).all():
                if cell.cell is not None and cell.became is not None:
                    found.setdefault(cell.field, (cell.cell, cell.became))
        return found

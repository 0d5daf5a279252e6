"""custom_data.value: of a row, or of an order whose rows each may name one."""

from dataclasses import replace
from decimal import Context, Decimal
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.normalize.money import decimal_text, normalize_value
from capi_cli.mapping.model import Entry, Group
from capi_cli.prepare.amounts import plain_amounts
from capi_cli.prepare.block import Block
from capi_cli.prepare.columns import entry_text, with_default
from capi_cli.prepare.distinct import Codes, Distinct, Outcome, Rule, constant, distinct, pairs
from capi_cli.prepare.encode import Member

_PATH: Final = "custom_data.value"
_EXACT: Final = Context(prec=100)  # thousands of numbers of at most 30 digits on either side of the point


class ValueField:
    """The value, read beside the row's currency, which a symbol in the cell must not contradict."""

    def __init__(self, entry: Entry, decimal: str | None, group: Group | None = None) -> None:
        self.entry = entry
        self._rule = Rule(partial(_value, entry.decimal or decimal))
        self._has_point = (entry.decimal or decimal) in (None, ".")
        self._sums = group is not None and group.value == "sum"

    def fill(self, block: Block) -> None:
        """Fill the value; the currency must stand already."""
        currency = _words(block.members.get("custom_data.currency"), len(block))
        if self.entry.value is not None:
            block.put(_PATH, self._read(constant(self.entry.value, len(block)), currency, None, block))
        elif block.items.orders is None:
            cells = entry_text(block.table, self.entry)
            assert cells is not None
            block.put(_PATH, self._texts(cells, currency, None, block))
        else:
            cells, orders = self._said(block)
            texts = self._texts(cells, currency.take_rows(orders), orders, block)
            block.put(_PATH, self._of_orders(texts, orders, block))

    def _texts(
        self, cells: pa.StringArray, currency: Distinct, rows: Codes | None, block: Block
    ) -> pa.StringArray:
        if not self._has_point:
            return self._read(distinct(cells), currency, rows, block)
        plain = plain_amounts(cells)
        if plain.null_count == cells.null_count:
            return plain
        others = pc.if_else(pc.is_valid(plain), pa.scalar(None, pa.string()), cells)
        return pc.coalesce(plain, self._read(distinct(others), currency, rows, block))

    def _read(self, column: Distinct, currency: Distinct, rows: Codes | None, block: Block) -> pa.StringArray:
        paired = pairs(column, currency)
        texts, findings = self._rule.apply(paired.values(), len(column))
        block.noticed.cells(_PATH, paired.column(), findings, rows)
        return paired.column().take(texts)

    def _said(self, block: Block) -> tuple[pa.StringArray, Codes]:
        """Return the cells of all rows of the orders that are not empty, each with its order."""
        items, entry = block.items, self.entry
        assert items.orders is not None
        cells = entry_text(items.table, replace(entry, default=None))
        assert cells is not None
        filled = np.asarray(pc.is_valid(cells).to_numpy(zero_copy_only=False))
        orders = items.orders[filled]
        cells = cells.filter(pa.array(filled))
        if entry.default is not None:
            silent = np.setdiff1d(np.arange(len(block)), orders)
            cells = pa.concat_arrays([cells, with_default(pa.nulls(len(silent), pa.string()), entry)])
            orders = np.concatenate([orders, silent])
        return cells, orders

    def _of_orders(self, texts: pa.StringArray, orders: Codes, block: Block) -> pa.StringArray:
        """Return each order's value: that of its rows, or their sum."""
        found: list[str | None] = [None] * len(block)
        sums: dict[int, Decimal] = {}
        differs = np.zeros(len(block), np.bool_)
        too_long = np.zeros(len(block), np.bool_)
        for order, text in zip(orders.tolist(), texts.to_pylist(), strict=True):
            known = found[order]
            if text is None or known is None:
                found[order] = text or known
            elif self._sums:
                sums[order] = _EXACT.add(sums.get(order, Decimal(known)), Decimal(text))
            elif text != known:
                differs[order] = True
        for order, total in sums.items():
            try:
                found[order] = decimal_text(total)
            except ValueError:
                too_long[order] = True
        block.noticed.rows_where("group-value-differs", _PATH, differs)
        block.noticed.rows_where("number-unreadable", _PATH, too_long)
        return pa.array(found, pa.string())


def _value(decimal: str | None, cell: tuple[str, str | None]) -> Outcome:
    return normalize_value(cell[0], decimal=decimal, currency=cell[1])


def _words(member: Member | None, length: int) -> Distinct:
    if member is None:
        return Distinct(constant("", length).codes - 1, [])
    if isinstance(member, str):
        return constant(member.strip('"'), length)
    column = distinct(member)
    return Distinct(column.codes, [text.strip('"') for text in column.values])

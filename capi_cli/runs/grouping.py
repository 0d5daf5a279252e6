"""Rows of one order, brought together while a source is read: a window over its blocks, in constant memory.

An order may span 10,000 rows, counted from its first one; fewer where rows are so large that twice as many would
not fit into 64 MiB. A row of the same order further down is told (`group-too-far`) and not sent, never made a second
purchase: the orders that were let go are remembered exactly, by 64 bits of their cell.

Of a source that breaks off, the orders within the window are left to the next run: they may go on behind the break.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from capi_cli.ledger.run_index import Standing
from capi_cli.prepare.columns import Table
from capi_cli.prepare.distinct import Distinct
from capi_cli.prepare.group import (
    Orders,
    contradicting,
    find_orders,
    join_rows,
    order_cells,
    telling_positions,
)
from capi_cli.prepare.items import item_positions
from capi_cli.prepare.plan import Plan
from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.readers.columns import joined

WINDOW_ROWS: Final = 10_000
WINDOW_BYTES: Final = 64 << 20

Lines = npt.NDArray[np.int64]


class Remembers(Protocol):
    """Remembers keys; `ledger.run_index.RunIndex` is one."""

    def check(
        self, event_keys: npt.NDArray[np.uint64], content_keys: npt.NDArray[np.uint64]
    ) -> npt.NDArray[np.int8]:
        """Return for each key whether it is new, and remember it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedBlock(RowBlock):
    """Orders, each joined from rows of one source; `rows` holds the line of each order's first row.

    Attributes:
        firsts: int64[n + 1], where each order's rows begin in `lines`.
        lines: int64[m], the lines of all rows.
        origins: int64[m, 2], for each row its block and its place there.
        blocks: The blocks, by number, without their columns.
        contradicting: Lines of orders whose rows name different people or times.
    """

    firsts: Lines
    lines: Lines
    origins: npt.NDArray[np.int64]
    blocks: dict[int, RowBlock]
    contradicting: Lines

    def raw(self, index: int) -> bytes:
        """Return the bytes of an order's first row."""
        return self._raw(int(self.firsts[index]))

    def records(self, index: int) -> Iterator[tuple[int, bytes]]:
        """Yield the line and the bytes of each of an order's rows."""
        for member in range(int(self.firsts[index]), int(self.firsts[index + 1])):
            yield int(self.lines[member]), self._raw(member)

    def count(self, places: npt.NDArray[np.integer] | None = None) -> int:
        """Return how many rows the orders at those places have; all of them for None."""
        return len(self.lines) if places is None else int(np.diff(self.firsts)[places].sum())

    def _raw(self, member: int) -> bytes:
        block, place = self.origins[member].tolist()
        return self.blocks[block].raw(place)


class Grouping:
    """Joins the rows of one source.

    Args:
        plan: Of the source; its mapping has a group.
        closed: Remembers the orders that were let go.
        left: Rows from which orders are taken (`--limit`); the rows of these orders that stand behind them are
            read too, so that no order is cut in two. None for all.
    """

    def __init__(
        self,
        plan: Plan,
        closed: Remembers,
        *,
        left: int | None = None,
        window_rows: int = WINDOW_ROWS,
        window_bytes: int = WINDOW_BYTES,
    ) -> None:
        group, slots = plan.mapping.group, plan.slots
        assert group is not None
        self.left = left
        self._slots = slots
        self._by = group.position
        self._telling = tuple(slots[position] for position in telling_positions(plan.mapping))
        self._collected = tuple(slots[position] for position in item_positions(plan.mapping))
        self._closed = closed
        self._window_rows = window_rows
        self._window_bytes = window_bytes
        self._rows = _Rows()
        self._bad: list[BadRow] = []

    def blocks(self, source: Iterable[RowBlock]) -> Iterator[GroupedBlock]:
        """Yield the orders of a source, by their first rows."""
        for block in source:
            self._take(block)
            while (heads := self._due()) is not None:
                yield from self._orders(heads)
            if self.left == 0 and self._rows.is_complete(self._window_rows):
                break
        while len(self._rows):
            yield from self._orders(min(self._window_rows, len(self._rows)))
        if self._bad:
            yield from self._orders(0)

    def _take(self, block: RowBlock) -> None:
        rows, bad = block.rows, block.bad
        if self.left is None:
            self._bad += bad
            self._rows.add(block, len(rows))
            return
        within = np.sort(np.concatenate([rows, np.array([one.row for one in bad], np.int64)]))[: self.left]
        self.left -= len(within)
        last = int(within[-1]) if len(within) else -1
        self._bad += (one for one in bad if one.row <= last)
        self._rows.add(block, int(np.searchsorted(rows, last, side="right")))

    def _due(self) -> int | None:
        """Return from how many rows orders are taken now; None where more rows must be read first."""
        if len(self._rows) >= 2 * self._window_rows:
            return self._window_rows
        if self._rows.nbytes > self._window_bytes and len(self._rows) > 1:
            return len(self._rows) // 2
        return None

    def _orders(self, heads: int) -> Iterator[GroupedBlock]:
        """Let go of the first rows, with all orders that begin in them."""
        rows = self._rows
        reach = self._window_rows
        columns = rows.columns().slice(0, heads + reach)
        table = Table(columns, self._slots)
        cells = order_cells(table, self._by)
        orders = find_orders(cells, rows.taken[: len(cells)], heads=min(heads, rows.heads), reach=reach)
        rows.taken[orders.members] = True
        fresh = self._are_new(cells, orders)
        self._bad += self._too_far(orders.where(~fresh))
        bad, self._bad = self._bad, []
        kept = orders.where(fresh)
        if len(kept) or bad:
            yield self._joined(columns, kept, tuple(sorted(bad, key=lambda one: one.row)))
        rows.drop(heads)

    def _are_new(self, cells: Distinct, orders: Orders) -> npt.NDArray[np.bool_]:
        """Return which orders no order before them in the source was; those without a cell always are."""
        codes = cells.codes[orders.firsts]
        named = codes >= 0
        fresh = np.ones(len(orders), np.bool_)
        texts = cells.values
        digest = xxhash.xxh3_64_intdigest
        keys = np.array([digest(texts[code].encode()) for code in codes[named].tolist()], np.uint64)
        fresh[named] = self._closed.check(keys, np.zeros(len(keys), np.uint64)) == Standing.NEW
        return fresh

    def _too_far(self, orders: Orders) -> Iterator[BadRow]:
        for member in orders.members.tolist():
            line, raw = self._rows.record(member)
            yield BadRow(row=line, code="group-too-far", raw=raw)

    def _joined(self, columns: pa.RecordBatch, orders: Orders, bad: tuple[BadRow, ...]) -> GroupedBlock:
        rows = self._rows
        origins = rows.origins[orders.members]
        lines = rows.lines[orders.firsts]
        return GroupedBlock(
            columns=join_rows(columns, orders, self._collected),
            rows=lines,
            bad=bad,
            bytes_read=rows.bytes_read,
            firsts=orders.starts,
            lines=rows.lines[orders.members],
            origins=origins,
            blocks={number: rows.blocks[number] for number in np.unique(origins[:, 0]).tolist()},
            contradicting=lines[contradicting(columns, orders, self._telling)],
        )


class _Rows:
    """The rows within the window, oldest first.

    Attributes:
        lines: int64[n].
        origins: int64[n, 2], block and place.
        taken: bool[n], those that belong to an order already.
        blocks: The blocks that they came in, by number, without columns.
        heads: How many of them may begin an order.
        bytes_read: Of the source, up to the last of them.
    """

    def __init__(self) -> None:
        self._parts: list[pa.RecordBatch] = []
        self.lines = np.zeros(0, np.int64)
        self.origins = np.zeros((0, 2), np.int64)
        self.taken = np.zeros(0, np.bool_)
        self.blocks: dict[int, RowBlock] = {}
        self.heads = 0
        self.bytes_read = 0
        self._number = 0

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def nbytes(self) -> int:
        """Memory that the rows hold, about."""
        held = sum(len(block.data) for block in self.blocks.values())
        return held + int(sum(part.nbytes for part in self._parts))

    def columns(self) -> pa.RecordBatch:
        """Return their cells."""
        self._parts = [joined(self._parts)]
        return self._parts[0]

    def is_complete(self, window_rows: int) -> bool:
        """Return whether no order that may begin here can have rows that were not read yet."""
        return len(self) >= self.heads + window_rows - 1

    def add(self, block: RowBlock, heads: int) -> None:
        """Take a block, of whose rows the first `heads` may begin an order."""
        count = len(block.rows)
        self._parts.append(block.columns)
        self.lines = np.concatenate([self.lines, block.rows])
        places = np.column_stack([np.full(count, self._number), np.arange(count)])
        self.origins = np.concatenate([self.origins, places])
        self.taken = np.concatenate([self.taken, np.zeros(count, np.bool_)])
        self.blocks[self._number] = replace(block, columns=_NO_COLUMNS, bad=())
        self._number += 1
        self.heads += heads
        self.bytes_read = block.bytes_read

    def record(self, place: int) -> tuple[int, bytes]:
        """Return a row's line and bytes."""
        block, index = self.origins[place].tolist()
        return int(self.lines[place]), self.blocks[block].raw(index)

    def drop(self, count: int) -> None:
        """Forget the first rows."""
        self._parts = [self.columns().slice(count)]
        self.lines, self.origins, self.taken = self.lines[count:], self.origins[count:], self.taken[count:]
        self.heads = max(0, self.heads - count)
        oldest = int(self.origins[0, 0]) if len(self) else self._number
        self.blocks = {number: block for number, block in self.blocks.items() if number >= oldest}


_NO_COLUMNS: Final = pa.RecordBatch.from_arrays([], [])

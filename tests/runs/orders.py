"""Rows of orders for the tests of grouping: blocks as a reader yields them, and what they are prepared to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from capi_cli.ledger.run_index import RunIndex
from capi_cli.mapping.bind import bind
from capi_cli.mapping.config import Config
from capi_cli.prepare.columns import Table
from capi_cli.prepare.plan import Plan, settle
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.prepare.preparer import Preparer
from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.runs.grouping import GroupedBlock, Grouping

NOW = 1_767_225_600  # 2026-01-01T00:00:00Z
HEADER = "order_id email event_time value sku qty price shop".split()
EVENT: dict[str, Any] = {
    "event_name": {"value": "Purchase"},
    "action_source": {"value": "physical_store"},
    "custom_data": {
        "currency": {"value": "EUR"},
        "value": "value",
        "order_id": "order_id",
        "shop": "shop",
        "contents": {"id": "sku", "quantity": "qty", "item_price": "price"},
    },
}
Row = dict[str, str]


def plan_for(group: dict[str, str] | None, header: Sequence[str] = HEADER, **custom_data: Any) -> Plan:
    """Return the plan of a file of items; `custom_data` replaces entries of the mapping, None leaves one out."""
    entries = {**EVENT["custom_data"], **custom_data}
    event = EVENT | {"custom_data": {name: entry for name, entry in entries.items() if entry is not None}}
    mapping = bind(header, config=Config(event=event, group=group))
    slots = {place: place for place in range(len(header))}
    table = Table(batch([{"event_time": "2025-12-31T23:00:00Z"}], header), slots)
    return settle(mapping, [table], today=date(2026, 1, 1))


def order(number: int | str, *skus: str, value: str = "12.50") -> list[Row]:
    """Return the rows of an order as Shopify writes them: its cells on the first row alone."""
    first = {
        "order_id": str(number),
        "email": f"buyer{number}@example.org",
        "event_time": "2025-12-31T23:00:00Z",
        "value": value,
        "shop": "Berlin",
    }
    rows = [{"order_id": str(number), "sku": sku, "qty": "1", "price": "5"} for sku in skus]
    return [first | rows[0], *rows[1:]]


def batch(rows: Sequence[Row], header: Sequence[str] = HEADER) -> pa.RecordBatch:
    columns = [pa.array([row.get(name) or None for row in rows], pa.string()) for name in header]
    return pa.RecordBatch.from_arrays(columns, list(header))


def blocks(
    rows: Sequence[Row], plan: Plan, cuts: Sequence[int] = (), bad: Sequence[int] = ()
) -> Iterator[RowBlock]:
    """Yield the rows in blocks that end at `cuts`; lines begin at 2, and those in `bad` can't be read."""
    lines = [line for line in range(2, 2 + len(rows) + len(bad)) if line not in bad]
    for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        data = b"".join(b"%d\n" % line for line in lines[begin:end])
        ends = np.array([place for place, byte in enumerate(data) if byte == 10], np.int64)
        last = lines[end - 1] if end else 0
        yield RowBlock(
            columns=batch(rows[begin:end]).select(plan.wanted),
            rows=np.array(lines[begin:end], np.int64),
            bad=tuple(
                BadRow(row=line, code="short-row", raw=b"bad")
                for line in bad
                if (begin == 0 or line > lines[begin - 1]) and (line < last or end == len(rows))
            ),
            bytes_read=end,
            data=data,
            starts=np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if end > begin else ends,
            ends=ends,
        )


@dataclass
class Joined:
    """What grouping and preparing yielded."""

    events: list[bytes]
    lines: list[list[int]]  # of each event
    rejected: dict[str, list[int]]  # code → lines, grouping's own rejects and preparing's
    blocks: list[GroupedBlock]
    left: int | None
    prepared: list[PreparedBlock]

    def read(self) -> list[dict[str, Any]]:
        """Return the events as objects."""
        return [orjson.loads(event) for event in self.events]

    def contents(self) -> dict[str, list[str]]:
        """Return the ids of the contents of each order."""
        found = {}
        for event in self.read():
            data = event["custom_data"]
            found[data["order_id"]] = [item["id"] for item in data.get("contents", ())]
        return found


def join(
    source: Iterator[RowBlock] | Sequence[RowBlock], plan: Plan, *, left: int | None = None, **window: int
) -> Joined:
    """Group and prepare blocks."""
    found = Joined([], [], {}, [], None, [])
    preparer = Preparer(plan)
    with RunIndex() as closed:
        grouping = Grouping(plan, closed, left=left, **window)
        for block in grouping.blocks(source):
            prepared = preparer.prepare(block.columns, block.rows, NOW)
            found.blocks.append(block)
            found.prepared.append(prepared)
            found.events += cut(prepared)
            found.lines += [[line for line, _ in block.records(int(place))] for place in prepared.index]
            for one in prepared.rejected:
                lines = [line for line, _ in block.records(one.index)]
                found.rejected.setdefault(one.code, []).extend(lines)
            for bad in block.bad:
                found.rejected.setdefault(bad.code, []).append(bad.row)
        found.left = grouping.left
    return found


def cut(prepared: PreparedBlock) -> list[bytes]:
    starts = prepared.starts.tolist()
    return [bytes(prepared.joined[begin : end - 1]) for begin, end in pairwise(starts)]

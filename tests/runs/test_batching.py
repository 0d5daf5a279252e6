"""Batches are cut at the size, keep the file's order, and know the row of each event."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from capi_cli.delivery.batch import Batch
from capi_cli.prepare.prepared import PreparedBlock, Tally
from capi_cli.readers.block import RowBlock
from capi_cli.runs.batching import Batcher
from capi_cli.runs.origins import Origins


def prepared(events: Sequence[bytes], rows: Sequence[int]) -> tuple[RowBlock, PreparedBlock]:
    count = len(events)
    starts = np.cumsum([0, *[len(event) + 1 for event in events]]).astype(np.int64)
    block = RowBlock(
        columns=pa.RecordBatch.from_arrays([pa.array([""] * count)], ["a"]), rows=np.array(rows, np.int64)
    )
    numbers = np.arange(count)
    return block, PreparedBlock(
        joined=b",".join(events),
        starts=starts,
        index=numbers.astype(np.int32),
        event_keys=numbers.astype(np.uint64),
        content_keys=numbers.astype(np.uint64) + np.uint64(100),
        event_times=numbers + 1000,
        expires_at=numbers + 2000,
        windows_s=np.full(count, 3600, np.int32),
        presence=np.zeros(count, np.uint64),
        values=np.zeros(count),
        currencies=np.full(count, -1),
        currency_names=(),
        event_names=np.zeros(count, np.int64),
        name_names=("Purchase",),
        rejected=(),
        filtered=0,
        tally=Tally(),
    )


def collect(size: int, blocks: Sequence[tuple[Sequence[bytes], Sequence[int], Sequence[int]]]) -> list[Batch]:
    batcher = Batcher(size)
    found = []
    for place, (events, rows, keep) in enumerate(blocks):
        block, events_of_block = prepared(events, rows)
        found += batcher.add(place, block, events_of_block, np.array(keep, np.int64))
    return [*found, *batcher.rest()]


def rows_of(batch: Batch) -> list[tuple[int, int]]:
    assert isinstance(batch.origins, Origins)
    return [(origin.source, origin.row) for origin in batch.origins]


def test_a_batch_takes_events_across_blocks_and_leaves_out_what_was_not_kept() -> None:
    batches = collect(
        3,
        [
            ([b'{"a":1}', b'{"a":22}', b'{"a":3}', b'{"a":4}'], [2, 3, 5, 6], [0, 1, 3]),
            ([b'{"b":1}', b'{"b":2}'], [2, 9], [1]),
        ],
    )
    assert [batch.joined for batch in batches] == [b'{"a":1},{"a":22},{"a":4}', b'{"b":2}']
    assert [batch.number for batch in batches] == [1, 2]
    assert [batches[0].event(i) for i in range(3)] == [b'{"a":1}', b'{"a":22}', b'{"a":4}']
    assert rows_of(batches[0]) == [(0, 2), (0, 3), (0, 6)]
    assert rows_of(batches[1]) == [(1, 9)]
    assert list(batches[0].expires_at) == [2000, 2001, 2003]
    assert list(batches[0].content_keys) == [100, 101, 103]


def test_one_block_can_fill_several_batches() -> None:
    events = [f'{{"n":{n}}}'.encode() for n in range(7)]
    batches = collect(2, [(events, range(2, 9), range(7))])
    assert [len(batch) for batch in batches] == [2, 2, 2, 1]
    assert b",".join(batch.joined for batch in batches) == b",".join(events)


def test_a_part_of_a_batch_is_a_batch_with_its_own_rows() -> None:
    (batch,) = collect(10, [([b"{}", b'{"x":1}', b'{"y":2}', b"{}"], [2, 3, 4, 5], range(4))])
    part = batch.part(1, 3)
    assert part.joined == b'{"x":1},{"y":2}'
    assert part.event(1) == b'{"y":2}'
    assert (part.first, part.last, part.number) == (1, 3, batch.number)
    assert rows_of(part) == [(0, 3), (0, 4)]
    assert rows_of(part.part(1, 2)) == [(0, 4)]

"""The first rows come in small steps; nothing of a block is lost or moved by that."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.runs.stepping import STEP_ROWS, STEPPED_ROWS, records, stepped


def block(first: int, count: int, bad: set[int]) -> RowBlock:
    """Return a block of the lines from `first` on, one in a hundred of which may be bad."""
    good = [line for line in range(first, first + count) if line % 100 not in bad]
    return RowBlock(
        columns=pa.record_batch({"cell": pa.array([str(line) for line in good], pa.string())}),
        rows=np.array(good, np.int64),
        bad=tuple(
            BadRow(row=line, code="ragged", raw=b"")
            for line in range(first, first + count)
            if line % 100 in bad
        ),
        data=b"x",
        starts=np.array(good, np.int64) * 10,
        ends=np.array(good, np.int64) * 10 + 9,
    )


@given(
    sizes=st.lists(st.integers(0, 3 * STEP_ROWS), max_size=6),
    bad=st.sets(st.integers(0, 99), max_size=3),
    most=st.sampled_from([700, 10**9]),
)
def test_steps_are_the_blocks_cut(sizes: list[int], bad: set[int], most: int) -> None:
    begins = np.cumsum([2, *sizes]).tolist()
    blocks = [block(begin, size, bad) for begin, size in zip(begins[:-1], sizes, strict=True)]
    found = list(stepped(blocks, lambda: most))
    for name in ("rows", "starts", "ends"):
        assert [x for one in found for x in getattr(one, name)] == [
            x for one in blocks for x in getattr(one, name)
        ]
    assert [bad for one in found for bad in one.bad] == [bad for one in blocks for bad in one.bad]
    for one in found:
        assert one.columns.column(0).to_pylist() == [str(line) for line in one.rows]
    seen = 0
    for one in found:
        assert records(one) <= (most if seen >= STEPPED_ROWS else STEP_ROWS)
        lines = [*one.rows.tolist(), *(bad.row for bad in one.bad)]
        assert not lines or min(lines) >= 2 + seen
        seen += records(one)

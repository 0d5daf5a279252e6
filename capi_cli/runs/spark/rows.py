"""The rows of one partition as blocks of text, and where each of them came from.

Within a task a row is known by its running number from 1; `places` turns it back into the file or partition and
the row that it has for people. Batches are forgotten once no order can reach back to them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.readers.block import RowBlock
from capi_cli.readers.columns import batch_of
from capi_cli.readers.json_values import Path
from capi_cli.readers.leaves import leaf_text


class Rows:
    """Reads one partition.

    Args:
        batches: From Spark; the last two columns are `_source` and `_row`.
        paths: Of the columns that a plan wants: which column of the batches, and the path in it.
        reach: How many rows back one may be asked for.
    """

    def __init__(
        self, batches: Iterable[pa.RecordBatch], paths: Sequence[tuple[int, Path]], *, reach: int
    ) -> None:
        self._batches = batches
        self._paths = paths
        self._reach = reach
        self._kept: list[pa.RecordBatch] = []
        self._firsts: list[int] = []
        self.count = 0

    def blocks(self) -> Iterator[RowBlock]:
        """Yield the rows; `rows` are their running numbers."""
        for batch in self._batches:
            if not batch.num_rows:
                continue
            self._keep(batch)
            cells = [leaf_text(batch.column(top), path) for top, path in self._paths]
            rows = np.arange(self.count - batch.num_rows + 1, self.count + 1, dtype=np.int64)
            yield RowBlock(columns=batch_of(cells, batch.num_rows), rows=rows)

    def _keep(self, batch: pa.RecordBatch) -> None:
        while len(self._firsts) > 1 and self._firsts[1] <= self.count - self._reach:
            del self._kept[0], self._firsts[0]
        if not self._reach:
            self._kept.clear()
            self._firsts.clear()
        self._kept.append(batch)
        self._firsts.append(self.count + 1)
        self.count += batch.num_rows

    def taken(self, numbers: npt.NDArray[np.int64], columns: Sequence[int] | None = None) -> pa.Table:
        """Return rows by their running numbers, in that order; all their columns, or those at some places."""
        kept = self._kept
        if columns is not None:
            kept = [batch.select([batch.schema.names[column] for column in columns]) for batch in kept]
        batches = np.searchsorted(self._firsts, numbers, side="right") - 1
        before = np.cumsum([0, *(batch.num_rows for batch in kept)])
        where = before[batches] + numbers - np.asarray(self._firsts, np.int64)[batches]
        return pa.Table.from_batches(kept).take(pa.array(where))

    def places(self, numbers: npt.NDArray[np.int64]) -> tuple[pa.Array, pa.Array]:
        """Return `_source` and `_row` of rows."""
        if not len(numbers):
            return pa.array([], pa.string()), pa.array([], pa.int64())
        found = self.taken(numbers, (-2, -1))
        return found.column(0).combine_chunks(), found.column(1).combine_chunks()

    def row(self, number: int) -> int:
        """Return the `_row` of one row; for a finding's examples."""
        place = bisect_right(self._firsts, number) - 1
        if place < 0:
            return number
        return int(
            self._kept[place].column(self._kept[place].num_columns - 1)[number - self._firsts[place]].as_py()
        )

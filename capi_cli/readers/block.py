"""What readers yield: blocks of rows as Arrow columns of text, with the unreadable rows beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

# More, and what is at work on a block no longer stays in a processor's cache; fewer, and calls around it take longer.
MAX_BLOCK_ROWS: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A record that is not a row: ragged, an unclosed quote, a broken JSON line. It is rejected, never lost.

    Attributes:
        row: The physical line on which it begins, the header being line 1.
        code: The rule that it breaks (`event/rules/cells.py`).
        raw: Its bytes as they stood in the source, without the line end; may be cut at 1 MiB.
        detail: Fills the rule's message; never holds a cell's text.
    """

    row: int
    code: str
    raw: bytes
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBlock:
    """Consecutive rows of one source.

    Attributes:
        columns: The wanted columns in the order asked for, each string or list<string>; the empty
            cell is null.
        rows: int64[n], each row's physical line (CSV, JSON lines) or its number from 1 (Parquet).
        bad: Records of this stretch that could not be read, in file order, not counted in `columns`.
        bytes_read: Bytes of the source read so far, compressed where it is, for the progress bar.
        data: The text of the block, from which `raw` cuts; empty for Parquet.
        starts: int64[n], where each record begins in `data`; `ends` likewise, line end excluded.
    """

    columns: pa.RecordBatch
    rows: npt.NDArray[np.int64]
    bad: tuple[BadRow, ...] = ()
    bytes_read: int = 0
    data: bytes | memoryview = b""
    starts: npt.NDArray[np.int64] | None = None
    ends: npt.NDArray[np.int64] | None = None

    def raw(self, index: int) -> bytes:
        """Return the bytes of one record as they stood in the source."""
        if self.starts is None or self.ends is None:
            return b""
        return bytes(self.data[int(self.starts[index]) : int(self.ends[index])])

    def records(self, index: int) -> Iterator[tuple[int, bytes]]:
        """Yield the line and the bytes of each of the source's rows that became the block's row: here of one."""
        yield int(self.rows[index]), self.raw(index)

    def count(self, places: npt.NDArray[np.integer] | None = None) -> int:
        """Return how many of the source's rows the block's rows at those places are; all of them for None."""
        return len(self.rows if places is None else places)


class Reader(Protocol):
    """One opened source.

    Attributes:
        path: As the user named it, for messages.
        format: `csv`, `jsonl` or `parquet`.
        header: Column names as written, in order, duplicates kept; dotted paths for nested members.
        total_bytes: Size of the source, compressed where it is; None for a pipe.
        shape: What its rejects file must know of it; see `rejects.shape`.
        notes: What was sniffed (`delimiter: ';'`, `encoding: utf-8`), for the screen.
    """

    path: str
    format: str
    header: tuple[str, ...]
    total_bytes: int | None
    notes: tuple[str, ...]
    shape: Any

    def blocks(self, wanted: Sequence[int]) -> Iterator[RowBlock]:
        """Yield the rows, with the columns at those positions of the header.

        May be called again where `rewindable`.
        """
        ...

    @property
    def rewindable(self) -> bool:
        """Whether `blocks` can be called a second time (not for a pipe)."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...

"""The fast path of delimited text: a stretch of regular records at once, in C or, as here, by numpy and Arrow.

It leaves whatever it can't prove to read as the careful path would to that path.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.readers.columns import batch_of
from capi_cli.readers.records import (
    MAX_CELL_BYTES,
    MAX_QUOTED_LINES,
    Grammar,
    Record,
    judge_record,
    split_record,
)
from capi_cli.readers.scan import Scan, scan_records
from capi_cli.readers.text import utf8_end

_MARK = b"\xef\xbb\xbf"
_SEEN_BYTES: Final = 1 << 20  # looked at in one go


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive records from some place in a text.

    Attributes:
        block: Their rows; None where the careful path has to read them.
        records: How many there are at most.
        consumed: Bytes that they take.
        lines: Line ends among those.
    """

    block: RowBlock | None
    records: int
    consumed: int
    lines: int


class FastPath(Protocol):
    """What reads regular records."""

    def parse(self, text: bytes, at: int, *, whole: bool, line: int, bytes_read: int) -> Stretch | None:
        """Return the regular records from `at` on, where line `line` begins; None where there is none.

        Args:
            text: Ends with a line end where `whole`.
            at: Where a record begins.
            whole: Whether nothing follows the text.
            line: The number of the line there.
            bytes_read: For the block.
        """
        ...


@dataclass(frozen=True, slots=True)
class FastParser:
    """Arrow's parser, set up for one source and the wanted columns.

    Attributes:
        grammar: What makes a record a row.
        width: Cells of a usual row.
        wanted: Positions of the wanted columns.
        most_rows: Records of a stretch.
    """

    grammar: Grammar
    width: int
    wanted: Sequence[int]
    most_rows: int

    def parse(self, text: bytes, at: int, *, whole: bool, line: int, bytes_read: int) -> Stretch | None:
        """Return the regular records from `at` on; see `FastPath`."""
        seen = text[at : at + _SEEN_BYTES]
        at_end = whole and at + len(seen) == len(text)
        scan = scan_records(seen, self.grammar.delimiter, at_end=at_end, max_rows=self.most_rows)
        if scan is None:
            return None
        block = self._block(seen[: scan.consumed], scan, line, bytes_read)
        return Stretch(block, len(scan.starts), scan.consumed, scan.line_count)

    def _block(self, data: bytes, scan: Scan, first_line: int, bytes_read: int) -> RowBlock | None:
        """Return the rows and the records that are none; None where the careful path has to read them."""
        if b"\0" in data or data.startswith(_MARK) or not is_utf8(data):
            return None
        starts, ends = scan.starts, scan.ends
        lines = scan.lines + first_line
        if scan.quoted and int(np.diff(scan.lines, append=scan.line_count).max()) > MAX_QUOTED_LINES:
            return None
        lengths = ends - starts
        if int(lengths.max()) > MAX_CELL_BYTES:
            return None
        filled = lengths > 0
        if not filled.all():
            starts, ends, lines = starts[filled], ends[filled], lines[filled]
        table, ragged = self._read(data, scan.quoted)
        if table is None:
            return None
        bad: list[BadRow] = []
        if ragged:
            judged = self._judge_ragged(data, starts[ragged].tolist(), lines[ragged].tolist())
            if judged is None:
                return None
            bad = judged
            keep = np.ones(len(starts), np.bool_)
            keep[ragged] = False
            starts, ends, lines = starts[keep], ends[keep], lines[keep]
        if table.num_rows != len(starts) or not self._extras_empty(table):
            return None
        empty = ends - starts == self.width - 1  # no byte but the delimiters
        if self.width > 1 and empty.any():
            table = table.filter(pa.array(~empty))
            starts, ends, lines = starts[~empty], ends[~empty], lines[~empty]
        return RowBlock(
            columns=self._columns(table),
            rows=lines,
            bad=tuple(bad),
            bytes_read=bytes_read,
            data=data,
            starts=starts,
            ends=ends,
        )

    def _read(self, data: bytes, quoted: bool) -> tuple[pa.Table | None, list[int]]:
        """Parse the block; also return which of its records have another number of cells than usual."""
        ragged: list[int] = []

        def skip(row: pa_csv.InvalidRow) -> str:
            ragged.append(row.number - 1)
            return "skip"

        names = [str(position) for position in range(self.width)]
        include = [str(p) for p in dict.fromkeys(self.wanted) if p < self.width]
        include += [str(p) for p in range(self.grammar.header_columns, self.width)]
        include = list(dict.fromkeys(include)) or ["0"]
        try:
            table = pa_csv.read_csv(
                pa.BufferReader(data),
                read_options=pa_csv.ReadOptions(
                    use_threads=False, column_names=names, block_size=len(data) + 1
                ),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self.grammar.delimiter.decode(),
                    quote_char='"' if quoted else False,
                    newlines_in_values=quoted,
                    invalid_row_handler=skip,
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(include, pa.string()),
                    include_columns=include,
                    null_values=[""],
                    strings_can_be_null=True,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid:
            return None, []
        return table, ragged

    def _judge_ragged(self, data: bytes, starts: list[int], lines: list[int]) -> list[BadRow] | None:
        bad: list[BadRow] = []
        for start, line in zip(starts, lines, strict=True):
            split = split_record(data, start, self.grammar.delimiter, at_end=True)
            if split is None or split.lines > 1:
                return None
            judged = judge_record(data, split, self.grammar)
            if judged is not None and not judged.code:
                return None  # a row after all, with cells left out or added at its end
            if judged is not None:
                bad.append(bad_row(data, judged, line))
        return bad

    def _extras_empty(self, table: pa.Table) -> bool:
        extras = range(self.grammar.header_columns, self.width)
        return all(table.column(str(p)).null_count == table.num_rows for p in extras)

    def _columns(self, table: pa.Table) -> pa.RecordBatch:
        count = table.num_rows
        arrays = []
        for position in self.wanted:
            if position >= self.width:
                arrays.append(pa.nulls(count, pa.string()))
                continue
            column = table.column(str(position))
            arrays.append(column.chunk(0) if column.num_chunks == 1 else column.combine_chunks())
        return batch_of(arrays, count)


def bad_row(text: bytes, record: Record, line: int) -> BadRow:
    """Return a record that breaks a rule as what is rejected."""
    raw = text[record.start : min(record.end, record.start + MAX_CELL_BYTES)]
    return BadRow(row=line, code=record.code, raw=raw, detail=record.detail)


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are text in UTF-8."""
    return utf8_end(data) == len(data)

"""Cuts delimited text into blocks, and sends each down the fast path or the careful one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from capi_cli.errors import SourceError
from capi_cli.native.library import library
from capi_cli.readers.block import MAX_BLOCK_ROWS, BadRow, RowBlock
from capi_cli.readers.columns import batch_of, no_empty
from capi_cli.readers.dialect import Dialect
from capi_cli.readers.fast import FastParser, FastPath, bad_row
from capi_cli.readers.fast_native import NativeParser
from capi_cli.readers.records import (
    MAX_CELL_BYTES,
    MAX_RECORD_BYTES,
    Grammar,
    judge_record,
    split_record,
)
from capi_cli.readers.text import TextStream

_CAREFUL_ROWS: Final = 4096  # read carefully in one go at most
_SPARSE_ROWS: Final = 500  # bad quotes at least that far apart leave the rows between them to the fast path


class Cutter:
    """One pass over the text: what has been read but not yet yielded, and on which line it begins."""

    def __init__(
        self,
        dialect: Dialect,
        grammar: Grammar,
        stream: TextStream,
        wanted: Sequence[int],
        guard: Callable[[int, RowBlock], None],
    ) -> None:
        self._dialect = dialect
        self._grammar = grammar
        self._stream = stream
        self._wanted = tuple(wanted)
        self._guard = guard
        self._fast = fast_path(grammar, dialect.width, self._wanted)
        self._line = dialect.body_line
        self._regular_rows = 0  # read by the fast path since quotes were last irregular
        self._overlong = False  # inside a record that was given up for its size

    def blocks(self) -> Iterator[RowBlock]:
        """Yield the blocks up to the end; raise what broke the stream after what was complete."""
        text = b""
        while len(text) < self._dialect.body and (piece := self._stream.read()):
            text += piece
        text = text[self._dialect.body :]
        broken: SourceError | None = None
        at_end = False
        rows = 0
        while not at_end:
            try:  # what stands in `text` already is judged together with the next piece
                piece = self._stream.read()
            except SourceError as error:
                broken, piece = error, b""
            text += piece
            at_end = not piece
            if at_end and broken is None and text and text[-1:] not in (b"\n", b"\r"):
                text += b"\n"
            at = 0
            while at < len(text):
                block, consumed = self._next(text, at, at_end=at_end and broken is None)
                if consumed == 0:
                    break
                at += consumed
                if block is not None:
                    self._guard(rows, block)
                    rows += len(block.rows) + len(block.bad)
                    yield block
            text = text[at:]
        if broken is not None:
            raise broken

    def _next(self, text: bytes, at: int, *, at_end: bool) -> tuple[RowBlock | None, int]:
        """Return the next block of the text and how many bytes it takes; 0 where more text is needed."""
        if self._overlong:
            return None, self._pass_over(text, at, at_end=at_end)
        if text.find(b"\n", at) < 0 and text.find(b"\r", at) < 0:
            return self._give_up(text, at) if len(text) - at > MAX_RECORD_BYTES else (None, 0)
        found = self._fast.parse(text, at, whole=at_end, line=self._line, bytes_read=self._stream.bytes_read)
        if found is None:
            dense = self._regular_rows < _SPARSE_ROWS
            block, consumed = self._read_carefully(text, at, _CAREFUL_ROWS, at_end=at_end, past_bad=dense)
            if consumed:
                self._regular_rows = 0
            return block, consumed
        if found.block is None:
            return self._read_carefully(text, at, found.records, at_end=at_end, past_bad=True)
        self._line += found.lines
        self._regular_rows += len(found.block.rows)
        return found.block, found.consumed

    def _read_carefully(
        self, text: bytes, begin: int, most: int, *, at_end: bool, past_bad: bool
    ) -> tuple[RowBlock | None, int]:
        """Read up to `most` records; only up to the first bad one, where the fast path can take over again."""
        cells: list[list[bytes]] = []
        rows: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        bad: list[BadRow] = []
        at, line = begin, self._line
        while at < len(text) and len(rows) + len(bad) < most and (past_bad or not bad):
            split = split_record(text, at, self._grammar.delimiter, at_end=at_end)
            if split is None:
                break
            judged = judge_record(text, split, self._grammar)
            if judged is not None and judged.code:
                bad.append(bad_row(text, judged, line))
            elif judged is not None:
                cells.append(judged.cells)
                rows.append(line)
                starts.append(judged.start - begin)
                ends.append(judged.end - begin)
            done = judged or split
            at, line = done.next, line + done.lines
        if at == begin:
            return None, 0
        self._line = line
        return self._block(cells, rows, bad, text[begin:at], starts, ends), at - begin

    def _block(
        self,
        cells: list[list[bytes]],
        rows: list[int],
        bad: list[BadRow],
        data: bytes,
        starts: list[int],
        ends: list[int],
    ) -> RowBlock:
        arrays = [no_empty(pa.array([row[p] for row in cells], pa.string())) for p in self._wanted]
        return RowBlock(
            columns=batch_of(arrays, len(rows)),
            rows=np.array(rows, np.int64),
            bad=tuple(bad),
            bytes_read=self._stream.bytes_read,
            data=data,
            starts=np.array(starts, np.int64),
            ends=np.array(ends, np.int64),
        )

    def _give_up(self, text: bytes, at: int) -> tuple[RowBlock, int]:
        """Reject a record that does not end within the limit, and pass over the rest of its line."""
        self._overlong = True
        bad = BadRow(row=self._line, code="cell-too-large", raw=text[at : at + MAX_CELL_BYTES])
        return self._block([], [], [bad], b"", [], []), len(text) - at

    def _pass_over(self, text: bytes, at: int, *, at_end: bool) -> int:
        """Return how many bytes the rest of a line takes, as far as it has been read."""
        ends = [place for place in (text.find(b"\n", at), text.find(b"\r", at)) if place >= 0]
        if not ends:
            return len(text) - at
        end = min(ends)
        if text[end : end + 1] == b"\r":
            if end + 1 == len(text) and not at_end:
                return end - at
            if text[end + 1 : end + 2] == b"\n":
                end += 1
        self._overlong = False
        self._line += 1
        return end + 1 - at


def fast_path(grammar: Grammar, width: int, wanted: Sequence[int]) -> FastPath:
    """Return what reads regular records: in C where the package came with its library."""
    if (called := library()) is not None:
        return NativeParser(called, grammar, wanted, MAX_BLOCK_ROWS)
    return FastParser(grammar, max(width, 1), wanted, MAX_BLOCK_ROWS)

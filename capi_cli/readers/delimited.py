"""Delimited text: blocks of about 1 MiB, cut at record boundaries.

Regular records take the fast path, in C (`fast_native.py`) or by numpy and Arrow (`scan.py`, `fast.py`); around
anything else the careful path (`records.py`) reads records one by one, so that one bad record costs one row. All
give the same rows.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from capi_cli.errors import EncodingError
from capi_cli.readers.block import RowBlock
from capi_cli.readers.cutter import Cutter
from capi_cli.readers.dialect import Dialect
from capi_cli.readers.records import (
    Grammar,
    count_lines,
)
from capi_cli.readers.shape import TextShape
from capi_cli.readers.stream import Origin
from capi_cli.readers.text import TextStream, guess_encoding, utf8_end

STRICT_ROWS: Final = 10_000  # bytes that are no text stop the run within these, and reject their row later


class DelimitedReader:
    """One opened delimited text; see `Reader`.

    Attributes:
        path: As the user named it.
        format: `csv`.
        header: Column names as written.
        total_bytes: Size on disk; None for a pipe.
        notes: What was sniffed, and afterwards whether the source grew.
        shape: What its rejects file repeats.
    """

    format = "csv"

    def __init__(
        self,
        file: Origin,
        first: TextStream,
        reopen: Callable[[], TextStream],
        dialect: Dialect,
        *,
        strict: bool,
        notes: Sequence[str] = (),
    ) -> None:
        self.path = file.name
        self.header = dialect.names
        self.total_bytes = file.size
        self.notes = (*dialect.notes, *notes)
        self._file = file
        self._first: TextStream | None = first
        self._reopen = reopen
        self._dialect = dialect
        self._strict = strict
        self._encoding = first.encoding
        self._grammar = Grammar(
            dialect.delimiter,
            len(dialect.names),
            dialect.header_columns,
            "UTF-8" if first.encoding == "utf-8" else first.encoding,
        )
        self.shape = TextShape(
            format="csv",
            encoding=first.encoding,
            mark=first.mark,
            delimiter=dialect.delimiter.decode(),
            line_end=dialect.line_end,
            preamble=dialect.preamble,
            header=dialect.header,
            names=dialect.names,
        )

    @property
    def rewindable(self) -> bool:
        """Whether `blocks` can be called a second time."""
        return self._file.rewindable

    def blocks(self, wanted: Sequence[int]) -> Iterator[RowBlock]:
        """Yield the rows; see `Reader.blocks`.

        Raises:
            SourceError: The source can't be read to its end; what was complete has been yielded.
        """
        stream, self._first = self._first or self._reopen(), None
        try:
            yield from Cutter(self._dialect, self._grammar, stream, wanted, self._guard).blocks()
        finally:
            stream.close()
        self.notes = tuple(dict.fromkeys((*self.notes, *self._file.grown())))

    def _guard(self, rows_before: int, block: RowBlock) -> None:
        """Stop where the first rows hold bytes that are not UTF-8 and nobody named an encoding."""
        if self._strict:
            refuse_other_encoding(self.path, rows_before, block)

    def close(self) -> None:
        """Let go of the file."""
        if self._first is not None:
            self._first.close()
            self._first = None


def refuse_other_encoding(name: str, rows_before: int, block: RowBlock) -> None:
    """Stop where bytes that are no text stand in the first rows of a source.

    Raises:
        EncodingError: They do.
    """
    wrong = next((bad for bad in block.bad if bad.code == "bad-encoding"), None)
    if wrong is None or rows_before >= STRICT_ROWS:
        return
    before = int(np.searchsorted(block.rows, wrong.row)) + sum(bad.row < wrong.row for bad in block.bad)
    if rows_before + before < STRICT_ROWS:
        raise not_utf8(name, wrong.row, wrong.raw)


def not_utf8(name: str, line: int, text: bytes) -> EncodingError:
    """Return the error that says where the text is not UTF-8, and what it probably is."""
    guess = guess_encoding(text)
    return EncodingError(
        f"Line {line} of {name} is not UTF-8; probably {guess}.",
        f"Add --encoding {guess} (with --encoding utf-8 only such rows are rejected).",
    )


def first_bad_line(sample: bytes) -> tuple[int, bytes] | None:
    """Return the first line of the sample that is not UTF-8, and its number; None where all is."""
    end = utf8_end(sample)
    if end == len(sample):
        return None
    try:
        sample[end : end + 4].decode()
    except UnicodeDecodeError as error:
        if end >= len(sample) - 3 and "unexpected end" in error.reason:
            return None  # a character that the sample's end cuts
    return count_lines(sample, 0, end) + 1, sample[max(0, end - 4096) : end + 4096]

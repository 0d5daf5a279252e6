"""JSON lines: one object on each line, split on LF only, numbers exact, members by dotted paths.

A whole block is decoded at once into structs that hold the wanted members; where a line of it is broken, the block
is decoded line by line. What a line is decoded to is the same both ways.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from capi_cli.errors import SourceError
from capi_cli.native.library import library
from capi_cli.readers.block import MAX_BLOCK_ROWS, BadRow, RowBlock
from capi_cli.readers.delimited import refuse_other_encoding
from capi_cli.readers.fast import Stretch
from capi_cli.readers.json_decoder import LineDecoder
from capi_cli.readers.json_header import discover
from capi_cli.readers.json_native import NativeLines
from capi_cli.readers.json_values import Path, dotted
from capi_cli.readers.records import MAX_CELL_BYTES, MAX_RECORD_BYTES
from capi_cli.readers.shape import TextShape
from capi_cli.readers.stream import Origin
from capi_cli.readers.text import TextStream

_BLOCK_BYTES: Final = 1 << 20  # looked at in one go at first
_MOST_BLOCK_BYTES: Final = (
    3 << 20
)  # and at most, for as many rows as a block may have: small ones cost more a row


class LinesPath(Protocol):
    """What reads whole lines: `NativeLines`, or its twin `LineDecoder`."""

    def parse(self, text: bytes, at: int, *, line: int, bytes_read: int) -> Stretch | None:
        """Return the lines from `at` on, where line `line` begins; None where there is no whole one."""
        ...


class JsonLinesReader:
    """One opened file of JSON lines; see `Reader`.

    Attributes:
        path: As the user named it.
        format: `jsonl`.
        header: Dotted paths of the members of the first 10,000 rows; objects as a whole stand after the leaves.
        total_bytes: Size on disk; None for a pipe.
        notes: What was noticed, and afterwards whether the source grew.
        shape: What its rejects file repeats.
    """

    format = "jsonl"

    def __init__(
        self,
        file: Origin,
        first: TextStream,
        reopen: Callable[[], TextStream],
        *,
        strict: bool,
        notes: Sequence[str] = (),
    ) -> None:
        self.path = file.name
        self.total_bytes = file.size
        self._file = file
        self._first: TextStream | None = first
        self._reopen = reopen
        self._strict = strict
        self._encoding = "UTF-8" if first.encoding == "utf-8" else first.encoding
        self._paths, found = discover(file.name, first)
        self.notes = (*notes, *found)
        self.header = dotted(self._paths)
        self.shape = TextShape(format="jsonl", encoding=first.encoding, mark=first.mark, names=self.header)

    def _lines(self, wanted: Sequence[Path], decoder: LineDecoder) -> LinesPath:
        """Return what reads lines: in C where the package came with its library."""
        if (called := library()) is not None:
            return NativeLines(called, self._paths, wanted, decoder, MAX_BLOCK_ROWS)
        return decoder

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
        decoder = LineDecoder([self._paths[position] for position in wanted], self._encoding, MAX_BLOCK_ROWS)
        lines = self._lines([self._paths[position] for position in wanted], decoder)
        rows = 0
        try:
            for block in _cut(stream, lines, decoder):
                if self._strict:
                    refuse_other_encoding(self.path, rows, block)
                rows += len(block.rows) + len(block.bad)
                yield block
        finally:
            stream.close()
        self.notes = tuple(dict.fromkeys((*self.notes, *self._file.grown())))

    def close(self) -> None:
        """Let go of the file."""
        if self._first is not None:
            self._first.close()
            self._first = None


def _cut(stream: TextStream, lines: LinesPath, decoder: LineDecoder) -> Iterator[RowBlock]:
    """Yield the blocks of a stream, cut at line ends."""
    text, line, at_end, overlong = b"", 1, False, False
    broken: SourceError | None = None
    enough = _BLOCK_BYTES
    while not at_end:
        text, at_end, broken = _filled(text, stream, enough)
        if at_end and broken is None and text and not text.endswith(b"\n"):
            text += b"\n"
        at = 0
        if overlong:
            at = text.find(b"\n") + 1
            overlong, line = at == 0, line + (at > 0)
        while not overlong and at < len(text) and (at_end or len(text) - at >= enough):
            found = lines.parse(text, at, line=line, bytes_read=stream.bytes_read)
            if found is None:
                break
            if found.block is not None:
                yield found.block
            at, line = at + found.consumed, line + found.lines
            enough = _enough(found)
        text = text[at:]
        if len(text) > MAX_RECORD_BYTES:
            if not overlong:
                bad = BadRow(row=line, code="cell-too-large", raw=text[:MAX_CELL_BYTES])
                yield decoder.no_rows(bad, stream.bytes_read)
            overlong, text = True, b""
    if broken is not None:
        raise broken


def _filled(text: bytes, stream: TextStream, enough: int) -> tuple[bytes, bool, SourceError | None]:
    """Return a text with what follows it, at least one piece; whether it is all, and what broke the stream."""
    pieces, size = [text], len(text)
    while True:
        try:
            piece = stream.read()
        except SourceError as error:
            return b"".join(pieces), True, error
        pieces.append(piece)
        size += len(piece)
        if not piece or size >= enough:
            return b"".join(pieces), not piece, None


def _enough(found: Stretch) -> int:
    """Return how many bytes a full block of lines like those probably takes, and a little more."""
    return min(
        max(found.consumed * MAX_BLOCK_ROWS // found.lines * 17 // 16, _BLOCK_BYTES), _MOST_BLOCK_BYTES
    )

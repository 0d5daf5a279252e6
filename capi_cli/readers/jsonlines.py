"""JSON lines: one object on each line, split on LF only, numbers exact, members by dotted paths.

A whole block is decoded at once into structs that hold the wanted members; where a line of it is broken, the block
is decoded line by line. What a line is decoded to is the same both ways.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final, Protocol

import msgspec

from capi_cli.errors import SourceError
from capi_cli.native.library import library
from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.readers.content import empty
from capi_cli.readers.cutter import MAX_BLOCK_ROWS
from capi_cli.readers.delimited import STRICT_ROWS, refuse_other_encoding
from capi_cli.readers.fast import Stretch, is_utf8
from capi_cli.readers.json_decoder import FAULTS, LineDecoder
from capi_cli.readers.json_native import NativeLines
from capi_cli.readers.json_values import Path, Paths, dotted
from capi_cli.readers.records import MAX_CELL_BYTES, MAX_RECORD_BYTES
from capi_cli.readers.shape import TextShape
from capi_cli.readers.stream import Origin
from capi_cli.readers.text import TextStream

SAMPLE_BYTES: Final = 1 << 23  # the header is found in the first 10,000 rows, or in this much of them
_DUPLICATE_ROWS: Final = 1000
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
        self._paths, found = _discover(file.name, first)
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


def _discover(name: str, stream: TextStream) -> tuple[tuple[Path, ...], list[str]]:
    """Return the paths of the members of the first rows, and what to say of them."""
    lines = _first_lines(name, stream)
    if not lines:
        raise empty(name)
    decoder = msgspec.json.Decoder(float_hook=Decimal)
    paths = Paths()
    found = 0
    notes: list[str] = []
    for number, line in enumerate(lines):
        try:
            row = decoder.decode(line)
            if number < _DUPLICATE_ROWS and not notes and _has_duplicates(line, row):
                notes.append(f"duplicate keys in an object, first on row {number + 1}: the last one counts")
        except FAULTS:
            continue
        if isinstance(row, dict):
            paths.add(row)
            found += 1
    if (not found and is_utf8(lines[0])) or (found and not paths.paths() and len(lines) > 1):
        raise SourceError(
            f"{name} is no JSON lines: no line of it is one whole object; it may be pretty-printed, or cut short.",
            "Write each object on one line: `jq -c . orders.json > orders.jsonl`.",
        )
    return paths.paths(), notes


def _first_lines(name: str, stream: TextStream) -> list[bytes]:
    sample = stream.peek(1 << 20)
    size = 0
    while sample.count(b"\n") < STRICT_ROWS and size != len(sample) < SAMPLE_BYTES:
        size = len(sample)
        sample = stream.peek(size + (1 << 20))
    lines = sample.split(b"\n", STRICT_ROWS)
    if len(lines) > STRICT_ROWS or (len(sample) >= SAMPLE_BYTES and len(lines) > 1):
        lines.pop()  # the rest of the sample
    return [line for line in lines if line.strip()]


def _has_duplicates(line: bytes, row: object) -> bool:
    """Whether an object names a member twice, told by counting: cheap, and right where no text holds `":`."""
    return isinstance(row, dict) and line.count(b'":') > _members(row)


def _members(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_members, value.values()))
    if isinstance(value, list):
        return sum(map(_members, value))
    return 0

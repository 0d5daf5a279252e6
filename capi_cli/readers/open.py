"""Open a source: what it is by its first bytes and its name, then the reader of that format."""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from capi_cli.errors import SourceError, UsageError
from capi_cli.private import shown
from capi_cli.readers.block import Reader
from capi_cli.readers.compression import compression_of, decompressed, name_within
from capi_cli.readers.content import check_kind, empty, kind_of
from capi_cli.readers.delimited import STRICT_ROWS, DelimitedReader, first_bad_line, not_utf8
from capi_cli.readers.dialect import parse_delimiter, sniff_dialect
from capi_cli.readers.expand import SourceKind, SourcePath
from capi_cli.readers.names import format_of_name
from capi_cli.readers.remote import RemoteFile
from capi_cli.readers.stream import ByteStream, Origin, RawStream, SourceFile
from capi_cli.readers.text import TextStream, as_utf8, parse_encoding

FORMATS = ("csv", "jsonl", "parquet")
_SAMPLE_BYTES = 1 << 20
_HEAD_BYTES = 4096


def open_reader(
    source: SourcePath,
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    skip_lines: int = 0,
    no_header: bool = False,
    columns: Sequence[str] = (),
) -> Reader:
    """Open one source and find out how it is written. Nothing but its beginning is read.

    Args:
        source: From `expand`; a file or stdin.
        format: `csv`, `jsonl` or `parquet` where the user said so.
        encoding: Of text; UTF-8 or a byte order mark's without it.
        delimiter: One character, or `tab`; sniffed without it.
        skip_lines: Lines above the header.
        no_header: Whether the first record is a row.
        columns: Names for a text without a header.

    Raises:
        SourceError: It is missing, empty, damaged, or not what its name says.
        UsageError: An option does not parse, or stdin has no format.
    """
    if format is not None and format not in FORMATS:
        raise UsageError(f"--format {shown(format)} is not known.", "Use csv, jsonl or parquet.")
    if source.kind is SourceKind.STDIN and format is None:
        raise UsageError("stdin has no name to tell its format by.", "Add --format csv, jsonl or parquet.")
    if source.kind is SourceKind.PREPARED:
        raise SourceError(f"{source.name} can't be opened as a file.", "Copy it here, then name the copy.")
    file = source.remote or SourceFile(source.name, source.path)
    if file.size == 0:
        raise empty(file.name)
    codec = parse_encoding(encoding) if encoding else None
    raw = file.open()
    try:
        seen = _look_at(file.name, raw, format, codec)
        said = [("--delimiter", delimiter), ("--skip-lines", skip_lines), ("--columns", columns)]
        said += [("--no-header", no_header), ("--encoding", encoding)]
        notes = [f"compression: {seen.compression}"] if seen.compression else []
        notes += _unused(seen.format, [name for name, value in said if value])
        if seen.format == "parquet":
            reader = _open_parquet(file, seen.stream, seen.compression, notes)
            raw.close()
            return reader
        text = TextStream(raw, seen.stream, codec)
        if text.encoding != "utf-8" or text.mark:
            notes.append(f"encoding: {text.encoding}" + (" (by its byte order mark)" if text.mark else ""))

        def reopen() -> TextStream:
            again = file.open()
            return TextStream(again, decompressed(again, seen.compression), codec)

        if seen.format == "jsonl":
            from capi_cli.readers.jsonlines import JsonLinesReader  # 7 ms that other formats do without

            return JsonLinesReader(file, text, reopen, strict=codec is None, notes=notes)
        return _open_delimited(
            file, text, reopen, codec, notes, delimiter, skip_lines, no_header=no_header, columns=columns
        )
    except BaseException:
        raw.close()
        raise


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the first bytes of a source told: how it is compressed, its content from there on, its format."""

    compression: str | None
    stream: "_Peekable"
    format: str


def _look_at(name: str, raw: RawStream, format: str | None, codec: str | None) -> _Seen:
    """Look at the first bytes of a source, and refuse one that is not what its name or `--format` says."""
    compression = compression_of(raw.peek(8))
    unpacked = decompressed(raw, compression)
    stream = _Peekable(unpacked)
    head = stream.peek(_HEAD_BYTES)
    if not head:
        raise empty(name)
    if compression and compression_of(head):
        raise SourceError(f"{name} is compressed twice.", "Unpack it once.")
    kind = kind_of(head, as_utf8(head, codec))
    named = format_of_name(name_within(unpacked, name)) or format_of_name(name)
    wanted = format or named or _format_of_kind(name, kind)
    check_kind(name, kind, wanted)
    return _Seen(compression, stream, wanted)


def _unused(wanted: str, options: Sequence[str]) -> list[str]:
    """Return what to say of options that the source's format has no use for."""
    idle = [name for name in options if wanted == "parquet" or (wanted == "jsonl" and name != "--encoding")]
    return [f"not used for {wanted}: {', '.join(idle)}"] if idle else []


def _format_of_kind(name: str, kind: str) -> str:
    """Return the format of a source whose name's ending says nothing."""
    if kind in ("Parquet", "encrypted Parquet"):
        return "parquet"
    if kind in ("an object", "an array"):
        return "jsonl"
    ending = Path(name).suffix
    if kind in ("text", "blank"):
        raise SourceError(
            f"{name} ends in {ending}, which says nothing about its format."
            if ending
            else f"{name} has no ending that says what its format is.",
            "Add --format csv (delimited text), jsonl or parquet.",
        )
    return "csv"  # refused by its content, by name


class _Peekable:
    """A stream whose first bytes can be looked at."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        while len(self._ahead) < size:
            try:
                piece = self._stream.read()
            except SourceError:
                if self._ahead:
                    break
                raise
            if not piece:
                break
            self._ahead += piece
        return self._ahead[:size]

    def read(self) -> bytes:
        piece, self._ahead = self._ahead, b""
        return piece or self._stream.read()


def _open_delimited(
    file: Origin,
    text: TextStream,
    reopen: Callable[[], TextStream],
    codec: str | None,
    notes: list[str],
    delimiter: str | None,
    skip_lines: int,
    *,
    no_header: bool,
    columns: Sequence[str],
) -> Reader:
    sample = text.peek(_SAMPLE_BYTES)
    if not sample.strip():
        raise empty(file.name)
    if codec is None and (bad := first_bad_line(sample)) and bad[0] <= STRICT_ROWS:
        raise not_utf8(file.name, *bad)
    whole = len(sample) < _SAMPLE_BYTES
    if whole and not sample.endswith((b"\n", b"\r")):
        sample += b"\n"
    dialect = sniff_dialect(
        file.name,
        sample,
        whole=whole,
        delimiter=parse_delimiter(delimiter) if delimiter else None,
        skip_lines=skip_lines,
        no_header=no_header,
        columns=columns,
    )
    return DelimitedReader(file, text, reopen, dialect, strict=codec is None, notes=notes)


def _open_parquet(
    file: SourceFile | RemoteFile, stream: _Peekable, compression: str | None, notes: list[str]
) -> Reader:
    from capi_cli.readers.parquet import ParquetReader  # 13 ms that other formats do without

    if compression is None:
        if isinstance(file, RemoteFile):
            return ParquetReader(file.name, file, notes=notes)
        if file.path is not None and file.rewindable:
            return ParquetReader(file.name, file.path, notes=notes)
    # Parquet is read from its end: a pipe, or a compressed file, is copied first, readable by its owner only.
    descriptor, name = tempfile.mkstemp(prefix="capi-", suffix=".parquet")
    copy = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as spool:
            while piece := stream.read():
                spool.write(piece)
        return ParquetReader(file.name, copy, notes=notes).own(copy)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise

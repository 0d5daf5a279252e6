"""What the compressed bytes of a source hold: gzip, zstd, bz2 and zip, told by their magic bytes.

What can't be decompressed to its end gives what was readable, then raises a SourceError.
"""

import bz2
import io
import lzma
import struct
import zipfile
import zlib
from typing import Final

import pyarrow as pa

from capi_cli.errors import CapiError, SourceError
from capi_cli.readers.stream import PIECE_BYTES, ByteStream, RawStream

_COMPRESSED_PIECE_BYTES: Final = 1 << 18
_ZSTD_PIECE_BYTES: Final = 1 << 16  # what a truncated frame loses at most
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bz2"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)


def compression_of(head: bytes) -> str | None:
    """Return `gzip`, `zstd`, `bz2` or `zip` by the first bytes; None where they are neither."""
    if head[:4] == b"\x50\x2a\x4d\x18" or (head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F):
        return "zstd"  # a skippable frame may come first
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def decompressed(raw: RawStream, compression: str | None) -> ByteStream:
    """Return the stream of what `raw` holds.

    Raises:
        SourceError: A zip archive with several members, or one that comes through a pipe.
    """
    match compression:
        case "gzip":
            return _GzipStream(raw)
        case "bz2":
            return _Bz2Stream(raw)
        case "zstd":
            return _ZstdStream(raw)
        case "zip":
            return _ZipStream(raw)
        case _:
            return raw


def _truncated(name: str) -> SourceError:
    return SourceError(
        f"{name} ends in the middle of its compressed data.",
        "The copy was cut short: fetch the file again, then run the same command.",
    )


def _damaged(name: str) -> SourceError:
    return SourceError(
        f"{name} has damaged compressed data.",
        "Fetch the file again, then run the same command. Rows shortly before the damage may have been read wrongly.",
    )


class _GzipStream:
    """Gzip members one after another; zero padding after the last is passed over."""

    def __init__(self, raw: RawStream) -> None:
        self._raw = raw
        self._inflate = zlib.decompressobj(wbits=31)
        self._pending = b""

    def read(self) -> bytes:
        while True:
            if self._inflate.eof:
                self._pending = (self._pending or self._raw.read(_COMPRESSED_PIECE_BYTES)).lstrip(b"\0")
                if not self._pending:
                    if self._raw.peek(1):
                        continue
                    return b""
                if len(self._pending) < 2:
                    self._pending += self._raw.read(_COMPRESSED_PIECE_BYTES)
                if not self._pending.startswith(b"\x1f\x8b"):
                    return b""  # as gzip itself does: what follows the last member is not data
                self._inflate = zlib.decompressobj(wbits=31)
            data = self._pending or self._raw.read(_COMPRESSED_PIECE_BYTES)
            if not data:
                raise _truncated(self._raw.name)
            try:
                piece = self._inflate.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise _damaged(self._raw.name) from error
            self._pending = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if piece:
                return piece


class _Bz2Stream:
    """Bzip2 streams one after another."""

    def __init__(self, raw: RawStream) -> None:
        self._raw = raw
        self._bunzip = bz2.BZ2Decompressor()

    def read(self) -> bytes:
        while True:
            data = b""
            if self._bunzip.eof:
                data = self._bunzip.unused_data or self._raw.read(_COMPRESSED_PIECE_BYTES)
                if not data.startswith(b"B"):
                    return b""
                self._bunzip = bz2.BZ2Decompressor()
            elif self._bunzip.needs_input and not (data := self._raw.read(_COMPRESSED_PIECE_BYTES)):
                raise _truncated(self._raw.name)
            try:
                piece = self._bunzip.decompress(data, PIECE_BYTES)
            except (OSError, ValueError) as error:
                raise _damaged(self._raw.name) from error
            if piece:
                return piece


class _ZstdStream:
    """Zstandard frames, by Arrow's own codec."""

    def __init__(self, raw: RawStream) -> None:
        self._raw = raw
        self._stream = pa.CompressedInputStream(pa.PythonFile(_Readable(raw), mode="r"), "zstd")

    def read(self) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while size < PIECE_BYTES:
            try:
                piece = self._stream.read(_ZSTD_PIECE_BYTES)
            except SourceError:
                raise
            except (OSError, pa.ArrowException) as error:
                if pieces:
                    break  # the same error comes again when these were taken
                cut = "truncated" in str(error).lower()
                raise (_truncated if cut else _damaged)(self._raw.name) from error
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)


class _Readable:
    """A RawStream in the shape that Arrow asks of a Python file."""

    def __init__(self, raw: RawStream) -> None:
        self._raw = raw

    closed = False

    def read(self, size: int = -1) -> bytes:
        return self._raw.read(size if size > 0 else PIECE_BYTES)

    def close(self) -> None:
        """Leave the file to its owner."""


def name_within(stream: ByteStream, name: str) -> str:
    """Return the name that says what a stream holds: a zip archive's member's own, else the file's."""
    return stream.member if isinstance(stream, _ZipStream) else name


# What Python's zipfile raises on damage, places before the file's beginning and names in no encoding among them.
_ZIP_FAULTS: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(OSError, ValueError, LookupError, OverflowError, RuntimeError),
)


class _ZipStream:
    """The one member of a zip archive.

    Attributes:
        member: Its name.
    """

    def __init__(self, raw: RawStream) -> None:
        self._raw = raw
        if not raw.file.seekable():
            raise SourceError(f"{raw.name} is a zip archive in a pipe.", "Unpack it first: `unzip -p`.")
        try:
            file = io.BufferedReader(raw.file) if isinstance(raw.file, io.RawIOBase) else raw.file
            archive = zipfile.ZipFile(file)
            member = single_member(archive, raw.name)
            self.member = member.filename
            self._file = archive.open(member)
        except CapiError:
            raise
        except zipfile.BadZipFile as error:  # its list of members stands at its end
            raise _truncated(raw.name) from error
        except NotImplementedError as error:
            raise SourceError(
                f"{raw.name} is packed in a way that can't be read here.", "Unpack it first."
            ) from error
        except RuntimeError as error:  # how zipfile says that a password is needed
            raise SourceError(f"{raw.name} is encrypted.", "Unpack it first.") from error
        except _ZIP_FAULTS as error:
            raise _damaged(raw.name) from error
        self._share = (member.compress_size or 1) / (member.file_size or 1)
        self._done = 0

    def read(self) -> bytes:
        try:
            piece = self._file.read(PIECE_BYTES)
        except _ZIP_FAULTS as error:
            raise _damaged(self._raw.name) from error
        self._done += len(piece)
        self._raw.bytes_read = round(self._done * self._share)
        return piece


def single_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Return the archive's only file; refuse several, and office documents by name."""
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    names = {m.filename for m in members}
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        raise SourceError(
            f"{name} is an Excel workbook.", "In Excel: Save As, 'CSV UTF-8', then upload that file."
        )
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise SourceError(
            f"{name} is an office document.", "Save the table as CSV UTF-8, then upload that file."
        )
    if len(members) != 1:
        listed = ", ".join(m.filename for m in members[:5])
        raise SourceError(
            f"{name} is a zip archive of {len(members)} files" + (f": {listed}." if listed else "."),
            "Unpack it and name the files, or their folder.",
        )
    return members[0]

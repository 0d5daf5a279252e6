"""Text of a source as UTF-8, whatever its encoding: UTF-8 strictly, UTF-16 and UTF-32 by their mark, others by option.

Bytes that are no text in the source's encoding come out as bytes that are not UTF-8, so that the record that holds
them is rejected, and can be written back byte for byte.
"""

import codecs
import ctypes
import re
from typing import Final

import numpy as np
import pyarrow as pa

from capi_cli.errors import SourceError, UsageError
from capi_cli.native.library import library
from capi_cli.private import shown
from capi_cli.readers.stream import ByteStream, RawStream

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_RARE: Final = bytes({*range(0x81, 0xA0)} - {*range(0x91, 0x98)})  # in cp1252; quotes and dashes are not
_HALF_WIDTH: Final = re.compile("[\uff61-\uff9f]{2}")  # what Chinese looks like where it is read as Japanese
_MARKED: Final = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


def parse_encoding(name: str) -> str:
    """Return Python's name of a text encoding, or raise an error that says what is known."""
    try:
        info = codecs.lookup(name.strip())
    except LookupError:
        raise UsageError(
            f"--encoding {shown(name)} is not known.",
            "Common ones: utf-8, cp1252, latin-1, utf-16, shift_jis, gb18030.",
        ) from None
    if not info._is_text_encoding:
        raise UsageError(
            f"--encoding {shown(name)} is not an encoding of text.", "Common ones: utf-8, cp1252, utf-16."
        )
    return info.name


class TextStream:
    """A source's text in pieces of UTF-8, the mark left out.

    Attributes:
        encoding: Python's name of it.
        mark: The byte order mark as it stood.
    """

    def __init__(self, raw: RawStream, stream: ByteStream, encoding: str | None) -> None:
        self._raw = raw
        self._stream = stream
        self._ahead: list[bytes] = []
        first = self._first_bytes()
        self.mark, self.encoding = b"", _MARKED.get(encoding or "utf-8", encoding or "utf-8")
        if encoding == "utf-16" and first[:1] == b"\0":
            self.encoding = "utf-16-be"  # the header's first letter is ASCII as a rule
        for mark, marked in _MARKS:
            if first.startswith(mark):
                self.mark, self.encoding = mark, marked
                break
        self._decoder: codecs.IncrementalDecoder | None = None
        if self.encoding != "utf-8":
            errors = "surrogatepass" if self.encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
            self._decoder = codecs.getincrementaldecoder(self.encoding)(errors)
        rest = first[len(self.mark) :]
        self._ahead = [self._text(rest, final=False)] if rest else []

    def _first_bytes(self) -> bytes:
        first = b""
        while len(first) < 4 and (piece := self._stream.read()):
            first += piece
        return first

    @property
    def bytes_read(self) -> int:
        """Bytes of the source read so far, compressed where it is."""
        return self._raw.bytes_read

    def peek(self, size: int) -> bytes:
        """Return the text from here on, at least `size` bytes of it unless it ends before.

        What can't be read is left for `read` to tell, where something was read before it.
        """
        have = sum(map(len, self._ahead))
        while have < size:
            try:
                piece = self._read()
            except SourceError:
                if have:
                    break
                raise
            if not piece:
                break
            self._ahead.append(piece)
            have += len(piece)
        return b"".join(self._ahead)

    def read(self) -> bytes:
        """Return the next piece; empty at the end.

        Raises:
            SourceError: The source can't be read or decompressed to its end.
        """
        return self._ahead.pop(0) if self._ahead else self._read()

    def _read(self) -> bytes:
        while piece := self._stream.read():
            if text := self._text(piece, final=False):
                return text
        return self._text(b"", final=True)

    def _text(self, piece: bytes, *, final: bool) -> bytes:
        if self._decoder is None:
            return piece
        try:
            return self._decoder.decode(piece, final).encode("utf-8", "surrogatepass")
        except UnicodeError:
            raise SourceError(
                f"{self._raw.name} can't be read as {self.encoding}.", "Name its encoding with --encoding."
            ) from None

    def close(self) -> None:
        """Let go of the file."""
        self._raw.close()


def as_utf8(head: bytes, encoding: str | None) -> bytes:
    """Return the beginning of a text in UTF-8, to look at: by its mark, or in the encoding that was named."""
    for mark, marked in _MARKS:
        if head.startswith(mark):
            head, encoding = head[len(mark) :], marked
            break
    if encoding in (None, "utf-8"):
        return head
    return head.decode(encoding, "ignore").encode("utf-8", "ignore")


def utf8_end(text: bytes) -> int:
    """Return where the first byte stands that is no part of a text in UTF-8; the text's length where all are."""
    if (called := library()) is not None:
        return int(called.capi_utf8_end(text, ctypes.c_int64(len(text))))
    if text.isascii() or _casts(text):
        return len(text)
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(text)


def _casts(text: bytes) -> bool:
    """Whether Arrow takes the bytes for a text: it looks at them, where `decode` would make one of them."""
    ends = pa.py_buffer(np.array([0, len(text)], np.int32))
    octets = pa.Array.from_buffers(pa.binary(), 1, [None, ends, pa.py_buffer(text)])
    try:
        octets.cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def guess_encoding(text: bytes) -> str:
    """Return what bytes that are not UTF-8 probably are. A guess only suggests."""
    if text.count(0) > len(text) // 4:
        return "utf-16-le" if text[1::2].count(0) > text[0::2].count(0) else "utf-16-be"
    text = text[:65536]
    if _is_western(text):
        return "cp1252"
    return next((name for name in ("shift_jis", "gb18030", "cp1251") if _decodes(text, name)), "latin-1")


def _is_western(text: bytes) -> bool:
    """Whether a text's letters outside ASCII stand alone between others, as in the languages of western Europe."""
    high = sum(byte >= 0x80 for byte in text)
    in_rows = sum(len(row) for row in _HIGH.findall(text) if len(row) > 3)
    rare = sum(text.count(byte) for byte in _RARE)
    return 2 * in_rows < high and 4 * rare < high and _decodes(text, "cp1252")


def _decodes(text: bytes, encoding: str) -> bool:
    """Whether a text, perhaps cut inside its last character, is one in that encoding."""
    try:
        decoded = text.decode(encoding)
    except UnicodeDecodeError as error:
        return encoding not in ("cp1252", "cp1251") and error.start >= len(text) - 2
    return encoding != "shift_jis" or not _HALF_WIDTH.search(decoded)

"""The rejects file: rows that were not sent, in the source's own format, mended and uploaded again as it is.

One line for each rejected row, in file order: the source's record, then `_row _code _field _reason _hint`. It is
written at the end under a temporary name and renamed, readable by its owner only; an older one is renamed first.
"""

import os
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO

from capi_cli.errors import ConfigurationError
from capi_cli.rejects.cells import DelimitedLines, json_line, prepared_header, prepared_line
from capi_cli.rejects.place import numbered
from capi_cli.rejects.reject import Reject
from capi_cli.rejects.shape import ParquetShape, TextShape
from capi_cli.rejects.spool import Spool


class RejectsFile:
    """The rejects of one source. `add` is called from several threads at once.

    Attributes:
        path: Where it goes, from `choose_path`.
        count: Rejects added so far; a row that was added twice counts twice.
    """

    def __init__(self, shape: TextShape | ParquetShape, path: Path) -> None:
        self.path = path
        self.count = 0
        self._shape = shape
        self._lock = threading.Lock()
        self._spool: Spool | None = Spool()

    def add(self, reject: Reject) -> None:
        """Keep one rejected row until the end."""
        if self._spool is None:
            raise ValueError("the rejects file is closed")
        self._spool.add(reject)
        with self._lock:
            self.count += 1

    def close(self) -> Path | None:
        """Write the file; return its path, None where nothing was rejected.

        Raises:
            ConfigurationError: It can't be written.
            SourceError: The Parquet source is not there any more, or has changed.
        """
        spool, self._spool = self._spool, None
        if spool is None:
            return self.path if self.count else None
        try:
            if not self.count:
                return None
            self._write(spool)
        finally:
            spool.close()
        return self.path

    def discard(self) -> None:
        """Forget the rejected rows; no file is written."""
        spool, self._spool, self.count = self._spool, None, 0
        if spool is not None:
            spool.close()

    def _write(self, spool: Spool) -> None:
        try:
            descriptor, name = tempfile.mkstemp(
                prefix=f".{self.path.stem}.", suffix=".part", dir=self.path.parent
            )
        except OSError as error:
            raise self._unwritable(error) from error
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if isinstance(self._shape, TextShape):
                    _write_text(file, self._shape, spool)
                else:
                    from capi_cli.rejects.parquet import write_parquet  # 13 ms that other formats do without

                    write_parquet(file, self._shape, spool.in_order())
                file.flush()
                os.fsync(file.fileno())
            _put_aside(self.path)
            temporary.replace(self.path)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"The rejects file {self.path} can't be written: {error.strerror}.",
            "Make room, or name another place with --rejects PATH; `capi validate` writes it again.",
        )


def _put_aside(path: Path) -> None:
    """Rename an older rejects file to the next free number."""
    if not path.exists():
        return
    number = 1
    while numbered(path, number).exists():
        number += 1
    path.rename(numbered(path, number))


def _write_text(file: BinaryIO, shape: TextShape, spool: Spool) -> None:
    encode = _Encoder(shape.encoding)
    file.write(shape.mark)
    if shape.format == "prepared":
        file.write(prepared_header())
        for reject in spool.in_order():
            file.write(prepared_line(reject))
        return
    if shape.format == "jsonl":
        for reject in spool.in_order():
            file.write(encode(json_line(reject) + b"\n"))
        return
    lines = DelimitedLines(shape.delimiter, shape.names, shape.header)
    file.write(encode(shape.preamble))
    if shape.header is not None:
        file.write(encode(lines.header(shape.header) + shape.line_end))
    for reject in spool.in_order():
        file.write(encode(lines.line(reject) + shape.line_end))


class _Encoder:
    """Turns the reader's UTF-8 back into the source's own bytes; what was no text there comes out as it was."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        wide = encoding.startswith(("utf-16", "utf-32"))
        self._errors = "surrogatepass" if wide else "surrogateescape"

    def __call__(self, text: bytes) -> bytes:
        if self._encoding == "utf-8":
            return text
        decoded = text.decode("utf-8", "surrogatepass")
        try:
            return decoded.encode(self._encoding, self._errors)
        except UnicodeEncodeError:  # one of the five holds what the source's encoding lacks
            return b"".join(self._character(character) for character in decoded)

    def _character(self, character: str) -> bytes:
        try:
            return character.encode(self._encoding, self._errors)
        except UnicodeEncodeError:
            return "?".encode(self._encoding)

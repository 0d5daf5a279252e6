"""The bytes of a source, from a file or a pipe, counted. A file is read up to the size it had when it was opened."""

import io
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from capi_cli.errors import SourceError

PIECE_BYTES: Final = 1 << 20


class ByteStream(Protocol):
    """Bytes in pieces, in order."""

    def read(self) -> bytes:
        """Return the next piece, at most 1 MiB; empty at the end."""
        ...


class Origin(Protocol):
    """Where a source's bytes come from: a file or pipe (`SourceFile`), or an object of a store (`RemoteFile`).

    Attributes:
        name: For messages.
        size: Bytes when it was first opened; None for a pipe.
    """

    name: str
    size: int | None

    @property
    def rewindable(self) -> bool:
        """Whether it can be opened again from its beginning."""
        ...

    def open(self) -> "RawStream":
        """Open it at its beginning; raise a SourceError where it is another one now."""
        ...

    def grown(self) -> tuple[str, ...]:
        """Return what to say where it was written to since it was first opened."""
        ...


class SourceFile:
    """One file's or pipe's bytes, not yet decompressed; opened as often as it is rewindable.

    Attributes:
        name: For messages.
        path: None for stdin.
        size: Bytes when it was first opened; None for a pipe.
    """

    def __init__(self, name: str, path: Path | None) -> None:
        self.name = name
        self.path = path
        self._opened = False
        self._identity: tuple[int, int] | None = None
        self._written_ns = 0
        self.size: int | None = None
        if self.path is not None:
            try:
                found = self.path.stat()
            except OSError as error:
                raise _cannot_open(self.name, error) from error
            if stat.S_ISREG(found.st_mode):
                self.size = found.st_size
                self._identity = (found.st_dev, found.st_ino)
                self._written_ns = found.st_mtime_ns

    @property
    def rewindable(self) -> bool:
        """Whether it can be opened again from its beginning."""
        return self.size is not None

    def open(self) -> "RawStream":
        """Open it at its beginning.

        Raises:
            SourceError: It can't be opened, was replaced meanwhile, or is a pipe that was read already.
        """
        if self._opened and not self.rewindable:
            raise SourceError(f"{self.name} is a pipe and can be read only once.", "Save it to a file first.")
        self._opened = True
        if self.path is None:
            return RawStream(sys.stdin.buffer, self.name, None, owned=False)
        try:
            file = self.path.open("rb", buffering=0)
        except OSError as error:
            raise _cannot_open(self.name, error) from error
        found = os.fstat(file.fileno())
        if self._identity is not None and (found.st_dev, found.st_ino) != self._identity:
            file.close()
            raise SourceError(f"{self.name} was replaced while it was read.", "Run the same command again.")
        return RawStream(file, self.name, self.size)

    def grown(self) -> tuple[str, ...]:
        """Return what to say where it was written to since it was first opened; nothing otherwise."""
        if self.path is None or self.size is None:
            return ()
        try:
            found = self.path.stat()
        except OSError:
            return ()
        if (found.st_dev, found.st_ino) != self._identity or found.st_mtime_ns == self._written_ns:
            return ()
        if found.st_size > self.size:
            return ("it grew while it was read: what was added is left for the next run",)
        return ("it was written to while it was read: look whether it is complete, then run again",)


def _cannot_open(name: str, error: OSError) -> SourceError:
    if isinstance(error, PermissionError):
        return SourceError(f"{name} may not be read.", "Give yourself read permission on it.")
    return SourceError(f"{name} can't be opened: {error.strerror}.", "Check the path and the disk.")


class RawStream:
    """An opened file or pipe, counted, and never read past `limit`. The first bytes can be looked at."""

    def __init__(
        self, file: BinaryIO | io.RawIOBase, name: str, limit: int | None, *, owned: bool = True
    ) -> None:
        self.name = name
        self.bytes_read = 0
        self.file = file
        self._owned = owned
        self._limit = limit
        self._head = b""
        self.closed = False

    def read(self, size: int = PIECE_BYTES) -> bytes:
        """Return up to `size` bytes, fewer from a pipe; empty at the end."""
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
        else:
            piece = self._read(size)
        self.bytes_read += len(piece)
        return piece

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes without passing over them; fewer at the end."""
        while len(self._head) < size and (piece := self._read(size)):
            self._head += piece
        return self._head[:size]

    def _read(self, size: int) -> bytes:
        if self._limit is not None:
            size = min(size, self._limit - self.bytes_read - len(self._head))
        if size <= 0:
            return b""
        try:
            piece = bytes(self.file.read(size) or b"")
        except OSError as error:
            raise SourceError(
                f"{self.name} can't be read: {error.strerror}.", "Check the disk, then run again."
            ) from error
        if not piece and self._limit is not None:
            raise SourceError(
                f"{self.name} became shorter while it was read.",
                "Something writes to it: wait until that is done, then run the same command again.",
            )
        return piece

    def close(self) -> None:
        """Let go of the file."""
        if self._owned:
            self.file.close()
        self.closed = True

"""An object of a store as a source: read in ranges of bounded size, each proven to be of the object that was opened.

S3 gives each range of whatever stands under the key then. So the object is asked for its mark (its ETag) once more
after each range, and a range is handed out only if the mark is still the one seen when the source was opened: two
objects are never mixed. Google's store is asked for ranges of one generation, and refuses once that is gone. A
changed object is a new source: it is read from its beginning by the next run.
"""

import io
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capi_cli.errors import CapiError, SourceError
from capi_cli.readers.store import Store, asking, in_background, replaced
from capi_cli.readers.stream import RawStream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from pyarrow import NativeFile

RANGE_BYTES: Final = 8 << 20  # one request of a text; one such stands in memory
FIRST_BYTES: Final = (
    1 << 20
)  # of the first one, which is as much as is looked at when many sources are opened
_SIZES: Final = ("Content-Length", "size")  # as S3 and Google call it
_MARKS: Final = ("ETag", "etag", "generation")


class RemoteFile:
    """One object's bytes, not yet decompressed; the remote twin of `SourceFile`.

    Attributes:
        name: Its URL.
        path: None: there is no local file.
        size: Bytes when it was first opened.
        rewindable: It can be opened again from its beginning.
        pinned: Whether an open handle gives bytes of one object alone.
    """

    path: Path | None = None
    rewindable = True

    def __init__(self, store: Store, path: str) -> None:
        """Ask the store for the object's size and mark.

        Args:
            store: Where it is.
            path: As Arrow writes it (`bucket/key`).

        Raises:
            SourceError: It isn't there.
            CredentialsError: The store refused.
        """
        self.name = store.url(path)
        self.pinned = store.pins
        self._store = store
        self._path = path
        with asking(self.name):
            self._seen = _seen(store.files.open_input_file(path))
        self.size: int | None = self._seen[0]

    def open(self) -> RawStream:
        """Open it at its beginning, for reading from there on.

        Raises:
            SourceError: It changed since it was first opened.
        """
        return RawStream(RangeFile(self, RANGE_BYTES), self.name, self.size)

    def ranges(self) -> "RangeFile":
        """Open it for reading anywhere; each read is one request of the store.

        Raises:
            SourceError: It changed since it was first opened.
        """
        return RangeFile(self, 0)

    def grown(self) -> tuple[str, ...]:
        """Return nothing: an object can't grow, and another one under its key is told while it is read."""
        return ()

    def handle(self) -> "NativeFile":
        """Return an open handle of the very object that was opened first.

        Raises:
            SourceError: Another one stands under its key, or none.
        """
        with asking(self.name, reading=True):
            handle = self._store.files.open_input_file(self._path)
            if _seen(handle) != self._seen:
                raise replaced(self.name)
        return handle


class RangeFile(io.RawIOBase):
    """An object as a file that can be read anywhere.

    A read gives less than it was asked for at the end of a range that was fetched ahead, so that nothing which came
    is lost where the next range does not. What broke it once breaks it again at every further read.
    """

    def __init__(self, remote: RemoteFile, ahead_bytes: int) -> None:
        """Open it.

        Args:
            remote: The object.
            ahead_bytes: How much is fetched at once, after a smaller beginning; 0 for as much as is read.
        """
        super().__init__()
        self._remote = remote
        self._most_bytes = ahead_bytes
        self._ahead_bytes = min(ahead_bytes, FIRST_BYTES)
        self._size = remote.size or 0
        self._handle = remote.handle()
        self._at = 0
        self._window, self._window_at = b"", 0
        self._broken: CapiError | None = None

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer from here on; return how many bytes there were.

        Raises:
            SourceError: The store fails, or has another object by now.
        """
        view = memoryview(buffer).cast("B")
        count = min(len(view), self._size - self._at)
        if count <= 0:
            return 0
        begin = self._at - self._window_at
        if not 0 <= begin < len(self._window):
            self._window = self._fetch(self._ahead_bytes or count)
            self._window_at, begin = self._at, 0
            self._ahead_bytes = min(2 * self._ahead_bytes, self._most_bytes)
        piece = self._window[begin : begin + count]
        view[: len(piece)] = piece
        self._at += len(piece)
        if begin + len(piece) == len(self._window):
            self._window = b""  # read to its end: let go of before the next one comes
        return len(piece)

    def _fetch(self, count: int) -> bytes:
        if self._broken is not None:
            raise self._broken
        count = min(count, self._size - self._at)
        try:
            with asking(self._remote.name, reading=True):
                piece: bytes = in_background(partial(self._handle.read_at, count, self._at))
            if not self._remote.pinned:
                self._handle = self._remote.handle()  # proves the piece to be of the object that was opened
            if len(piece) != count:
                raise SourceError(
                    f"{self._remote.name} can't be read to its end: the store gave less than it has.",
                    "Run the same command again; what was sent is skipped.",
                )
        except CapiError as error:
            self._broken = error
            raise
        return piece

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is asked of the store."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Return where the next read begins."""
        return self._at

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True


def _seen(handle: "NativeFile") -> tuple[int, bytes]:
    """Return an object's size in bytes, and its mark: what changes whenever the object does.

    Both are in what the store said when it was opened; asking Arrow for the size would begin a download at gs://.
    """
    told = handle.metadata() or {}
    size = next((int(told[name]) for name in _SIZES if told.get(name)), None)
    mark = next((bytes(told[name]) for name in _MARKS if told.get(name)), b"")
    return handle.size() if size is None else size, mark

"""Writing a shelf: once, from front to back of every column, with a checksum over all of them."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xxhash

from capi_cli.ledger.columns import U64, Columns, Queries
from capi_cli.ledger.shelf import FENCE_ROWS, Header, joint_checksum


def write_shelf(path: Path, sections: Iterable[Columns], *, most_rows: int, durable: bool) -> None:
    """Write ascending sections as one shelf.

    Args:
        path: A name that does not exist yet.
        sections: The rows, each section beginning after the last key of the one before.
        most_rows: Rows there may be; fewer leave holes in the file.
        durable: Whether to return only when the disk has it.

    Raises:
        OSError: The disk is full, or can't be written.
    """
    header = Header(0, most_rows)
    filter_ = _BloomWriter(header.words)
    hashes = [xxhash.xxh3_64() for _ in header.starts()]
    at = list(header.starts())
    rows = 0
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0) as file:

        def write(column: int, cells: npt.NDArray[np.generic]) -> None:
            view = np.ascontiguousarray(cells).view(np.uint8).data
            hashes[column].update(view)
            file.seek(at[column])
            at[column] += len(view)
            while len(view):  # a raw file may write less than asked, on a disk that is getting full
                view = view[file.write(view) or 0 :]

        for section in sections:
            if len(section):
                write(0, section.keys)
                write(1, section.contents)
                write(2, filter_.add(section.keys))
                write(3, section.keys[-rows % FENCE_ROWS :: FENCE_ROWS])
                write(4, section.marks)
                rows += len(section)
        write(2, filter_.rest())
        file.truncate(at[4])
        file.seek(0)
        file.write(Header(rows, most_rows, joint_checksum(hashes, rows)).packed())
        if durable:
            os.fsync(file.fileno())
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in the folder survive a power cut, where the system has a way to ask for that."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _BloomWriter:
    """Yields the filter's words in order while ascending keys pass by, so that they need no memory of their own."""

    def __init__(self, words: int) -> None:
        self._words = words
        self._next = 0  # the first word not yet given out
        self._open = np.uint64(0)  # bits of that word so far

    def add(self, keys: U64) -> U64:
        """Take keys; return the words that no later key can touch."""
        touched, bits = Queries(keys).touched(self._words)
        done = np.zeros(int(touched[-1]) - self._next + 1, np.uint64)
        done[touched - self._next] = bits
        done[0] |= self._open
        self._open = done[-1]
        self._next += len(done) - 1
        return done[:-1]

    def rest(self) -> U64:
        """Return the remaining words."""
        rest = np.zeros(self._words - self._next, np.uint64)
        rest[0] = self._open
        return rest

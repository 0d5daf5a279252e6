"""A shelf: events in ascending order of key, in a file that never changes.

    header 64 bytes | keys u64[n] | contents u64[n] | Bloom words u64[w] | fences u64[f] | marks u32[n]

1. Keys are exact. The Bloom filter may only spare a search; it never decides.
2. Memory stays flat. Few keys are looked for by reading the blocks where they would stand (a fence, every 512th key,
   says which); many keys in the mapped columns, a section at a time, which is then let go of.
3. Columns begin where they would if no row fell away in writing; the gaps are holes, which take no disk.
"""

import mmap
import os
import struct
import sys
import threading
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Self, TypeVar

import numpy as np
import numpy.typing as npt
import xxhash

from capi_cli.ledger.columns import EMPTY, U64, Columns, Found, Positions, Queries, bloom_words, search

FENCE_ROWS: Final = 512  # 4 KiB of keys
_NEAR: Final = 2  # blocks read in vain rather than asking the system once more
_FEW: Final = 512  # keys for which reading their blocks is quicker than mapping what lies between
_SECTION_BLOCKS: Final = 512  # of a mapped shelf at a time: 5 MiB
_SECTION_WORDS: Final = 1 << 19  # 4 MiB of a mapped filter at a time
_SLICE_BYTES: Final = 1 << 20
_T = TypeVar("_T", bound=np.generic)
_MAGIC: Final = b"capikeys"
_VERSION: Final = 1
_ORDER_MARK: Final = 0x01020304
_LAYOUT: Final = struct.Struct("<8sIIQQQ24x")  # magic, version, byte order, rows, room, checksum


class DamagedShelfError(ValueError):
    """The file is not the shelf that was written: cut short, or bits changed."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes of the file, and where the columns begin: keys, contents, words, fences, marks."""

    rows: int
    room: int  # rows that the columns were laid out for
    checksum: int = 0

    @property
    def words(self) -> int:
        """How many words the Bloom filter has."""
        return bloom_words(self.room)

    @property
    def fences(self) -> int:
        """How many fences there are."""
        return -(-self.rows // FENCE_ROWS)

    def starts(self) -> tuple[int, int, int, int, int]:
        """Return the offset of each column."""
        words_at = _LAYOUT.size + 16 * self.room
        fences_at = words_at + 8 * self.words
        return (
            _LAYOUT.size,
            _LAYOUT.size + 8 * self.room,
            words_at,
            fences_at,
            fences_at + 8 * -(-self.room // FENCE_ROWS),
        )

    def lengths(self) -> tuple[int, int, int, int, int]:
        """Return how many bytes of each column are used."""
        return 8 * self.rows, 8 * self.rows, 8 * self.words, 8 * self.fences, 4 * self.rows

    def packed(self) -> bytes:
        """Return the header's bytes."""
        return _LAYOUT.pack(_MAGIC, _VERSION, _ORDER_MARK, self.rows, self.room, self.checksum)

    @classmethod
    def read(cls, octets: bytes, file_bytes: int) -> "Header":
        """Return the header of a file of that length.

        Raises:
            DamagedShelfError: It is none, or the file is shorter or longer than it says.
        """
        if len(octets) < _LAYOUT.size:
            raise DamagedShelfError("cut short")
        magic, version, order, rows, room, checksum = _LAYOUT.unpack(octets[: _LAYOUT.size])
        if (magic, version, order) != (_MAGIC, _VERSION, _ORDER_MARK):
            raise DamagedShelfError("not a file of this ledger")
        header = cls(rows, room, checksum)
        if rows > room or file_bytes != header.starts()[4] + header.lengths()[4]:
            raise DamagedShelfError("not as long as it was written")
        return header


def joint_checksum(hashes: "list[xxhash.xxh3_64]", rows: int) -> int:
    """Return one checksum of all columns."""
    return xxhash.xxh3_64_intdigest(b"".join(each.digest() for each in hashes) + rows.to_bytes(8, "little"))


class Shelf:
    """One opened file; several threads may read it."""

    def __init__(self, path: Path, *, verify: bool = False) -> None:
        """Open the file.

        Raises:
            DamagedShelfError: It is not a whole shelf; with `verify`, any row of it differs.
            OSError: It can't be read.
        """
        self.path = path
        self._seeking = threading.Lock()
        self._map: mmap.mmap | None = None
        self._words = EMPTY.keys
        self._mapped = EMPTY
        self._file = path.open("rb", buffering=0)
        try:
            self.size_bytes = os.fstat(self._file.fileno()).st_size
            self.header = Header.read(self._file.read(_LAYOUT.size), self.size_bytes)
            self._starts = self.header.starts()
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            self._words = np.frombuffer(self._map, np.uint64, self.header.words, self._starts[2])
            self._mapped = Columns(
                np.frombuffer(self._map, np.uint64, len(self), self._starts[0]),
                np.frombuffer(self._map, np.uint64, len(self), self._starts[1]),
                np.frombuffer(self._map, np.uint32, len(self), self._starts[4]),
            )
            self._fences = self._read(3, np.uint64, 0, self.header.fences)
            if verify:
                self._verify()
        except DamagedShelfError as error:
            self.close()
            raise DamagedShelfError(f"{path.name}: {error}") from None
        except OSError:
            self.close()
            raise

    def __len__(self) -> int:
        return self.header.rows

    def rows(self, begin: int, end: int) -> Columns:
        """Return a stretch of the rows."""
        return Columns(
            self._read(0, np.uint64, begin, end),
            self._read(1, np.uint64, begin, end),
            self._read(4, np.uint32, begin, end),
        )

    def fence(self, rows: int) -> U64:
        """Return about every `rows`-th key, as places to cut at."""
        return self._fences[:: max(1, rows // FENCE_ROWS)][1:]

    def rank(self, keys: U64) -> list[int]:
        """Return how many rows have a smaller key than each of these."""
        ranks = []
        for key in keys:
            block = max(0, int(np.searchsorted(self._fences, key)) - 1) * FENCE_ROWS
            near = self._read(0, np.uint64, block, min(block + FENCE_ROWS, len(self)))
            ranks.append(block + int(np.searchsorted(near, key)))
        return ranks

    def find(self, queries: Queries) -> Found:
        """Find ascending queries."""
        maybe = self._maybe(queries)
        keys = queries.keys[maybe]
        if not len(keys):
            return Found(maybe, EMPTY.contents, EMPTY.marks)
        found = self._find_few(keys) if len(keys) <= _FEW else self._find_many(keys)
        return Found(maybe[found.where], found.contents, found.marks)

    def _find_many(self, keys: U64) -> Found:
        """Look in the mapped columns, a section at a time."""
        fences = self._fences[_SECTION_BLOCKS::_SECTION_BLOCKS]
        cuts = [0, *np.searchsorted(keys, fences).tolist(), len(keys)]
        parts = []
        for section, (begin, end) in enumerate(pairwise(cuts)):
            if begin < end:
                low = section * _SECTION_BLOCKS * FENCE_ROWS
                rows = self._mapped.take(slice(low, low + _SECTION_BLOCKS * FENCE_ROWS))
                part = search(rows, keys[begin:end])
                parts.append(Found(part.where + begin, part.contents, part.marks))
                self._let_go()
        return Found(
            np.concatenate([part.where for part in parts]),
            np.concatenate([part.contents for part in parts]),
            np.concatenate([part.marks for part in parts]),
        )

    def _find_few(self, keys: U64) -> Found:
        """Read only the blocks where the keys would stand."""
        blocks = np.maximum(np.searchsorted(self._fences, keys, side="right") - 1, 0)
        near, first_row, first_at = self._read_blocks(0, np.uint64, blocks)
        at = np.minimum(np.searchsorted(near, keys), len(near) - 1)
        hit = np.flatnonzero(near[at] == keys)
        if not len(hit):
            return Found(hit, EMPTY.contents, EMPTY.marks)
        at = at[hit]
        row = at + (first_row - first_at)[np.searchsorted(first_at, at, side="right") - 1]
        return Found(hit, self._cells(1, np.uint64, row), self._cells(4, np.uint32, row))

    def _cells(self, column: int, kind: type[_T], rows: Positions) -> npt.NDArray[_T]:
        near, first_row, first_at = self._read_blocks(column, kind, rows // FENCE_ROWS)
        shift = (first_row - first_at)[np.searchsorted(first_row, rows, side="right") - 1]
        return near[rows - shift]

    def _read_blocks(
        self, column: int, kind: type[_T], blocks: Positions
    ) -> tuple[npt.NDArray[_T], Positions, Positions]:
        """Read the blocks (ascending) as few stretches, end to end.

        Returns the cells, and of each stretch its first row and where that stands among the cells.
        """
        far = np.flatnonzero(np.diff(blocks) > _NEAR)
        begin = blocks[np.concatenate(([0], far + 1))] * FENCE_ROWS
        end = np.minimum((blocks[np.concatenate((far, [len(blocks) - 1]))] + 1) * FENCE_ROWS, len(self))
        size = np.dtype(kind).itemsize
        cells = b"".join(
            [
                self._pread(self._starts[column] + size * low, size * (high - low))
                for low, high in zip(begin.tolist(), end.tolist(), strict=True)
            ]
        )
        return np.frombuffer(cells, kind), begin, np.concatenate(([0], np.cumsum(end - begin)[:-1]))

    def _maybe(self, queries: Queries) -> Positions:
        words = len(self._words)
        if words <= _SECTION_WORDS:
            return queries.maybe_in(self._words)
        places = queries.places(words)
        cuts = [0, *np.searchsorted(places, np.arange(_SECTION_WORDS, words, _SECTION_WORDS)), len(places)]
        parts = []
        for begin, end in pairwise(cuts):
            parts.append(queries.take(slice(begin, end)).maybe_in(self._words) + begin)
            self._let_go()
        return np.concatenate(parts)

    def _read(self, column: int, kind: type[_T], begin: int, end: int) -> npt.NDArray[_T]:
        size = np.dtype(kind).itemsize
        return np.frombuffer(self._pread(self._starts[column] + size * begin, size * (end - begin)), kind)

    def _pread(self, offset: int, length: int) -> bytes:
        if sys.platform != "win32":
            octets = os.pread(self._file.fileno(), length, offset)
        else:
            with self._seeking:
                self._file.seek(offset)
                octets = self._file.read(length) or b""
        if len(octets) != length:
            raise DamagedShelfError("cut short while it was read")
        return octets

    def _verify(self) -> None:
        hashes = []
        for start, length in zip(self._starts, self.header.lengths(), strict=True):
            digest = xxhash.xxh3_64()
            for begin in range(0, length, _SLICE_BYTES):
                digest.update(self._pread(start + begin, min(_SLICE_BYTES, length - begin)))
            hashes.append(digest)
        if joint_checksum(hashes, len(self)) != self.header.checksum:
            raise DamagedShelfError("not the bytes that were written")

    def _let_go(self) -> None:
        """Unmap what was read of the filter; the pages stay in the system's cache."""
        if sys.platform != "win32" and self._map is not None:
            self._map.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Let go of the file."""
        self._words = EMPTY.keys
        self._mapped = EMPTY
        if self._map is not None:
            self._map.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

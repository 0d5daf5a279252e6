"""Rows of the ledger in memory: what was sent, as three columns; and keys to look for, many at once.

Keys and contents are 64 bits of a SHA-256 or of an equally good digest; sorting and the Bloom filter are quick because
such bits are evenly spread, and right for any others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
U32 = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]

_BITS_PER_KEY: Final = 12
_SHIFTS: Final = (
    0,
    6,
    12,
    18,
    24,
)  # 5 bits of one 64-bit word: about 1 in 100 absent keys is searched in vain


@dataclass(frozen=True, slots=True)
class Columns:
    """Events in ascending order of key, each key once.

    Attributes:
        keys: Which event it is.
        contents: What it said.
        marks: The number of the receipt that speaks of it.
    """

    keys: U64
    contents: U64
    marks: U32

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: slice | Bools | Positions) -> "Columns":
        """Return those rows."""
        return Columns(self.keys[rows], self.contents[rows], self.marks[rows])


EMPTY: Final = Columns(np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.uint32))


@dataclass(frozen=True, slots=True)
class Found:
    """Which of the queries are there: `where` are their positions among the queries, ascending."""

    where: Positions
    contents: U64
    marks: U32


@dataclass(slots=True)
class Answers:
    """What is known of each query, in the order asked. Contents and marks mean something where `known`."""

    known: Bools
    contents: U64
    marks: U32

    @classmethod
    def none(cls, queries: int) -> "Answers":
        """Return answers that know nothing yet."""
        return cls(np.zeros(queries, np.bool_), np.zeros(queries, np.uint64), np.zeros(queries, np.uint32))

    def fill(self, asked: Positions | None, found: Found) -> None:
        """Add what was found for the queries at the positions `asked` (None: for all)."""
        where = found.where if asked is None else asked[found.where]
        self.known[where] = True
        self.contents[where] = found.contents
        self.marks[where] = found.marks


class Queries:
    """Ascending keys to look for, with what every Bloom filter asks of them, computed once."""

    __slots__ = ("_bits", "_upper", "keys")

    def __init__(self, keys: U64) -> None:
        self.keys = keys
        self._upper = keys >> np.uint64(32)
        one, low = np.uint64(1), np.uint64(63)
        self._bits = one << (keys & low)
        for shift in _SHIFTS[1:]:
            self._bits |= one << ((keys >> np.uint64(shift)) & low)

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: slice | Positions) -> "Queries":
        """Return some of them, in the same order."""
        part = Queries.__new__(Queries)
        part.keys, part._upper, part._bits = self.keys[rows], self._upper[rows], self._bits[rows]
        return part

    def places(self, words: int) -> Positions:
        """Return each key's word, by its upper half: ascending keys read ascending words."""
        return ((self._upper * np.uint64(words)) >> np.uint64(32)).view(np.int64)

    def maybe_in(self, words: U64) -> Positions:
        """Return the positions of those that the Bloom filter does not rule out."""
        return np.flatnonzero((words[self.places(len(words))] & self._bits) == self._bits)

    def touched(self, words: int) -> tuple[Positions, U64]:
        """Return which words of a filter of that size these keys set bits in, ascending, and those bits."""
        places = self.places(words)
        starts = np.flatnonzero(np.concatenate(([True], places[1:] != places[:-1])))
        return places[starts], np.bitwise_or.reduceat(self._bits, starts)


def bloom_words(rows: int) -> int:
    """Return how many 64-bit words the Bloom filter of so many keys takes."""
    return max(1, -(-rows * _BITS_PER_KEY // 64))


def search(rows: Columns, keys: U64) -> Found:
    """Find ascending keys among the rows."""
    if not len(rows) or not len(keys):
        return Found(np.empty(0, np.int64), EMPTY.contents, EMPTY.marks)
    at = np.searchsorted(rows.keys, keys)
    np.minimum(at, len(rows) - 1, out=at)
    where = np.flatnonzero(rows.keys[at] == keys)
    at = at[where]
    return Found(where, rows.contents[at], rows.marks[at])


def stable_order(keys: U64) -> Positions:
    """Return the positions that put keys in ascending order, equal ones as they came.

    Digests differ in their upper bits, so those are sorted with the position in the lower ones: half the time of
    `argsort`. Where keys agree in the upper bits only, the order comes out wrong, is seen, and made the slow way.
    """
    low = np.uint64((1 << max(1, len(keys).bit_length())) - 1)
    packed = (keys & ~low) | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    packed &= low
    order = packed.view(np.int64)
    ordered = keys[order]
    if bool((ordered[1:] >= ordered[:-1]).all()):
        return order
    return np.argsort(keys, kind="stable")


def sort_rows(keys: U64, contents: U64, marks: U32) -> Columns:
    """Return rows in ascending order of key; of one key's rows the last."""
    order = stable_order(keys)
    ordered = keys[order]
    last = np.ones(len(keys), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=last[:-1])
    if not last.all():
        order, ordered = order[last], ordered[last]
    return Columns(ordered, contents[order], marks[order])


def join_rows(parts: Sequence[Columns]) -> Columns:
    """Return the rows of all parts (oldest first) in ascending order; of one key's rows the newest."""
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else EMPTY
    return sort_rows(
        np.concatenate([part.keys for part in parts]),
        np.concatenate([part.contents for part in parts]),
        np.concatenate([part.marks for part in parts]),
    )

"""Shelves side by side: new rows are gathered in memory, written as a shelf, and shelves of a size become one.

A log-structured merge tree in two classes, for the ledger (years) and for the index of one run (minutes):

1. `Fresh` holds rows in memory, `Shelves` on disk. Both answer for many keys at once; of one key's rows the
   newest wins. The ledger needs the second alone, and the index has a quicker table than the first where C is.
2. Eight shelves of a size are merged into one, so a key is written about 1 + log8(n) times and stands behind at
   most seven Bloom filters per size.
3. Merging streams: it needs a few megabytes, however large the shelves are.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from capi_cli.ledger.columns import (
    Answers,
    Bools,
    Columns,
    Positions,
    Queries,
    bloom_words,
    join_rows,
    search,
)
from capi_cli.ledger.shelf import Shelf

FRESH_ROWS: Final = 1 << 18  # 5 MiB in memory before a shelf is written
FAN_IN: Final = 8
_STRETCHES: Final = 16  # of one level in memory before they become one of the next
_MERGE_ROWS: Final = 1 << 17  # rows per step of a merge, over all its shelves

Keep = Callable[[Columns], Bools]


class Fresh:
    """Rows in memory, in ascending stretches, with one Bloom filter in front of all of them."""

    def __init__(self, most_rows: int = FRESH_ROWS) -> None:
        self._words = np.zeros(bloom_words(most_rows + most_rows // 2), np.uint64)
        self._levels: list[
            list[Columns]
        ] = []  # the stretches of a level are older than those of the levels before
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, rows: Columns) -> None:
        """Add ascending, distinct rows."""
        if not len(rows):
            return
        places, bits = Queries(rows.keys).touched(len(self._words))
        self._words[places] |= bits
        self._rows += len(rows)
        for level in self._levels:
            level.append(rows)
            if len(level) < _STRETCHES:
                return
            rows = join_rows(level)
            level.clear()
        self._levels.append([rows])

    def answer(self, queries: Queries, answers: Answers) -> None:
        """Fill in what is known of ascending queries."""
        if not self._rows:
            return
        maybe = queries.maybe_in(self._words)
        if len(maybe):
            keys = queries.keys[maybe]
            for level in reversed(self._levels):  # oldest first, so that the newest has the last word
                for stretch in level:
                    answers.fill(maybe, search(stretch, keys))

    def take_all(self) -> Columns:
        """Return all rows as one ascending stretch, and forget them."""
        stretches = [stretch for level in reversed(self._levels) for stretch in level]
        self._levels.clear()
        self._words[:] = 0
        self._rows = 0
        return join_rows(stretches)


class Shelves:
    """Shelves on disk, oldest first. Who writes and removes the files is the owner's business."""

    def __init__(self, shelves: Sequence[Shelf] = (), *, fresh_rows: int = FRESH_ROWS) -> None:
        self.all = list(shelves)
        self._fresh_rows = fresh_rows

    def __len__(self) -> int:
        return sum(len(shelf) for shelf in self.all)

    def answer(self, queries: Queries, answers: Answers) -> None:
        """Fill in what is known of ascending queries that have no answer yet."""
        asked: Positions | None = None
        for shelf in reversed(self.all):
            if answers.known.any():
                asked = np.flatnonzero(~answers.known)
            answers.fill(asked, shelf.find(queries if asked is None else queries.take(asked)))

    def due(self) -> int:
        """Return how many of the newest shelves should become one now; 0 for none."""
        if not self.all:
            return 0
        size = self._size_class(len(self.all[-1]))
        alike = 0
        for shelf in reversed(self.all):
            if self._size_class(len(shelf)) > size:
                break
            alike += 1
        return alike if alike >= FAN_IN else 0

    def _size_class(self, rows: int) -> int:
        size = 0
        while rows >= self._fresh_rows * FAN_IN ** (size + 1) * 3 // 4:
            size += 1
        return size

    def replace(self, count: int, shelf: Shelf | None) -> list[Shelf]:
        """Put one shelf, or none, in the place of the newest `count`; return those, still open."""
        kept = len(self.all) - count
        gone = self.all[kept:]
        self.all[kept:] = [] if shelf is None else [shelf]
        return gone

    def close(self) -> None:
        """Unmap all."""
        for shelf in self.all:
            shelf.close()
        self.all.clear()


def merged_sections(shelves: Sequence[Shelf], keep: Keep | None = None) -> Iterator[Columns]:
    """Yield the rows of several shelves (oldest first) as ascending sections; of one key's rows the newest."""
    largest = max(shelves, key=len)
    fences = largest.fence(_MERGE_ROWS * len(largest) // max(1, sum(len(shelf) for shelf in shelves)))
    cuts = [[0, *shelf.rank(fences), len(shelf)] for shelf in shelves]
    for section in range(len(fences) + 1):
        rows = join_rows(
            [shelf.rows(*cut[section : section + 2]) for shelf, cut in zip(shelves, cuts, strict=True)]
        )
        yield rows if keep is None else rows.take(keep(rows))

"""The events that Meta accepted: the newest in memory and in the database, the rest on shelves.

A shelf counts once the database lists it. So a new file is written and synced first, then the list is changed durably
together with what the file replaces, and only then are old files removed. A crash between these leaves a file that
nothing refers to; the next run removes it.
"""

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from sqlite3 import Connection

import numpy as np

from capi_cli.ledger.columns import EMPTY, U64, Answers, Columns, Queries, join_rows, search, sort_rows
from capi_cli.ledger.database import Database
from capi_cli.ledger.mend import damaged, translated
from capi_cli.ledger.shelf import Shelf
from capi_cli.ledger.shelf_writer import write_shelf
from capi_cli.ledger.shelves import FRESH_ROWS, Keep, Shelves, merged_sections

_WHAT = "the ledger"


class Accepted:
    """Accepted events of one ledger, for several threads.

    What is added after the opening waits for its shelf, and is not asked: a run knows by its own index what it sent.
    Shelves are written by one thread at a time, while others go on; `database.lock` is not held meanwhile.
    """

    def __init__(self, folder: Path, database: Database, *, fresh_rows: int = FRESH_ROWS) -> None:
        """Open the shelves, and check every byte of them.

        Raises:
            LedgerError: A shelf is missing or damaged.
        """
        self._folder = folder
        self._database = database
        self._fresh_rows = fresh_rows
        # For whoever writes shelves, taken before the database's; and for which shelves there are, with nothing inside.
        self._writing, self._swapping = threading.Lock(), threading.Lock()
        self._newest: list[tuple[U64, U64, int]] = []  # as they came; sorted for their shelf
        self._newest_rows = 0
        self._left = EMPTY  # what a run that did not end had not put on a shelf
        self._places: list[int] = []
        self._shelves = Shelves(fresh_rows=fresh_rows)
        rows = database.connection.execute("SELECT place, name, checksum FROM shelves ORDER BY place")
        try:
            for place, name, checksum in rows.fetchall():
                with translated(_WHAT, folder):
                    shelf = Shelf(folder / name, verify=True)
                self._shelves.all.append(shelf)
                self._places.append(place)
                if f"{shelf.header.checksum:016x}" != checksum:
                    raise damaged(f"{_WHAT} ({folder})", f"{name} is not the file that was written")
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self._left) + self._newest_rows + len(self._shelves)

    def add(self, keys: U64, contents: U64, receipt: int) -> None:
        """Add events that a flight of the database holds as accepted. The database's lock is held."""
        self._newest.append((keys, contents, receipt))
        self._newest_rows += len(keys)

    def opened(self) -> None:
        """Let what was added until now be asked: it is of a run before."""
        self._left, self._newest_rows = join_rows([self._left, _rows_of(self._newest)]), 0
        self._newest.clear()

    @property
    def is_full(self) -> bool:
        """Whether the events in memory are due for a shelf."""
        return len(self._left) + self._newest_rows >= self._fresh_rows

    @property
    def answers_nothing(self) -> bool:
        """Whether there is nothing that `answer` would look at."""
        return not len(self._left) and not self._shelves.all

    def answer(self, queries: Queries, answers: Answers) -> None:
        """Fill in which of the ascending queries were accepted."""
        with self._swapping, translated(_WHAT, self._folder):
            answers.fill(None, search(self._left, queries.keys))
            self._shelves.answer(queries, answers)

    def shelve(self) -> None:
        """Move the events in memory to a shelf, and merge shelves that are due; waits for a shelf being written.

        Raises:
            LedgerError: It could not be written; the events stay where they were.
        """
        with self._writing:
            self._shelve()

    def shelve_if_full(self) -> None:
        """Do so where it is due and nobody else is at it.

        Raises:
            LedgerError: See `shelve`.
        """
        if self.is_full and self._writing.acquire(blocking=False):
            try:
                self._shelve()
            finally:
                self._writing.release()

    def _shelve(self) -> None:
        with self._database.lock:  # so that these are all events up to some receipt
            moved = list(self._newest)
        rows = join_rows([self._left, _rows_of(moved)])
        if not len(rows):
            return
        self._put([rows], len(rows), instead_of=[])
        with self._database.lock:
            del self._newest[: len(moved)]  # what came while the shelf was written waits for the next
            self._newest_rows -= sum(len(keys) for keys, *_ in moved)
        self._left = EMPTY
        while count := self._shelves.due():
            self._put(
                merged_sections(self._shelves.all[-count:]),
                sum(len(shelf) for shelf in self._shelves.all[-count:]),
                instead_of=list(range(len(self._places) - count, len(self._places))),
            )

    def drop_before(self, oldest: int) -> None:
        """Remove events whose receipt is older, where that frees enough to be worth the writing."""
        spans = {
            place: (first, last)
            for place, first, last in self._database.connection.execute(
                "SELECT place, oldest, newest FROM shelves"
            )
        }
        with self._writing:
            for index in reversed(range(len(self._places))):
                first, last = spans[self._places[index]]
                if (oldest - first) * 2 > last - first + 1:  # most of its receipts are gone
                    self._rewrite(index, lambda rows: rows.marks >= oldest)

    def forget(self, keys: U64) -> None:
        """Remove events; `keys` ascending."""
        with self._writing:
            self._shelve()
            for index in reversed(range(len(self._places))):
                with translated(_WHAT, self._folder):
                    hit = len(self._shelves.all[index].find(Queries(keys)).where)
                if hit:
                    self._rewrite(index, lambda rows: ~np.isin(rows.keys, keys))

    def _rewrite(self, index: int, keep: Keep) -> None:
        shelf = self._shelves.all[index]
        self._put(merged_sections([shelf], keep), len(shelf), instead_of=[index])

    def _put(self, sections: Iterable[Columns], most_rows: int, *, instead_of: list[int]) -> None:
        """Write a shelf, list it in the place of neighbouring others, and remove their files."""
        number = 1 + max((int(path.stem) for path in self._folder.glob("*.keys")), default=0)
        path = self._folder / f"{number:08d}.keys"
        span = _Span()
        try:
            with translated(_WHAT, self._folder):
                write_shelf(path, span.watch(sections), most_rows=most_rows, durable=True)
                shelf = Shelf(path)
            replaced = [self._places[index] for index in instead_of]
            place = replaced[-1] if replaced else 1 + max(self._places, default=0)

            def step(connection: Connection) -> None:
                connection.executemany("DELETE FROM shelves WHERE place = ?", [(each,) for each in replaced])
                if len(shelf):
                    row = (
                        place,
                        path.name,
                        len(shelf),
                        f"{shelf.header.checksum:016x}",
                        span.oldest,
                        span.newest,
                    )
                    connection.execute("INSERT INTO shelves VALUES (?, ?, ?, ?, ?, ?)", row)
                if not replaced:  # only those: another thread's answer may share this transaction
                    newest = (span.newest,)
                    connection.execute(
                        "DELETE FROM cargo WHERE flight IN (SELECT id FROM flights WHERE receipt <= ?)",
                        newest,
                    )
                    connection.execute("DELETE FROM flights WHERE receipt <= ?", newest)

            self._database.change(step, durable=True)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        begin = instead_of[0] if instead_of else len(self._places)
        end = begin + len(instead_of)
        with self._swapping:
            gone = self._shelves.all[begin:end]
            self._shelves.all[begin:end] = [shelf] if len(shelf) else []
            self._places[begin:end] = [place] if len(shelf) else []
        for old in [*gone, *([] if len(shelf) else [shelf])]:
            old.close()
            old.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files."""
        self._shelves.close()


def _rows_of(flights: Sequence[tuple[U64, U64, int]]) -> Columns:
    """Return the events of flights in ascending order; of one key's the last."""
    if not flights:
        return EMPTY
    marks = np.repeat(
        np.array([receipt for *_, receipt in flights], np.uint32), [len(keys) for keys, *_ in flights]
    )
    keys = np.concatenate([keys for keys, *_ in flights])
    return sort_rows(keys, np.concatenate([contents for _, contents, _ in flights]), marks)


class _Span:
    """The oldest and the newest receipt among rows that pass by."""

    def __init__(self) -> None:
        self.oldest = 2**32
        self.newest = 0

    def watch(self, sections: Iterable[Columns]) -> Iterable[Columns]:
        for rows in sections:
            if len(rows):
                self.oldest = min(self.oldest, int(rows.marks.min()))
                self.newest = max(self.newest, int(rows.marks.max()))
            yield rows


def remove_orphans(folder: Path, database: Database) -> None:
    """Remove files that a crash left behind, to which nothing refers."""
    listed = {name for (name,) in database.connection.execute("SELECT name FROM shelves")}
    with translated(_WHAT, folder):
        for path in folder.glob("*.keys"):
            if path.name not in listed:
                path.unlink()

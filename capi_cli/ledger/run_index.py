"""Which events stood earlier in this run. Exact, in a few megabytes of memory, the rest on disk.

Of the rows with one (event_name, event_id) the first is the event; a later row that says the same is
a duplicate, one that says something else is a conflict. No sketch decides: keys are compared in full.
"""

import os
import tempfile
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from capi_cli.ledger.columns import U64, Answers, Bools, Columns, Queries, stable_order
from capi_cli.ledger.key_table import KeyTable
from capi_cli.ledger.mend import translated
from capi_cli.ledger.shelf import Shelf
from capi_cli.ledger.shelf_writer import write_shelf
from capi_cli.ledger.shelves import FRESH_ROWS, Fresh, Shelves, merged_sections

_UNLINK_OPEN_FILES: Final = os.name == "posix"


class Standing(IntEnum):
    """How an event stands to those before it in the run."""

    NEW = 0
    DUPLICATE = 1  # the same event with the same content
    CONFLICT = 2  # the same event with other content


class RunIndex:
    """The events of one run, in the order they came. For one thread."""

    def __init__(self, folder: Path | None = None, *, fresh_rows: int = FRESH_ROWS) -> None:
        """Begin empty. `folder` is where it spills; None for the system's folder of temporary files."""
        self._folder = folder
        self._spill: tempfile.TemporaryDirectory[str] | None = None
        self._written = 0
        self._fresh_rows = fresh_rows
        self._table = KeyTable.of(fresh_rows)
        self._fresh = Fresh(fresh_rows if self._table is None else 1)
        self._shelves = Shelves(fresh_rows=fresh_rows)

    def __len__(self) -> int:
        return len(self._table or ()) + len(self._fresh) + len(self._shelves)

    def check(self, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Return each event's `Standing` as int8[n], in order, and remember the new ones.

        Raises:
            LedgerError: The disk is full, or can't be written.
        """
        if self._table is not None:
            return self._judge(self._table, event_keys, content_keys)
        return self._sort_and_search(event_keys, content_keys)

    def _judge(self, table: KeyTable, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Judge by the table and what it left behind on shelves."""
        verdicts = np.empty(len(event_keys), np.int8)
        at = 0
        while at < len(event_keys):
            keys, contents = event_keys[at:], content_keys[at:]
            at += table.judge(keys, contents, self._on_shelves(keys), verdicts[at:])
            if table.is_full:
                self._spill_rows(table.take_all())
        return verdicts

    def _on_shelves(self, keys: U64) -> Answers | None:
        """Return what shelves know of the keys, in their order; None where there are no shelves."""
        if not self._shelves.all:
            return None
        order = stable_order(keys)
        found, answers = Answers.none(len(keys)), Answers.none(len(keys))
        self._shelves.answer(Queries(keys[order]), found)
        answers.known[order], answers.contents[order] = found.known, found.contents
        return answers

    def _sort_and_search(self, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Do what the table does where there is none."""
        order = stable_order(event_keys)  # so that the first of equals is the earliest row
        keys = event_keys[order]
        first = np.ones(len(keys), np.bool_)
        np.not_equal(keys[1:], keys[:-1], out=first[1:])
        contents = content_keys[order]
        distinct, said = keys[first], contents[first]
        answers = Answers.none(len(distinct))
        queries = Queries(distinct)
        self._fresh.answer(queries, answers)
        self._shelves.answer(queries, answers)
        new = ~answers.known
        standing = self._standing(first, contents, np.where(new, said, answers.contents), new)
        verdicts = np.empty(len(keys), np.int8)
        verdicts[order] = standing
        self._remember(distinct[new], said[new])
        return verdicts

    @staticmethod
    def _standing(first: Bools, contents: U64, said_first: U64, new: Bools) -> npt.NDArray[np.int8]:
        event = np.cumsum(first) - 1
        standing = np.where(
            contents == said_first[event], np.int8(Standing.DUPLICATE), np.int8(Standing.CONFLICT)
        )
        standing[np.flatnonzero(first)[new]] = Standing.NEW
        return standing

    def _remember(self, keys: U64, contents: U64) -> None:
        self._fresh.add(Columns(keys, contents, np.zeros(len(keys), np.uint32)))
        if len(self._fresh) < self._fresh_rows:
            return
        self._spill_rows(self._fresh.take_all())

    def _spill_rows(self, rows: Columns) -> None:
        with translated("the index of this run", self._folder):
            self._shelves.all.append(self._shelf([rows], len(rows)))
            while count := self._shelves.due():
                merging = self._shelves.all[-count:]
                shelf = self._shelf(merged_sections(merging), sum(len(each) for each in merging))
                for old in self._shelves.replace(count, shelf):
                    self._drop(old)

    def _shelf(self, sections: Iterable[Columns], rows: int) -> Shelf:
        if self._spill is None:
            self._spill = tempfile.TemporaryDirectory(prefix="capi-run-", dir=self._folder)
        self._written += 1
        path = Path(self._spill.name) / f"{self._written}.keys"
        write_shelf(path, sections, most_rows=rows, durable=False)
        shelf = Shelf(path)
        if _UNLINK_OPEN_FILES:
            path.unlink()  # so that nothing is left behind however the run ends
        return shelf

    @staticmethod
    def _drop(shelf: Shelf) -> None:
        shelf.close()
        shelf.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Forget everything."""
        self._shelves.close()
        self._fresh, self._table = Fresh(1), None
        if self._spill is not None:
            self._spill.cleanup()
            self._spill = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

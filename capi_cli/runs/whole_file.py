"""What no single row shows: checks of a whole file, fed block by block, asked once at its end.

Warnings alone come from here; nothing that is counted here decides a row's fate. Memory is bounded however long
the file: counts, a bit for each second of a day, and a table of the last orders (`order-contradicts` is a sketch:
an order that repeats after about a hundred thousand others may go unnoticed).

Source: the thresholds are those of Meta's own archived uploader.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from capi_cli.event import limits
from capi_cli.prepare.facts import KIND_BITS, ColumnFacts, Keys
from capi_cli.prepare.prepared import EXAMPLE_ROWS, PreparedBlock, as_slice

MAX_KEYLESS_SHARE: Final = 0.05
MIN_TIMES_SHARE: Final = 0.25
MIN_TIMES_ROWS: Final = 100
# Ours: a day has 1440 minutes, so that a long file of times to the minute has few of them; the archived uploader
# looked at the first rows only.
MAX_TIMES_ROWS: Final = 1000
MIN_CONSTANT_ROWS: Final = 20
MAX_ORDERLESS_SHARE: Final = 0.25
MIN_ORDERLESS_ROWS: Final = 20

_KEYLESS = (("user-data-empty", "user_data"), ("user-data-weak", "user_data"))
_SHORTEST_DAY_S = 23 * 3600  # where summer time begins
_SLOTS = 1 << 17  # of the table of orders: 24 bytes each, 3 MB
_MASK = np.uint64(_SLOTS - 1)

Lines = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WholeFileFinding:
    """One finding about a file."""

    code: str
    field: str
    count: int
    rows: list[int]
    detail: str


@dataclass(slots=True)
class _Column:
    """A field over the rows so far."""

    present: int
    constant: int | None
    first: int  # row

    def add(self, facts: ColumnFacts) -> None:
        self.present += facts.present
        if facts.constant != self.constant:
            self.constant = None


class _Orders:
    """The last orders, by (event_name, order_id): whom they named and when they happened."""

    def __init__(self) -> None:
        self._keys = np.zeros(_SLOTS, np.uint64)
        self._people = np.zeros(_SLOTS, np.uint64)
        self._times = np.zeros(_SLOTS, np.int64)
        self.count = 0
        self.rows: list[int] = []

    def add(self, keys: Keys, people: Keys, times: npt.NDArray[np.int64], lines: Lines) -> None:
        """Compare events with those of the same order before them, and with the last of them in this block."""
        slots = (keys & _MASK).astype(np.int64)
        hit = self._differs(slots, keys, people, times)
        self._keys[slots], self._people[slots], self._times[slots] = keys, people, times
        hit |= self._differs(slots, keys, people, times)
        where = np.flatnonzero(hit & (keys != 0))
        self.count += len(where)
        self.rows.extend(lines[where[: EXAMPLE_ROWS - len(self.rows)]].tolist())

    def _differs(
        self, slots: npt.NDArray[np.int64], keys: Keys, people: Keys, times: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self._keys[slots] == keys
        where = np.flatnonzero(found)
        slots, known, named = slots[where], self._people[slots[where]], people[where]
        same_kind = (known != 0) & (named != 0) & ((known & KIND_BITS) == (named & KIND_BITS))
        found[where] = (same_kind & (known != named)) | (self._times[slots] != times[where])
        return found


_COUNTS: Final = ("rows", "events", "keyless", "sales", "sales_without_order")


def _extend(rows: list[int], more: list[int]) -> None:
    rows.extend(more[: EXAMPLE_ROWS - len(rows)])


@dataclass(slots=True)
class WholeFile:
    """The checks of one source."""

    rows: int = 0
    events: int = 0
    keyless: int = 0
    keyless_rows: list[int] = field(default_factory=list)
    hashed: dict[str, int] = field(default_factory=dict)
    hashed_rows: dict[str, list[int]] = field(default_factory=dict)
    sales: int = 0
    sales_without_order: int = 0
    _columns: dict[str, _Column] = field(default_factory=dict)
    _seconds: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(limits.DAY_S, np.bool_))
    _earliest: int = 0
    _latest: int = 0
    _orders: _Orders | None = None

    def add(self, prepared: PreparedBlock, rows: Lines, keep: npt.NDArray[np.int64]) -> None:
        """Take a prepared block.

        Args:
            prepared: The block.
            rows: int64[m], the physical line of each row of the block.
            keep: The events that go on; of the others, those that repeat or contradict an order are told already.
        """
        if not len(rows):  # every row of the block is broken as text
            return
        facts, lines = prepared.facts, rows[prepared.index]
        self.rows += facts.rows
        self.events += len(lines)
        for key in _KEYLESS:
            if (found := prepared.tally.findings.get(key)) is not None:
                self.keyless += found.count
                self.keyless_rows.extend(found.rows[: EXAMPLE_ROWS - len(self.keyless_rows)])
        for (code, path), found in prepared.tally.findings.items():
            if code == "arrived-hashed":
                self.hashed[path] = self.hashed.get(path, 0) + found.count
                first_rows = self.hashed_rows.setdefault(path, [])
                first_rows.extend(found.rows[: EXAMPLE_ROWS - len(first_rows)])
        self.sales += facts.sales
        self.sales_without_order += facts.sales_without_order
        for path, column in facts.columns.items():
            known = self._columns.get(path)
            if known is None:
                self._columns[path] = _Column(column.present, column.constant, int(rows[0]))
            else:
                known.add(column)
        if len(lines):
            self._add_times(prepared.event_times)
        if len(facts.order_keys) and len(keep):
            self._orders = self._orders or _Orders()
            places = as_slice(keep)
            self._orders.add(
                facts.order_keys[places], facts.people[places], prepared.event_times[places], lines[places]
            )

    def packed(self) -> dict[str, Any]:
        """Return what was counted in JSON's own kinds, for a part of a file that another process reads."""
        return {
            "counts": [self.rows, self.events, self.keyless, self.sales, self.sales_without_order],
            "keyless_rows": self.keyless_rows,
            "hashed": {path: [count, self.hashed_rows[path]] for path, count in self.hashed.items()},
            "columns": {path: [one.present, one.constant, one.first] for path, one in self._columns.items()},
            "seconds": np.packbits(self._seconds).tobytes().hex(),
            "times": [self._earliest, self._latest],
            "orders": [0, []] if self._orders is None else [self._orders.count, self._orders.rows],
        }

    def merge(self, part: dict[str, Any]) -> None:
        """Take what `packed` returned of another part. Orders are compared within each part alone."""
        for name, count in zip(_COUNTS, part["counts"], strict=True):
            setattr(self, name, getattr(self, name) + count)
        _extend(self.keyless_rows, part["keyless_rows"])
        for path, (count, rows) in part["hashed"].items():
            self.hashed[path] = self.hashed.get(path, 0) + count
            _extend(self.hashed_rows.setdefault(path, []), rows)
        for path, (present, constant, first) in part["columns"].items():
            if path in self._columns:
                self._columns[path].add(ColumnFacts(present, constant))
            else:
                self._columns[path] = _Column(present, constant, first)
        seconds = np.frombuffer(bytes.fromhex(part["seconds"]), np.uint8)
        self._seconds |= np.unpackbits(seconds, count=limits.DAY_S).astype(np.bool_)
        earliest, latest = part["times"]
        self._earliest = min(self._earliest or earliest, earliest or self._earliest)
        self._latest = max(self._latest, latest)
        count, rows = part["orders"]
        if count:
            self._orders = self._orders or _Orders()
            self._orders.count += count
            _extend(self._orders.rows, rows)

    def _add_times(self, times: npt.NDArray[np.int64]) -> None:
        self._seconds[times % limits.DAY_S] = True
        earliest, latest = int(times.min()), int(times.max())
        self._earliest = min(self._earliest or earliest, earliest)
        self._latest = max(self._latest, latest)

    def findings(self) -> Iterator[WholeFileFinding]:
        """Yield what the file as a whole shows."""
        if not self.rows:
            return
        checks: tuple[Callable[[], Iterator[WholeFileFinding]], ...] = (
            self._match_keys,
            self._times,
            self._constants,
            self._order_ids,
            self._contradictions,
            self._hashes,
        )
        for check in checks:
            yield from check()

    def _match_keys(self) -> Iterator[WholeFileFinding]:
        share = self.keyless / self.rows
        if share > MAX_KEYLESS_SHARE:
            detail = f": {share:.0%} of {self.rows:,}"
            yield WholeFileFinding(
                "no-match-keys-share", "user_data", self.keyless, self.keyless_rows, detail
            )

    def _times_are_dates(self) -> bool:
        if self.events < MIN_TIMES_ROWS:
            return False
        spread = self._latest - self._earliest  # two times within one day can't both be midnights
        distinct = int(np.count_nonzero(self._seconds))
        few = distinct < MIN_TIMES_SHARE * min(self.events, MAX_TIMES_ROWS)
        return few and (spread == 0 or spread >= _SHORTEST_DAY_S)

    def _times(self) -> Iterator[WholeFileFinding]:
        if self._times_are_dates():
            distinct = int(np.count_nonzero(self._seconds))
            times = "1 time" if distinct == 1 else f"{distinct} times"
            detail = f": {times} of day in {self.events:,} rows"
            yield WholeFileFinding("times-are-dates", "event_time", self.events, [], detail)

    def _constants(self) -> Iterator[WholeFileFinding]:
        for path, column in self._columns.items():
            if column.constant is None or column.present != self.rows or self.rows < MIN_CONSTANT_ROWS:
                continue
            if path == "event_time" and self._times_are_dates():
                continue
            yield WholeFileFinding("constant-column", path, column.present, [column.first], "")

    def _order_ids(self) -> Iterator[WholeFileFinding]:
        missing, sales = self.sales_without_order, self.sales
        if sales >= MIN_ORDERLESS_ROWS and missing / sales > MAX_ORDERLESS_SHARE:
            detail = f": {missing / sales:.0%} of {sales:,}"
            yield WholeFileFinding("order-id-missing-share", "custom_data.order_id", missing, [], detail)

    def _contradictions(self) -> Iterator[WholeFileFinding]:
        if self._orders is not None and self._orders.count:
            rows, count = self._orders.rows, self._orders.count
            yield WholeFileFinding("order-contradicts", "custom_data.order_id", count, rows, "")

    def _hashes(self) -> Iterator[WholeFileFinding]:
        for path, hashed in self.hashed.items():
            column = self._columns.get(path)
            if column is not None and hashed < column.present:
                detail = f": {hashed:,} of {column.present:,}"
                yield WholeFileFinding("hash-mixed", path, hashed, self.hashed_rows[path], detail)

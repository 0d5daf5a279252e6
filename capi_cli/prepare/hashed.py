"""Match keys that are hashed: cells → JSON lists of digests, one rule per key on its distinct texts."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.keys import COUNTRY_KEYS, KeySettings, match_key
from capi_cli.event.normalize.places import country_code
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.columns import Stream, Table, entry_streams, entry_text
from capi_cli.prepare.distinct import (
    Distinct,
    Outcome,
    Rule,
    constant,
    distinct,
    pairs,
)
from capi_cli.prepare.encode import Member
from capi_cli.prepare.key_loop import KeyLoop
from capi_cli.prepare.lists import json_lists
from capi_cli.prepare.noticed import Noticed
from capi_cli.prepare.split import split_stream


class Frame(NamedTuple):
    """What stands around a digest: quotes, and the brackets of the list where it is the only one."""

    before: str
    after: str


_TEXT = Frame('"', '"')
_LIST = Frame('["', '"]')


class HashedKey:
    """Fills one hashed match key, block after block."""

    def __init__(self, entry: Entry, settings: KeySettings) -> None:
        name = entry.field.name
        self.entry = entry
        self._settings = settings
        self._by_country = name in COUNTRY_KEYS
        self._loop = KeyLoop.of(name, settings)
        self._rule = Rule(
            partial(_digest_in_country, name, settings)
            if self._by_country
            else partial(_digest, name, settings)
        )

    def fill(self, block: Block) -> None:
        """Fill the key's JSON list for each row, null where none is left."""
        block.put(self.entry.field.path, self._member(block.table, block.country, block.noticed))

    def _member(self, table: Table, country: Distinct, noticed: Noticed) -> Member | None:
        entry = self.entry
        if entry.value is not None:
            return self._constant(country, noticed)
        if entry.template is not None:
            filled = entry_text(table, entry)
            assert filled is not None
            streams = [Stream(filled)]
        else:
            streams = entry_streams(table, entry)
        if entry.split is not None:
            streams = [split_stream(stream, entry) for stream in streams]
        alone = len(streams) == 1 and streams[0].rows is None
        found = [
            self._digests(stream, country, noticed, frame=_LIST if alone else _TEXT) for stream in streams
        ]
        return found[0] if alone else json_lists(streams, found, len(table))

    def _constant(self, country: Distinct, noticed: Noticed) -> Member | None:
        value = self.entry.value
        assert value is not None
        codes = np.unique(country.codes)
        if self._by_country and len(codes) > 1:
            column = pa.array([value] * len(country), pa.string())
            return self._digests(Stream(column), country, noticed, frame=_LIST)
        name = country.values[codes[0]] if len(codes) and codes[0] >= 0 else None
        key: object = (value, name) if self._by_country else value
        texts, findings = self._rule.apply([key], 1)
        noticed.cells(self.entry.field.path, constant(value, len(country)), findings)
        return None if texts[0] is None else f"[{texts[0]}]"

    def _digests(
        self, stream: Stream, country: Distinct, noticed: Noticed, *, frame: Frame
    ) -> pa.StringArray:
        """Return the digest of each value of a stream, in its frame."""
        rows = stream.rows
        if self._loop is not None:
            here = None
            if self._by_country:
                here = country if rows is None else country.take_rows(rows)
            found = self._loop.digests(stream.values, here, *frame)
            if found is not None:
                column, noted = found
                if noted is not None:
                    where = noted.cells if rows is None else rows[noted.cells]
                    noticed.cells(self.entry.field.path, noted.column, noted.findings, where)
                return column
        return self._digests_of_distinct(stream, country, noticed, frame)

    def _digests_of_distinct(
        self, stream: Stream, country: Distinct, noticed: Noticed, frame: Frame
    ) -> pa.StringArray:
        """Do the same without the loop: the rule alone, once for each distinct text."""
        rows = stream.rows
        column = distinct(stream.values)
        keys: Sequence[object] = column.values
        if self._by_country:
            paired = pairs(column, country if rows is None else country.take_rows(rows))
            column, keys = paired.column(), paired.values()
        texts, findings = self._rule.apply(keys, len(column))
        noticed.cells(self.entry.field.path, column, findings, rows)
        return column.spread(_framed(texts, frame))


def _framed(texts: list[str | None], frame: Frame) -> pa.StringArray:
    begin, end = frame.before[:-1], frame.after[1:]  # the texts have their quotes
    return pa.array([None if text is None else f"{begin}{text}{end}" for text in texts], pa.string())


def _digest(name: str, settings: KeySettings, value: str) -> Outcome:
    return _quoted(match_key(name, value, country=None, settings=settings))


def _digest_in_country(name: str, settings: KeySettings, value: tuple[str, str | None]) -> Outcome:
    return _quoted(match_key(name, value[0], country=value[1], settings=settings))


def _quoted(outcome: Outcome) -> Outcome:
    if outcome is None:
        return None
    if isinstance(outcome, str):
        return f'"{outcome}"'
    return outcome if outcome.kept is None else Finding(outcome.code, f'"{outcome.kept}"', outcome.detail)


class RowCountry:
    """The country that each row's phone, state and postcode are read in."""

    def __init__(self, entry: Entry | None, default: str | None) -> None:
        self._entry = entry
        self._default = default.upper() if default else None
        if entry is not None and entry.value is not None:
            self._default = country_code(entry.value) or self._default
            self._entry = None
        self._known: dict[str, str | None] = {}
        self._numbers: dict[str, int] = {}

    def of(self, table: Table) -> Distinct:
        """Return ISO alpha-2 codes, the default where the row names no country that is known."""
        length = len(table)
        if self._entry is None:
            if self._default is None:
                return Distinct(np.full(length, -1, np.int64), [])
            return constant(self._default, length)
        cells = entry_text(table, self._entry)
        assert cells is not None
        column = distinct(cells)
        numbers = [self._number(self._code(value) or self._default) for value in column.values]
        codes = np.array([*numbers, self._number(self._default)], np.int64)
        return Distinct(codes[column.codes], list(self._numbers))

    def _number(self, name: str | None) -> int:
        """Return the number of a country, the same in all blocks; -1 for none."""
        return -1 if name is None else self._numbers.setdefault(name, len(self._numbers))

    def _code(self, value: str) -> str | None:
        if value not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[value] = country_code(value)
        return self._known[value]

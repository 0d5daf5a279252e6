"""What each mapped cell of one row became: read by the rules of an upload, masked for looking at.

The texts come from the same functions that fill an event; a cell that holds a person's data shows its first
letters alone, and a digest its first digits, unless the person asked to see them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

from capi_cli.event.fields import Field, Kind
from capi_cli.event.findings import Finding
from capi_cli.event.mask import mask, shorten
from capi_cli.event.normalize.consent import read_consent
from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.keys import COUNTRY_KEYS, match_key, normalized
from capi_cli.event.normalize.plain_keys import fbc_from_fbclid
from capi_cli.mapping.header import plain
from capi_cli.mapping.model import Entry
from capi_cli.prepare.columns import Table, entry_streams, entry_text, in_words
from capi_cli.prepare.distinct import Outcome
from capi_cli.prepare.hashed import RowCountry
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.preparer import cell_settings, key_settings
from capi_cli.prepare.split import name_part, split_stream
from capi_cli.private import private_kind

HASHED_ALREADY = "hashed already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell on its way into the event; every text is masked already where it has to be.

    Attributes:
        column: Its name in the source; a template's text; empty for a constant.
        cell: As it is in the source, one value of it where it holds several; None where it is empty.
        became: The normalized text; None where nothing of it is sent.
        digest: What is sent of a hashed match key.
        field: Where it goes: `user_data.em`, `event_time`, ….
        code: The finding about it, or empty.
    """

    column: str
    cell: str | None
    became: str | None = None
    digest: str | None = None
    field: str
    code: str = ""


class RowCells:
    """The cells of one row.

    Args:
        plan: By which the source is prepared.
        header: The source's column names.
        table: The one row.
        show_values: Whether values and digests are shown in full.
    """

    def __init__(self, plan: Plan, header: Sequence[str], table: Table, *, show_values: bool) -> None:
        self._plan = plan
        self._header = header
        self._table = table
        self._show = show_values
        mapping = plan.mapping
        country = RowCountry(mapping.entry("user_data.country"), mapping.default_country).of(table)
        self._country = country.values[int(country.codes[0])] if country.codes[0] >= 0 else None

    def all(self) -> Iterator[Cell]:
        """Yield a cell for each value that the mapping reads, in the order of the event."""
        for entry in self._plan.mapping.entries:
            for column, text in self._texts(entry):
                yield self._cell(entry, column, text)

    def event_time(self) -> int | None:
        """Return Unix seconds; None where the row's time can't be read."""
        text = self._wire("event_time")
        return None if text is None else int(text)

    def wire_text(self, path: str) -> str | None:
        """Return the row's first text of a field, without the quotes of JSON."""
        text = self._wire(path)
        return None if text is None else text.strip('"')

    def _cell(self, entry: Entry, column: str, text: str | None) -> Cell:
        path = entry.field.path
        if text is None or not text.strip():
            return Cell(column=column, cell=None, field=path)
        outcome = self._read(entry, text)
        kept = outcome.kept if isinstance(outcome, Finding) else outcome
        code = outcome.code if isinstance(outcome, Finding) else ""
        became = None if kept is None else _readable(entry.field, kept)
        if entry.field.hashed and code == "arrived-hashed":
            became = HASHED_ALREADY
        elif became is not None and _is_private(entry.field, became):
            became = self._masked(entry.field, became)
        hides = became is None or _is_private(entry.field, text)
        return Cell(
            column=column,
            cell=self._masked(entry.field, text) if hides else text,
            became=became,
            digest=self._digest(entry, text),
            field=path,
            code=code,
        )

    def _texts(self, entry: Entry) -> list[tuple[str, str | None]]:
        """Return the entry's values in this row, each with the name of its column."""
        if entry.value is not None:
            return [("", entry.value)]
        if entry.template is not None:
            cells = entry_text(self._table, entry)
            assert cells is not None
            return [(entry.template, cells[0].as_py())]
        if not _is_list(entry):
            cells = entry_text(self._table, replace(entry, words=()))
            assert cells is not None
            return [(self._names(entry.positions), cells[0].as_py())]
        found: list[tuple[str, str | None]] = []
        default = entry.default if len(entry.positions) == 1 else None
        for position in entry.positions:
            (stream,) = entry_streams(self._table, replace(entry, positions=(position,), default=default))
            if entry.split == "contacts":
                stream = split_stream(stream, entry)
            name = self._names((position,))
            found += [(name, text) for text in stream.values.to_pylist()] or [(name, None)]
        return found

    def _names(self, positions: Sequence[int]) -> str:
        return " + ".join(plain(self._header[position]) for position in positions)

    def _read(self, entry: Entry, text: str) -> Outcome:
        """Return what the value became: the text that is hashed, or the JSON text that is sent."""
        field = entry.field
        text = in_words(text, entry) or text
        match field.kind:
            case Kind.MATCH_KEY:
                part = _part(entry, text)
                if part is None:
                    return None
                settings = key_settings(self._plan, entry)
                return normalized(field.name, part, country=self._country_for(field), settings=settings)
            case Kind.INPUT:
                return self._input(field, text)
            case _ if _is_list(entry):
                return wire_value(Field(field.path, Kind.TEXT), text, CellSettings())
            case _:
                settings_of_cell = cell_settings(self._plan, entry)
                if field.path == "custom_data.value":
                    currency = self.wire_text("custom_data.currency")
                    settings_of_cell = replace(settings_of_cell, currency=currency)
                return wire_value(field, text, settings_of_cell)

    def _input(self, field: Field, text: str) -> Outcome:
        if field.path == "consent":
            word = read_consent(text)
            return Finding("consent-unclear") if word == "unclear" else word
        if field.path == "user_data.fbclid":
            at = self.event_time()
            return fbc_from_fbclid(text, at) if at and self._wire("user_data.fbc") is None else None
        return text  # a part of the contents, which are read as a whole

    def _digest(self, entry: Entry, text: str) -> str | None:
        part = _part(entry, text)
        if not entry.field.hashed or entry.plain or part is None:
            return None
        outcome = match_key(
            entry.field.name,
            part,
            country=self._country_for(entry.field),
            settings=key_settings(self._plan, entry),
        )
        sent = outcome.kept if isinstance(outcome, Finding) else outcome
        return sent if sent is None or self._show else shorten(sent)

    def _country_for(self, field: Field) -> str | None:
        return self._country if field.name in COUNTRY_KEYS else None

    def _wire(self, path: str) -> str | None:
        entry = self._plan.mapping.entry(path)
        if entry is None:
            return None
        for _, text in self._texts(entry):
            outcome = None if text is None else self._read(entry, text)
            return outcome.kept if isinstance(outcome, Finding) else outcome
        return None

    def _masked(self, field: Field, text: str) -> str:
        return text if self._show else mask(field.name, text)


def _part(entry: Entry, text: str) -> str | None:
    if entry.split != "full_name":
        return text
    return name_part(text, entry.field.name)


def _is_list(entry: Entry) -> bool:
    """Return whether the entry's values are read one by one."""
    several = entry.field.many and (len(entry.positions) > 1 or entry.separator is not None)
    return entry.field.hashed or several


def _is_private(field: Field, text: str) -> bool:
    about_a_person = field.kind in (Kind.MATCH_KEY, Kind.PLAIN_KEY) or field.path == "user_data.fbclid"
    return about_a_person or private_kind(text) is not None


def _readable(field: Field, text: str) -> str:
    """Return JSON text as a person reads it: no quotes, an instant instead of Unix seconds."""
    if field.kind is Kind.TIME and text.lstrip("-").isdigit():
        at = datetime.fromtimestamp(int(text), UTC)
        return f"{at:%Y-%m-%d %H:%M:%S} UTC"
    if field.kind not in (Kind.MATCH_KEY, Kind.INPUT) and text.startswith('"'):
        return str(orjson.loads(text))
    return text

"""Find one event in the ledgers: by its event_id, or by the order it stands for.

A ledger holds a 64-bit key of (event_name, event_id) and nothing else that names an event, so a search makes every id
that the event could have been given, by the recipes that prepared it: derived from name and order, filled into the
template that a run's record shows, or the order's number itself.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from capi_cli.errors import CapiError, UsageError
from capi_cli.event.fields import parse_field
from capi_cli.event.findings import Finding
from capi_cli.event.limits import STANDARD_EVENTS
from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.json_text import quote
from capi_cli.ledger.history import EventEntry, History, ReceiptEntry
from capi_cli.mapping.header import fold
from capi_cli.mapping.template import Template
from capi_cli.prepare.distinct import as_list
from capi_cli.prepare.identity import derive_ids, event_keys
from capi_cli.runs.history import RunFacts, opened_histories, run_facts

_ORDER: Final = "custom_data.order_id"
_ITEM: Final = "custom_data.item_number"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One name and id that the event may have; `made` says how the id came about."""

    event_name: str
    event_id: str
    made: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEvent:
    """What one ledger holds of an event.

    Attributes:
        state: `accepted`, `refused` or `unknown`.
        run: The run whose receipt it is; None where it is no longer kept.
    """

    event_name: str
    event_id: str
    made: str
    ledger: str
    state: str
    receipt: ReceiptEntry | None
    run: RunFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was found, how many names and ids were looked for, and what could not be made."""

    events: tuple[FoundEvent, ...]
    looked_for: int
    remarks: tuple[str, ...] = ()


def find_by_event_id(state_dir: Path | None, event_id: str, *, event_name: str | None, now: float) -> Search:
    """Find an event by its id; without a name under Meta's standard names and those that runs used."""
    text = _on_the_wire("event_id", event_id)
    with opened_histories(state_dir) as histories:
        names = _names(histories, event_name)
        return _search(histories, [Candidate(name, text, "") for name in names], now)


def find_by_order_id(state_dir: Path | None, order_id: str, *, event_name: str | None, now: float) -> Search:
    """Find the events whose id was derived from that order or templated on it.

    Raises:
        UsageError: The order id is empty, or no order's number.
        LedgerError: A ledger is damaged, or can't be read.
    """
    order = _on_the_wire(_ORDER, order_id)
    with opened_histories(state_dir) as histories:
        names = _names(histories, event_name)
        mappings = [_fillings(text) for history in histories for text in history.mappings()]
        templated, remarks = _templated(mappings, order)
        found = [Candidate(name, text, made) for name in names for text, made in templated]
        found += [
            Candidate(name, text, "derived from name and order id") for name, text in _derived(names, order)
        ]
        found += [Candidate(name, order, "the order id itself") for name in names]
        search = _search(histories, found, now)
    return Search(events=search.events, looked_for=search.looked_for, remarks=tuple(remarks))


def keys_of(events: Sequence[Candidate | FoundEvent]) -> list[int]:
    """Return the key under which a ledger holds each event."""
    members = {
        "event_name": pa.array([quote(one.event_name) for one in events], pa.string()),
        "event_id": pa.array([quote(one.event_id) for one in events], pa.string()),
    }
    keys: list[int] = event_keys(members, len(events)).tolist()
    return keys


def _search(histories: Sequence[History], candidates: Iterable[Candidate], now: float) -> Search:
    distinct = list({(one.event_name, one.event_id): one for one in reversed(list(candidates))}.values())[
        ::-1
    ]
    keys = keys_of(distinct)
    events = []
    for history in histories:
        held = history.find_events(keys, now)
        events += [
            _found(history, one, held[key]) for key, one in zip(keys, distinct, strict=True) if key in held
        ]
    return Search(events=tuple(events), looked_for=len(distinct))


def _found(history: History, candidate: Candidate, entry: EventEntry) -> FoundEvent:
    run = history.run(entry.receipt.run_id) if entry.receipt is not None else None
    return FoundEvent(
        event_name=candidate.event_name,
        event_id=candidate.event_id,
        made=candidate.made,
        ledger=history.place.folder.name,
        state=entry.state,
        receipt=entry.receipt,
        run=None if run is None else run_facts(history, run),
    )


def _names(histories: Sequence[History], asked: str | None) -> list[str]:
    """Return the event names to look under: the asked one, else those of the runs and Meta's standard ones."""
    if asked is not None:
        return [_on_the_wire("event_name", asked)]
    constants = [
        text.removeprefix('constant "').removesuffix('"')
        for history in histories
        for mapping in history.mappings()
        if (text := _fillings(mapping).get("event_name", "")).startswith('constant "')
    ]
    return list(dict.fromkeys([*(_on_the_wire("event_name", name) for name in constants), *STANDARD_EVENTS]))


def _fillings(mapping: str) -> dict[str, str]:
    """Return what fills each field, from a run's record: `custom_data.order_id` → `"order"`."""
    return {field: filled for field, _, filled in (line.partition(" <- ") for line in mapping.splitlines())}


def _templated(mappings: Sequence[dict[str, str]], order: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the ids that the runs' templates make of that order, and what can't be said."""
    found: dict[str, str] = {}
    remarks: dict[str, None] = {}
    for fillings in mappings:
        by = fillings.get("event_id", "")
        if _ITEM in fillings and not by:
            remarks[
                "Where a mapping fills item_number, derived ids hold it too: search those by --event-id."
            ] = None
        if not by.startswith('template "'):
            continue
        text = by.removeprefix('template "').removesuffix('"')
        event_id = _filled(text, order, fillings.get(_ORDER, ""))
        if event_id is None:
            remarks[
                f"The template {text} is not made of the order id alone: search its events by --event-id."
            ] = None
        else:
            found.setdefault(event_id, f"template {text}")
    return list(found.items()), list(remarks)


def _filled(text: str, order: str, order_column: str) -> str | None:
    """Return the template with the order in it; None where it holds other columns, or was cut for the record."""
    try:
        template = Template.parse(text)
    except CapiError:
        return None
    column = order_column.strip('"')
    if len(template.columns) != 1 or (column and fold(template.columns[0]) != fold(column)) or "…" in text:
        return None
    return _on_the_wire("event_id", "".join(order if part.column else part.text for part in template.parts))


def _derived(names: Sequence[str], order: str) -> list[tuple[str, str]]:
    members = {
        "event_name": pa.array([quote(name) for name in names], pa.string()),
        _ORDER: quote(order),
    }
    ids = derive_ids(members, len(names))
    assert not isinstance(ids, str), "each name has an id of its own"
    return [(name, json.loads(text)) for name, text in zip(names, as_list(ids), strict=True)]


def _on_the_wire(path: str, text: str) -> str:
    """Return a text as the field's own rule would send it."""
    found = wire_value(parse_field(path), text, CellSettings())
    if isinstance(found, Finding):
        found = found.kept
    if found is None:
        raise UsageError(
            f"That is no {path.rpartition('.')[2]}.", "Copy it from the export, or from Events Manager."
        )
    return str(json.loads(found))

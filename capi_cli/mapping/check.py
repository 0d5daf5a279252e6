"""What a mapping must have before a row is read: its required fields, legal constants, templates that leak nothing."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from capi_cli.errors import ConfigurationError
from capi_cli.event import limits
from capi_cli.event.fields import FIELDS, Kind
from capi_cli.event.normalize.countries import CODES, find_country
from capi_cli.mapping.guess import likely_columns, looks_like_match_key
from capi_cli.mapping.header import Header, shown, shown_names
from capi_cli.mapping.model import Entry, Origin

_REQUIRED = {
    "event_time": "--map event_time=COLUMN",
    "event_name": "--set event_name=Purchase (or another event), or --map event_name=COLUMN",
    "action_source": "--set action_source=physical_store (or website, phone_call, …), "
    "or --map action_source=COLUMN",
}
_CURRENCY_LETTERS = 3  # ISO 4217


def check_required(bound: Mapping[str, Entry], header: Header) -> None:
    """Raise one error that names every required field that nothing fills, each with the flag that mends it."""
    lacking = [path for path in _REQUIRED if path not in bound]
    keyless = not any(entry.field.group == "user_data" for entry in bound.values())
    if not lacking and not keyless:
        return
    said, hints = [], []
    if lacking:
        said.append(f"Nothing fills {_listed(lacking)}, which every event needs.")
        hints += [f"{_REQUIRED[path]}{_likely(path, header)}" for path in lacking]
    if keyless:
        said.append("No column fills a match key (e-mail, phone, …), so Meta could match nobody.")
        likely = _likely("user_data.em", header) or _likely("user_data.ph", header)
        hints.append(f"--map em=COLUMN, --map ph=COLUMN or another key of user_data{likely}")
    raise ConfigurationError(" ".join(said), f"Add {'; '.join(hints)}. Columns here: {header.listed()}.")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _likely(path: str, header: Header) -> str:
    columns = likely_columns(path, header)
    return f" (perhaps {shown_names(columns, ' or ')})" if columns else ""


def check_constants(bound: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries, constants of closed lists in Meta's spelling.

    Raises:
        ConfigurationError: A constant that is not in its field's list, or is no currency.
    """
    return {path: _checked(entry) for path, entry in bound.items()}


def _checked(entry: Entry) -> Entry:
    value, field = entry.value, entry.field
    if value is None:
        return entry
    if not value.strip():
        raise ConfigurationError(f"{field.name}: the constant is empty.", "Give it a value, or take it out.")
    if field.kind is Kind.CHOICE:
        word = value.strip().lower().replace(" ", "_").replace("-", "_")
        if word in field.choices:
            return replace(entry, value=word)
        near = get_close_matches(word, field.choices, n=1, cutoff=0.5)
        near = near or [choice for choice in field.choices if word and word in choice][:1]
        meant = f"Did you mean {near[0]}? " if near else ""
        raise ConfigurationError(
            f"{field.name} can't be {shown(value)}.", f"{meant}Meta takes {', '.join(field.choices)}."
        )
    if field.path == "custom_data.currency":
        letters = value.strip()
        if not (letters.isascii() and letters.isalpha() and len(letters) == _CURRENCY_LETTERS):
            raise ConfigurationError(
                f"currency can't be {shown(value)}.", "Use an ISO 4217 code such as EUR or USD."
            )
    return entry


def check_templates(bound: Mapping[str, Entry], header: Header) -> None:
    """Refuse a template that would carry a match key, unhashed, into a field that is sent plain.

    Raises:
        ConfigurationError: It names a column that fills a hashed key, or whose name says that it holds one.
    """
    keys = {
        at: entry.field.name
        for entry in bound.values()
        if entry.field.hashed and not entry.plain and entry.template is None
        for at in entry.positions
    }
    for entry in bound.values():
        if entry.template is None or entry.field.hashed:
            continue
        for at in entry.positions:
            looks = looks_like_match_key(header.names[at])
            key = keys.get(at) or (FIELDS[looks].name if looks else None)
            if key is not None:
                raise ConfigurationError(
                    f"The template of {entry.field.name} names the column {shown(header.names[at])}, which holds "
                    f"the match key {key}: it would be sent unhashed.",
                    "Use a column that identifies the event, such as an order number; without a template the "
                    "id is derived from the row."
                    if entry.field.path == "event_id"
                    else "Take the column out of the template.",
                )


def check_country(code: str) -> str:
    """Return an ISO alpha-2 code in capitals."""
    country = code.strip().upper()
    if country in CODES:
        return country
    meant = find_country(code)
    raise ConfigurationError(
        f"The default country can't be {shown(code)}.",
        f"Did you mean {meant}?" if meant else "Use an ISO 3166 code of two letters, such as DE or US.",
    )


def custom_notes(bound: Mapping[str, Entry]) -> list[str]:
    """Return a sentence for each name that is nearly one of Meta's: a custom property, or a custom event."""
    known = [field.name for field in FIELDS.values() if field.group == "custom_data"]
    notes = []
    for entry in bound.values():
        near = get_close_matches(entry.field.name, known, n=1, cutoff=0.85) if entry.field.custom else []
        if near and entry.origin is not Origin.HEADER:
            notes.append(
                f"{entry.field.path} is sent as a property of your own; if you meant {near[0]}, "
                f"say custom_data.{near[0]}."
            )
    name = bound.get("event_name")
    if name is not None and name.value is not None:
        standard = {event.lower(): event for event in (*limits.STANDARD_EVENTS, *limits.MESSAGING_EVENTS)}
        given = name.value.strip().lower()
        close = get_close_matches(given, standard, n=1, cutoff=0.8) if given not in standard else []
        if close:
            notes.append(
                f"event_name {shown(name.value)} is sent as an event of your own; if you meant "
                f"{standard[close[0]]}, say --set event_name={standard[close[0]]}."
            )
    return notes

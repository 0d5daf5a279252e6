"""What a person said about columns and fields → entries, not yet bound to a source.

Two places say it: the `[event]`, `[where]` and `[group]` tables of capi.toml, whose shape mirrors the event,
and the options `--map`, `--set`, `--event-id` and `--where`. An option replaces the field's whole entry of
capi.toml.
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import NoReturn

from capi_cli.errors import ConfigurationError
from capi_cli.event.fields import FIELDS, GROUPS, Field, Kind, find_field
from capi_cli.mapping.entry import is_entry_table, read_entry, template_columns
from capi_cli.mapping.meant import meant_fields
from capi_cli.mapping.model import Entry, Group, Where
from capi_cli.private import private_kind, shown

Place = Callable[[tuple[str, ...]], str]
"""Names a spot of capi.toml by its keys, for messages: ("event", "group") → `capi.toml, line 12`."""

_NESTED = ("custom_data.contents", "custom_data.store_data")  # fields that hold fields


def _field(name: str) -> Field:
    """Return the field that an option names, or raise an error that names the nearest known ones."""
    if (found := find_field(name)) is not None:
        return found
    meant = [FIELDS[path] for path in meant_fields(name)]
    hints = []
    if meant:
        hints.append(f"Did you mean {' or '.join(_as_typed(field) for field in meant)}?")
    if not any(field.group == "user_data" for field in meant):  # a person's data is no property of an event
        own = "" if private_kind(name) else f": custom_data.{name.rpartition('.')[2]}"
        hints.append(f"A property of your own goes under custom_data{own}.")
    raise ConfigurationError(f"Unknown field {shown(name)}.", " ".join(hints))


def _as_typed(field: Field) -> str:
    """Return the shortest name by which an option finds the field."""
    return field.name if find_field(field.name) is field else field.path


def entries_from_options(
    maps: Sequence[tuple[str, str]], sets: Sequence[tuple[str, str]], event_id: str | None
) -> dict[str, Entry]:
    """Return the entries of `--map`, `--set` and `--event-id` by path.

    Raises:
        ConfigurationError: An unknown field, a second column or value where one is taken, a contradiction.
    """
    found: dict[str, Entry] = {}
    for name, column in maps:
        field = _field(name)
        entry = found.get(field.path)
        if entry is not None and not field.many:
            raise ConfigurationError(
                f"--map {field.name} is given twice, and {field.name} takes one column.",
                "Keep one of them; date and time in two columns are told in capi.toml, under [event]: "
                f'{field.name} = ["DATE_COLUMN", "TIME_COLUMN"].'
                if field.kind is Kind.TIME
                else "Keep one of them.",
            )
        columns = (column,) if entry is None else (*entry.columns, column)
        found[field.path] = Entry(field=field, columns=columns)
    constants: dict[str, Entry] = {}
    for name, value in sets:
        field = _field(name)
        if field.path in found:
            _contradict(field, "--map", "--set")
        if field.path in constants:
            raise ConfigurationError(f"--set {field.name} is given twice.", "Keep one of them.")
        constants[field.path] = Entry(field=field, value=value)
    found |= constants
    if event_id is not None:
        field = FIELDS["event_id"]
        if field.path in found:
            _contradict(field, "--set" if field.path in constants else "--map", "--event-id")
        if "{" not in event_id:
            raise ConfigurationError(
                "--event-id names no column, so every event would have the same id.",
                "Name columns in braces, such as --event-id 'order-{order_id}'; "
                "for a column of ids say --map event_id=COLUMN.",
            )
        columns = template_columns(event_id, "--event-id")
        found[field.path] = Entry(field=field, template=event_id, columns=columns)
    return found


def _contradict(field: Field, one: str, other: str) -> NoReturn:
    raise ConfigurationError(
        f"{one} and {other} both fill {field.name}.", "Keep one: a column or template, or a constant."
    )


def entries_from_tree(tree: Mapping[str, object], place: Place) -> dict[str, Entry]:
    """Return the entries of `[event]` by path; an empty one switches its field off.

    Raises:
        ConfigurationError: An unknown field or key, or an entry that its field does not take.
    """
    found: dict[str, Entry] = {}
    for key, raw in tree.items():
        keys = ("event", key)
        if key in GROUPS:
            if not isinstance(raw, dict):
                raise ConfigurationError(f"{place(keys)}: {key} holds fields.", f"Write [event.{key}].")
            _read_group(found, key, raw, keys, place)
        elif key in FIELDS and "." not in key:
            found[key] = read_entry(FIELDS[key], raw, _at(place, keys))
        else:
            _unknown(key, "", place(keys))
    return found


def _read_group(
    found: dict[str, Entry], group: str, raw: Mapping[str, object], keys: tuple[str, ...], place: Place
) -> None:
    for key, value in raw.items():
        path, here = f"{group}.{key}", (*keys, key)
        if path in _NESTED and isinstance(value, dict) and not is_entry_table(value):
            _read_group(found, path, value, here, place)
            continue
        field = FIELDS.get(path)
        if field is None and group == "custom_data" and key.strip() and "." not in key:
            field = Field(path, Kind.TEXT)
        if field is None:
            _unknown(key, group, place(here))
        found[path] = read_entry(field, value, _at(place, here))


def _at(place: Place, keys: tuple[str, ...]) -> str:
    return f"{place(keys)}, {keys[-1]}"


def _unknown(key: str, group: str, at: str) -> NoReturn:
    """Raise the error of a field that is not known in that group; name where it belongs, or the nearest."""
    table = f"[event.{group}]" if group else "[event]"
    elsewhere = find_field(key) if "." not in key else None
    if elsewhere is not None and elsewhere.group != group:
        home = f"[event.{elsewhere.group}]" if elsewhere.group else "[event]"
        raise ConfigurationError(
            f"{at}: {key} is not a field of {table}.", f"It stands under {home}: move it there."
        )
    known = [field.name for field in FIELDS.values() if field.group == group] + ([] if group else [*GROUPS])
    near = get_close_matches(key.strip().lower(), () if group else GROUPS, n=1)
    near = near or [_in_table(FIELDS[path], group) for path in meant_fields(key, group)]
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    own = "" if group else "A property of your own goes under [event.custom_data]."
    hint = f"{meant}{own}" or f"{table} takes {', '.join(known)}."
    raise ConfigurationError(f"{at}: unknown field {shown(key)} in {table}.", hint.strip())


def _in_table(field: Field, group: str) -> str:
    """Return a field's name, with its table where that is another one."""
    if field.group == group:
        return field.path.removeprefix(f"{group}.")
    return f"{field.name} under [event.{field.group}]" if field.group else f"{field.name} under [event]"


def wheres_from_tree(tree: Mapping[str, object], place: Place) -> tuple[Where, ...]:
    """Return the conditions of `[where]`."""
    found = []
    for column, raw in tree.items():
        without = isinstance(raw, dict) and set(raw) == {"not"}
        said = raw["not"] if isinstance(raw, dict) and without else raw
        values = said if isinstance(said, list) else [said]
        texts = tuple(_where_text(value) for value in values)
        if not texts or None in texts:
            raise ConfigurationError(
                f"{place(('where', column))}: [where] takes a text or a list of texts beside a column.",
                'For example status = ["paid", "partially_refunded"], or status = { not = ["test"] }.',
            )
        named = tuple(text for text in texts if text is not None)
        found.append(Where(column=column, values=named, without=without))
    return tuple(found)


def _where_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def group_from_tree(tree: Mapping[str, object], place: Place) -> Group | None:
    """Return `[group]`, or None where the table is empty."""
    if not tree:
        return None
    for key in tree:
        if key not in ("by", "value"):
            near = get_close_matches(key, ("by", "value"), n=1, cutoff=0.4)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise ConfigurationError(
                f"{place(('group', key))}: unknown key {shown(key)} in [group].",
                f"{meant}[group] takes by and value.",
            )
    by, value = tree.get("by"), tree.get("value", "once")
    if not isinstance(by, str) or not by.strip():
        raise ConfigurationError(
            f"{place(('group',))}: [group] needs the column whose cells are alike in one order.",
            'Write by = "order_id".',
        )
    if not isinstance(value, str) or value not in ("once", "sum"):
        raise ConfigurationError(
            f"{place(('group', 'value'))}: value is once or sum.",
            'Write value = "once" where every row repeats the order\'s value, "sum" where rows add up to it.',
        )
    return Group(by=by, value=value)


def is_off(entry: Entry) -> bool:
    """Return whether an entry says that nothing fills its field."""
    return not entry.columns and entry.value is None and entry.template is None

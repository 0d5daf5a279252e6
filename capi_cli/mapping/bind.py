"""All that was said about columns and fields, bound to one source's header: the mapping in force.

For each field the first of these that says something: `--map`, `--set`, `--event-id`; capi.toml; the recognised
export; the header's own names. Nothing of the later ones is mixed in. A column that a person, or the export, has
given to a field is not guessed for another.
"""

from collections.abc import Sequence
from dataclasses import replace

from capi_cli.errors import ConfigurationError
from capi_cli.event.fields import FIELDS, GROUPS
from capi_cli.mapping.check import (
    check_constants,
    check_country,
    check_required,
    check_templates,
    custom_notes,
)
from capi_cli.mapping.config import Config
from capi_cli.mapping.entry import check_decimal
from capi_cli.mapping.exports import Export
from capi_cli.mapping.guess import FULL_NAME, Guess, guess
from capi_cli.mapping.header import Header, shown, shown_names
from capi_cli.mapping.model import Entry, Group, Mapping, Origin, Where
from capi_cli.mapping.parse import (
    entries_from_options,
    entries_from_tree,
    group_from_tree,
    is_off,
    wheres_from_tree,
)

_ORDER = {path: at for at, path in enumerate(FIELDS)}
_GROUP_ORDER = {group: at for at, group in enumerate(GROUPS, 1)}
_CONTENTS = "custom_data.contents"
_NAMES = frozenset(("user_data.fn", "user_data.ln"))


def bind(
    header: Sequence[str],
    *,
    config: Config | None = None,
    maps: Sequence[tuple[str, str]] = (),
    sets: Sequence[tuple[str, str]] = (),
    event_id: str | None = None,
    timezone: str | None = None,
    default_country: str | None = None,
    decimal: str | None = None,
    where: Sequence[tuple[str, tuple[str, ...]]] = (),
    export: Export | None = None,
    complete: bool = True,
) -> Mapping:
    """Return the mapping in force for a source with that header.

    Args:
        header: Column names as written, duplicates kept.
        config: The parsed capi.toml.
        maps: FIELD and COLUMN of each `--map`.
        sets: FIELD and VALUE of each `--set`.
        event_id: The template of `--event-id`.
        timezone: IANA zone for times that carry none.
        default_country: ISO alpha-2, for reading values whose row names no country.
        decimal: `,` or `.`.
        where: COLUMN and VALUEs of each `--where`.
        export: What the header was recognised as.
        complete: Whether a required field that nothing fills is an error.

    Raises:
        ConfigurationError: Unknown field or column, a contradiction, or a required field that nothing fills.
    """
    names = Header.of(header)
    config = config or Config()
    by_hand = _by_hand(config, maps, sets, event_id)
    bound = {path: _bind(entry, names, config) for path, entry in by_hand.items() if not is_off(entry)}
    hand = frozenset(by_hand) | (
        _NAMES if any(entry.split == FULL_NAME for entry in by_hand.values()) else frozenset()
    )
    bound |= _from_export(export, names, config, hand)
    taken = {at for entry in bound.values() if entry.template is None for at in entry.positions}
    taken |= {at for name in (export.passed_over(names.names) if export else ()) for at in names.find(name)}
    guessed = guess(names, taken)
    bound |= _from_header(guessed, names, hand | frozenset(bound))
    bound = check_constants(_with_split_names(bound, by_hand))
    check_templates(bound, names)
    if complete:
        check_required(bound, names)
    country = default_country or _said(config, "default_country")
    decimal = decimal or _said(config, "decimal")
    custom = [path for path in bound if path not in _ORDER]
    return Mapping(
        entries=tuple(sorted(bound.values(), key=lambda entry: _place(entry.field.path, custom))),
        where=_bind_wheres(names, config, where, export, hand),
        group=_bind_group(names, config, export),
        timezone=timezone or _said(config, "timezone"),
        default_country=check_country(country) if country else None,
        decimal=check_decimal(decimal, "--decimal") if decimal else None,
        export=export.name if export else None,
        assumptions=(
            *(export.assumed(hand) if export else ()),
            *_notes(bound, guessed, names),
            *custom_notes(bound),
        ),
    )


def _by_hand(
    config: Config, maps: Sequence[tuple[str, str]], sets: Sequence[tuple[str, str]], event_id: str | None
) -> dict[str, Entry]:
    """Return what a person said, options before capi.toml; entries that switch a field off included."""
    in_file = _said(config, "event_id")
    if event_id in (None, in_file):  # said by the file alone, so an option for the field goes before it
        named = "event_id" in entries_from_options(maps, sets, None)
        event_id = None if named else in_file or event_id
    return entries_from_tree(config.event or {}, config.place) | entries_from_options(maps, sets, event_id)


def _said(config: Config, option: str) -> str | None:
    """Return an option of capi.toml that is text."""
    value = config.options.get(option)
    return value if isinstance(value, str) else None


def _bind(entry: Entry, header: Header, config: Config) -> Entry:
    """Return the entry with its columns' positions; names as the source writes them, save in a template."""
    if entry.value is not None:
        return entry
    what = _what(entry, config)
    many = entry.field.many and entry.template is None
    found = [header.positions(column, for_what=what, many=many) for column in entry.columns]
    if entry.template is not None:
        return replace(entry, positions=tuple(several[0] for several in found))
    positions = tuple(dict.fromkeys(at for several in found for at in several))
    return replace(entry, columns=tuple(header.names[at] for at in positions), positions=positions)


def _what(entry: Entry, config: Config) -> str:
    """Say whose column is looked up."""
    name = entry.field.name
    match entry.origin:
        case Origin.CONFIG:
            return f"{config.place(('event', *entry.field.path.split('.')))}, {name}"
        case Origin.OPTION if entry.template is not None:
            return "--event-id"
        case Origin.OPTION:
            return f"--map {name}"
        case _:
            return name


def _from_export(
    export: Export | None, header: Header, config: Config, hand: frozenset[str]
) -> dict[str, Entry]:
    """Return the export's entries for fields that nobody mapped by hand."""
    if export is None:
        return {}
    entries = list(export.entries(header.names))
    whole = _CONTENTS in hand or any(entry.field.path == _CONTENTS for entry in entries)
    return {
        entry.field.path: _bind(entry, header, config)
        for entry in entries
        if entry.field.path not in hand and not (whole and entry.field.group == _CONTENTS)
    }


def _from_header(guessed: Guess, header: Header, filled: frozenset[str]) -> dict[str, Entry]:
    """Return the entries that the header's names suggest for fields that nothing fills yet.

    Raises:
        ConfigurationError: Several columns have one name, and their field takes one value.
    """
    found = {}
    for path, one in guessed.filled.items():
        if path in filled or (one.field.group == _CONTENTS and _CONTENTS in filled):
            continue
        columns = tuple(header.names[at] for at in one.positions)
        found[path] = Entry(
            field=one.field, columns=columns, positions=one.positions, split=one.split, origin=Origin.HEADER
        )
    for path, positions in guessed.unclear.items():
        alike = {header.names[at] for at in positions}
        if path not in filled and len(alike) == 1:
            header.positions(alike.pop(), for_what=path.rpartition(".")[2])
    return found


def _with_split_names(bound: dict[str, Entry], by_hand: dict[str, Entry]) -> dict[str, Entry]:
    """Give a column of full names to first and last name both, unless the other is filled or switched off."""
    found = dict(bound)
    for path in _NAMES:
        (other,) = _NAMES - {path}
        entry = bound.get(path)
        if entry is not None and entry.split == FULL_NAME and other not in bound and other not in by_hand:
            found[other] = replace(entry, field=FIELDS[other])
    return found


def _bind_wheres(
    header: Header,
    config: Config,
    where: Sequence[tuple[str, tuple[str, ...]]],
    export: Export | None,
    hand: frozenset[str],
) -> tuple[Where, ...]:
    """Return the filters: of one column those said nearest alone, option before capi.toml before the export."""
    said = [
        ("--where", tuple(Where(column=column, values=values) for column, values in where)),
        ("capi.toml, [where]", wheres_from_tree(config.where or {}, config.place)),
        ("where", tuple(export.wheres(header.names, hand)) if export else ()),
    ]
    found: dict[int, Where] = {}
    for what, conditions in said:
        here: dict[int, Where] = {}
        for one in conditions:
            (position,) = header.positions(one.column, for_what=what)
            before = here[position].values if position in here else ()
            if position in here and here[position].without != one.without:
                raise ConfigurationError(
                    f"{what}: {shown(one.column)} is both asked for and left out.", "Keep one of the two."
                )
            here[position] = Where(
                column=header.names[position],
                values=tuple(dict.fromkeys((*before, *one.values))),
                without=one.without,
                position=position,
            )
        found = here | found  # what was said nearer wins
    return tuple(found[position] for position in sorted(found))


def _bind_group(header: Header, config: Config, export: Export | None) -> Group | None:
    group = group_from_tree(config.group or {}, config.place)
    if group is None and export is not None:
        group = export.grouped(header.names)
    if group is None:
        return None
    (position,) = header.positions(group.by, for_what="[group] by")
    return replace(group, by=header.names[position], position=position)


def _notes(bound: dict[str, Entry], guessed: Guess, header: Header) -> list[str]:
    """Return what a person should know of columns that look like a field and do not fill it."""
    notes = []
    for path, one in guessed.filled.items():
        entry = bound.get(path)
        if entry is not None and entry.value is not None and entry.origin is Origin.OPTION:
            columns = shown_names(header.names[at] for at in one.positions)
            notes.append(f"{entry.field.name}: the constant of --set stands over the column {columns}.")
    for path, positions in guessed.unclear.items():
        if path not in bound:
            name = path.rpartition(".")[2]
            columns = shown_names((header.names[at] for at in positions), " and ")
            notes.append(
                f"{name} is not filled: {columns} both look like it; choose with --map {name}=COLUMN."
            )
    return notes


def _place(path: str, custom: list[str]) -> tuple[int, int]:
    """Return where a field stands: the table's order, properties of the user's own after Meta's of that object."""
    group = _GROUP_ORDER.get(path.partition(".")[0], 0)
    return group, _ORDER[path] if path in _ORDER else len(_ORDER) + custom.index(path)

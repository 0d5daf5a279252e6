"""A draft as the text of a capi.toml: every line with its reason, open ones commented out with what to write."""

import json
import re
from collections.abc import Iterator

from capi_cli.event.fields import FIELDS
from capi_cli.mapping.header import plain
from capi_cli.mapping.model import Entry
from capi_cli.runs.init_draft import Draft, Filled, Open

TO_COMPLETE = "TO COMPLETE"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_GROUPS = tuple(dict.fromkeys(field.group for field in FIELDS.values()))


def toml_text(draft: Draft) -> str:
    """Return the file's text; `load_config` reads it whatever is still open."""
    return "\n".join([*_top(draft), *_options(draft), *_event(draft), *_filters(draft), *_rest(draft)]) + "\n"


def toml_line(entry: Entry) -> str:
    """Return an entry as one line under its table."""
    return f"{_key(entry.field.name)} = {_entry_value(entry)}"


def quoted(text: str) -> str:
    """Return a text as a basic string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _top(draft: Draft) -> Iterator[str]:
    yield f"# Which column of {_safe(draft.source)} fills which field of Meta's events."
    yield "# Written by `capi init`, and yours to edit; `capi validate` tells what comes of it."
    if draft.export:
        yield f"# Recognised: {draft.export}."
    for assumption in draft.assumptions:
        yield f"#   {_safe(assumption)}"
    yield f"# What cells become was seen on the first {draft.rows:,} rows; samples of people's data are masked."
    if draft.incomplete:
        names = ", ".join(one.name.rpartition(".")[2] for one in draft.incomplete)
        yield f"# {TO_COMPLETE}: {names}. Take the `# ` from one line of each, and write your own value."
    yield ""


def _options(draft: Draft) -> Iterator[str]:
    for name, value in draft.options.items():
        yield f"{name} = {_value(value)}"
    for one in draft.open:
        if not _is_field(one.name):
            yield from _open(one)
    yield ""


def _event(draft: Draft) -> Iterator[str]:
    whole_contents = any(one.entry.field.path == "custom_data.contents" for one in draft.filled)
    for group in _GROUPS:
        if group == "custom_data.contents" and whole_contents:
            continue
        filled = [one for one in draft.filled if one.entry.field.group == group]
        opened = [one for one in draft.open if _is_field(one.name) and one.name.rpartition(".")[0] == group]
        if not (filled or opened) and group:
            continue
        yield f"[event.{group}]" if group else "[event]"
        for one in opened:
            yield from _open(one)
        for line in filled:
            yield from _filled(line)
        yield ""


def _filters(draft: Draft) -> Iterator[str]:
    if draft.where:
        yield '[where] # only rows that match are events; "" is the empty cell'
        for where in draft.where:
            values = _value(list(where.values))
            yield f"{_key(where.column)} = {f'{{ not = {values} }}' if where.without else values}"
        yield ""
    if draft.group is not None:
        yield "[group] # rows with the same cell here are the items of one order"
        yield f"by = {quoted(draft.group.by)}"
        yield '# "once": the order\'s value is taken once; "sum": its rows add up to it'
        yield f"value = {quoted(draft.group.value)}"
        yield ""


def _rest(draft: Draft) -> Iterator[str]:
    for sentence in draft.possible:
        yield f"# Perhaps: {_safe(sentence)}"
    if draft.unused:
        yield f"# Columns that fill nothing: {', '.join(_safe(plain(name)) for name in draft.unused)}"


def _open(one: Open) -> Iterator[str]:
    mark = f"{TO_COMPLETE}: " if one.required else ""
    yield f"# {mark}{_safe(one.why, 400)}"
    yield from (f"# {line}" for line in one.lines)


def _filled(one: Filled) -> Iterator[str]:
    said = [one.why]
    if one.confidence is not None:
        said.append(f"confidence {one.confidence:.0%}")
    if one.share is not None:
        said.append(f"{one.share:.0%} of its cells are read")
    if one.example:
        said.append(f"{quoted(_safe(one.example[0]))} becomes {quoted(_safe(one.example[1]))}")
    yield f"# {'; '.join(said)}{', hashed' if one.entry.field.hashed and not one.entry.plain else ''}"
    if one.note:
        yield f"# {_safe(one.note, 400)}"
    yield toml_line(one.entry)
    for column in one.others:
        yield f"# {_key(one.entry.field.name)} = {quoted(column)} # looks like it too"


def _entry_value(entry: Entry) -> str:
    more = {
        "default": entry.default,
        "separator": entry.separator,
        "format": entry.format,
        "timezone": entry.timezone,
        "decimal": entry.decimal,
        "split": entry.split,
        "zip_dash": entry.zip_dash,
        "consent_denied": entry.consent_denied,
    }
    told: dict[str, object] = {name: value for name, value in more.items() if value is not None}
    if entry.words:
        told["words"] = dict(entry.words)
    if entry.plain:
        told["plain"] = True
    if entry.value is not None:
        raw = json.loads(entry.value) if entry.value_is_json else entry.value
        return _table({"value": raw, **told})
    if entry.template is not None:
        return _table({"template": entry.template, **told})
    columns = tuple(dict.fromkeys(entry.columns))  # a name that stands twice is both columns
    if not told:
        return quoted(columns[0]) if len(columns) == 1 else _value(list(columns))
    source: dict[str, object] = {"column": columns[0]} if len(columns) == 1 else {"columns": list(columns)}
    return _table(source | told)


def _table(pairs: dict[str, object]) -> str:
    return "{ " + ", ".join(f"{_key(name)} = {_value(value)}" for name, value in pairs.items()) + " }"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict):
        return _table({str(name): one for name, one in value.items()})
    return str(value) if isinstance(value, int | float) else quoted(str(value))


def _key(name: str) -> str:
    return name if _BARE_KEY(name) else quoted(name)


def _is_field(name: str) -> bool:
    return name in FIELDS


def _safe(text: str, longest: int = 200) -> str:
    """Return a text for a comment: one line, nothing that TOML forbids."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(character if character.isprintable() else " " for character in cut)

"""One entry of `[event]`: the TOML value beside a field's name → an Entry, each key checked.

Text is a column, a list is several columns, a table spells it out; an empty list says that nothing fills the
field, so that no header and no recognised export fills it either.
"""

import json
import math
from collections.abc import Callable
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from capi_cli.errors import ConfigurationError
from capi_cli.event.fields import FIELDS, Field, Kind
from capi_cli.mapping.model import Entry, Origin
from capi_cli.mapping.template import Template
from capi_cli.private import shown

ENTRY_KEYS: Final = (
    "column",
    "columns",
    "value",
    "template",
    "default",
    "separator",
    "format",
    "timezone",
    "decimal",
    "plain",
    "split",
    "words",
    "zip_dash",
    "consent_denied",
)
_SOURCES: Final = ("column", "columns", "value", "template")
_ONLY_WITH_COLUMNS: Final = ("default", "separator", "split", "words", "consent_denied")
_DATES: Final = ("user_data.db", "user_data.doby", "user_data.dobm", "user_data.dobd")
_SPLITS: Final = {"full_name": ("user_data.fn", "user_data.ln"), "contacts": ("user_data.em", "user_data.ph")}
_WORDED: Final = (Kind.TEXT, Kind.CHOICE, Kind.BOOLEAN, Kind.INPUT)
EPOCH_UNITS: Final = ("s", "ms", "us")


def read_entry(field: Field, raw: object, at: str) -> Entry:
    """Return what an entry of capi.toml says about one field.

    Args:
        field: The field it stands beside.
        raw: Text, a list of texts, or a table.
        at: Where it stands, for messages.

    Raises:
        ConfigurationError: An unknown key, a key that this field does not take, or a contradiction.
    """
    match raw:
        case str():
            return Entry(field=field, columns=_columns(field, [raw], at), origin=Origin.CONFIG)
        case list():
            return Entry(field=field, columns=_columns(field, raw, at), origin=Origin.CONFIG)
        case dict():
            return _read_table(field, raw, at)
        case _:
            constant = "…" if field.group == "user_data" else _constant(raw, at)[0]
            raise _fault(
                at, f"{field.name} needs a column's name.", f"For a constant write {{ value = {constant} }}."
            )


def is_entry_table(raw: dict[str, object]) -> bool:
    """Return whether a table spells out an entry, rather than holding fields."""
    return any(key in ENTRY_KEYS for key in raw)


def _read_table(field: Field, raw: dict[str, object], at: str) -> Entry:
    for key in raw:
        if key not in ENTRY_KEYS:
            near = get_close_matches(key, ENTRY_KEYS, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise _fault(at, f"unknown key {shown(key)}.", f"{meant}An entry takes {', '.join(ENTRY_KEYS)}.")
    given = [key for key in _SOURCES if key in raw]
    if not given:
        raise _fault(
            at, f"nothing says what fills {field.name}.", 'Add column = "…", value = … or template = "…".'
        )
    if len(given) > 1:
        raise _fault(at, f"{' and '.join(given)} contradict each other.", "Keep one of them.")
    if given[0] in ("value", "template"):
        for key in _ONLY_WITH_COLUMNS:
            if key in raw:
                raise _fault(at, f"{key} goes with columns, not with {given[0]}.", f"Take out {key}.")
    columns: tuple[str, ...] = ()
    value, is_json, template = None, False, None
    match given[0]:
        case "column":
            columns = _columns(field, [raw["column"]], at)
        case "columns":
            listed = raw["columns"]
            columns = _columns(field, listed if isinstance(listed, list) else [listed], at)
        case "value":
            value, is_json = _constant(raw["value"], at)
        case _:
            template = _text(raw["template"], "template", at)
            columns = template_columns(template, at)
    return Entry(
        field=field,
        columns=columns,
        value=value,
        value_is_json=is_json,
        template=template,
        default=_constant(raw["default"], at)[0] if "default" in raw else None,
        separator=_checked(raw, "separator", field, at, _separator),
        format=_checked(raw, "format", field, at, _format),
        timezone=_checked(raw, "timezone", field, at, _timezone),
        decimal=_checked(raw, "decimal", field, at, _decimal),
        plain=_plain(raw, field, at),
        split=_checked(raw, "split", field, at, _split),
        words=_words(raw, field, at),
        zip_dash=_checked(raw, "zip_dash", field, at, _zip_dash),
        consent_denied=_checked(raw, "consent_denied", field, at, _consent_denied),
        origin=Origin.CONFIG,
    )


def _columns(field: Field, raw: list[object], at: str) -> tuple[str, ...]:
    names = []
    for name in raw:
        if not isinstance(name, str) or not name.strip():
            raise _fault(at, "a column is named by text.", f'Write {field.name} = "COLUMN".')
        names.append(name)
    if len(names) > 1 and not takes_columns(field):
        raise _fault(
            at, f"{field.name} takes one column, not {len(names)}.", "Name one column, or use template."
        )
    return tuple(names)


def takes_columns(field: Field) -> bool:
    """Return whether several columns may fill the field: several values, date and time of one, lists of items."""
    return field.many or field.kind is Kind.TIME or field.path == "custom_data.contents"


def template_columns(text: str, at: str) -> tuple[str, ...]:
    """Return the columns that a template names, at least one."""
    try:
        columns = Template.parse(text).columns
    except ConfigurationError as error:
        raise ConfigurationError(f"{at}: {error.message}", error.hint) from None
    if not columns:
        raise _fault(
            at,
            "the template names no column, so every event would have the same text.",
            "Name columns in braces, such as order-{order_id}.",
        )
    return columns


def _constant(raw: object, at: str) -> tuple[str, bool]:
    """Return a TOML value as text, and whether the text is JSON."""
    match raw:
        case str():
            return raw, False
        case bool() | int():
            return json.dumps(raw), True
        case float():
            if not math.isfinite(raw):
                raise _fault(at, "a constant is a finite number.", "Write the number with digits.")
            return json.dumps(raw), True
        case datetime() | date() | time():
            return raw.isoformat(), False
        case list() | dict():
            return json.dumps(raw, ensure_ascii=False, default=lambda day: day.isoformat()), True
        case _:
            raise _fault(
                at, "this value is of no use to an event.", "Use text, a number, true, false or a list."
            )


_Reader = Callable[[Field, str, str], str]


def _checked(raw: dict[str, object], key: str, field: Field, at: str, read: _Reader) -> str | None:
    return read(field, _text(raw[key], key, at), at) if key in raw else None


def _text(raw: object, key: str, at: str) -> str:
    if not isinstance(raw, str) or not raw:
        raise _fault(at, f"{key} is text.", f'Write {key} = "…".')
    return raw


def _separator(field: Field, text: str, at: str) -> str:
    if field.many or field.kind in (Kind.TEXTS, Kind.JSON) or field.path.startswith("custom_data.contents."):
        return text
    raise _fault(at, f"{field.name} takes one value, so nothing is separated.", "Take out separator.")


def _format(field: Field, text: str, at: str) -> str:
    if field.kind is Kind.TIME:
        if text in EPOCH_UNITS or "%" in text:
            return text
        raise _fault(
            at,
            f"format {shown(text)} is no layout.",
            "Use strptime codes such as %d.%m.%Y %H:%M, or s, ms, us.",
        )
    if field.path in _DATES:
        if "%" in text:
            return text
        raise _fault(at, f"format {shown(text)} is no layout.", "Use strptime codes such as %d/%m/%Y.")
    raise _fault(at, f"{field.name} is no time and no date, so it has no format.", "Take out format.")


def _timezone(field: Field, text: str, at: str) -> str:
    if field.kind is not Kind.TIME:
        raise _fault(at, f"{field.name} is no time.", "timezone goes with event_time and other times.")
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = {name.casefold(): name for name in sorted(available_timezones())}
        near = get_close_matches(text.casefold(), known, n=2)
        meant = f"Did you mean {' or '.join(known[name] for name in near)}?" if near else ""
        columns = f'A column of zones stands behind the others: {field.name} = ["DATE", "TIME", "ZONE"].'
        hint = f"{meant or 'Use an IANA zone such as Europe/Berlin.'} {columns}"
        raise _fault(at, f"unknown timezone {shown(text)}.", hint) from None


def _decimal(field: Field, text: str, at: str) -> str:
    if field.kind is not Kind.NUMBER and field.path != "custom_data.contents.item_price":
        raise _fault(at, f"{field.name} is no amount.", "decimal goes with value and other amounts.")
    return check_decimal(text, at)


def check_decimal(text: str, at: str) -> str:
    """Return the decimal sign, `,` or `.`."""
    if text in (",", "."):
        return text
    raise _fault(at, f"the decimal sign can't be {shown(text)}.", 'Use "," or ".".')


def _plain(raw: dict[str, object], field: Field, at: str) -> bool:
    plain = raw.get("plain", False)
    if not isinstance(plain, bool):
        raise _fault(at, "plain is true or false.", "Write plain = true.")
    if plain and field is not FIELDS["user_data.external_id"]:
        why = "is hashed, always" if field.hashed else "is never hashed"
        raise _fault(at, f"{field.name} {why}; plain is for external_id alone.", "Take out plain.")
    return plain


def _split(field: Field, text: str, at: str) -> str:
    if text not in _SPLITS:
        raise _fault(
            at,
            f"split can't be {shown(text)}.",
            'Use "full_name" for first and last name in one cell, "contacts" for addresses among other words.',
        )
    if field.path not in _SPLITS[text]:
        if text == "full_name":
            raise _fault(
                at, f"{field.name} is no name.", 'split = "full_name" goes with fn and fills ln too.'
            )
        raise _fault(at, f"{field.name} is no contact.", 'split = "contacts" goes with em and ph.')
    return text


def _words(raw: dict[str, object], field: Field, at: str) -> tuple[tuple[str, str], ...]:
    """Return what a cell's words stand for."""
    if "words" not in raw:
        return ()
    words = raw["words"]
    example = 'words = { "Closed Won" = "Purchase", "Qualified" = "Lead" }'
    if not isinstance(words, dict) or not words or not all(isinstance(one, str) for one in words.values()):
        raise _fault(at, "words is a table of texts.", f"Write {example}.")
    if field.kind not in _WORDED or field.many or field.path.startswith("user_data."):
        raise _fault(
            at,
            f"{field.name} takes cells as they are.",
            "words goes with event_name, action_source and the like.",
        )
    return tuple(words.items())


def _zip_dash(field: Field, text: str, at: str) -> str:
    if field.path != "user_data.zp" or text != "cut":
        raise _fault(at, 'zip_dash = "cut" is for zp alone.', "It ends a postcode at its dash.")
    return text


def _consent_denied(field: Field, text: str, at: str) -> str:
    if field.path != "consent" or text != "ldu":
        raise _fault(
            at, 'consent_denied = "ldu" is for consent alone.', "Without it denied rows are filtered."
        )
    return text


def _fault(at: str, what: str, hint: str) -> ConfigurationError:
    return ConfigurationError(f"{at}: {what}", hint)

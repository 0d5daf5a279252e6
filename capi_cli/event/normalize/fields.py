"""The front door: any field's cell → the JSON text of its value, as it stands on the wire.

Match keys are hashed and go another way, and inputs feed other fields; neither comes through here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from capi_cli.event import limits
from capi_cli.event.fields import PERSONAL_NAMES, Field, Kind
from capi_cli.event.findings import Finding
from capi_cli.event.normalize import app, contents, event_name, money, plain_keys, processing, scalars, urls
from capi_cli.event.normalize.json_text import quote
from capi_cli.event.normalize.text import FORMULA_ERRORS, clean
from capi_cli.event.normalize.times import TimeReading, read_time

Outcome = str | Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSettings:
    """How the cells of one column are read.

    Attributes:
        decimal: `,` or `.` where the user said which sign stands before decimals.
        reading: What was settled about a column of times.
        separator: Splits one cell into several values.
        currency: ISO 4217 where all rows have the same, to hold against a sign beside an amount. Where it is
            a column, `money.currencies_meant` tells which currencies an amount's sign allows.
    """

    decimal: str | None = None
    reading: TimeReading | None = None
    separator: str | None = None
    currency: str | None = None


_DEFAULT_READING: Final = TimeReading()
_DIGEST: Final = re.compile(rf"[0-9a-f]{{{limits.SHA256_HEX_DIGITS}}}").fullmatch

# Findings that reject the row where they concern its own time or value, and elsewhere only cost the member.
_OPTIONAL_TIME = "time-dropped"
_OPTIONAL_NUMBER = "number-dropped"


def wire_value(field: Field, value: str, settings: CellSettings) -> Outcome:
    """Return the JSON text of a cell's value: texts quoted, numbers bare, lists and objects compact.

    Args:
        field: Of any kind but `MATCH_KEY` and `INPUT`.
        value: The cell.
        settings: Of its column.

    Returns:
        JSON text; None where the cell says nothing; a finding, whose `kept` is JSON text too.
    """
    if value[:1] == "#" and value.strip() in FORMULA_ERRORS:
        return Finding("formula-error", detail=value.strip())
    rule = _BY_PATH.get(field.path)
    if rule is not None:
        return rule(value, settings)
    return _BY_KIND[field.kind](field, value, settings)


def _as_text(outcome: Outcome) -> Outcome:
    """Return an outcome whose text is quoted as a JSON string."""
    if outcome.__class__ is str:
        return quote(outcome)
    if isinstance(outcome, Finding) and outcome.kept is not None:
        return Finding(outcome.code, quote(outcome.kept), outcome.detail)
    return outcome


def _optional(outcome: Outcome, code: str) -> Outcome:
    """Return an outcome of a field that the event can do without: what can't be read is left out."""
    if isinstance(outcome, Finding) and outcome.kept is None:
        return Finding(code, detail=outcome.code)
    return outcome


def _text(field: Field, value: str, settings: CellSettings) -> Outcome:
    text = clean(value)
    if not text:
        return None
    if field.custom and field.name in PERSONAL_NAMES and not _DIGEST(text):
        return Finding("custom-property-personal")
    if field.group == "custom_data" and scalars.personal_data_in(text):
        return Finding("custom-property-personal" if field.custom else "text-personal")
    return quote(text)


def _choice(field: Field, value: str, settings: CellSettings) -> Outcome:
    return _as_text(event_name.normalize_choice(value, field.choices, "choice-unknown"))


def _time(field: Field, value: str, settings: CellSettings) -> Outcome:
    return _optional(read_time(value, settings.reading or _DEFAULT_READING), _OPTIONAL_TIME)


def _number(field: Field, value: str, settings: CellSettings) -> Outcome:
    return _optional(money.normalize_number(value, decimal=settings.decimal), _OPTIONAL_NUMBER)


def _json(field: Field, value: str, settings: CellSettings) -> Outcome:
    return contents.normalize_json(value, field.name)


_BY_KIND: Final[dict[Kind, Callable[[Field, str, CellSettings], Outcome]]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: lambda field, value, settings: scalars.normalize_integer(value),
    Kind.NUMBER: _number,
    Kind.BOOLEAN: lambda field, value, settings: scalars.normalize_boolean(value),
    Kind.CHOICE: _choice,
    Kind.TIME: _time,
    Kind.URL: lambda field, value, settings: _as_text(urls.normalize_url(value)),
    Kind.TEXTS: lambda field, value, settings: scalars.normalize_texts(value, separator=settings.separator),
    Kind.JSON: _json,
    Kind.PLAIN_KEY: lambda field, value, settings: _as_text(
        plain_keys.normalize_plain_key(field.name, value)
    ),
}


def _action_source(value: str, settings: CellSettings) -> Outcome:
    choices = limits.ACTION_SOURCES
    return _as_text(event_name.normalize_choice(value, choices, "action-source-unknown"))


_BY_PATH: Final[dict[str, Callable[[str, CellSettings], Outcome]]] = {
    "event_name": lambda value, settings: _as_text(event_name.normalize_event_name(value)),
    "original_event_data.event_name": lambda value, settings: _as_text(
        event_name.normalize_event_name(value)
    ),
    "event_time": lambda value, settings: read_time(value, settings.reading or _DEFAULT_READING),
    "action_source": _action_source,
    "data_processing_options": lambda value, settings: processing.normalize_processing_options(value),
    "data_processing_options_country": lambda value, settings: processing.normalize_processing_country(value),
    "data_processing_options_state": lambda value, settings: processing.normalize_processing_state(value),
    "custom_data.value": lambda value, settings: money.normalize_value(
        value, decimal=settings.decimal, currency=settings.currency
    ),
    "custom_data.currency": lambda value, settings: _as_text(money.normalize_currency(value)),
    "custom_data.contents": lambda value, settings: contents.normalize_contents(
        value, decimal=settings.decimal
    ),
    "app_data.extinfo": lambda value, settings: app.normalize_extinfo(value),
}

"""Constants of the mapping are read once, before any row: a bad one is the command's fault, not the rows'."""

from capi_cli.errors import ConfigurationError
from capi_cli.event.fields import Kind
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.times import settle_times
from capi_cli.event.rules import message, rule
from capi_cli.mapping.model import Entry, Mapping


def check_constants(mapping: Mapping) -> None:
    """Refuse a constant that no event could carry.

    Raises:
        ConfigurationError: A `value` or `--set` can't be read; the constant of a match key is not repeated.
    """
    for entry in mapping.entries:
        if entry.value is None or entry.field.kind in (Kind.MATCH_KEY, Kind.INPUT):
            continue
        outcome = wire_value(entry.field, entry.value, _settings(entry, mapping))
        if isinstance(outcome, Finding) and outcome.kept is None:
            raise ConfigurationError(
                f"The constant for {entry.field.path} can't be used: {message(outcome)}",
                rule(outcome.code).fix,
            )


def _settings(entry: Entry, mapping: Mapping) -> CellSettings:
    reading = None
    if entry.field.kind is Kind.TIME:
        zone = entry.timezone or mapping.timezone
        reading = settle_times([entry.value or ""], format=entry.format, timezone=zone)
    return CellSettings(decimal=entry.decimal or mapping.decimal, reading=reading, separator=entry.separator)

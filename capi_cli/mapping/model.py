"""A mapping: which column, constant or template fills which field of the event."""

from dataclasses import dataclass, field
from enum import StrEnum

from capi_cli.event.fields import Field


class Origin(StrEnum):
    """Who said that this entry fills the field; shown beside the mapping in force."""

    OPTION = "option"
    CONFIG = "capi.toml"
    EXPORT = "recognised export"
    HEADER = "header"  # guessed by the column's name
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What fills one field: columns, a constant or a template, and how its cells are read.

    Attributes:
        field: The field of the event.
        columns: Names as the source shows them, in order; several where the field takes several.
        positions: Their positions in the source's header, filled when the mapping is bound to a source.
        value: A constant; text, or a JSON value from capi.toml as JSON text when `value_is_json`.
        template: Text with `{column}` parts.
        default: For empty cells.
        separator: Splits one cell into several values.
        format: strptime codes, or `s`, `ms`, `us`.
        timezone: IANA zone for times that carry none.
        decimal: `,` or `.`.
        plain: `external_id` alone: sent unhashed.
        split: `full_name`: the cell holds first and last name; `contacts`: addresses and numbers among other words.
        words: What a cell's words stand for: each with what the field gets instead.
        zip_dash: `cut`: a postcode ends at its dash.
        consent_denied: `ldu`: rows without consent are sent with limited data use instead of filtered.
        origin: Who said so.
    """

    field: Field
    columns: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    value: str | None = None
    value_is_json: bool = False
    template: str | None = None
    default: str | None = None
    separator: str | None = None
    format: str | None = None
    timezone: str | None = None
    decimal: str | None = None
    plain: bool = False
    split: str | None = None
    words: tuple[tuple[str, str], ...] = ()
    zip_dash: str | None = None
    consent_denied: str | None = None
    origin: Origin = Origin.OPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Only rows whose cell of `column` is one of `values` are events; with `without`, only the others are."""

    column: str
    values: tuple[str, ...]
    without: bool = False
    position: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows with the same cell of `by` are the items of one order."""

    by: str
    value: str = "once"  # or "sum"
    position: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """All entries in force, in the order of the field table, bound to one source's header."""

    entries: tuple[Entry, ...]
    where: tuple[Where, ...] = ()
    group: Group | None = None
    timezone: str | None = None
    default_country: str | None = None
    decimal: str | None = None
    export: str | None = None  # name of the recognised export
    assumptions: tuple[str, ...] = field(default=())  # sentences for the screen and the run's record

    def entry(self, path: str) -> Entry | None:
        """Return what fills the field at that path."""
        return next((e for e in self.entries if e.field.path == path), None)

    @property
    def guessed(self) -> bool:
        """Whether anything rests on header names or a recognised export rather than on the user's word."""
        return any(e.origin in (Origin.HEADER, Origin.EXPORT) for e in self.entries)

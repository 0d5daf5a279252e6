"""The shape of a recognised export: a fingerprint of its header, and what each field is filled from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from capi_cli.event.fields import parse_field
from capi_cli.mapping.header import fold
from capi_cli.mapping.model import Entry, Group, Origin, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What fills one field in an export.

    Attributes:
        field: As Meta spells it.
        columns: Candidates, the likeliest first; the first that the header has is taken.
        several: Whether all that the header has are taken.
        value: A constant instead of columns.
        default: For empty cells.
        timezone: IANA zone of the column's times.
        split: `full_name` or `contacts`.
        separator: Between several values of one cell.
        words: What a cell's words stand for.
    """

    field: str
    columns: tuple[str, ...] = ()
    several: bool = False
    value: str | None = None
    timezone: str | None = None
    split: str | None = None
    separator: str | None = None
    default: str | None = None
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Rows that are events; gone where a person has mapped `field`, whose rule it serves.

    Attributes:
        column: Gone too where the header has no such column.
        values: Cells of rows that are events; with `without`, of those that are none.
        instead_of: Not needed where the header has one of these columns, which say it better.
    """

    column: str
    values: tuple[str, ...]
    field: str | None = None
    without: bool = False
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export that is known by its header.

    Attributes:
        name: As a person knows it.
        fingerprints: Sets of column names; a header that has all of one is this export.
        filled: Which columns fill which fields; of several for one field the first that the header can fill.
        filters: Which rows are events.
        group: The column whose cells are alike in the rows of one order.
        group_value: Whether an order's value is taken `once` or is the `sum` of its rows.
        unlike: Columns that another export has; a header with one of them is not this one.
        unread: Columns whose names say something else than they hold: they are not guessed for a field.
        assumptions: What was assumed, in sentences, each with the field whose rule it is, or None.
    """

    name: str
    fingerprints: tuple[tuple[str, ...], ...]
    filled: tuple[Filled, ...]
    filters: tuple[Filter, ...] = ()
    group: str | None = None
    group_value: str = "once"
    unlike: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    assumptions: tuple[tuple[str | None, str], ...] = ()

    def matches(self, header: Sequence[str]) -> bool:
        """Return whether a header is this export's."""
        names = {fold(name) for name in header}
        if any(fold(name) in names for name in self.unlike):
            return False
        return any(all(fold(name) in names for name in wanted) for wanted in self.fingerprints)

    def entries(self, header: Sequence[str]) -> Iterator[Entry]:
        """Yield the entries for the columns that the header has, their names as written there."""
        found: set[str] = set()
        for filled in self.filled:
            if filled.field in found:
                continue
            entry = Entry(
                field=parse_field(filled.field),
                value=filled.value,
                timezone=filled.timezone,
                split=filled.split,
                separator=filled.separator,
                default=filled.default,
                words=filled.words,
                origin=Origin.EXPORT,
            )
            if filled.value is not None:
                found.add(filled.field)
                yield entry
            elif columns := _present(filled.columns, header):
                found.add(filled.field)
                yield replace(entry, columns=columns if filled.several else columns[:1])

    def passed_over(self, header: Sequence[str]) -> tuple[str, ...]:
        """Return the columns that the header has and whose names mislead."""
        return _present(self.unread, header)

    def wheres(self, header: Sequence[str], by_hand: frozenset[str]) -> Iterator[Where]:
        """Yield its filters, without those that serve a field mapped by hand."""
        for one in self.filters:
            if one.field in by_hand or _present(one.instead_of, header):
                continue
            if columns := _present((one.column,), header):
                yield Where(column=columns[0], values=one.values, without=one.without)

    def grouped(self, header: Sequence[str]) -> Group | None:
        """Return its line items, where the header has the column."""
        columns = _present((self.group,), header) if self.group else ()
        return Group(by=columns[0], value=self.group_value) if columns else None

    def assumed(self, by_hand: frozenset[str]) -> tuple[str, ...]:
        """Return what was assumed, without what a person has said otherwise."""
        return tuple(sentence for path, sentence in self.assumptions if path not in by_hand)


def _present(columns: Sequence[str], header: Sequence[str]) -> tuple[str, ...]:
    """Return the header's own spelling of those columns that it has, in the order asked for."""
    by_name = {fold(name): name for name in reversed(header)}
    return tuple(by_name[fold(column)] for column in columns if fold(column) in by_name)

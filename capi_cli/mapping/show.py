"""The mapping in force, for a person's eyes: which field is filled by what, who said so, and what is left over."""

from collections.abc import Sequence
from typing import NamedTuple

from capi_cli.mapping.guess import is_of_a_person
from capi_cli.mapping.header import Header, plain, shown, shown_names
from capi_cli.mapping.model import Entry, Mapping, Origin, Where


class MappingLine(NamedTuple):
    """One field of the mapping in force."""

    field: str
    filled_by: str
    origin: str
    remark: str


class OwnNames(NamedTuple):
    """What stands in a mend for `COLUMN` and for the example's zone."""

    column: str  # empty where there is none, or several, or where its name is a person's data
    timezone: str | None


def mapping_lines(mapping: Mapping, header: Sequence[str]) -> tuple[list[MappingLine], list[str]]:
    """Return a line for each field, in the mapping's order, and the columns that fill nothing.

    A constant of a match key is a person's data and is not shown. Columns that are read for a filter, for line
    items or in a template count as used.
    """
    names = Header.of(header)
    lines = [_line(entry, names) for entry in mapping.entries]
    used = {at for entry in mapping.entries for at in entry.positions}
    used |= {where.position for where in mapping.where}
    if mapping.group is not None:
        used.add(mapping.group.position)
    unmapped = [plain(names.names[at]) for at in names.usable if at not in used]
    return lines, unmapped


def own_names(mapping: Mapping, path: str) -> OwnNames:
    """Return the column that fills a field, and the zone its times are read in, as a mend names them."""
    entry = mapping.entry(path)
    if entry is None:
        return OwnNames("", mapping.timezone)
    (column,) = entry.columns if len(entry.columns) == 1 else ("",)
    return OwnNames("" if shown(column) == plain(column) else column, entry.timezone or mapping.timezone)


def filter_lines(mapping: Mapping) -> list[str]:
    """Return a sentence for each filter, and one for line items."""
    lines = []
    for where in mapping.where:
        lines.append(f"Only rows whose {shown(where.column)} is {wanted_cells(where, mapping)}.")
    if mapping.group is not None:
        total = "added up" if mapping.group.value == "sum" else "taken once"
        lines.append(
            f"Rows with the same {shown(mapping.group.by)} are the items of one order, its value {total}."
        )
    return lines


def wanted_cells(where: Where, mapping: Mapping) -> str:
    """Say which cells a filter lets through; those of a column that fills a match key are a person's."""
    hidden = is_of_a_person(where.column) or any(
        where.position in entry.positions and entry.field.personal for entry in mapping.entries
    )
    if hidden and any(where.values):
        return _counted_cells(where)
    cells = [shown(value) if value else "empty" for value in where.values]
    if not where.without:
        return " or ".join(cells)
    return f"not {cells[0]}" if len(cells) == 1 else f"neither {' nor '.join(cells)}"


def _counted_cells(where: Where) -> str:
    count = len(where.values)
    if count == 1:
        return f"{'not ' if where.without else ''}the value that was asked for"
    return f"{'none' if where.without else 'one'} of the {count} values that were asked for"


def _line(entry: Entry, header: Header) -> MappingLine:
    field = entry.field
    remarks = []
    if entry.value is not None:
        filled_by = "a constant" if field.personal else f"constant {shown(entry.value)}"
    elif entry.template is not None:
        filled_by = f"template {shown(entry.template)}"
    else:
        filled_by = shown_names((header.names[at] for at in entry.positions), " + ")
        if len(set(entry.columns)) < len(entry.columns):
            remarks.append("columns " + ", ".join(str(at + 1) for at in entry.positions))
    if entry.split == "full_name":
        remarks.append("first name of a full name" if field.name == "fn" else "last name of a full name")
    if entry.split == "contacts":
        remarks.append("the e-mail addresses in it" if field.name == "em" else "the phone numbers in it")
    if entry.words:
        remarks.append(
            ", ".join(
                f"{'any other cell' if word == '*' else shown(word)} is {shown(meant)}"
                for word, meant in entry.words
            )
        )
    if entry.default is not None:
        remarks.append(
            "a default for empty cells" if field.hashed else f"empty cells: {shown(entry.default)}"
        )
    if entry.separator is not None:
        remarks.append(f"several, between {entry.separator!r}")
    if entry.format is not None:
        remarks.append(f"format {entry.format}")
    if entry.timezone is not None:
        remarks.append(f"zone {entry.timezone}")
    if entry.decimal is not None:
        remarks.append(f"decimal sign {entry.decimal!r}")
    if entry.plain:
        remarks.append("sent unhashed")
    elif field.hashed:
        remarks.append("hashed")
    if entry.zip_dash == "cut":
        remarks.append("cut at the dash")
    if entry.consent_denied == "ldu":
        remarks.append("without consent: limited data use")
    return MappingLine(field.path, filled_by, _origin(entry), ", ".join(remarks))


def _origin(entry: Entry) -> str:
    if entry.origin is not Origin.OPTION:
        return entry.origin.value
    if entry.value is not None:
        return "--set"
    return "--event-id" if entry.template is not None else "--map"

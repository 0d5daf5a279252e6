"""Rows as they would be sent: their cells as a table, what was noticed, and the event."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from capi_cli.cli.render.rules import STYLES
from capi_cli.event.findings import Severity
from capi_cli.event.mask import shorten
from capi_cli.numbers import counted
from capi_cli.runs.preview import Note, Preview, RowPreview
from capi_cli.runs.preview_cells import Cell

_FATES = {
    "sent": ("would be sent", "green"),
    "rejected": ("rejected: it would not be sent", "red"),
    "filtered": ("filtered: it is no event", "yellow"),
    "skipped": ("skipped: it would not be sent", "yellow"),
}
_LONGEST_CELL = 60
_LONGEST_NAMES = 12


def as_json(found: Preview) -> dict[str, Any]:
    """Return the object of `--output json`."""
    source = found.source
    return {
        "command": "preview",
        "exit_code": 0,
        "source": source.path,
        "format": source.format,
        "masked": found.masked,
        "notes": [*source.notes, *found.remarks, *source.assumptions],
        "unmapped": list(source.unmapped),
        "rows": [asdict(row) for row in found.rows],
    }


def print_preview(console: Console, found: Preview) -> None:
    """Print the source and its rows."""
    _print_source(console, found)
    readable = [row for row in found.rows if row.cells]
    for row in readable[:1]:
        _print_constants(console, row)
    for row in found.rows:
        console.print()
        _print_row(console, row, unit="Row" if found.source.format == "parquet" else "Line")
    if not found.rows:
        console.print("No rows.")
        return
    console.print()
    codes = [note.code for row in found.rows for note in row.notes if note.code]
    if codes:
        console.print(Text(f"`capi explain {codes[0]}` says more about a finding.", style="dim"))
    if found.masked:
        console.print(Text("Cells are masked and digests shortened; --show-values shows them.", style="dim"))


def _print_source(console: Console, found: Preview) -> None:
    source = found.source
    parts = [source.format, *source.notes]
    if source.export:
        parts.append(f"recognised: {source.export}")
    console.print(Text(f"{source.path}: {', '.join(parts)}", style="bold"), soft_wrap=True)
    for line in (*found.remarks, *source.assumptions):
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2), expand=False))
    if source.unmapped:
        rest = len(source.unmapped) - _LONGEST_NAMES
        names = ", ".join(source.unmapped[:_LONGEST_NAMES]) + (f" and {rest} more" if rest > 0 else "")
        console.print(Padding(Text(f"fill nothing: {names}", style="dim"), (0, 0, 0, 2), expand=False))
    if found.other_sources:
        more = f"{counted(found.other_sources, 'more source')}, not shown"
        console.print(Padding(Text(more, style="dim"), (0, 0, 0, 2), expand=False))


def _print_constants(console: Console, row: RowPreview) -> None:
    """Print once what is the same in every row."""
    said = [f"{cell.field}={_visible(cell.cell)}" for cell in row.cells if not cell.column and cell.cell]
    if said:
        console.print(Padding(Text(f"in every row: {', '.join(said)}"), (0, 0, 0, 2), expand=False))


def _print_row(console: Console, row: RowPreview, *, unit: str) -> None:
    words, style = _FATES[row.fate]
    console.print(Text.assemble((f"{unit} {row.row} ", "bold"), (words, f"bold {style}")))
    filled = [cell for cell in row.cells if cell.column and cell.cell is not None]
    if filled:
        console.print(_cells(filled, told={(note.code, note.field) for note in row.notes}))
    if empty := [f"{_visible(cell.column)} ({cell.field})" for cell in row.cells if cell.cell is None]:
        console.print(Padding(Text(f"empty: {', '.join(empty)}", style="dim"), (0, 0, 0, 2), expand=False))
    for note in row.notes:
        _print_note(console, note)
    if row.event is not None:
        console.print()
        for line in _pretty(row.event, "  "):
            console.print(Text(line), soft_wrap=True)


def _cells(cells: Sequence[Cell], told: set[tuple[str, str]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("  column", "cell", "became", "goes to"):
        table.add_column(name, overflow="fold")
    table.add_column("hashed", no_wrap=True)
    for cell in cells:
        digest = "" if cell.digest is None else shorten(cell.digest)
        goes_to = Text(cell.field, style="" if cell.became is not None else "dim")
        table.add_row(
            f"  {_visible(cell.column)}",
            Text(_visible(cell.cell or "")),
            _became(cell, told=(cell.code, cell.field) in told),
            goes_to,
            Text(digest, style="dim"),
        )
    return table


def _became(cell: Cell, *, told: bool) -> Text:
    """Return the text, or that it is dropped; the finding's code where it is not told below."""
    if cell.became is not None:
        return Text(_visible(cell.became))
    if not cell.code:
        return Text("nothing", style="dim")
    return Text("dropped" if told else f"dropped: {cell.code}", style="yellow")


def _print_note(console: Console, note: Note) -> None:
    where = f" {note.field}" if note.field else ""
    head = Text.assemble((note.code, STYLES[Severity(note.severity)]), where, ": ") if note.code else Text()
    console.print(Padding(head.append(_visible(note.message, longest=400)), (0, 0, 0, 2), expand=False))
    console.print(Padding(Text(note.fix, style="dim"), (0, 0, 0, 4), expand=False))


def _visible(text: str, *, longest: int = _LONGEST_CELL) -> str:
    """Return a text on one line, without what would steer the terminal, and cut where it is long."""
    line = "".join(character if character.isprintable() else "·" for character in text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _pretty(value: Any, indent: str = "", name: str = "", end: str = "") -> Iterator[str]:
    """Yield the lines of a JSON text; what holds no object stays on its line."""
    if isinstance(value, dict) and value:
        yield f"{indent}{name}{{"
        last = len(value) - 1
        for place, (key, member) in enumerate(value.items()):
            yield from _pretty(member, indent + "  ", f"{_json(key)}: ", "" if place == last else ",")
        yield f"{indent}}}{end}"
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        yield f"{indent}{name}["
        for place, one in enumerate(value):
            yield f"{indent}  {_json(one)}{'' if place == len(value) - 1 else ','}"
        yield f"{indent}]{end}"
    else:
        yield f"{indent}{name}{_json(value)}{end}"


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)

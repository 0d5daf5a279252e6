"""The mapping in force: which field is filled by what, and who said so."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from capi_cli.cli.render.findings import short_field
from capi_cli.cli.render.mapping_lines import title
from capi_cli.runs.progress import MappingLine, SourceView

_GUESSED = ("header", "recognised export")


def mapping_shown(view: SourceView) -> Iterator[Text | Table]:
    """Yield the source and its mapping: a line or two for each of those who said which column fills which field."""
    yield Text(title(view), style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for origin, lines in _by_origin(view.mapping).items():
        filled = Text(" · ").join(_filled(line) for line in lines)
        table.add_row(Text(f"  {origin}", style="yellow" if origin in _GUESSED else ""), filled)
    if view.unmapped:
        table.add_row("  unused", Text(_some(view.unmapped), style="dim"))
    if table.row_count:
        yield table
    for assumption in view.assumptions:
        yield Text(f"  {assumption}", style="yellow")


def _by_origin(lines: Sequence[MappingLine]) -> dict[str, list[MappingLine]]:
    found: dict[str, list[MappingLine]] = {}
    for line in lines:
        found.setdefault(line.origin, []).append(line)
    return found


def _filled(line: MappingLine) -> Text:
    text = Text(short_field(line.field), "bold").append(f" ← {line.filled_by}", "not bold")
    if remark := ", ".join(part for part in line.remark.split(", ") if part != "hashed"):
        text.append(f" ({remark})", "not bold dim")
    return text


def _some(names: Sequence[str], most: int = 12) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")

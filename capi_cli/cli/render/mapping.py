"""The mapping in force: which field is filled by what, and who said so."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from capi_cli.runs.progress import SourceView

_GUESSED = ("header", "recognised export")


def plain_lines(view: SourceView) -> list[str]:
    """Return the source and its mapping as lines for a log."""
    lines = [_title(view)]
    if view.mapping:
        parts = [f"{line.field} ← {line.filled_by} ({line.origin})" for line in view.mapping]
        lines.append(f"mapping: {', '.join(parts)}")
    if view.unmapped:
        lines.append(f"columns that fill nothing: {', '.join(view.unmapped)}")
    lines += view.assumptions
    return lines


def print_mapping(console: Console, view: SourceView) -> None:
    """Print the source and its mapping as a table."""
    console.print(Text(_title(view), style="bold"), soft_wrap=True)
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    for line in view.mapping:
        style = "yellow" if line.origin in _GUESSED else "dim"
        table.add_row(
            f"  {line.field}", f"← {line.filled_by}", Text(line.origin, style=style), Text(line.remark, "dim")
        )
    console.print(table)
    if view.unmapped:
        console.print(Text(f"  fill nothing: {_some(view.unmapped)}", style="dim"))
    for assumption in view.assumptions:
        console.print(Text(f"  {assumption}", style="yellow"))


def _title(view: SourceView) -> str:
    parts = [view.format, *view.notes]
    if view.export:
        parts.append(f"recognised: {view.export}")
    return f"{view.path}: {', '.join(parts)}"


def _some(names: Sequence[str], most: int = 12) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")

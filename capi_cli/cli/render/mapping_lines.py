"""The mapping in force, for a log: lines of text, without rich."""

from capi_cli.runs.progress import SourceView


def plain_lines(view: SourceView) -> list[str]:
    """Return the source and its mapping as lines for a log."""
    lines = [title(view)]
    if view.mapping:
        parts = [f"{line.field} ← {line.filled_by} ({line.origin})" for line in view.mapping]
        lines.append(f"mapping: {', '.join(parts)}")
    if view.unmapped:
        lines.append(f"columns that fill nothing: {', '.join(view.unmapped)}")
    lines += view.assumptions
    return lines


def title(view: SourceView) -> str:
    """Return which source is read, and as what."""
    parts = [view.format, *view.notes]
    if view.export:
        parts.append(f"recognised: {view.export}")
    return f"{view.path}: {', '.join(parts)}"

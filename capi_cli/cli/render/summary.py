"""The summary for people: what became of the rows, what was noticed, and what to do next."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from capi_cli.cli.render.numbers import count, counted, per_second, size, span
from capi_cli.runs.summary import FindingFacts, Summary

_MOST_FINDINGS = 12
_MOST_SOURCES = 5
_SEVERITIES = ("error", "warning", "info")
_STYLES = {"error": "red", "warning": "yellow", "info": "cyan"}


def print_table(console: Console, summary: Summary) -> None:
    """Print the whole summary."""
    console.print(_outcome(summary), soft_wrap=True)
    if _nothing_read(summary):
        return
    _print_sources(console, summary)
    console.print(_counts(summary))
    _print_coverage(console, summary)
    if summary.findings:
        _print_findings(console, summary.findings)
    for line in _next_steps(summary):
        console.print(Text(line), soft_wrap=True)


def _outcome(summary: Summary) -> Text:
    """Return the one line that says how it went."""
    rejected = summary.rows_rejected + summary.events_rejected
    open_ends = summary.events_unsent + summary.events_unknown
    sends = _sends(summary)
    if _nothing_read(summary):
        return Text("Nothing was read, so nothing was sent.", style="bold red")
    if summary.exit_code == 0 and not sends:
        verb = "would be sent" if summary.dry_run else "are ready to be sent"
        return Text(f"{counted(summary.events_prepared, 'event')} {verb}.", style="bold green")
    if summary.exit_code == 0 and summary.rows_skipped and not summary.events_prepared:
        skipped = counted(summary.rows_skipped, "row")
        return Text(f"Nothing new to send: {skipped} accepted before or repeated here.", style="bold green")
    if summary.exit_code == 0 and not summary.rows_read:
        return Text("No rows: nothing to send.", style="bold")
    if summary.exit_code == 0:
        return Text(f"{counted(summary.events_accepted, 'event')} accepted.", style="bold green")
    if summary.exit_code == 3:
        done = (
            f"{counted(summary.events_accepted, 'event')} accepted"
            if sends
            else f"{counted(summary.events_prepared, 'event')} ready"
        )
        return Text(f"{done}; {counted(rejected, 'row')} rejected.", style="bold yellow")
    if not sends:
        return Text("Stopped.", style="bold red")
    what = f"Not finished: {counted(summary.events_accepted, 'event')} accepted"
    return Text(what + (f", {count(open_ends)} unsent or unknown." if open_ends else "."), style="bold red")


def _nothing_read(summary: Summary) -> bool:
    return summary.error is not None and not (summary.rows_read or summary.requests)


def _sends(summary: Summary) -> bool:
    return summary.command == "upload" and not summary.dry_run


def _print_sources(console: Console, summary: Summary) -> None:
    for source in summary.sources[:_MOST_SOURCES]:
        facts = f"  {source.path} · {source.format} · {counted(source.rows, 'row')} · {size(source.bytes)}"
        console.print(Text(facts, style="dim"), soft_wrap=True)
    if (rest := len(summary.sources) - _MOST_SOURCES) > 0:
        console.print(Text(f"  and {counted(rest, 'more source')}", style="dim"))


def _counts(summary: Summary) -> Table:
    rows = [
        ("rows read", summary.rows_read, ""),
        ("filtered", summary.rows_filtered, ""),
        ("rejected here", summary.rows_rejected, "red"),
        ("skipped", summary.rows_skipped, ""),
        ("events", summary.events_prepared, ""),
    ]
    if _sends(summary):
        rows += [
            ("accepted", summary.events_accepted, "green"),
            ("rejected by Meta", summary.events_rejected, "red"),
            ("unknown", summary.events_unknown, "yellow"),
            ("unsent", summary.events_unsent, "yellow"),
        ]
    always = ("rows read", "events", "accepted")
    table = Table(box=None, padding=(0, 0, 0, 2), show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, number, style in rows:
        if number or name in always:
            table.add_row(name, Text(count(number), style=style if number else ""))
    if _sends(summary):
        retries = f", {count(summary.retries)} of them retries" if summary.retries else ""
        table.add_row("requests", count(summary.requests) + retries)
    speed = ""
    if summary.duration_s >= 1 and summary.rows_read:
        speed = f" ({per_second(summary.rows_read / summary.duration_s).removesuffix('/s')} rows/s)"
    table.add_row("time", span(summary.duration_s) + speed)
    return table


def _print_coverage(console: Console, summary: Summary) -> None:
    if summary.coverage:
        shares = sorted(summary.coverage.items(), key=lambda item: -item[1])
        line = "  ".join(f"{key} {share:.0%}" for key, share in shares)
        console.print(Text(f"  coverage: {line}", style="dim"), soft_wrap=True)


def _print_findings(console: Console, findings: list[FindingFacts]) -> None:
    """Print the gravest and most frequent findings, each with its first rows."""
    ranked = sorted(findings, key=lambda one: (_SEVERITIES.index(one.severity), -one.count))
    console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
    table.add_column("finding", no_wrap=True)
    table.add_column("field", no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("first rows")
    for one in ranked[:_MOST_FINDINGS]:
        rows = ", ".join(str(row) for row in one.example_rows[:5])
        table.add_row(Text(one.code, style=_STYLES[one.severity]), one.field, count(one.count), rows)
    console.print(table)
    if (rest := len(ranked) - _MOST_FINDINGS) > 0:
        console.print(
            Text(f"and {counted(rest, 'more finding')}; --output json holds them all.", style="dim")
        )
    console.print(
        Text(f"`capi explain {ranked[0].code}` says what it means and how to mend it.", style="dim")
    )


def _next_steps(summary: Summary) -> list[str]:
    """Return where to look and what to run next."""
    lines = []
    for path in [source.rejects_path for source in summary.sources]:
        if path is not None:
            lines.append(f"Rejected rows: {path}. Mend them there and upload that file as it is.")
    if summary.exit_code == 4:
        lines.append("Run the same command again to send the rest.")
    elif summary.command == "validate" and summary.exit_code in (0, 3) and summary.events_prepared:
        lines.append("Next: capi upload with the same options.")
    return ["", *lines] if lines else []

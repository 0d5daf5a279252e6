"""The summary for people: what became of the rows, what was noticed, and what to do next."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from capi_cli.cli.render.coverage import coverage_lines
from capi_cli.cli.render.findings import STYLES, finding_lines
from capi_cli.numbers import count, counted, per_second, size, span
from capi_cli.runs.summary import Summary

_SCREEN: Final = 40  # lines
_LINES: Final = 30  # where no screen is: with the mapping above them as many
_LEAST_FINDINGS: Final = 8  # lines, whatever else there is to say
_MOST_SOURCES: Final = 3
_MOST_BARS: Final = 5
_MOST_ENRICHMENTS: Final = 4


def print_table(console: Console, summary: Summary) -> None:
    """Print the whole summary, in at most about thirty lines however much was noticed."""
    in_one_piece = not console.is_terminal  # a log has no width; a terminal would break lines within words
    console.print(_outcome(summary), soft_wrap=in_one_piece)
    if _nothing_read(summary):
        return
    lines = _sources(summary)
    if _sends(summary):
        with console.capture() as capture:
            console.print(_counts(summary))
        lines += Text.from_ansi(capture.get().rstrip("\n")).split("\n")
    else:
        lines.append(_judged(summary))
    lines += coverage_lines(
        summary.coverage, width=console.width, most=_MOST_BARS, ascii_only=console.options.ascii_only
    )
    lines += _enrichments(summary)
    lines += _ages(summary)
    last = _next_steps(summary)
    taken = 1 + sum(_rows(console, line) for line in [*lines, *map(Text, last)])
    room = max(_LEAST_FINDINGS, _budget(console, summary) - taken)
    lines += _findings(summary, width=console.width, most=room)
    for line in lines:
        console.print(line, soft_wrap=in_one_piece)
    for step in last:  # may be copied
        console.print(Text(step), soft_wrap=True)


def _budget(console: Console, summary: Summary) -> int:
    """Return how many lines there are for the summary: one screen with what stands above and below it."""
    if not console.is_terminal:
        return _LINES
    below = [summary.error.message, *summary.error.hint.splitlines()] if summary.error is not None else []
    return _SCREEN - summary.lines_above - sum(_rows(console, Text(f"capi: {line}")) for line in below)


def _rows(console: Console, line: Text) -> int:
    return len(line.wrap(console, console.width)) if console.is_terminal else 1


def _outcome(summary: Summary) -> Text:
    """Return the one line that says how it went."""
    rejected = summary.rows_rejected + summary.events_rejected
    open_ends = summary.events_unsent + summary.events_unknown
    sends = _sends(summary)
    if _nothing_read(summary):
        done = "sent" if summary.command == "upload" else "judged"
        return Text(f"Nothing was read, so nothing was {done}.", style="bold red")
    if summary.exit_code == 0 and not summary.rows_read:
        return Text("No rows: nothing to send.", style="bold")
    if summary.exit_code == 0 and summary.rows_filtered == summary.rows_read:
        return Text(
            f"Nothing to send: every row was filtered ({count(summary.rows_read)}).", style="bold yellow"
        )
    if summary.exit_code == 0 and not sends:
        verb = "would be sent" if summary.dry_run else "are ready to be sent"
        return Text(f"{counted(summary.events_prepared, 'event')} {verb}.", style="bold green")
    if summary.exit_code == 0 and summary.rows_skipped and not summary.events_prepared:
        skipped = counted(summary.rows_skipped, "row")
        return Text(f"Nothing new to send: {skipped} accepted before or repeated here.", style="bold green")
    if summary.exit_code == 0:
        return Text(
            f"{counted(summary.events_accepted, 'event')} accepted{_by(summary)}.", style="bold green"
        )
    if summary.exit_code == 3:
        done = (
            f"{counted(summary.events_accepted, 'event')} accepted{_by(summary)}"
            if sends
            else f"{counted(summary.events_prepared, 'event')} ready"
        )
        return Text(f"{done}; {counted(rejected, 'row')} rejected.", style="bold yellow")
    if not sends:
        if not (rejected and summary.rows_read):
            return Text("Stopped.", style="bold red")
        bad = f"{count(rejected)} of {counted(summary.rows_read, 'row')}"
        return Text(f"Stopped: {bad} can't be sent as they are.", style="bold red")
    if summary.exit_code in (5, 10) and not summary.requests and summary.events_unknown == 0:
        return Text("Stopped before anything was sent.", style="bold red")
    what = f"Not finished: {counted(summary.events_accepted, 'event')} accepted{_by(summary)}"
    return Text(what + (f", {count(open_ends)} unsent or unknown." if open_ends else "."), style="bold red")


def _by(summary: Summary) -> str:
    return " by the sandbox, none by Meta" if summary.sandbox else ""


def _nothing_read(summary: Summary) -> bool:
    return summary.error is not None and not (summary.rows_read or summary.requests)


def _sends(summary: Summary) -> bool:
    return summary.command == "upload" and not summary.dry_run


def _sources(summary: Summary) -> list[Text]:
    lines = [
        Text(
            f"  {source.path} · {source.format} · {counted(source.rows, 'row')} · {size(source.bytes)}", "dim"
        )
        for source in summary.sources[:_MOST_SOURCES]
    ]
    if (rest := len(summary.sources) - _MOST_SOURCES) > 0:
        lines.append(Text(f"  and {counted(rest, 'more source')}", "dim"))
    return lines


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
    table.add_row("time", _time(summary))
    return table


def _judged(summary: Summary) -> Text:
    """Return the counts of a run that sends nothing, in one line."""
    parts = [counted(summary.rows_read, "row") + " read"]
    for number, word in (
        (summary.rows_filtered, "filtered"),
        (summary.rows_skipped, "skipped"),
        (summary.rows_rejected, "rejected"),
    ):
        if number:
            parts.append(f"{count(number)} {word}")
    parts += [counted(summary.events_prepared, "event"), _time(summary)]
    return Text("  " + " · ".join(parts))


def _time(summary: Summary) -> str:
    speed = ""
    if summary.duration_s >= 1 and summary.rows_read:
        speed = f" ({per_second(summary.rows_read / summary.duration_s).removesuffix('/s')} rows/s)"
    return span(summary.duration_s) + speed


def _enrichments(summary: Summary) -> list[Text]:
    """Return what would make more events match, before they are sent; a line for each field."""
    if _sends(summary):
        return []
    lines = []
    likeliest = sorted(summary.enrichments, key=lambda one: not one.columns)
    for one in likeliest[:_MOST_ENRICHMENTS]:
        events = counted(one.events, "website event" if one.website else "event")
        line = Text(f"  {one.name}", "bold")
        line.append(f" is missing in {one.share:.0%} of {events}: ", "not bold")
        if one.columns:
            found = f" ({counted(one.found, 'event')} with a click in it)" if one.found else ""
            line.append("perhaps ", "not bold").append(one.mend, "not bold green").append(found, "not bold")
        else:
            line.append(f"{one.mend}", "not bold dim")
        lines.append(line)
    return lines


def _ages(summary: Summary) -> list[Text]:
    """Return what will soon be too old for Meta, and what the longer limit of a shop would let through."""
    ages, lines = summary.ages, []
    within = {
        number: "the hour" if hours == 1 else f"{hours} hours"
        for hours, number in reversed(ages.expiring)
        if number
    }  # of two spans with the same number the shorter one says it
    soon = [f"{count(number)} within {span}" for number, span in reversed(within.items())]
    if soon and not _sends(summary):
        lines.append(Text(f"  Too old for Meta soon: {', '.join(soon)}. Upload before that.", "yellow"))
    if ages.fit_for_store:
        lines.append(
            Text(
                f"  {count(ages.fit_for_store)} of these {counted(ages.too_old, 'row')} too old for Meta would be "
                "accepted as physical_store, if that is what they are.",
                "yellow",
            )
        )
    return lines


def _findings(summary: Summary, *, width: int, most: int) -> list[Text]:
    if not summary.findings:
        return []
    gravest = min(summary.findings, key=lambda one: (list(STYLES).index(one.severity), -one.count))
    about = Text(f"`capi explain {gravest.code}` says more, and so for every code.", "dim")
    return [Text(""), *finding_lines(summary.findings, width=width, most=most - 2), about]


def _next_steps(summary: Summary) -> list[str]:
    """Return where to look and what to run next."""
    lines = [] if summary.report_path is None else [f"Report: {summary.report_path}"]
    rejects = [source.rejects_path for source in summary.sources if source.rejects_path is not None]
    for path in rejects[:_MOST_SOURCES]:
        lines.append(f"Rejected rows: {path}. Mend them there and upload that file as it is.")
    if summary.exit_code == 4:
        lines.append("Run the same command again to send the rest.")
    elif summary.next_steps and summary.exit_code in (0, 3) and summary.events_prepared:
        lines += summary.next_steps
    elif summary.command == "validate" and summary.exit_code in (3, 5, 10):
        lines.append(
            "Next: mend the first finding, in the file or with the option it names, and validate again."
        )
    return ["", *lines] if lines else []

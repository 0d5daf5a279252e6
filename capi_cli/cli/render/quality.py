"""What Meta says of a dataset's quality: a table of the events, and below it what each of them lacks."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from capi_cli.cli.render.coverage import coverage_lines
from capi_cli.delivery.quality import DedupeKey, Diagnostic, OfflineQuality, Rating, WebQuality
from capi_cli.runs.quality import Problem, Quality

_GOOD_SCORE: Final = 8.0
_FAIR_SCORE: Final = 5.0
_OMNICHANNEL: Final = 8.5  # "Dataset Quality API for offline events": opens omnichannel ads
_PARTS: Final = {"web": "Website", "offline": "Offline"}
_NOTHING: Final = Text("–", style="dim")


def print_quality(console: Console, found: Quality) -> None:
    """Print both parts."""
    console.print(Text(f"Dataset {found.dataset_id}, as Meta sees it", style="bold"))
    unread = {problem.part: problem for problem in found.problems}
    for part, rows in (("web", found.web), ("offline", found.offline)):
        console.print()
        if part in unread:
            _print_problem(console, unread[part])
        elif not rows:
            console.print(Text(f"{_PARTS[part]}: Meta knows no events of this kind yet."))
        elif part == "web":
            _print_web(console, found.web)
        else:
            _print_offline(console, found.offline)


def quality_json(found: Quality) -> dict[str, Any]:
    """Return it as one JSON object."""
    return {
        "command": "quality",
        "exit_code": found.exit_code,
        "dataset_id": found.dataset_id,
        "web": [asdict(row) for row in found.web],
        "offline": [asdict(row) for row in found.offline],
        "problems": [
            {"part": one.part, "code": one.error.code, "message": one.error.message, "hint": one.error.hint}
            for one in found.problems
        ],
    }


def _print_problem(console: Console, problem: Problem) -> None:
    console.print(Text(f"{_PARTS[problem.part]}: {problem.error.message}", style="yellow"))
    if problem.error.hint:
        console.print(Text(f"  → {problem.error.hint}", style="cyan"))


def _print_web(console: Console, rows: tuple[WebQuality, ...]) -> None:
    table = _table("Website", "match quality", "coverage", "goal", "arrives")
    for row in rows:
        table.add_row(
            row.event_name,
            _score(row.score),
            _percent(row.coverage),
            _percent(row.goal),
            row.freshness or _NOTHING,
        )
    console.print(table)
    for row in rows:
        details = [*_match_keys(console, row), *map(_dedupe, row.dedupe_keys), *_diagnostics(row.diagnostics)]
        if details:
            console.print(Text(f"\n{row.event_name}", style="bold"))
            for line in details:
                console.print(line)


def _match_keys(console: Console, row: WebQuality) -> Iterator[Text]:
    shares = {key.identifier: key.percentage / 100 for key in row.match_keys if key.percentage is not None}
    if shares:
        yield Text("  events that carry a match key", style="dim")
        yield from coverage_lines(
            shares, width=console.width, most=len(shares), ascii_only=console.options.ascii_only
        )


def _dedupe(key: DedupeKey) -> Text:
    line = Text(f"  de-duplication by {key.key}: browser ")
    return (
        line
        + _percent(key.browser)
        + ", server "
        + _percent(key.server)
        + ", covered "
        + _percent(key.covered)
    )


def _diagnostics(found: tuple[Diagnostic, ...]) -> Iterator[Padding]:
    for one in found:
        counts = ""
        if one.affected_events is not None and one.all_events:
            counts = f" ({one.affected_events:,} of {one.all_events:,} events)"
        text = ". ".join(part.rstrip(".") for part in (one.name, one.description) if part)
        yield Padding(Text(f"{text}{counts}.", style="yellow"), (0, 0, 0, 2))
        if one.solution:
            yield Padding(Text(f"→ {one.solution}", style="cyan"), (0, 0, 0, 4))


def _print_offline(console: Console, rows: tuple[OfflineQuality, ...]) -> None:
    table = _table("Offline, 28 days", "quality", "match keys", "e-mail", "phone", "frequency", "freshness")
    for row in rows:
        table.add_row(
            row.event_name,
            _score(row.composite.score),
            _score(row.match_key_score),
            _percent(row.email),
            _percent(row.phone),
            _score(row.frequency.score),
            _score(row.freshness.score),
        )
    console.print(table)
    for row in rows:
        for what, rating in (
            ("quality", row.composite),
            ("frequency", row.frequency),
            ("freshness", row.freshness),
        ):
            if rating.recommendation:
                console.print(Padding(_recommendation(row.event_name, what, rating), (0, 0, 0, 2)))
    if any(row.composite.score is not None and row.composite.score < _OMNICHANNEL for row in rows):
        console.print(Text(f"  Meta opens omnichannel ads from a quality of {_OMNICHANNEL} on.", style="dim"))


def _recommendation(name: str, what: str, rating: Rating) -> Text:
    return Text(f"→ {name}, {what}: {rating.recommendation}", style="cyan")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", no_wrap=not place)
    return table


def _score(score: float | None) -> Text:
    if score is None:
        return _NOTHING
    style = "green" if score >= _GOOD_SCORE else "yellow" if score >= _FAIR_SCORE else "red"
    return Text(f"{score:.1f} / 10", style=style)


def _percent(share: float | None) -> Text:
    return _NOTHING if share is None else Text(f"{share:.0f}%")

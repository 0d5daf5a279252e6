"""One event in the ledgers: what became of it, in which run, under which trace; for people and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from capi_cli.cli.render.runs import instant, outcome_text, receipt_json, where_to_look
from capi_cli.numbers import counted
from capi_cli.runs.event_search import FoundEvent, Search

_MEANINGS = {
    "accepted": "Meta took it.",
    "refused": "Meta refused it; it is told again without a request until its row changes, or with --resend.",
    "unknown": "It was sent and no answer came; the next run sends it again while Meta still de-duplicates it.",
}


def print_search(console: Console, search: Search) -> None:
    """Print what was found."""
    if not search.events:
        looked = (
            counted(search.looked_for, "name and id")
            if search.looked_for == 1
            else f"{search.looked_for} names and ids"
        )
        console.print(
            Text(f"No ledger here knows that event ({looked} looked for).", style="bold"), soft_wrap=True
        )
        console.print(
            "Test events, dry runs and the sandbox leave no trace in it. --state-dir names another folder, "
            "--event-name another name.",
            soft_wrap=True,
        )
    for found in search.events:
        _print_one(console, found)
    for remark in search.remarks:
        console.print(Text(remark, style="dim"), soft_wrap=True)


def search_json(search: Search) -> dict[str, Any]:
    """Return what was found as a JSON object."""
    return {
        "found": [_event_json(found) for found in search.events],
        "looked_for": search.looked_for,
        "remarks": list(search.remarks),
    }


def _event_json(found: FoundEvent) -> dict[str, Any]:
    facts = {name: value for name, value in asdict(found).items() if name not in ("receipt", "run")}
    return facts | {
        "run_id": found.run.run_id if found.run is not None else None,
        "receipt": receipt_json(found.receipt) if found.receipt is not None else None,
        "look": where_to_look(found.run) if found.run is not None and found.state == "accepted" else None,
    }


def _print_one(console: Console, found: FoundEvent) -> None:
    console.print(
        Text.assemble((found.event_name, "bold"), "  ", found.event_id, "  ", outcome_text(found.state)),
        soft_wrap=True,
    )
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    if found.made:
        grid.add_row("event_id", found.made)
    grid.add_row("ledger", found.ledger)
    if found.run is not None:
        grid.add_row("run", found.run.run_id)
        grid.add_row("source", ", ".join(found.run.sources))
    if (receipt := found.receipt) is not None:
        grid.add_row(
            "receipt",
            f"{instant(receipt.at)}, batch {receipt.batch}, {counted(receipt.events, 'event')} with it",
        )
        grid.add_row("fbtrace_id", receipt.fbtrace_id or "none")
        if receipt.code:
            grid.add_row(receipt.code, receipt.reason)
    console.print(grid)
    console.print(Text(_MEANINGS[found.state]), soft_wrap=True)
    if found.run is not None and found.state == "accepted":
        console.print(Text(where_to_look(found.run)), soft_wrap=True)

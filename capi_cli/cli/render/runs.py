"""Runs of the past: the list, and one of them in full, for people and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from capi_cli.ledger.history import ReceiptEntry
from capi_cli.numbers import count, counted, span
from capi_cli.runs.history import RunFacts, RunInFull

_MOST_RECEIPTS = 20
_STYLES = {"accepted": "green", "rejected": "red", "refused": "red", "unknown": "yellow", "unsent": "yellow"}
_LOOK = "In Events Manager: Data sources → {}, Overview. Accepted events show after at most about 20 minutes."


def print_list(console: Console, runs: Sequence[RunFacts]) -> None:
    """Print one line for each run, newest first."""
    if not runs:
        console.print(
            "No runs are written down here. --state-dir names another state folder.", soft_wrap=True
        )
        return
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for name in ("run", "outcome"):
        table.add_column(name, no_wrap=True)
    for name in ("time", "rows", "accepted", "skipped", "rejected", "open"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("source", overflow="fold")
    for run in runs:
        counts = run.counts
        table.add_row(
            run.run_id,
            Text(run.outcome, style=_outcome_style(run.exit_code)),
            "" if run.duration_s is None else span(run.duration_s),
            _shown(counts.rows_read),
            _shown(counts.events_accepted),
            _shown(counts.rows_skipped),
            _shown(_rejected(run)),
            _shown(counts.events_unknown + (counts.events_unsent or 0)),
            _source(run.sources),
        )
    console.print(table)
    ledgers = dict.fromkeys(run.ledger for run in runs)
    if len(ledgers) > 1:
        console.print(
            Text(f"Of {counted(len(ledgers), 'dataset')}: {', '.join(ledgers)}.", style="dim"), soft_wrap=True
        )
    console.print(Text("`capi runs RUN_ID` shows one in full; the end of the id is enough.", style="dim"))


def print_run(console: Console, found: RunInFull) -> None:
    """Print one run in full."""
    run = found.run
    console.print(Text.assemble((run.run_id, "bold"), "  ", (run.outcome, _outcome_style(run.exit_code))))
    console.print(_facts(found))
    if found.error is not None:
        console.print(Text(found.error[0], style="red"), soft_wrap=True)
        console.print(Text(found.error[1]), soft_wrap=True)
    if found.mapping:
        console.print()
        console.print(Text("mapping", style="dim"))
        for line in found.mapping:
            console.print(Text(f"  {line}"), soft_wrap=True)
    if found.rejected:
        console.print()
        for one in found.rejected:
            rows = ", ".join(map(str, one.example_rows))
            console.print(
                Text(f"rejected: {one.code} {one.field} · {count(one.count)} · rows {rows}"), soft_wrap=True
            )
    for path in found.rejects_paths:
        console.print(Text(f"Rejected rows: {path}"), soft_wrap=True)
    if found.receipts:
        console.print()
        _print_receipts(console, found.receipts)
    console.print()
    for line in _what_now(found):
        console.print(Text(line), soft_wrap=True)


def run_json(run: RunFacts) -> dict[str, Any]:
    """Return a run of the list as a JSON object."""
    facts: dict[str, Any] = asdict(run)
    facts |= {"started_at": instant(run.started_at), "finished_at": instant(run.finished_at)}
    counts: dict[str, Any] = facts.pop("counts")
    return facts | counts


def full_json(found: RunInFull) -> dict[str, Any]:
    """Return one run in full as a JSON object."""
    return run_json(found.run) | {
        "mapping": list(found.mapping),
        "requests": found.requests,
        "retries": found.retries,
        "rejects_paths": list(found.rejects_paths),
        "rejected": [asdict(one) for one in found.rejected],
        "error": None if found.error is None else dict(zip(("message", "hint"), found.error, strict=True)),
        "events_in_flight": found.in_flight,
        "receipts": [receipt_json(receipt) for receipt in found.receipts],
        "shown_by": instant(found.shown_by),
        "look": where_to_look(found.run),
    }


def receipt_json(receipt: ReceiptEntry) -> dict[str, Any]:
    """Return a receipt as a JSON object."""
    return asdict(receipt) | {"at": instant(receipt.at)}


def where_to_look(run: RunFacts) -> str:
    """Say where Meta shows the run's events, and after how long."""
    return _LOOK.format(run.dataset_id or "your dataset")


def instant(at: datetime | None) -> str | None:
    """Return an instant as ISO 8601 UTC."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def outcome_text(outcome: str) -> Text:
    """Return an outcome in its colour."""
    return Text(outcome, style=_STYLES.get(outcome, ""))


def _facts(found: RunInFull) -> Table:
    run, counts = found.run, found.run.counts
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    took = "" if run.duration_s is None else f", {span(run.duration_s)}"
    grid.add_row("began", f"{instant(run.started_at)}{took}")
    grid.add_row("dataset", run.dataset_id or run.ledger)
    for source in run.sources:
        grid.add_row("source", source)
    rows = [
        ("read", counts.rows_read),
        ("filtered", counts.rows_filtered),
        ("rejected", counts.rows_rejected),
        ("skipped", counts.rows_skipped),
    ]
    if counts.rows_read is not None:
        grid.add_row("rows", " · ".join(f"{_shown(number)} {word}" for word, number in rows))
    events = [
        ("prepared", counts.events_prepared),
        ("accepted", counts.events_accepted),
        ("rejected", counts.events_rejected),
        ("unknown", counts.events_unknown),
        ("unsent", counts.events_unsent),
    ]
    grid.add_row(
        "events", " · ".join(f"{count(number)} {word}" for word, number in events if number is not None)
    )
    if found.requests is not None:
        grid.add_row("requests", f"{count(found.requests)}, {count(found.retries or 0)} of them retries")
    return grid


def _print_receipts(console: Console, receipts: Sequence[ReceiptEntry]) -> None:
    """Print the receipts, those that are not plain acceptance first."""
    ranked = sorted(receipts, key=lambda receipt: receipt.outcome == "accepted")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("at", "batch", "events", "outcome", "fbtrace_id", "code"):
        table.add_column(name, no_wrap=True, justify="right" if name in ("batch", "events") else "left")
    for receipt in ranked[:_MOST_RECEIPTS]:
        table.add_row(
            instant(receipt.at),
            f"{receipt.batch}+{receipt.first}" if receipt.first else str(receipt.batch),
            count(receipt.events),
            outcome_text(receipt.outcome),
            receipt.fbtrace_id or "-",
            receipt.code,
        )
    console.print(table)
    if (rest := len(ranked) - _MOST_RECEIPTS) > 0:
        console.print(
            Text(f"and {counted(rest, 'more receipt')}; --output json holds them all.", style="dim")
        )
    told = {receipt.code: receipt for receipt in ranked if receipt.code}
    for receipt in told.values():
        console.print(Text(f"{receipt.code}: {receipt.reason} {receipt.hint}".rstrip()), soft_wrap=True)


def _what_now(found: RunInFull) -> list[str]:
    run, lines = found.run, []
    if found.in_flight:
        what = f"{counted(found.in_flight, 'event')} went out and no answer is written down."
        lines.append(f"{what} If the run was killed, the same command goes on; until then they are unknown.")
    elif run.exit_code in (4, 130, 143, None):
        lines.append("The same command goes on where this run stopped.")
    if run.counts.events_accepted:
        lines.append(where_to_look(run))
        if found.shown_by is not None and found.shown_by > datetime.now(UTC):
            lines.append(f"For this run that is until {found.shown_by:%H:%M} UTC.")
    return lines


def _rejected(run: RunFacts) -> int:
    return (run.counts.rows_rejected or 0) + run.counts.events_rejected


def _source(sources: Sequence[str]) -> str:
    if not sources:
        return ""
    return sources[0] if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1} more"


def _shown(number: int | None) -> str:
    return "?" if number is None else count(number)


def _outcome_style(exit_code: int | None) -> str:
    if exit_code == 0:
        return "green"
    return "yellow" if exit_code in (3, 4, 130, 143, None) else "red"

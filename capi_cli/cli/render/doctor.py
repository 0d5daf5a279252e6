"""The doctor's checks, one line each, with the mend under what is not well; for people and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from capi_cli.runs.check import State
from capi_cli.runs.doctor import Diagnosis

_STYLES = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "bold red", State.SKIPPED: "dim"}


def print_diagnosis(console: Console, found: Diagnosis) -> None:
    """Print every check."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in found.checks:
        table.add_row(
            Text(check.state, style=_STYLES[check.state]), check.name.replace("_", " "), Text(check.found)
        )
        if check.mend:
            table.add_row("", "", Text(f"→ {check.mend}", style="cyan"))
    console.print(table)
    console.print()
    console.print(Text(_last_line(found), style="bold green" if found.exit_code == 0 else "bold red"))


def diagnosis_json(found: Diagnosis) -> dict[str, Any]:
    """Return the checks as one JSON object."""
    return {
        "command": "doctor",
        "exit_code": found.exit_code,
        "checks": [asdict(check) for check in found.checks],
    }


def _last_line(found: Diagnosis) -> str:
    if found.exit_code == 0:
        return "An upload can begin."
    number = sum(check.state is State.FAILED for check in found.checks)
    return f"{'One thing stands' if number == 1 else f'{number} things stand'} in the way of an upload."

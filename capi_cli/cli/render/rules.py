"""A finding's page, and the list of all codes."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from capi_cli.event.findings import Rule, Severity

STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_EFFECTS = {
    Severity.ERROR: "error: the row is not sent",
    Severity.WARNING: "warning: the row is sent; it matches worse, or may surprise",
    Severity.INFO: "info: nothing to mend",
}


def print_page(console: Console, rule: Rule, *, of_meta: bool = False) -> None:
    """Print what the rule says: what, what was expected, why, and the mend; `of_meta` for a code of Meta's."""
    console.print(Text(rule.code, style="bold"))
    console.print(
        Text("an answer of Meta's" if of_meta else _EFFECTS[rule.severity], style=STYLES[rule.severity])
    )
    parts = (
        ("What", rule.message.replace("{detail}", "…")),
        ("Expected", rule.expected),
        ("Why", rule.why),
        ("Mend", rule.fix),
        ("Example", rule.example),
    )
    for title, text in parts:
        if text:
            console.print()
            console.print(Text(title, style="bold"))
            console.print(Padding(Text(text), (0, 0, 0, 2)))


def print_list(console: Console, rules: Sequence[Rule]) -> None:
    """Print every code with its severity and its line."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for rule in rules:
        severity = Text(rule.severity.value, style=STYLES[rule.severity])
        table.add_row(severity, rule.code, rule.message.replace("{detail}", "…"))
    console.print(table)
    console.print()
    console.print("`capi explain CODE` says more about one.")

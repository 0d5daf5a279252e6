"""Write docs/rules.md, the manual page of all findings, from the rules themselves: `make docs`."""

from pathlib import Path

from capi_cli.event.findings import Rule, Severity
from capi_cli.event.rules import catalogue

PAGE = Path(__file__).with_name("rules.md")
_EFFECT = {
    Severity.ERROR: "error: the row is not sent",
    Severity.WARNING: "warning: the row is sent; it matches worse, or may surprise",
    Severity.INFO: "info: nothing to mend",
}
_HEAD = """# Findings

What capi notices about rows, by code. `capi explain CODE` prints the same. This page is written by `make docs`.
"""


def page() -> str:
    """Return the whole page."""
    rules = list(catalogue().values())
    contents = "\n".join(f"- [{rule.code}](#{rule.code}) ({rule.severity.value})" for rule in rules)
    return "\n".join([_HEAD, contents, "", *(_section(rule) for rule in rules)])


def _section(rule: Rule) -> str:
    parts = [
        f"## {rule.code}\n",
        f"{_plain(rule.message)}\n",
        f"*{_EFFECT[rule.severity]}*\n",
        f"- **Expected:** {_plain(rule.expected)}",
        f"- **Why:** {_plain(rule.why)}",
        f"- **Mend:** {_plain(rule.fix)}",
    ]
    if rule.example:
        parts.append(f"- **Example:** {_plain(rule.example)}")
    return "\n".join(parts) + "\n"


def _plain(text: str) -> str:
    return text.replace("{detail}", "…").replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")

"""The catalogue of rules: every finding's code, its words and its severity, in tables by subject."""

from difflib import get_close_matches
from functools import cache

from capi_cli.errors import UsageError
from capi_cli.event.findings import Finding, Rule, Severity
from capi_cli.event.rules import cells, events, match_keys
from capi_cli.private import shown


@cache
def catalogue() -> dict[str, Rule]:
    """Return every rule by its code, in the order of the manual."""
    rules = [*match_keys.RULES, *events.RULES, *cells.RULES]
    found = {rule.code: rule for rule in rules}
    assert len(found) == len(rules), "a rule's code stands for one meaning"
    return found


def rule(code: str) -> Rule:
    """Return the rule of that code, or raise an error that names the nearest ones."""
    known = catalogue()
    if (found := known.get(code.lower())) is not None:
        return found
    near = get_close_matches(code.lower(), known, n=3, cutoff=0.4)
    raise UsageError(
        f"No rule has the code {shown(code)}.",
        f"Did you mean {', '.join(near)}?" if near else "`capi explain` lists all codes.",
    )


def message(finding: Finding) -> str:
    """Return the finding's line for screens and the rejects file."""
    return rule(finding.code).message.replace("{detail}", finding.detail)


def is_error(code: str) -> bool:
    """Return whether a finding of this code keeps the row from being sent."""
    return catalogue()[code].severity is Severity.ERROR

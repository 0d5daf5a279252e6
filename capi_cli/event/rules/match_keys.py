"""Rules (to be filled)."""

from capi_cli.event.findings import Rule

RULES: tuple[Rule, ...] = ()

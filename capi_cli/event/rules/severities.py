"""Three ways to write a rule down: as an error, a warning or an info."""

from functools import partial
from typing import Final

from capi_cli.event.findings import Rule, Severity

error: Final = partial(Rule, severity=Severity.ERROR)
warning: Final = partial(Rule, severity=Severity.WARNING)
info: Final = partial(Rule, severity=Severity.INFO)

"""What every command gets from the top: how to speak, what signals say, and the environment."""

from dataclasses import dataclass, field

from capi_cli.cli.signals import Signals
from capi_cli.cli.voice import Voice
from capi_cli.delivery.redact import Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One call of `capi`; typer hands it to the command as `context.obj`.

    Attributes:
        secrets: What no stream may show; a token that is read from a file is added to it.
    """

    voice: Voice
    signals: Signals
    environ: dict[str, str]
    argv: tuple[str, ...] = ()
    secrets: Secrets = field(default_factory=Secrets, repr=False)

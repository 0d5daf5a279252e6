"""What every command gets from the top: how to speak, what signals say, and the environment."""

from dataclasses import dataclass

from capi_cli.cli.signals import Signals
from capi_cli.cli.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One call of `capi`; typer hands it to the command as `context.obj`."""

    voice: Voice
    signals: Signals
    environ: dict[str, str]
    argv: tuple[str, ...] = ()

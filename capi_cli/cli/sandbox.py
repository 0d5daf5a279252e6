"""`capi sandbox`: a local Graph endpoint that enforces Meta's rules, with faults on demand."""

from typing import Any

import typer

from capi_cli.cli import options, settings, token
from capi_cli.cli.invocation import Invocation
from capi_cli.sinks.settings import app_secret_of

NAME = "sandbox"
_OUTPUT = tuple(option for option in options.OUTPUT if option.name == "quiet")
_OPTIONS = (*options.SANDBOX, options.DATASET, options.TOKEN_FILE, *_OUTPUT)


@options.takes(*_OPTIONS)
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Serve a local Graph endpoint that enforces Meta's rules, until Ctrl-C.

    It takes any dataset and any token, unless one is named. Nothing leaves this machine.
    """
    from capi_cli.sandbox.main import SandboxOptions, serve

    invocation: Invocation = context.obj
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    invocation.voice.settle(said)
    known_token = token.read_token(said, invocation, variables=())[0]  # the shell's own has no business here
    given = said.only("port", "dataset_id", "check", "quiet")
    given |= {field: said.get(name) for name, field in _OTHER_NAME.items() if name in said.said}
    return serve(SandboxOptions(token=known_token, app_secret=app_secret_of(invocation.environ), **given))


_OTHER_NAME = {"fault": "faults", "save": "save_dir"}

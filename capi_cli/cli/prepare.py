"""`capi prepare`: write the hashed events to a sealed folder that `capi upload` sends later, elsewhere."""

import shlex
from typing import Any

import typer

from capi_cli.cli import options, request, settings
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.running import carry_out
from capi_cli.cli.watching import Watcher
from capi_cli.errors import UsageError
from capi_cli.runs.summary import Summary

NAME = "prepare"
_OPTIONS = (
    *options.PREPARING,
    *options.SOURCE,
    *options.MAPPING,
    options.STATE_DIR,
    options.WORKERS,
    *options.JUDGING,
    *options.OUTPUT,
    options.REPORT,
)


@options.takes(*_OPTIONS, arguments=(options.sources(),))
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Judge every row of SOURCE… and write the hashed events to DIR, sealed. No network, no token.

    `capi upload DIR` sends them later, from any machine, without the source.
    """
    invocation: Invocation = context.obj
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    invocation.voice.settle(said)
    if not said.get("out"):
        raise UsageError("No folder is named to write the events to.", "Add -o DIR, a new or empty folder.")
    asked = request.run_request(NAME, typed["sources"], said)

    def work(observer: Watcher, **more: Any) -> Summary:
        from capi_cli.runs.prepare import prepare

        summary = prepare(asked, observer, invocation.signals.stop, **more)
        summary.next_steps = (f"Next, here or elsewhere: capi upload {shlex.quote(str(asked.out))}",)
        return summary

    return carry_out(invocation, asked, said, work)

"""`capi validate`: judge every row, write the rejects file, send nothing."""

from typing import Any

import typer

from capi_cli.cli import options, request, settings
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.next_command import next_steps
from capi_cli.cli.running import carry_out
from capi_cli.cli.watching import Watcher
from capi_cli.runs.summary import Summary

NAME = "validate"
_OPTIONS = (
    *options.SOURCE,
    *options.MAPPING,
    options.DATASET,
    options.STATE_DIR,
    options.WORKERS,
    *options.JUDGING,
    *options.OUTPUT,
    options.REPORT,
)


@options.takes(*_OPTIONS, arguments=(options.sources(),))
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Judge every row of SOURCE… and write the rejects file. Sends nothing and needs no token."""
    invocation: Invocation = context.obj
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    invocation.voice.settle(said)
    asked = request.run_request(NAME, typed["sources"], said)

    def work(observer: Watcher, **more: Any) -> Summary:
        from capi_cli.runs.validate import validate

        summary = validate(asked, observer, invocation.signals.stop, **more)
        summary.next_steps = next_steps(invocation.argv, said, invocation.environ)
        return summary

    return carry_out(invocation, asked, said, work)

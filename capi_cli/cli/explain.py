"""`capi explain`: what a finding's code means, why it matters to Meta, how to mend it."""

import inspect
import json
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

from capi_cli.cli import options, settings
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.voice import write_line

NAME = "explain"
_OPTIONS = tuple(option for option in options.OUTPUT if option.name in ("output", "no_color"))
_CODE = inspect.Parameter(
    "code",
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    default=None,
    annotation=Annotated[
        str | None, typer.Argument(help="A finding's code; without it, all codes.", metavar="[CODE]")
    ],
)


@options.takes(*_OPTIONS, arguments=(_CODE,))
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Say what a finding's code means, why it matters to Meta, and how to mend it."""
    from capi_cli.event.rules import catalogue, rule

    invocation: Invocation = context.obj
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    invocation.voice.settle(said)
    rules = list(catalogue().values()) if typed["code"] is None else [rule(typed["code"].strip())]
    if invocation.voice.json_summary:
        objects = [asdict(one) for one in rules]
        found: object = objects if typed["code"] is None else objects[0]
        write_line(sys.stdout, json.dumps(found))
        return 0
    from capi_cli.cli.render.rules import print_list, print_page

    console = invocation.voice.console(stderr=False)
    if typed["code"] is None:
        print_list(console, rules)
    else:
        print_page(console, rules[0])
    return 0

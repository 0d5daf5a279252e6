"""`capi explain`: what a finding's code means, why it matters to Meta, how to mend it."""

import inspect
import json
import re
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capi_cli.cli import options, settings
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.voice import write_line

if TYPE_CHECKING:
    from capi_cli.event.findings import Rule

NAME = "explain"
_META = re.compile(r"meta-(-?\d{1,9})-(\d{1,9})", re.ASCII)
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
    code = None if typed["code"] is None else typed["code"].strip()
    rules = list(catalogue().values()) if code is None else [_refusal(code) or rule(code)]
    if invocation.voice.json_summary:
        objects = [asdict(one) for one in rules]
        found: object = objects if code is None else objects[0]
        write_line(sys.stdout, json.dumps(found))
        return 0
    from capi_cli.cli.render.rules import print_list, print_page

    console = invocation.voice.console(stderr=False)
    if code is None:
        print_list(console, rules)
    else:
        print_page(console, rules[0], of_meta=_META.fullmatch(rules[0].code) is not None)
    return 0


def _refusal(code: str) -> "Rule | None":
    """Return what is known of a code that is Meta's own, `meta-<code>-<subcode>` as the rejects file has it."""
    if not (found := _META.fullmatch(code.lower())):
        return None
    from capi_cli.delivery.decide import is_data_subcode
    from capi_cli.delivery.meaning import meaning
    from capi_cli.event.findings import Rule, Severity
    from capi_cli.event.rules import catalogue

    number, subcode = int(found[1]), int(found[2])
    what, hint = meaning(number, subcode)
    ours = [one.code for one in catalogue().values() if is_data_subcode(subcode) and found[2] in one.why]
    return Rule(
        code=code.lower(),
        severity=Severity.ERROR,
        message=what,
        expected=f"As of {' and '.join(ours)}: `capi explain {ours[0]}` says more." if ours else "",
        why="It is Meta's own answer to a request, told in Meta's words where it came up.",
        fix=hint,
    )

"""`capi preview`: rows as they would be sent, beside what each cell became."""

import inspect
import json
import sys
from typing import Annotated, Any, Final

import typer

from capi_cli.cli import options, request, settings, values
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.voice import write_line

NAME = "preview"
_PANEL: Final = "Rows"


def _rows(name: str, help: str, **more: Any) -> options.Option:
    return options.Option(
        name=name, help=help, panel=_PANEL, from_environment=False, from_config=False, **more
    )


WHICH = (
    _rows("count", "The first N rows.", short="n", metavar="N", parse=values.whole(1, 1000), default="3"),
    _rows("row", "One row, by the number that findings show.", metavar="N", parse=values.whole(1)),
    _rows("show_values", "Show cells and digests in full; they are a person's data."),
)
_OUTPUT = tuple(option for option in options.OUTPUT if option.name in ("output", "no_color"))
_OPTIONS = (
    *WHICH,
    *(option for option in options.SOURCE if option.name != "limit"),
    *options.MAPPING,
    *_OUTPUT,
)
_SOURCE = inspect.Parameter(
    "source",
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    annotation=Annotated[
        str, typer.Argument(help="A file, or - for stdin; of several files the first.", metavar="SOURCE")
    ],
)


@options.takes(*_OPTIONS, arguments=(_SOURCE,))
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Show what each cell of the first rows becomes and where it goes. Sends nothing and needs no token."""
    invocation: Invocation = context.obj
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    invocation.voice.settle(said)
    asked = request.run_request(NAME, [typed["source"]], said)
    from capi_cli.runs.preview import PreviewRequest, preview

    found = preview(PreviewRequest(run=asked, **said.only("count", "row", "show_values")))
    from capi_cli.cli.render.preview import as_json, print_preview

    if invocation.voice.json_summary:
        write_line(sys.stdout, json.dumps(as_json(found), ensure_ascii=False))
    else:
        print_preview(invocation.voice.console(stderr=False), found)
    return 0

"""`capi runs`: the history of runs, one run in full, and where one event stands."""

import inspect
import json
import sys
import time
from typing import Annotated, Any

import typer

from capi_cli.cli import options, settings, values
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.settings import Settings
from capi_cli.cli.voice import Voice, write_line
from capi_cli.errors import UsageError

NAME = "runs"
_PANEL = "Find an event"


def _option(name: str, help: str, **more: Any) -> options.Option:
    """Return an option of this command alone: neither capi.toml nor a variable holds it."""
    return options.Option(name=name, help=help, from_environment=False, from_config=False, **more)


_OPTIONS = (
    _option("event_id", "By its event_id.", panel=_PANEL, metavar="ID", parse=values.text),
    _option(
        "order_id",
        "By its order, where the event_id was made of it.",
        panel=_PANEL,
        metavar="ID",
        parse=values.text,
    ),
    _option(
        "event_name",
        "Under this name alone; without it, under Meta's standard names and those of your runs.",
        panel=_PANEL,
        metavar="NAME",
        parse=values.text,
    ),
    _option(
        "last",
        "How many runs to list.",
        panel=options.OUTPUT_PANEL,
        metavar="N",
        parse=values.whole(1),
        default="20",
    ),
    options.STATE_DIR,
    *(option for option in options.OUTPUT if option.name in ("output", "no_color")),
)
_RUN_ID = inspect.Parameter(
    "run_id",
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    default=None,
    annotation=Annotated[
        str | None, typer.Argument(help="A run's id, or its end; without it, all runs.", metavar="[RUN_ID]")
    ],
)


@options.takes(*_OPTIONS, arguments=(_RUN_ID,))
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Show the history of runs, or one run in full, or find an event in the ledgers. Changes nothing."""
    invocation: Invocation = context.obj
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    invocation.voice.settle(said)
    run_id, event_id, order_id = typed["run_id"], said.get("event_id"), said.get("order_id")
    if sum(each is not None for each in (run_id, event_id, order_id)) > 1:
        raise UsageError("Say one of RUN_ID, --event-id and --order-id.", "`capi runs` alone lists all runs.")
    if said.get("event_name") and event_id is None and order_id is None:
        raise UsageError("--event-name goes with --event-id or --order-id.", "Add one of them.")
    if event_id is not None or order_id is not None:
        return _find(invocation.voice, said)
    if run_id is not None:
        return _show(invocation.voice, said, run_id.strip())
    return _list(invocation.voice, said)


def _list(voice: Voice, said: Settings) -> int:
    from capi_cli.cli.render import runs as render
    from capi_cli.runs.history import list_runs

    found = list_runs(said.get("state_dir"), most=said.get("last", 20))
    if voice.json_summary:
        write_line(sys.stdout, json.dumps({"runs": [render.run_json(run) for run in found]}))
    else:
        render.print_list(voice.console(stderr=False), found)
    return 0


def _show(voice: Voice, said: Settings, run_id: str) -> int:
    from capi_cli.cli.render import runs as render
    from capi_cli.runs.history import one_run

    found = one_run(said.get("state_dir"), run_id)
    if voice.json_summary:
        write_line(sys.stdout, json.dumps(render.full_json(found)))
    else:
        render.print_run(voice.console(stderr=False), found)
    return 0


def _find(voice: Voice, said: Settings) -> int:
    from capi_cli.cli.render import events as render
    from capi_cli.runs.event_search import find_by_event_id, find_by_order_id

    place, name, now = said.get("state_dir"), said.get("event_name"), time.time()
    if (event_id := said.get("event_id")) is not None:
        found = find_by_event_id(place, event_id, event_name=name, now=now)
    else:
        found = find_by_order_id(place, said.get("order_id"), event_name=name, now=now)
    if voice.json_summary:
        write_line(sys.stdout, json.dumps(render.search_json(found)))
    else:
        render.print_search(voice.console(stderr=False), found)
    return 0

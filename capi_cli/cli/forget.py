"""`capi forget`: erase events from the ledgers, or the ledgers themselves."""

import json
import sys
import time
from typing import Any

import typer

from capi_cli.cli import options, settings, values
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.settings import Settings
from capi_cli.cli.signals import Interrupted
from capi_cli.cli.voice import write_line
from capi_cli.errors import UsageError
from capi_cli.numbers import counted

NAME = "forget"
_PANEL = "What to erase"
_AGAIN = "The next upload whose rows hold them sends them again: take those rows out of your files first."


def _option(name: str, help: str, *, panel: str = _PANEL, **more: Any) -> options.Option:
    """Return an option of this command alone: neither capi.toml nor a variable may erase anything."""
    return options.Option(
        name=name, help=help, panel=panel, from_environment=False, from_config=False, **more
    )


_OPTIONS = (
    _option("event_id", "The event of that event_id.", metavar="ID", parse=values.text),
    _option(
        "order_id", "The events of that order, as `capi runs` finds them.", metavar="ID", parse=values.text
    ),
    _option("event_name", "Of these, only the events of that name.", metavar="NAME", parse=values.text),
    _option("all", "Every ledger of the state folder: events, receipts and runs."),
    _option("yes", "Do not ask.", short="y", panel=options.OUTPUT_PANEL),
    options.STATE_DIR,
    *(option for option in options.SENDING if option.name == "lock_wait"),
    *(option for option in options.OUTPUT if option.name in ("output", "no_color")),
)


@options.takes(*_OPTIONS)
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Erase events from the ledgers on this machine. Meta's own copies stay: Events Manager deletes those."""
    invocation: Invocation = context.obj
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    invocation.voice.settle(said)
    wanted = [said.get("event_id"), said.get("order_id"), said.get("all")]
    if sum(each is not None for each in wanted) != 1:
        raise UsageError(
            "Say one of --event-id, --order-id and --all.", "`capi runs --order-id ID` only looks."
        )
    if said.get("event_name") and said.get("all"):
        raise UsageError("--event-name goes with --event-id or --order-id.", "Leave it out of --all.")
    return _forget_all(invocation, said) if said.get("all") else _forget(invocation, said)


def _forget(invocation: Invocation, said: Settings) -> int:
    from capi_cli.cli.render.events import print_search, search_json
    from capi_cli.runs.event_search import find_by_event_id, find_by_order_id
    from capi_cli.runs.forget import forget

    voice, folder, name, now = invocation.voice, said.get("state_dir"), said.get("event_name"), time.time()
    if (event_id := said.get("event_id")) is not None:
        search = find_by_event_id(folder, event_id, event_name=name, now=now)
    else:
        search = find_by_order_id(folder, said.get("order_id"), event_name=name, now=now)
    if not voice.json_summary:
        print_search(voice.console(stderr=False), search)
    done = bool(search.events) and _agreed(invocation, said, counted(len(search.events), "event"))
    if done:
        forget(folder, search.events, lock_wait_s=said.get("lock_wait", 0.0), now=now)
    if voice.json_summary:
        write_line(sys.stdout, json.dumps({"command": NAME, "forgotten": done, **search_json(search)}))
    elif done:
        write_line(sys.stdout, f"Erased: {counted(len(search.events), 'event')}. {_AGAIN}")
    return 0


def _forget_all(invocation: Invocation, said: Settings) -> int:
    from capi_cli.runs.forget import forget_all, ledgers

    places = ledgers(said.get("state_dir"))
    names = [place.folder.name for place in places]
    done = bool(places) and _agreed(invocation, said, f"everything in {', '.join(names)}")
    if done:
        forget_all(places, lock_wait_s=said.get("lock_wait", 0.0))
    if invocation.voice.json_summary:
        write_line(sys.stdout, json.dumps({"command": NAME, "forgotten": done, "ledgers": names}))
    elif not places:
        write_line(sys.stdout, "There is no ledger here. --state-dir names another folder.")
    elif done:
        write_line(sys.stdout, f"Erased: everything in {', '.join(names)}. {_AGAIN}")
    return 0


def _agreed(invocation: Invocation, said: Settings, what: str) -> bool:
    """Ask once at a terminal; elsewhere nothing is erased that `--yes` does not stand beside."""
    if said.get("yes"):
        return True
    if not (invocation.voice.at_terminal and sys.stdin.isatty()):
        raise UsageError("Nothing was erased: nobody is here to be asked.", "Add --yes.")
    try:
        with invocation.signals.at_once():
            sys.stderr.write(f"Erase {what}? {_AGAIN} [y/N] ")
            sys.stderr.flush()
            answer = sys.stdin.readline()
    except Interrupted:
        write_line(sys.stderr, "")
        raise
    return answer.strip().lower() in ("y", "yes")

"""The commands, and the way of one invocation: command line → command → exit code.

A command is a module of this room with `command`. Only the one that was named is imported; the others stand in
the list by their line, so that `capi --help` is quick.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from capi_cli.cli.failure import guarded
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.line import read_line
from capi_cli.cli.option import Command
from capi_cli.cli.outlet import lasting_streams
from capi_cli.cli.signals import listening
from capi_cli.cli.token import secrets_of
from capi_cli.cli.veil import veiled
from capi_cli.cli.voice import Voice, never_fail_on_letters
from capi_cli.delivery.redact import Secrets
from capi_cli.errors import UsageError
from capi_cli.private import shown

COMMANDS: Final = {
    "upload": "Send the events of files to Meta.",
    "validate": "Judge every row; send nothing.",
    "prepare": "Write the hashed events to a sealed folder, to be sent elsewhere.",
    "init": "Look at a file and write capi.toml with the mapping.",
    "runs": "Show the history of runs, and find an event.",
    "forget": "Erase events from the ledgers.",
    "preview": "Show what each cell becomes and where it goes.",
    "quality": "Read match quality back from Meta.",
    "doctor": "Say what works, what does not, and how to mend it.",
    "explain": "Say what a finding means and how to mend it.",
    "sandbox": "Serve a local Graph endpoint with Meta's rules.",
}


def main(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    never_fail_on_letters()
    voice = Voice.guess(argv, os.environ)
    name = argv[0] if argv and argv[0] in COMMANDS else ""
    secrets = Secrets(*secrets_of(os.environ))
    with lasting_streams(), veiled(secrets), listening() as signals:
        invocation = Invocation(
            voice=voice, signals=signals, environ=dict(os.environ), argv=tuple(argv), secrets=secrets
        )
        return guarded(name, voice, lambda: _invoke(name, argv, invocation))


def _invoke(name: str, argv: Sequence[str], invocation: Invocation) -> int:
    """Read the line and call its command; typer is asked where the line wants a page or has a mistake."""
    if not name:
        return _without_command(argv)
    command: Command = import_module(f"capi_cli.cli.{name}").command
    typed = read_line(command, argv[1:])
    if typed is not None:
        return command.run(invocation, typed)
    from capi_cli.cli.by_typer import call

    return call(name, command, argv[1:], invocation)


def _without_command(argv: Sequence[str]) -> int:
    from capi_cli.cli.by_typer import call_root, nearest

    if not argv:
        call_root(["--help"], COMMANDS)
        raise UsageError("No command was given.", f"Commands: {', '.join(COMMANDS)}.")
    if not argv[0].startswith("-"):
        hint = nearest(argv[0], list(COMMANDS)) or "`capi --help` lists them."
        raise UsageError(f"There is no command {shown(argv[0])}.", hint)
    return call_root(argv, COMMANDS)

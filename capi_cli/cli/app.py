"""The commands, and the way of one invocation: command line → command → exit code.

A command is a module of this room with `command`. Only the one that was named is imported; the others stand in
the list by their line, so that `capi --help` is quick.
"""

import os
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.main import get_command

import capi_cli
from capi_cli.cli.command import Command, Commands
from capi_cli.cli.failure import guarded
from capi_cli.cli.invocation import Invocation
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

# Wherever a version of typer keeps click, its usage errors are what BadParameter derives from.
_TyperUsageError: type[Exception] = typer.BadParameter.__mro__[1]
_SECRET_FLAG = re.compile(r"-.*(token|secret)", re.IGNORECASE)
_SECRETS = (
    "Set META_ACCESS_TOKEN (and META_APP_SECRET), or say --token-file PATH. A command line is read by every process "
    "of this machine and kept in the shell's history: if what was typed is real, make a new one."
)


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
    """Let typer parse the line and call the command; its usage errors become ours."""
    if not argv:
        _call(name, ["--help"], invocation)
        raise UsageError("No command was given.", f"Commands: {', '.join(COMMANDS)}.")
    if not name and not argv[0].startswith("-"):
        hint = _nearest(argv[0], list(COMMANDS)) or "`capi --help` lists them."
        raise UsageError(f"There is no command {shown(argv[0])}.", hint)
    try:
        return _call(name, argv, invocation)
    except _TyperUsageError as error:
        raise _usage_error(error) from None


def _call(name: str, argv: Sequence[str], invocation: Invocation) -> int:
    line = get_command(_app(name))
    code = line.main(list(argv), prog_name="capi", standalone_mode=False, obj=invocation)
    return int(code or 0)


def _app(name: str) -> typer.Typer:
    """Return the command line with the named command; the others are there for the list alone."""
    app = typer.Typer(
        cls=Commands,
        add_completion=False,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit codes: 0 all accepted; 3 some rows rejected; 4 run it again; 10 to 13 to mend first.",
    )
    app.callback(help=capi_cli.__doc__)(_root)
    for known, summary in COMMANDS.items():
        command = import_module(f"capi_cli.cli.{known}").command if known == name else _listed_only
        app.command(known, cls=Command, short_help=summary)(command)
    return app


def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", metavar="")] = False,
) -> None:
    """Hold the option that belongs to no command; it is answered before this module is imported."""


def _listed_only() -> None:
    """Stand in the list of commands."""


def _usage_error(error: Any) -> UsageError:
    """Return typer's complaint in our words, with the nearest known name."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "capi"
    help_hint = f"`{where} --help` shows what it takes."
    option = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and option is not None:
        if _SECRET_FLAG.match(option) and "file" not in option:
            return UsageError("A token or secret is never said on the command line.", _SECRETS)
        own = [name for one in context.command.params for name in one.opts] if context else []
        hint = _nearest(option, own) if where == "capi" else _meant_option(option, own)
        return UsageError(f"{where} has no option {_repeated(option)}.", hint or help_hint)
    said, opens, words = error.format_message().partition(" (")
    if opens and said.startswith("Got unexpected extra argument"):  # the words as typed, between brackets
        given = ", ".join(map(_repeated, words.rstrip(")").split()))
        return UsageError(f"{where} takes no further argument, and was given {given}.", help_hint)
    return UsageError(error.format_message(), help_hint)


def _repeated(typed: str) -> str:
    """Return an option or argument as it was typed, unless it may be a secret or a person's."""
    found = shown(typed)
    return typed if found == repr(typed) else found


def _meant_option(typed: str, own: list[str]) -> str:
    """Return which option was meant: one of the command's own, or one of another command, which is to be left out."""
    from difflib import get_close_matches

    from capi_cli.cli.options import KNOWN

    others = [option.flag for option in KNOWN.values() if option.flag not in own]
    nearest = get_close_matches(typed, [*own, *others], n=1, cutoff=0.55)
    if not nearest or nearest[0] in own:
        return _nearest(typed, own)
    meant = "It" if nearest[0] == typed else f"Did you mean {nearest[0]}? It"
    return f"{meant} is an option of other commands, such as `capi upload`; leave it out here."


def _nearest(typed: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(typed, known, n=2, cutoff=0.55)
    return f"Did you mean {' or '.join(near)}?" if near else ""

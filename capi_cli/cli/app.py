"""The commands, and the way of one invocation: command line → command → exit code."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from typer.main import get_command

import capi_cli
from capi_cli.cli import explain, upload, validate
from capi_cli.cli.failure import guarded
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.signals import listening
from capi_cli.cli.values import shown
from capi_cli.cli.voice import Voice
from capi_cli.errors import UsageError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all accepted, 3 some rows rejected, 4 run it again, 10 to 13 something to mend.",
)
COMMANDS = {module.NAME: module.command for module in (upload, validate, explain)}
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)

# Wherever a version of typer keeps click, its usage errors are what BadParameter derives from.
_TyperUsageError: type[Exception] = typer.BadParameter.__mro__[1]
_TOKEN_FLAGS = ("--token", "--access-token", "--meta-access-token")


@app.callback(help=capi_cli.__doc__)
def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version; with --output json as an object.", metavar=""),
    ] = False,
) -> None:
    """Hold the options that belong to no command; `--version` is answered before this module is imported."""


def main(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    voice = Voice.guess(argv, os.environ)
    name = next((word for word in argv if word in COMMANDS), "")
    with listening() as signals:
        invocation = Invocation(voice=voice, signals=signals, environ=dict(os.environ))
        return guarded(name, voice, lambda: _invoke(argv, invocation))


def _invoke(argv: Sequence[str], invocation: Invocation) -> int:
    """Let typer parse the line and call the command; its usage errors become ours."""
    if not argv:
        argv = ["--help"]
        _call(argv, invocation)
        raise UsageError("No command was given.", f"Commands: {', '.join(COMMANDS)}.")
    if not argv[0].startswith("-") and argv[0] not in COMMANDS:
        hint = _nearest(argv[0], list(COMMANDS)) or "`capi --help` lists them."
        raise UsageError(f"There is no command {shown(argv[0])}.", hint)
    try:
        return _call(argv, invocation)
    except _TyperUsageError as error:
        raise _usage_error(error) from None


def _call(argv: Sequence[str], invocation: Invocation) -> int:
    code = get_command(app).main(list(argv), prog_name="capi", standalone_mode=False, obj=invocation)
    return int(code or 0)


def _usage_error(error: Any) -> UsageError:
    """Return typer's complaint in our words, with the nearest known name."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "capi"
    help_hint = f"`{where} --help` shows what it takes."
    option = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and option is not None:
        if option in _TOKEN_FLAGS:
            hint = "Set META_ACCESS_TOKEN, or say --token-file PATH; a command line is read by every process."
            return UsageError("The token has no option.", hint)
        known = [name for one in context.command.params for name in one.opts] if context else []
        return UsageError(f"{where} has no option {option}.", _nearest(option, known) or help_hint)
    return UsageError(error.format_message(), help_hint)


def _nearest(typed: str, known: list[str]) -> str:
    near = get_close_matches(typed, known, n=2, cutoff=0.55)
    return f"Did you mean {' or '.join(near)}?" if near else ""

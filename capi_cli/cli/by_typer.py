"""The commands as typer knows them: for the pages of help, and for lines with a mistake, whose words become ours."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer
from typer.main import get_command

import capi_cli
from capi_cli.cli.help import PageByPanels
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.option import Argument, Command, Option
from capi_cli.errors import UsageError
from capi_cli.private import shown

_HELP = {"help_option_names": ["-h", "--help"]}
_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "pretty_exceptions_show_locals": False,
    "rich_markup_mode": None,
}
# Wherever a version of typer keeps click, its usage errors are what BadParameter derives from.
_TyperUsageError: type[Exception] = typer.BadParameter.__mro__[1]
_SECRET_FLAG = re.compile(r"-.*(token|secret)", re.IGNORECASE)
_SECRETS = (
    "Set META_ACCESS_TOKEN (and META_APP_SECRET), or say --token-file PATH. A command line is read by every process "
    "of this machine and kept in the shell's history: if what was typed is real, make a new one."
)


def call(name: str, command: Command, words: Sequence[str], invocation: Invocation) -> int:
    """Let typer read the words after a command's name, and return the command's exit code.

    Raises:
        UsageError: Typer's complaints, in our words.
    """
    app = typer.Typer(**_PLAIN)
    app.command(cls=PageByPanels, context_settings=_HELP)(_called(command, invocation))
    return _main(app, f"capi {name}", words)


def call_root(words: Sequence[str], summaries: Mapping[str, str]) -> int:
    """Let typer read a line that names no command.

    Args:
        words: The line.
        summaries: What is said of each command.

    Raises:
        UsageError: Typer's complaints, in our words.
    """
    epilog = "Exit codes: 0 all accepted; 3 some rows rejected; 4 run it again; 10 to 13 to mend first."
    app = typer.Typer(**_PLAIN, no_args_is_help=True, context_settings=_HELP, epilog=epilog)
    app.callback(help=capi_cli.__doc__)(_root)
    for known, summary in summaries.items():
        app.command(known, short_help=summary)(_listed_only)
    return _main(app, "capi", words)


def _main(app: typer.Typer, program: str, words: Sequence[str]) -> int:
    try:
        code = get_command(app).main(list(words), prog_name=program, standalone_mode=False)
    except _TyperUsageError as error:
        raise _usage_error(error) from None
    return int(code or 0)


def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", metavar="")] = False,
) -> None:
    """Hold the option that belongs to no command; it is answered before this module is imported."""


def _listed_only() -> None:
    """Stand in the list of commands."""


def _called(command: Command, invocation: Invocation) -> Callable[..., int]:
    """Return the command as a function whose signature typer reads."""

    def called(**typed: Any) -> int:
        return command.run(invocation, typed)

    parameters = [*map(_of_argument, command.arguments), *map(_of_option, command.options)]
    called.__doc__ = command.help
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return called


def _of_option(option: Option) -> inspect.Parameter:
    """Return an option as a parameter; values stay text here, so that one parser serves all."""
    kind: Any = bool if option.parse is None else list[str] if option.many else str
    names = [option.flag] if option.short is None else [option.flag, f"-{option.short}"]
    synonyms = f" [env: {', '.join(option.synonyms)}]" if option.synonyms else ""
    info = typer.Option(
        *names,
        help=option.help + synonyms + (f" [default: {option.default}]" if option.default else ""),
        metavar=option.metavar or "",
        rich_help_panel=option.panel,
        show_default=False,
    )
    return _parameter(option.name, kind | None, info, default=None)


def _of_argument(argument: Argument) -> inspect.Parameter:
    kind: Any = list[str] if argument.many else str
    info = typer.Argument(help=argument.help, metavar=argument.metavar, show_default=False)
    if argument.required:
        return _parameter(argument.name, kind, info)
    return _parameter(argument.name, kind | None, info, default=None)


def _parameter(
    name: str, kind: Any, info: Any, *, default: Any = inspect.Parameter.empty
) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info]
    )


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
        hint = nearest(option, own) if where == "capi" else _meant_option(option, own)
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
    found = get_close_matches(typed, [*own, *others], n=1, cutoff=0.55)
    if not found or found[0] in own:
        return nearest(typed, own)
    meant = "It" if found[0] == typed else f"Did you mean {found[0]}? It"
    return f"{meant} is an option of other commands, such as `capi upload`; leave it out here."


def nearest(typed: str, known: list[str]) -> str:
    """Return the question whether one of the known names was meant; empty where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(typed, known, n=2, cutoff=0.55)
    return f"Did you mean {' or '.join(near)}?" if near else ""

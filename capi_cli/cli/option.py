"""What an option is, and how a command takes the options it names.

A command is decorated with `takes(*options)` and gets what was typed; values stay text until `settings` parses
them, so that one parser serves the command line, the environment and capi.toml. Who reads a command line by these
tables is `line`, or typer, where `by_typer` tells it of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capi_cli.cli.invocation import Invocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of the contract.

    Attributes:
        name: With underscores, as in capi.toml; the flag is spelled with dashes.
        help: What it does, in one line.
        panel: The heading it stands under in `--help`.
        parse: Text to value; None for a flag.
        metavar: What stands for the value in `--help`.
        short: A one-letter flag.
        many: Whether it may be given several times.
        synonyms: Environment variables read beside `CAPI_<NAME>`, in order.
        from_environment: Whether `CAPI_<NAME>` is read; never for repeatable ones. A flag's says yes or no.
        from_config: Whether capi.toml may hold it.
        default: Shown in `--help`; the value itself stands in the request's dataclass.
    """

    name: str
    help: str
    panel: str
    parse: Callable[[str], Any] | None = None
    metavar: str | None = None
    short: str | None = None
    many: bool = False
    synonyms: tuple[str, ...] = ()
    from_environment: bool = True
    from_config: bool = True
    default: str | None = None

    @property
    def flag(self) -> str:
        """Return it as typed: `--dataset-id`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the environment variables that set it, the nearest first."""
        if self.many or not self.from_environment:
            return ()
        return (f"CAPI_{self.name.upper()}", *self.synonyms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What stands on the line without a flag.

    Attributes:
        many: Whether there may be several; at least one then.
        required: Whether the command wants it.
    """

    name: str
    help: str
    metavar: str
    many: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command with what it takes.

    Attributes:
        run: Gets the invocation and what was typed, by name; None for what was not. Returns the exit code.
        help: The page's first words.
        arguments: In the order of the line; one that may come several times stands alone.
    """

    run: "Callable[[Invocation, dict[str, Any]], int]"
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]


def takes(
    *options: Option, arguments: tuple[Argument, ...] = ()
) -> "Callable[[Callable[[Invocation, dict[str, Any]], int]], Command]":
    """Give a command those arguments and options; it gets the invocation and, as one dict, what was typed."""

    def decorate(run: "Callable[[Invocation, dict[str, Any]], int]") -> Command:
        return Command(run=run, help=run.__doc__ or "", options=options, arguments=arguments)

    return decorate


def sources(help: str = "Files, globs, folders, or - for stdin.") -> Argument:
    """Return the argument SOURCE…, at least one."""
    return Argument(name="sources", help=help, metavar="SOURCE", many=True)

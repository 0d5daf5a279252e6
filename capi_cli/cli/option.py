"""What an option is, and how a command takes the options it names.

A command is decorated with `takes(*options)` and gets what was typed; values stay text until `settings` parses
them, so that one parser serves the command line, the environment and capi.toml.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer


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

    def parameter(self) -> inspect.Parameter:
        """Return it as a parameter that typer reads; values stay text here, so that one parser serves all."""
        kind: Any = bool if self.parse is None else list[str] if self.many else str
        names = [self.flag] if self.short is None else [self.flag, f"-{self.short}"]
        synonyms = f" [env: {', '.join(self.synonyms)}]" if self.synonyms else ""
        info = typer.Option(
            *names,
            help=self.help + synonyms + (f" [default: {self.default}]" if self.default else ""),
            metavar=self.metavar or "",
            rich_help_panel=self.panel,
            show_default=False,
        )
        return inspect.Parameter(
            self.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, info]
        )


def takes(*options: Option, arguments: tuple[inspect.Parameter, ...] = ()) -> Callable[[Any], Any]:
    """Give a command those arguments and options; it gets the context and, as one dict, what was typed."""

    def decorate(command: Callable[[typer.Context, dict[str, Any]], int]) -> Callable[..., int]:
        def invoked(context: typer.Context, **typed: Any) -> int:
            return command(context, typed)

        context = inspect.Parameter(
            "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
        )
        parameters = [context, *arguments, *(option.parameter() for option in options)]
        invoked.__doc__ = command.__doc__
        invoked.__name__ = command.__name__
        invoked.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        invoked.__annotations__ = {p.name: p.annotation for p in parameters}
        return invoked

    return decorate


def sources(help: str = "Files, globs, folders, or - for stdin.") -> inspect.Parameter:
    """Return the argument SOURCE…, at least one."""
    info = typer.Argument(help=help, metavar="SOURCE", show_default=False)
    return inspect.Parameter(
        "sources", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Annotated[list[str], info]
    )

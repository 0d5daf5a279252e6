"""The classes of the command line and of every command: what typer would do dearly, done plainly.

Values stay as they were typed, since `settings` parses them: typer would have pydantic make texts of texts, and loading
it takes 70 ms. The help page is drawn without rich, which takes longer than the rest.
"""

from typing import Any

from typer.core import TyperCommand, TyperGroup


class _TakesTexts:
    """A command of typer's whose values stay as they were typed."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, `--help` among them."""
        found: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in found:
            if hasattr(
                parameter, "get_runtime_param"
            ):  # of typer 0.29; others have click's, which costs nothing
                parameter.get_runtime_param = _AsTyped
        return found


class Command(_TakesTexts, TyperCommand):
    """A command, whose `--help` groups options as the table of options does."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one list for each heading, in the order in which they come up."""
        headings: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                usual = "Arguments" if parameter.param_type_name == "argument" else "Help"
                heading = getattr(parameter, "rich_help_panel", None) or usual
                headings.setdefault(heading, []).append(record)
        for heading, records in headings.items():
            with formatter.section(heading):
                formatter.write_dl(records)


class Commands(_TakesTexts, TyperGroup):
    """The command line."""


class _AsTyped:
    """Leaves the values of a parameter as they were typed."""

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """Return the value; of a parameter that may be given several times, a list."""
        if param.multiple or param.nargs == -1:
            return list(value or ())
        return value

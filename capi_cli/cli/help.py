"""The help page of a command: its options under headings, drawn without rich, which takes longer than the rest."""

from typing import Any

from typer.core import TyperCommand


class PageByPanels(TyperCommand):
    """A command whose `--help` groups options as the table of options does."""

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

"""The page of `--report`: made sure of before the run, written when all is known."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from capi_cli.errors import CapiError
from capi_cli.runs.summary import Summary

if TYPE_CHECKING:
    from capi_cli.runs.report_facts import ReportFacts


@dataclass(slots=True)
class WantedPage:
    """Takes the facts of a run, and writes them once the run's end stands."""

    path: Path
    facts: "ReportFacts | None" = None

    def take(self, facts: "ReportFacts") -> None:
        """Keep the facts; a signal may still change the summary in them."""
        self.facts = facts

    def write(self, summary: Summary) -> None:
        """Write the page; that it can't be written is one more problem of the run."""
        if self.facts is None:
            return
        from capi_cli.report.page import write
        from capi_cli.runs.run import add_problem

        try:
            write(self.facts, self.path)
        except CapiError as error:
            summary.report_path = None
            add_problem(summary, error)


def wanted_page(path: Path | None) -> WantedPage | None:
    """Return the page to write, where one was asked for.

    Raises:
        ConfigurationError: It can't be written there.
    """
    if path is None:
        return None
    from capi_cli.report.page import check_place

    check_place(path)
    return WantedPage(path)

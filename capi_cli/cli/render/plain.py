"""A run without a display: a few plain lines on stderr; with `-q`, only what went wrong."""

import sys

from capi_cli.cli.render.mapping_lines import plain_lines
from capi_cli.cli.render.question import Question
from capi_cli.cli.signals import write_stderr
from capi_cli.cli.voice import write_line
from capi_cli.runs.progress import Confirmation, Level, Progress, SourceView
from capi_cli.runs.summary import Summary

_MARKS = {"debug": "", "info": "", "warning": "warning: ", "error": "error: "}


class Plain:
    """Writes one line for each thing that happened."""

    def __init__(self, question: Question, *, verbose: bool = False, quiet: bool = False) -> None:
        self._question = question
        self._told: set[Level] = {"error"} if quiet else {"info", "warning", "error"}
        if verbose:
            self._told.add("debug")
        self._quiet = quiet

    def started(self, run_id: str, progress: Progress) -> None:
        """Say which run it is."""
        self._line("info", f"run {run_id}")

    def opened(self, view: SourceView) -> None:
        """Say what was opened and by which mapping it is read."""
        for line in plain_lines(view):
            self._line("info", line)

    def note(self, level: Level, message: str, **facts: object) -> None:
        """Say it, where this level is told."""
        self._line(level, message)

    def confirm(self, question: Confirmation) -> bool:
        """Ask, where a person sits at the terminal."""
        return self._question.ask(question)

    def finished(self, summary: Summary) -> None:
        """Do nothing; the summary is printed by the command."""

    def stopping(self) -> None:
        """Say that the signal was heard."""
        if not self._quiet:
            write_stderr(b"capi: stopping; requests in flight are awaited. Once more leaves at once.\n")

    def close(self) -> None:
        """Do nothing."""

    def _line(self, level: Level, text: str) -> None:
        if level in self._told:
            write_line(sys.stderr, f"capi: {_MARKS[level]}{text}")

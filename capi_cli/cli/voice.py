"""How the command speaks: which of text and JSON goes to stdout and stderr, how much, and in which colours.

Settled twice: at first by a forgiving look at the command line and the environment, so that even a mistyped
option is answered in the form that was asked for; then by the settings.
"""

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from capi_cli.cli.settings import Settings
    from capi_cli.runs.summary import Summary

_WIDTH_WITHOUT_TERMINAL = 100


@dataclass(slots=True)
class Voice:
    """The choices about output; the commands and the handler of errors at the top share one."""

    json_summary: bool = False
    json_log: bool = False
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    no_progress: bool = False

    @classmethod
    def guess(cls, argv: Sequence[str], environ: Mapping[str, str]) -> "Voice":
        """Return what the command line seems to ask for, whatever else is wrong with it."""
        return cls(
            json_summary=_asks_json(argv, environ, "output"),
            json_log=_asks_json(argv, environ, "log-format"),
            quiet="-q" in argv or "--quiet" in argv,
            no_color="--no-color" in argv or bool(environ.get("NO_COLOR")),
        )

    def settle(self, settings: "Settings") -> None:
        """Take what the settings say."""
        self.json_summary = settings.get("output") == "json"
        self.json_log = settings.get("log_format") == "json"
        self.quiet = settings.get("quiet", False)
        self.verbose = settings.get("verbose", False)
        self.no_color = settings.get("no_color", False) or bool(os.environ.get("NO_COLOR"))
        self.no_progress = settings.get("no_progress", False)

    @property
    def at_terminal(self) -> bool:
        """Whether stderr is a terminal that a person reads."""
        return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def draws(self) -> bool:
        """Whether progress is drawn."""
        return self.at_terminal and not (self.json_log or self.quiet or self.no_progress)

    def console(self, *, stderr: bool) -> "Console":
        """Return rich's console over stdout or stderr."""
        from capi_cli.cli.render.screen import Screen

        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else _WIDTH_WITHOUT_TERMINAL
        return Screen(file=stream, no_color=self.no_color or None, highlight=False, width=width)

    def say(self, message: str, hint: str = "", *, code: str = "") -> None:
        """Tell stderr what went wrong and what to do."""
        if self.json_log:
            facts = {"at": now_stamp(), "level": "error", "event": "error", "code": code}
            write_line(sys.stderr, json.dumps(facts | {"message": message, "hint": hint}))
            return
        lines = [f"capi: {message}", *(f"      {line}" for line in hint.splitlines())]
        for line in lines:
            for piece in _folded(line) if sys.stderr.isatty() else [line]:
                write_line(sys.stderr, piece)

    def print_summary(self, summary: "Summary") -> None:
        """Print the summary on stdout: the contract's object, or the table for people."""
        if self.json_summary:
            write_line(sys.stdout, json.dumps(summary.as_json()))
        elif not (self.quiet and summary.exit_code == 0):
            from capi_cli.cli.render.summary import print_table

            print_table(self.console(stderr=False), summary)

    def print_failure(self, command: str, exit_code: int, code: str, message: str, hint: str) -> None:
        """Tell what stopped the command before any run began; as a summary, every count is zero."""
        self.say(message, hint, code=code)
        if not self.json_summary:
            return
        from datetime import UTC, datetime

        from capi_cli.runs.summary import ErrorFacts, Summary

        now = datetime.now(UTC)
        empty = Summary(run_id="", command=command, dataset_id=None, dry_run=False, exit_code=exit_code)
        empty.started_at = empty.finished_at = now
        empty.error = ErrorFacts(code=code, message=message, hint=hint)
        self.print_summary(empty)


def now_stamp() -> str:
    """Return the instant of a line of the JSON log: ISO 8601 UTC, to the millisecond."""
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _folded(line: str) -> list[str]:
    """Return a line folded between words, for a terminal that would break them; one to copy stays whole."""
    if line.startswith("        "):
        return [line]
    width = get_terminal_size().columns
    return wrap(line, width, subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False) or [
        line
    ]


def write_line(stream: Any, line: str) -> None:
    """Write one line; nothing in it steers the terminal."""
    stream.write(_harmless(line) + "\n")
    stream.flush()


def _harmless(line: str) -> str:
    r"""Return a line with what is not printable as JSON escapes it (`\u001b`): a JSON text keeps its meaning."""
    if line.isprintable():
        return line
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in line)


def never_fail_on_letters() -> None:
    """Let stdout and stderr show `?` for what their encoding lacks, on a Windows console or under LC_ALL=C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _asks_json(argv: Sequence[str], environ: Mapping[str, str], option: str) -> bool:
    flag = f"--{option}"
    for index, word in enumerate(argv):
        if word == flag:
            return index + 1 < len(argv) and argv[index + 1] == "json"
        if word.startswith(f"{flag}="):
            return word == f"{flag}=json"
    return environ.get(f"CAPI_{option.upper().replace('-', '_')}", "").strip() == "json"

"""A run as a log for programs: one JSON object per line on stderr."""

import json
import sys
from dataclasses import asdict

from capi_cli.cli.signals import write_stderr
from capi_cli.cli.voice import now_stamp, write_line
from capi_cli.runs.progress import Confirmation, Level, Progress, SourceView
from capi_cli.runs.summary import Summary

_LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")


class JsonLog:
    """Writes `{"at", "level", "event", …}`. Nobody is asked: who reads JSON is a program."""

    def __init__(self, *, verbose: bool = False, quiet: bool = False) -> None:
        self._least = _LEVELS.index("error" if quiet else "debug" if verbose else "info")
        self._run_id = ""

    def started(self, run_id: str, progress: Progress) -> None:
        """Log the run's id; every later line carries it."""
        self._run_id = run_id
        self._write("info", "started")

    def opened(self, view: SourceView) -> None:
        """Log the source and the mapping in force."""
        facts = asdict(view) | {"mapping": [line._asdict() for line in view.mapping]}
        self._write("info", "opened", **facts)

    def note(self, level: Level, message: str, **facts: object) -> None:
        """Log one thing that happened."""
        self._write(level, "note", message=message, **facts)

    def confirm(self, question: Confirmation) -> bool:
        """Agree; the mapping stands in the log."""
        return True

    def finished(self, summary: Summary) -> None:
        """Log how the run ended."""
        level: Level = "info" if summary.exit_code == 0 else "error"
        facts = {
            name: getattr(summary, name)
            for name in ("exit_code", "events_accepted", "events_rejected", "rows_rejected", "duration_s")
        }
        self._write(level, "finished", **facts)

    def stopping(self) -> None:
        """Log that a signal was heard."""
        if self._least <= _LEVELS.index("warning"):
            write_stderr(self._text("warning", "stopping", {}).encode() + b"\n")

    def close(self) -> None:
        """Do nothing."""

    def _write(self, level: Level, event: str, **facts: object) -> None:
        if _LEVELS.index(level) >= self._least:
            write_line(sys.stderr, self._text(level, event, facts))

    def _text(self, level: Level, event: str, facts: dict[str, object]) -> str:
        line = {"at": now_stamp(), "level": level, "event": event, "run_id": self._run_id, **facts}
        return json.dumps(line, default=str)

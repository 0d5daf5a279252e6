"""What a run tells while it goes: counters that anyone may read, and moments that an observer is told of.

The observer is the terminal, the JSON log, or a test; the run does not know which.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from capi_cli.mapping.show import MappingLine
from capi_cli.runs.summary import Summary

__all__ = ["Confirmation", "Level", "MappingLine", "Observer", "Progress", "SilentObserver", "SourceView"]

Level = Literal["debug", "info", "warning", "error"]


@dataclass(slots=True)
class Progress:
    """Counters of a run, written by the run's threads and read by whoever draws them."""

    rows_read: int = 0
    rows_filtered: int = 0
    rows_rejected: int = 0
    rows_skipped: int = 0
    events_prepared: int = 0
    events_accepted: int = 0
    events_rejected: int = 0
    events_unknown: int = 0
    events_unsent: int = 0
    requests: int = 0
    retries: int = 0
    bytes_read: int = 0
    bytes_total: int | None = None  # None while a source is a pipe
    in_flight: int = 0
    allowed_in_flight: int = 0
    source: str = ""  # the one being read
    waiting_for: str = ""  # why nothing moves just now: "Meta asks to wait 60 s (code 80004)"
    retry_at: float = 0.0  # Unix seconds; 0 when not waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One opened source as a person should see it."""

    path: str
    format: str
    notes: tuple[str, ...]  # dialect, encoding
    mapping: tuple[MappingLine, ...]
    unmapped: tuple[str, ...]  # columns that fill nothing
    export: str | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a person at the terminal is asked to agree to before the first POST of a guessed mapping."""

    events: tuple[str, ...]  # up to three events as JSON text, masked
    sums: tuple[tuple[str, float], ...]  # (currency, sum) over the rows judged so far
    rows_judged: int
    dataset_id: str


class Observer(Protocol):
    """Told of the run's moments, from the run's own thread."""

    def started(self, run_id: str, progress: Progress) -> None:
        """Take the counters; draw them from now on."""
        ...

    def opened(self, view: SourceView) -> None:
        """Show a source with the mapping in force."""
        ...

    def note(self, level: Level, message: str, **facts: object) -> None:
        """Say one thing that happened. Never holds a match key or a token."""
        ...

    def confirm(self, question: Confirmation) -> bool:
        """Ask a person whether to send; True where nobody is there to ask, or `--yes` was given."""
        ...

    def finished(self, summary: Summary) -> None:
        """Stop drawing."""
        ...


@dataclass(slots=True)
class SilentObserver:
    """Keeps the notes and agrees to everything: for tests and for use as a library."""

    notes: list[tuple[str, str]] = field(default_factory=list)
    views: list[SourceView] = field(default_factory=list)

    def started(self, run_id: str, progress: Progress) -> None:
        """Do nothing."""

    def opened(self, view: SourceView) -> None:
        """Keep the view."""
        self.views.append(view)

    def note(self, level: Level, message: str, **facts: object) -> None:
        """Keep the note."""
        self.notes.append((level, message))

    def confirm(self, question: Confirmation) -> bool:
        """Agree."""
        return True

    def finished(self, summary: Summary) -> None:
        """Do nothing."""

"""The facts of a run, while it goes and when it ended. Text and JSON are two observers of the same facts."""

from dataclasses import asdict, dataclass, field
from dataclasses import field as member
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class SourceFacts:
    """One source of the run."""

    path: str
    format: str
    rows: int = 0
    bytes: int = 0
    rejects_path: str | None = None


@dataclass(slots=True)
class FindingFacts:
    """One finding, grouped by code and field over the whole run."""

    code: str
    severity: str
    field: str
    count: int
    example_rows: list[int]
    samples: list[str] = member(default_factory=list)  # masked; for screens, not in the JSON object
    detail: str = ""  # the first that fills the rule's message; likewise
    fix: str = ""  # the rule's mend, with the names of this file; likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeFacts:
    """How long events have left at Meta, and whom the longer limit of a shop would let through.

    Attributes:
        expiring: (hours, events that expire within them), the shortest first.
        too_old: Rows rejected as too old.
        fit_for_store: Those of them that would be accepted as `physical_store`.
    """

    expiring: tuple[tuple[int, int], ...] = ()
    too_old: int = 0
    fit_for_store: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentFacts:
    """One field that would make more events match.

    Attributes:
        name: Meta's spelling, without its object.
        events: Events that could carry it: all, or those of a website.
        lacking: Of these, how many do not.
        website: Whether only those of a website are meant.
        columns: Columns of the sources that may hold it, by their names; none where no name says so.
        found: Events in which it stands already, in the URL of the page.
        mend: The option that adds it, or where to look for it.
        why: What it would do.
    """

    name: str
    events: int
    lacking: int
    website: bool
    columns: tuple[str, ...]
    found: int
    mend: str
    why: str

    @property
    def share(self) -> float:
        """Which share of the events lacks it."""
        return self.lacking / self.events


@dataclass(slots=True)
class ErrorFacts:
    """What stopped the run."""

    code: str
    message: str
    hint: str


@dataclass(slots=True)
class Summary:
    """The contract's summary object. What is for screens alone is left out of its JSON."""

    run_id: str
    command: str
    dataset_id: str | None
    dry_run: bool
    exit_code: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_s: float = 0.0
    sources: list[SourceFacts] = field(default_factory=list)
    rows_read: int = 0
    rows_filtered: int = 0
    rows_rejected: int = 0
    rows_skipped: int = 0
    rows_prepared: int = 0
    events_prepared: int = 0
    events_accepted: int = 0
    events_rejected: int = 0
    events_unknown: int = 0
    events_unsent: int = 0
    requests: int = 0
    retries: int = 0
    findings: list[FindingFacts] = field(default_factory=list)
    coverage: dict[str, float] = field(default_factory=dict)
    rejects_path: str | None = None
    report_path: str | None = None
    error: ErrorFacts | None = None
    sandbox: bool = False  # for screens alone, as are the next ones
    lines_above: int = 0  # on the same screen, of what was printed while it ran
    ages: AgeFacts = field(default_factory=AgeFacts)
    next_steps: tuple[str, ...] = ()
    enrichments: tuple[EnrichmentFacts, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object of `--output json`: instants ISO 8601 UTC, `error` only where a run failed."""
        found = asdict(self)
        del found["sandbox"], found["lines_above"], found["ages"], found["next_steps"], found["enrichments"]
        for finding in found["findings"]:
            del finding["samples"], finding["detail"], finding["fix"]
        for name in ("started_at", "finished_at"):
            if (at := found[name]) is not None:
                found[name] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self.error is None:
            del found["error"]
        return found

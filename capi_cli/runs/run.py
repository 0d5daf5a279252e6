"""The frame of every run: its id, its books, its sources, its rejects, and how its end becomes an exit code."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson

from capi_cli.errors import CapiError, DeliveryError, SourceError
from capi_cli.event.rules.mending import with_names
from capi_cli.ledger.fates import Ledger, NullLedger, RunStart
from capi_cli.ledger.run_index import RunIndex
from capi_cli.mapping.model import Mapping
from capi_cli.mapping.show import own_names
from capi_cli.runs.account import Account
from capi_cli.runs.clock import Clock, system_clock
from capi_cli.runs.enrichment import enrichments
from capi_cli.runs.gate import MendableError
from capi_cli.runs.journal import keeps_ledger, run_ledger
from capi_cli.runs.judge import Judge
from capi_cli.runs.memory import SMALL_BYTES, keep_small
from capi_cli.runs.opening import Opened, open_sources
from capi_cli.runs.progress import Observer, Progress
from capi_cli.runs.rejecting import Rejects
from capi_cli.runs.repeated import Repeatable, known_outcome, repeatable, tell_again
from capi_cli.runs.report_facts import ReportFacts, gather
from capi_cli.runs.request import RunRequest
from capi_cli.runs.state import state_folder, will_not_stay
from capi_cli.runs.summary import ErrorFacts, SourceFacts, Summary
from capi_cli.runs.work import Work


@dataclass(slots=True)
class Run:
    """One invocation, from its first row to its summary."""

    request: RunRequest
    observer: Observer
    stop: threading.Event
    clock: Clock = field(default_factory=system_clock)
    progress: Progress = field(default_factory=Progress)
    account: Account = field(init=False)
    sources: list[Opened] = field(default_factory=list)
    rejects: Rejects | None = None
    ledger: Ledger = field(default_factory=NullLedger)
    repeatable: Repeatable | None = None  # the source, where it is to be remembered once every row arrived
    problems: list[CapiError] = field(default_factory=list)
    facts_to: Callable[[ReportFacts], None] | None = None  # told once the books are closed

    def __post_init__(self) -> None:
        self.account = Account(self.progress)

    def carry_out(self, body: Callable[["Run", Work], None]) -> Summary:
        """Open the sources, let `body` move the batches, and close the books whatever happened."""
        summary = open_summary(self.request)
        self.observer.started(summary.run_id, self.progress)
        keep_small(SMALL_BYTES)
        opened = ExitStack()
        try:
            self.sources = open_sources(self.request)
            self._show_sources()
            self.rejects = Rejects(self.request, self.sources, state_folder(self.request))
            self.ledger = opened.enter_context(run_ledger(self.request, self.clock))
            self._begin(summary)
            self.repeatable = repeatable(self.request, self.sources)
            before = known_outcome(self.repeatable, self.request, self.ledger, self.clock.now())
            if before is None or self.repeatable is None:
                body(self, self._work(opened))
            else:
                tell_again(before, self.repeatable, self.account, self.observer)
                self.repeatable = None
        except CapiError as error:
            self.problems.append(error)
        finally:
            self._close_rejects(summary)
            self._close_summary(summary)
            self._end(summary, opened)
        if self.facts_to is not None and summary.report_path is not None:
            self.facts_to(gather(self.request, summary, self.account, self.sources))
        self.observer.finished(summary)
        return summary

    def _work(self, opened: ExitStack) -> Work:
        assert self.rejects is not None
        index = opened.enter_context(RunIndex())
        return Work(
            self.request,
            self.sources,
            self.account,
            Judge(index, self.ledger, self.account, resend=self.request.resend),
            self.ledger,
            self.rejects,
            self.observer,
            self.clock,
        )

    def _begin(self, summary: Summary) -> None:
        for note in self.ledger.notes:
            self.observer.note("warning", note)
        if keeps_ledger(self.request) and (warning := will_not_stay(state_folder(self.request))):
            self.observer.note("error", warning)  # also with -q: cron has no other way to learn of it
        assert summary.started_at is not None
        lines = (
            [f"{line.field} <- {line.filled_by}" for line in self.sources[0].view.mapping]
            if self.sources
            else []
        )
        self.ledger.begin_run(
            RunStart(
                run_id=summary.run_id,
                command=self.request.command,
                sources=tuple(source.reader.path for source in self.sources),
                mapping="\n".join(lines),
                started_at=summary.started_at,
            )
        )

    def _end(self, summary: Summary, opened: ExitStack) -> None:
        """Write the run's end into the ledger and close everything; a ledger that can't is one more problem."""
        assert summary.finished_at is not None
        try:
            with opened:
                self.ledger.end_run(
                    summary.run_id,
                    finished_at=summary.finished_at,
                    exit_code=summary.exit_code,
                    summary=orjson.dumps(summary.as_json()).decode(),
                )
                if self.repeatable is not None and not summary.exit_code and self.repeatable.is_unchanged:
                    self.ledger.finish(self.repeatable.key, summary.run_id)
        except CapiError as error:
            self.problems.append(error)
            self._close_summary(summary)

    def _show_sources(self) -> None:
        sizes = [source.reader.total_bytes for source in self.sources]
        self.progress.bytes_total = None if None in sizes else sum(size or 0 for size in sizes)
        for source in self.sources:
            self.observer.opened(source.view)
        if self.sources and (people := self.sources[0].suppressed) is not None:
            lists = ", ".join(map(str, self.request.suppress))
            self.observer.note("info", f"{len(people):,} addresses and numbers are left out: {lists}")

    def _close_rejects(self, summary: Summary) -> None:
        paths: Sequence[Path | None] = []
        if self.rejects is not None:
            if any(isinstance(problem, MendableError) for problem in self.problems):
                self.rejects.discard()
            try:
                paths = self.rejects.close()
            except CapiError as error:
                self.problems.append(error)
        for place, source in enumerate(self.sources):
            path = paths[place] if place < len(paths) else None
            summary.sources.append(
                SourceFacts(
                    path=source.reader.path,
                    format=source.reader.format,
                    rows=source.rows,
                    bytes=source.bytes_read,
                    rejects_path=None if path is None else str(path),
                )
            )
            source.close()
        summary.rejects_path = next((s.rejects_path for s in summary.sources if s.rejects_path), None)

    def _close_summary(self, summary: Summary) -> None:
        close_summary(summary, self.account, self.problems, [source.mapping for source in self.sources])
        summary.enrichments = enrichments(self.account.lacking, self.account.tally, self.sources)
        if self.request.report_path is not None and (summary.rows_read or not self.problems):
            summary.report_path = str(self.request.report_path)


def open_summary(request: RunRequest) -> Summary:
    """Return the summary of a run that begins now."""
    now = datetime.now(UTC)
    return Summary(
        run_id=f"{now:%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}",
        command=request.command,
        dataset_id=request.dataset_id,
        dry_run=request.dry_run,
        sandbox=request.sandbox,
        started_at=now,
    )


def close_summary(
    summary: Summary, account: Account, problems: Sequence[CapiError], mappings: Sequence[Mapping]
) -> None:
    """Write into the summary what the books hold, what went wrong, and how the run ends because of it."""
    account.fill(summary)
    _name_columns(summary, mappings)
    problem = worst(problems)
    if problem is not None:
        summary.error = ErrorFacts(
            problem.code, problem.message, problem.hint + _before_that(summary, problem)
        )
    summary.exit_code = exit_code(summary, problem)
    if problem is None and summary.exit_code == DeliveryError.exit_code:
        summary.error = _unfinished(summary)
    summary.finished_at = datetime.now(UTC)
    assert summary.started_at is not None
    summary.duration_s = round((summary.finished_at - summary.started_at).total_seconds(), 3)


def _name_columns(summary: Summary, mappings: Sequence[Mapping]) -> None:
    """Put the user's own column into each mend, where all sources agree on it."""
    for finding in summary.findings:
        names = {own_names(mapping, finding.field) for mapping in mappings}
        if len(names) == 1:
            finding.fix = with_names(finding.fix, **names.pop()._asdict())


def _before_that(summary: Summary, problem: CapiError) -> str:
    """Return how far a run came with a source that could not be read to its end; empty for other problems."""
    if not isinstance(problem, SourceError) or not summary.rows_read:
        return ""
    told = f" {summary.rows_read:,} rows were read before that"
    if summary.command != "upload" or summary.dry_run:
        return f"{told}."
    return f"{told}, and {summary.events_accepted:,} events were accepted."


def _unfinished(summary: Summary) -> ErrorFacts:
    """Return what is said of a run that nothing stopped and that is not finished all the same."""
    counts = ((summary.events_unknown, "got no clear answer"), (summary.events_unsent, "were not sent"))
    told = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    return ErrorFacts(
        DeliveryError.code,
        f"Not all of {summary.events_prepared:,} events arrived for sure: {told}.",
        "Run the same command again; what is too late to be sent again stands among the findings.",
    )


# "Where several apply": the contract's order.
_ORDER = (1, 130, 143, 13, 12, 10, 11, 2, 5, 4, 3, 0)


def worst(problems: Sequence[CapiError]) -> CapiError | None:
    """Return the problem whose exit code stands over the others."""
    return min(problems, key=lambda problem: _ORDER.index(problem.exit_code), default=None)


def exit_code(summary: Summary, problem: CapiError | None) -> int:
    """Return the contract's exit code for how the run ended."""
    codes = [0]
    if problem is not None:
        codes.append(problem.exit_code)
    sends = summary.command == "upload" and not summary.dry_run
    if sends and (summary.events_unknown or summary.events_unsent):
        codes.append(4)
    if summary.rows_rejected or summary.events_rejected:
        codes.append(3)
    return min(codes, key=_ORDER.index)


def add_problem(summary: Summary, problem: CapiError) -> None:
    """Let a problem that came after the run stand where it is graver than the run's own end."""
    if _ORDER.index(problem.exit_code) < _ORDER.index(summary.exit_code):
        summary.error = ErrorFacts(
            problem.code, problem.message, problem.hint + _before_that(summary, problem)
        )
        summary.exit_code = problem.exit_code

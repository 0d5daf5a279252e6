"""The frame of every run: its id, its books, its sources, its rejects, and how its end becomes an exit code."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from capi_cli.errors import CapiError
from capi_cli.ledger.run_index import RunIndex
from capi_cli.runs.account import Account
from capi_cli.runs.clock import Clock, system_clock
from capi_cli.runs.gate import MendableError
from capi_cli.runs.judge import Judge
from capi_cli.runs.opening import Opened, open_sources
from capi_cli.runs.progress import Observer, Progress
from capi_cli.runs.rejecting import Rejects
from capi_cli.runs.request import RunRequest
from capi_cli.runs.state import state_folder
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
    problems: list[CapiError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = Account(self.progress)

    def carry_out(self, body: Callable[["Run", Work], None]) -> Summary:
        """Open the sources, let `body` move the batches, and close the books whatever happened."""
        account = self.account
        summary = self._open_summary()
        self.observer.started(summary.run_id, self.progress)
        index: RunIndex | None = None
        try:
            self.sources = open_sources(self.request)
            self._show_sources()
            folder = state_folder(self.request)
            self.rejects = Rejects(self.request, self.sources, folder)
            index = RunIndex()
            judge = Judge(index, account)
            body(
                self,
                Work(self.request, self.sources, account, judge, self.rejects, self.observer, self.clock),
            )
        except CapiError as error:
            self.problems.append(error)
        finally:
            if index is not None:
                index.close()
        self._close_rejects(summary)
        self._close_summary(summary)
        self.observer.finished(summary)
        return summary

    def _open_summary(self) -> Summary:
        now = datetime.now(UTC)
        return Summary(
            run_id=f"{now:%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}",
            command=self.request.command,
            dataset_id=self.request.dataset_id,
            dry_run=self.request.dry_run,
            started_at=now,
        )

    def _show_sources(self) -> None:
        sizes = [source.reader.total_bytes for source in self.sources]
        self.progress.bytes_total = None if None in sizes else sum(size or 0 for size in sizes)
        for source in self.sources:
            self.observer.opened(source.view)

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
            source.reader.close()
        summary.rejects_path = next((s.rejects_path for s in summary.sources if s.rejects_path), None)

    def _close_summary(self, summary: Summary) -> None:
        self.account.fill(summary)
        problem = worst(self.problems)
        if problem is not None:
            summary.error = ErrorFacts(problem.code, problem.message, problem.hint)
        summary.exit_code = exit_code(summary, problem)
        summary.finished_at = datetime.now(UTC)
        assert summary.started_at is not None
        summary.duration_s = round((summary.finished_at - summary.started_at).total_seconds(), 3)


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

"""`capi prepare`: judge as validate does, and write the hashed events to a sealed folder. Nothing is sent."""

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import capi_cli
from capi_cli.delivery.manifest import Filled, Manifest, PreparedSource
from capi_cli.errors import ConfigurationError
from capi_cli.event.rules import catalogue
from capi_cli.runs.gate import check_mendable, check_rates
from capi_cli.runs.opening import is_prepared
from capi_cli.runs.progress import Observer
from capi_cli.runs.report_facts import ReportFacts
from capi_cli.runs.request import RunRequest
from capi_cli.runs.run import Run
from capi_cli.runs.summary import Summary
from capi_cli.runs.work import Work
from capi_cli.sinks.parts import PART_EVENTS, PartsFolder


def prepare(
    request: RunRequest,
    observer: Observer,
    stop: threading.Event,
    *,
    facts_to: Callable[[ReportFacts], None] | None = None,
) -> Summary:
    """Write the events of all sources to `request.out`; a run that does not come to its end leaves nothing there."""

    def write_all(run: Run, work: Work) -> None:
        if any(is_prepared(source) for source in run.sources):
            raise ConfigurationError(
                "A source is a prepared folder already.",
                "`capi upload` sends it as it is; it needs no preparing.",
            )
        assert request.out is not None, "the command line asks for a folder first"
        folder = PartsFolder(request.out, zstd=request.compress == "zstd", part_events=PART_EVENTS)
        sealed = False
        try:
            sealed = _write(run, work, folder)
        finally:
            if not sealed:
                folder.discard()

    return Run(request, observer, stop, facts_to=facts_to).carry_out(write_all)


def rules_version() -> str:
    """Return a name for the set of checks that judge events: it changes when a rule does."""
    rules = "\n".join(f"{rule.code} {rule.severity}" for rule in catalogue().values())
    return hashlib.sha256(rules.encode()).hexdigest()[:12]


def _write(run: Run, work: Work, folder: PartsFolder) -> bool:
    for batches in work.blocks():
        folder.add(batches)
        if run.stop.is_set():
            return False
    check_mendable(run.account, run.sources)
    check_rates(run.account, run.request.max_error_rate, "nothing was written")
    folder.close_part()
    manifest = _manifest(run, folder)
    folder.seal(manifest)
    run.observer.note("info", f"{folder.path} is sealed: {manifest.seal}")
    return True


def _manifest(run: Run, folder: PartsFolder) -> Manifest:
    account, progress = run.account, run.progress
    return Manifest(
        capi_version=capi_cli.__version__,
        rules_version=rules_version(),
        created_at=datetime.fromtimestamp(run.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        rows_read=progress.rows_read,
        rows_filtered=progress.rows_filtered,
        rows_rejected=progress.rows_rejected,
        rows_skipped=progress.rows_skipped,
        events=sum(part.events for part in folder.parts),
        oldest_event_time=account.oldest_event_time,
        newest_event_time=account.newest_event_time,
        match_keys=dict(account.coverage),
        sources=tuple(
            PreparedSource(
                format=source.reader.format,
                rows=source.rows,
                mapping=tuple(
                    Filled(field=line.field, filled_by=line.filled_by) for line in source.view.mapping
                ),
            )
            for source in run.sources
        ),
        parts=tuple(folder.parts),
    )

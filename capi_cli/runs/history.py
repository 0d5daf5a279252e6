"""What `capi runs` shows: the runs of all ledgers, newest first, and one of them in full.

Looks only: it needs no lock and waits for nobody. What a run that was killed could not write as its summary is
counted from its receipts, and from what was in flight.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from capi_cli.errors import UsageError
from capi_cli.event.limits import EVENTS_SHOW_AFTER_S
from capi_cli.ledger.history import History, ReceiptEntry, RunEntry, open_histories
from capi_cli.private import shown
from capi_cli.runs.state import usual_state_folder

_OUTCOMES: Final = {
    None: "going, or killed",
    0: "complete",
    1: "bug in capi",
    3: "some rejected",
    4: "not finished",
    5: "stopped: bad rows",
    10: "stopped: configuration",
    11: "stopped: source",
    12: "stopped: token",
    13: "stopped: ledger",
    130: "interrupted",
    143: "terminated",
}
_LONGEST_LIST: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of a run's rows and events; None where the run did not live to say it."""

    rows_read: int | None = None
    rows_filtered: int | None = None
    rows_rejected: int | None = None
    rows_skipped: int | None = None
    events_prepared: int | None = None
    events_accepted: int
    events_rejected: int
    events_unknown: int
    events_unsent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """One run in the list.

    Attributes:
        ledger: `host-dataset`, the name of the ledger's folder.
        dataset_id: None where neither the run nor the ledger's name says it.
        outcome: Words for the exit code.
        duration_s: None while it goes, and where it was killed.
    """

    run_id: str
    ledger: str
    dataset_id: str | None
    command: str
    sources: tuple[str, ...]
    started_at: datetime
    finished_at: datetime | None
    duration_s: float | None
    exit_code: int | None
    outcome: str
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Rows of one kind that were not sent, by our rules."""

    code: str
    field: str
    count: int
    example_rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInFull:
    """One run with everything that was written down about it.

    Attributes:
        rejects_paths: The rejects files it wrote.
        rejected: What was noticed about rejected rows.
        error: What stopped it: message and hint.
        in_flight: Events that were sent and have no answer yet; the next run calls them unknown.
        shown_by: When Meta should show the accepted events at the latest.
    """

    run: RunFacts
    mapping: tuple[str, ...]
    requests: int | None
    retries: int | None
    rejects_paths: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    error: tuple[str, str] | None
    receipts: tuple[ReceiptEntry, ...]
    in_flight: int
    shown_by: datetime | None


@contextmanager
def opened_histories(state_dir: Path | None) -> Iterator[list[History]]:
    """Open every ledger of the state folder for looking, and close them."""
    with ExitStack() as stack:
        histories = open_histories(state_dir or usual_state_folder())
        for history in histories:
            stack.enter_context(history)
        yield histories


def list_runs(state_dir: Path | None, *, most: int = 20) -> list[RunFacts]:
    """Return the latest runs of all ledgers, newest first.

    Raises:
        LedgerError: A ledger is damaged, or can't be read.
    """
    with opened_histories(state_dir) as histories:
        found = [run_facts(history, entry) for history in histories for entry in history.runs(most)]
    return sorted(found, key=lambda run: run.started_at, reverse=True)[:most]


def one_run(state_dir: Path | None, run_id: str) -> RunInFull:
    """Return one run in full. The end of an id is enough where it fits one run alone.

    Raises:
        UsageError: No run has that id, or several end in it.
        LedgerError: A ledger is damaged, or can't be read.
    """
    with opened_histories(state_dir) as histories:
        fitting = [
            (history, entry)
            for history in histories
            for entry in history.runs(_LONGEST_LIST)
            if entry.run_id == run_id or (run_id and entry.run_id.endswith(run_id))
        ]
        exact = [found for found in fitting if found[1].run_id == run_id]
        if len(exact or fitting) != 1:
            raise _no_such_run(run_id, [entry for _, entry in fitting])
        history, entry = (exact or fitting)[0]
        return _in_full(history, entry)


def run_facts(history: History, entry: RunEntry) -> RunFacts:
    """Return what the list shows of a run."""
    done = entry.finished_at
    ledger = history.place.folder.name
    tail = ledger.rpartition("-")[2]  # where the run did not live to say it
    dataset = entry.summary.get("dataset_id") or (tail if tail.isdecimal() else None)
    return RunFacts(
        run_id=entry.run_id,
        ledger=ledger,
        dataset_id=dataset,
        command=entry.command,
        sources=entry.sources,
        started_at=entry.started_at,
        finished_at=done,
        duration_s=None if done is None else round((done - entry.started_at).total_seconds(), 3),
        exit_code=entry.exit_code,
        outcome=_OUTCOMES.get(entry.exit_code, f"exit {entry.exit_code}"),
        counts=_counts(history, entry),
    )


def _counts(history: History, entry: RunEntry) -> Counts:
    if entry.summary:
        return Counts(**{name: int(entry.summary.get(name, 0)) for name in Counts.__slots__})
    receipts = history.receipts(entry.run_id)
    return Counts(
        events_accepted=_events(receipts, "accepted"),
        events_rejected=_events(receipts, "rejected"),
        events_unknown=_events(receipts, "unknown") + history.in_flight(entry.run_id),
    )


def _events(receipts: Sequence[ReceiptEntry], outcome: str) -> int:
    return sum(receipt.events for receipt in receipts if receipt.outcome == outcome)


def _in_full(history: History, entry: RunEntry) -> RunInFull:
    summary = entry.summary
    receipts = tuple(history.receipts(entry.run_id))
    error = summary.get("error")
    paths = [source.get("rejects_path") for source in summary.get("sources", [])]
    accepted_at = max((each.at for each in receipts if each.outcome == "accepted"), default=None)
    return RunInFull(
        run=run_facts(history, entry),
        mapping=tuple(entry.mapping.splitlines()),
        requests=summary.get("requests"),
        retries=summary.get("retries"),
        rejects_paths=tuple(path for path in paths if path),
        rejected=tuple(
            Rejected(
                code=one["code"],
                field=one["field"],
                count=one["count"],
                example_rows=tuple(one["example_rows"]),
            )
            for one in summary.get("findings", [])
            if one["severity"] == "error"
        ),
        error=(error["message"], error["hint"]) if error else None,
        receipts=receipts,
        in_flight=history.in_flight(entry.run_id),
        shown_by=accepted_at + timedelta(seconds=EVENTS_SHOW_AFTER_S) if accepted_at else None,
    )


def _no_such_run(run_id: str, fitting: Sequence[RunEntry]) -> UsageError:
    if not fitting:
        return UsageError(
            "No ledger here holds a run of that id.", "`capi runs` lists them; see --state-dir."
        )
    ids = ", ".join(entry.run_id for entry in fitting[:3])
    return UsageError(f"{len(fitting)} runs end in {shown(run_id)}: {ids}.", "Say more of the id.")

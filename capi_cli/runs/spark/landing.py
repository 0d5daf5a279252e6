"""What the store says of runs that never came to their end, or of a wave that failed: answers first, then unknowns."""

from collections.abc import Sequence
from datetime import datetime

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from capi_cli.runs.spark.schemas import RECEIPTS, ddl
from capi_cli.runs.spark.states import KEY
from capi_cli.runs.spark.store import BEGUN, ENDED, WAVE, Store
from capi_cli.runs.spark.verdicts import JUDGED

NO_ANSWER = "no-answer"
_REASON = "The task or the run ended before Meta's answer was written down."
_HINT = "The next run sends these events again where Meta still de-duplicates them."


def judged_path(store: Store, run_id: str) -> str:
    """Return where a run keeps its judged rows."""
    return store.path("work", run_id, "judged")


def answers_path(store: Store, run_id: str) -> str:
    """Return where tasks write what came back."""
    return store.path("work", run_id, "answers")


def receipts_of(store: Store, run_id: str) -> DataFrame:
    """Return a run's receipts."""
    found = store.receipts()
    if found is None:
        return store.spark.createDataFrame([], ddl(RECEIPTS))
    return found.where(F.col("run_id") == run_id)


def land(store: Store, run_id: str, files: Sequence[str], *, begun_at: datetime, test: bool = False) -> int:
    """Write receipts for all events of files whose sending began: as answered, else as unknown.

    Args:
        store: Where they are.
        run_id: The run that sent them.
        files: Of its work.
        begun_at: Before any of them was sent.
        test: Whether it marked nothing as delivered.

    Returns:
        How many events are unknown.
    """
    known = receipts_of(store, run_id)
    answers = store.read_parquet(answers_path(store, run_id), RECEIPTS)
    if answers is not None:
        store.append_receipts(answers.join(known, ["wave", *KEY], "left_anti").select(*RECEIPTS))
        known = receipts_of(store, run_id)
    events = store.spark.read.schema(ddl(JUDGED)).parquet(*files)
    lost = events.join(known.where(F.col("outcome") != "unsent"), list(KEY), "left_anti")
    count = int(lost.count())
    if count:
        store.append_receipts(
            _unknown(
                lost, run_id, NO_ANSWER, _REASON, _HINT, begun_at, store.instant(), told=False, test=test
            )
        )
    return count


def tell(store: Store, lost: DataFrame, run_id: str, reason: str, hint: str) -> None:
    """Write that a run told of unknown events that are not sent again, so that none tells of them once more."""
    rows = _unknown(
        lost, run_id, "event-unknown", reason, hint, store.instant(), store.instant(), told=True, test=False
    )
    store.append_receipts(rows)


def recover(store: Store) -> dict[str, int]:
    """Land the runs that began and did not end; return how many events of each are unknown.

    A run that is still going looks like one that died: one run at a time uses a store.
    """
    runs = store.runs()
    if runs is None:
        return {}
    moments: dict[str, list[tuple[str, datetime, str]]] = {}
    for row in sorted(runs.collect(), key=lambda row: row.at):
        moments.setdefault(row.run_id, []).append((row.moment, row.at, row.files))
    landed = {}
    for run_id, told in moments.items():
        if any(moment == ENDED for moment, _, _ in told):
            continue
        test = any(moment == BEGUN and note == "test" for moment, _, note in told)
        waves = [(at, files.split("\n")) for moment, at, files in told if moment == WAVE]
        count = 0
        try:
            for at, files in waves:
                count += land(store, run_id, files, begun_at=at, test=test)
        except AnalysisException:
            pass  # its work was removed by hand: nobody can say more of it
        store.note(run_id, ENDED, note="landed by the next run")
        store.empty(run_id)
        landed[run_id] = count
    return landed


def _unknown(
    events: DataFrame,
    run_id: str,
    code: str,
    reason: str,
    hint: str,
    sent_at: datetime,
    at: datetime,
    *,
    told: bool,
    test: bool,
) -> DataFrame:
    always = {
        "run_id": run_id,
        "wave": 0,
        "outcome": "unknown",
        "code": code,
        "reason": reason,
        "hint": hint,
        "fbtrace_id": "",
        "status": 0,
        "sent_at": sent_at,
        "at": at,
        "told": told,
        "test": test,
        "requests": 0,
        "retries": 0,
    }
    filled = {name: F.lit(value).cast(RECEIPTS[name]) for name, value in always.items()}
    filled["stop"] = F.lit(None).cast("string")
    return events.withColumns(filled).select(*RECEIPTS)

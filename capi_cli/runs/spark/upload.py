"""The order of an upload on Spark: look, judge, write down, send in waves, tell. `capi_cli.spark` is its door.

1. The first 10,000 rows settle the mapping and are the preflight, on the driver.
2. All rows are prepared and judged in one job, whose result is written to the store: whatever is sent later is read
   from there, so that no laziness of Spark can make it be prepared, or sent, twice.
3. Nothing is sent before all rows have been judged against `--max-error-rate`.
4. Waves send the files of that result. What a wave is about to send is written before, its receipts after.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import orjson
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from capi_cli.errors import CapiError, DeliveryError, SourceError, TooManyBadRowsError
from capi_cli.event.rules import rule
from capi_cli.mapping.model import Mapping
from capi_cli.prepare.plan import SETTLING_ROWS
from capi_cli.runs.account import Account
from capi_cli.runs.clock import SystemClock, system_clock
from capi_cli.runs.gate import check_rates
from capi_cli.runs.opening import Opened
from capi_cli.runs.progress import Observer, Progress
from capi_cli.runs.request import RunRequest
from capi_cli.runs.run import close_summary, open_summary
from capi_cli.runs.spark.books import count, keep_books, tallies
from capi_cli.runs.spark.delivering import Delivering
from capi_cli.runs.spark.destination import open_sending, place_of
from capi_cli.runs.spark.frame import Frame, open_frame
from capi_cli.runs.spark.judging import judge_all, whole
from capi_cli.runs.spark.landing import judged_path, receipts_of, recover, tell
from capi_cli.runs.spark.looking import open_sample, settle_and_judge
from capi_cli.runs.spark.preparing import Preparing
from capi_cli.runs.spark.rejects import named, rejects
from capi_cli.runs.spark.request import WAVE_BATCHES, SparkRequest
from capi_cli.runs.spark.sending import Sending
from capi_cli.runs.spark.session import check_session, slots
from capi_cli.runs.spark.states import LOST, TOO_OLD, states_of
from capi_cli.runs.spark.store import BEGUN, ENDED, Store
from capi_cli.runs.spark.translate import told
from capi_cli.runs.spark.verdicts import CODES, CONFLICT
from capi_cli.runs.summary import SourceFacts, Summary

_AGAIN = "Spark's log has the reason. Run the same command again: it takes up what this run left."
_CONNECT_SLOTS = 8  # where Spark does not say how many tasks run at once


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What an upload on Spark returns: the summary of every run, and its tables.

    Attributes:
        receipts: One row for each event of this run about which something was learnt; None for dry runs.
        rejects: The rows that were not sent, with their reasons; None where there are none.
    """

    summary: Summary
    receipts: DataFrame | None
    rejects: DataFrame | None


@dataclass(slots=True)
class SparkRun:
    """One upload, from its first look at the table to its summary."""

    spark: SparkSession
    request: RunRequest
    asked: SparkRequest
    observer: Observer
    stop: threading.Event
    clock: SystemClock = field(default_factory=system_clock)
    account: Account = field(init=False)
    summary: Summary = field(init=False)
    store: Store = field(init=False)
    problems: list[CapiError] = field(default_factory=list)
    mappings: list[Mapping] = field(default_factory=list)  # of the one table, once it is bound
    rejects: DataFrame | None = None

    def __post_init__(self) -> None:
        self.account = Account(Progress())
        self.summary = open_summary(self.request)
        self.store = Store(
            self.spark, place_of(self.request, self.asked.store), self.asked.format, self.clock.now
        )

    def carry_out(self, table: Callable[[], DataFrame], name: str) -> Uploaded:
        """Upload the table that `table` opens, and close the books whatever happened."""
        self.observer.started(self.summary.run_id, self.account.progress)
        self.summary.sources.append(SourceFacts(path=name, format="spark"))
        try:
            with told(DeliveryError, f"uploading {name}", _AGAIN):
                self._upload(table, name)
        except CapiError as error:
            self.problems.append(error)
        self.summary.sources[0].rows = self.account.progress.rows_read
        close_summary(self.summary, self.account, self.problems, self.mappings)
        self.observer.finished(self.summary)
        return Uploaded(self.summary, self._receipts(), self.rejects)

    def _upload(self, table: Callable[[], DataFrame], name: str) -> None:
        check_session(self.spark)
        opened_table = table()
        with told(SourceError, f"reading {name}", "Check the table or path, and that Spark may read it."):
            frame = open_frame(opened_table, name, limit=self.request.limit)
        opened = open_sample(frame, self.request)
        self.mappings.append(opened.mapping)
        self.observer.opened(opened.view)
        frame, preparing = self._look(frame, opened)
        with ExitStack() as stack:
            sending = None if self.request.dry_run else self._sending(stack)
            self.observer.note("info", "Preparing and judging all rows; nothing is sent meanwhile.")
            states = None if self.request.resend or self.request.sandbox else self._states(preparing.now)
            if sending is None:
                self._only_judge(frame, preparing, states)
            else:
                self._send(frame, preparing, states, sending)

    def _look(self, frame: Frame, opened: Opened) -> tuple[Frame, Preparing]:
        """Settle the mapping on the sample; where it is bad, its books and rejects are those of the run."""
        sample, now = Account(Progress()), int(self.clock.now())
        try:
            plan = settle_and_judge(opened, self.request, sample, self.observer, self.clock)
        except CapiError as error:
            self.account = sample
            if isinstance(error, TooManyBadRowsError):
                plan = opened.settle(self.request, self.clock)
                first = replace(frame, data=frame.data.limit(SETTLING_ROWS))
                self._reject(*whole(first, plan, now), None)
            raise
        return whole(frame, plan, now)

    def _states(self, now: int) -> DataFrame | None:
        receipts = self.store.receipts()
        return None if receipts is None else states_of(receipts, now, self.request.keep_for_s)

    def _sending(self, stack: ExitStack) -> Sending:
        """Return what a task does, and make ready what it will need: the token, the store, runs that died."""
        sending = open_sending(
            self.spark, self.request, self.asked, self.summary.run_id, self.clock, self._slots(), stack
        )
        self.store.found()
        self._recover()
        return sending

    def _only_judge(self, frame: Frame, preparing: Preparing, states: DataFrame | None) -> None:
        """Do everything but the sending; nothing but the rejects is written."""
        judged = judge_all(frame, preparing, states, self.store, "", keep=False)
        try:
            self._judged(judged, preparing.now)
        except CapiError as error:
            self.problems.append(error)
        self._reject(frame, preparing, judged)
        judged.unpersist()

    def _send(self, frame: Frame, preparing: Preparing, states: DataFrame | None, sending: Sending) -> None:
        run_id, judged = self.summary.run_id, None
        self.store.note(run_id, BEGUN, files="test" if sending.test else "")
        try:
            path = judged_path(self.store, run_id)
            judged = judge_all(frame, preparing, states, self.store, path, keep=True)
            self._judged(judged, preparing.now)
            self._tell_lost(judged)
            self._deliver(judged, sending)
        except CapiError as error:
            self.problems.append(error)
        if judged is not None:
            self._reject(frame, preparing, judged)
        close_summary(self.summary, self.account, self.problems, self.mappings)
        self.store.note(run_id, ENDED, note=orjson.dumps(self.summary.as_json()).decode())
        self.store.empty(run_id)

    def _recover(self) -> None:
        for run_id, unknown in recover(self.store).items():
            told = (
                f"{unknown:,} events of it have no answer: they are sent again where Meta de-duplicates them."
            )
            self.observer.note("warning", f"Run {run_id} did not come to its end. {told}")

    def _judged(self, judged: DataFrame, now: int) -> None:
        dry_run = self.request.dry_run
        keep_books(self.account, tallies(judged), count(judged, now), dry_run=dry_run)
        check_rates(self.account, self.request.max_error_rate, "nothing was sent")
        self.observer.note("info", f"All {self.account.progress.rows_read:,} rows were judged.")

    def _tell_lost(self, judged: DataFrame) -> None:
        lost = judged.where(F.col("verdict") == LOST)
        if self.account.progress.events_unknown:
            found = rule(CODES[LOST])
            tell(self.store, lost, self.summary.run_id, found.message.replace("{detail}", ""), found.fix)

    def _deliver(self, judged: DataFrame, sending: Sending) -> None:
        request, asked = self.request, self.asked
        Delivering(
            store=self.store,
            account=self.account,
            observer=self.observer,
            sending=sending,
            concurrency=request.concurrency,
            slots=self._slots(),
            wave_events=asked.wave_events or WAVE_BATCHES * request.concurrency * request.batch_size,
            max_error_rate=request.max_error_rate,
            stop=self.stop,
        ).send(judged)

    def _slots(self) -> int:
        return self.asked.tasks or slots(self.spark) or _CONNECT_SLOTS

    def _reject(self, frame: Frame, preparing: Preparing, judged: DataFrame | None) -> None:
        """Write the rejected rows to the store, where there are any."""
        progress = self.account.progress
        if not (progress.rows_rejected or progress.events_rejected):
            return
        later = None
        if judged is not None and (progress.events_rejected or self._rejected_later()):
            receipts = None if self.request.dry_run else receipts_of(self.store, self.summary.run_id)
            later = named(judged, receipts, preparing.plan.mapping)
        self.store.keep_to_owner()
        path = self.store.path("rejects", self.summary.run_id)
        rejected = rejects(frame, preparing, later, self.asked.format)
        self.store.append(rejected, path)
        self.rejects = self.store.reread(rejected, path)
        self.summary.rejects_path = self.summary.sources[0].rejects_path = path

    def _rejected_later(self) -> bool:
        """Return whether rows were rejected after they had been prepared."""
        codes = self.account.first_codes
        return any(code in codes for code in (CODES[CONFLICT], CODES[TOO_OLD])) or self.request.dry_run

    def _receipts(self) -> DataFrame | None:
        if self.request.dry_run:
            return None
        try:
            with told(DeliveryError, "reading receipts", _AGAIN):
                return receipts_of(self.store, self.summary.run_id)
        except CapiError:
            return None  # Spark is gone; the summary tells of it

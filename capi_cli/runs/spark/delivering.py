"""Send the judged events in waves, keep the books of what came back, and stop where that says so."""

import threading
from dataclasses import dataclass, replace
from urllib.parse import unquote

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from capi_cli.delivery.receipt import Outcome
from capi_cli.errors import CapiError, DeliveryError
from capi_cli.runs.account import Account
from capi_cli.runs.gate import check_rates
from capi_cli.runs.progress import Observer
from capi_cli.runs.run import worst
from capi_cli.runs.spark.landing import answers_path, land
from capi_cli.runs.spark.receipts import EVENT_COLUMNS, unpacked_error
from capi_cli.runs.spark.schemas import RECEIPTS, ddl
from capi_cli.runs.spark.sending import Sending
from capi_cli.runs.spark.states import SEND
from capi_cli.runs.spark.store import WAVE, Store
from capi_cli.runs.spark.translate import told
from capi_cli.runs.spark.verdicts import JUDGED
from capi_cli.runs.spark.waves import Wave, spread, waves_of

_AGAIN = "Run the same command again: it goes on with what is not accepted."


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """Sends one run's events.

    Attributes:
        sending: What a task does; its wave and threads are set here.
        concurrency: Most requests in flight, over all tasks.
        slots: Most tasks at once.
        wave_events: Events between two looks.
        max_error_rate: Watched after each wave, Meta's refusals included.
        stop: Set by whoever takes signals; the wave under way comes to its end.
    """

    store: Store
    account: Account
    observer: Observer
    sending: Sending
    concurrency: int
    slots: int
    wave_events: int
    max_error_rate: float
    stop: threading.Event

    def send(self, judged: DataFrame) -> None:
        """Send all events that are to be sent.

        Raises:
            CapiError: Something stops the run: an answer of Meta's, too many refusals, a job that failed.
        """
        files = judged.where(F.col("verdict") == SEND).groupBy("_metadata.file_path").count()
        # Spark tells a file's path as a URI, and takes it as it is written.
        paths = sorted((unquote(row[0]), row[1]) for row in files.collect())
        waves = list(waves_of(paths, self.wave_events))
        for wave in waves:
            if self.stop.is_set():
                return
            self._send(wave)
            accepted = self.account.progress.events_accepted
            told = f"Wave {wave.number} of {len(waves)}: {accepted:,} events are accepted so far."
            self.observer.note("info", told)
            check_rates(self.account, self.max_error_rate, "the run stopped")

    def _send(self, wave: Wave) -> None:
        run_id = self.sending.run_id
        begun_at = self.store.instant()
        self.store.note(run_id, WAVE, number=wave.number, files="\n".join(wave.files))
        try:
            with told(DeliveryError, f"sending {wave.events:,} events", _AGAIN):
                self._evaluate(wave)
        except CapiError:
            unknown = land(self.store, run_id, wave.files, begun_at=begun_at, test=self.sending.test)
            self.account.progress.events_unknown += unknown
            raise
        answers = self.store.read_parquet(answers_path(self.store, run_id), RECEIPTS)
        assert answers is not None
        answers = answers.where(F.col("wave") == wave.number)
        self.store.append_receipts(answers)
        self._keep(answers)

    def _evaluate(self, wave: Wave) -> None:
        """Send one wave: the only place where `Sending` is evaluated, by a job of one stage that is written once."""
        tasks, threads = spread(self.concurrency, self.slots, len(wave.files))
        events = self.store.spark.read.schema(ddl(JUDGED)).parquet(*wave.files)
        work = replace(self.sending, wave=wave.number, threads=threads)
        answers = events.select(*EVENT_COLUMNS).coalesce(tasks).mapInArrow(work.rows, ddl(RECEIPTS))
        answers.write.mode("append").parquet(answers_path(self.store, self.sending.run_id))

    def _keep(self, answers: DataFrame) -> None:
        progress, stops = self.account.progress, list[str]()
        sums = [
            F.count("*").alias("events"),
            F.sum("requests").alias("requests"),
            F.sum("retries").alias("retries"),
            F.collect_set("stop").alias("stops"),
        ]
        for row in answers.groupBy("outcome", "code").agg(*sums).collect():
            stops += row.stops
            progress.requests += row.requests
            progress.retries += row.retries
            match Outcome(row.outcome):
                case Outcome.ACCEPTED:
                    progress.events_accepted += row.events
                case Outcome.REJECTED:
                    self.account.refuse(row.code, row.events, row.events)
                case Outcome.UNKNOWN:
                    progress.events_unknown += row.events
                case Outcome.UNSENT:
                    pass  # what has no other end is unsent
        error = worst([unpacked_error(stop) for stop in sorted(stops)])
        if error is not None:
            raise error

"""The folder that keeps what a run must not forget, in tables that Spark writes and every executor can reach.

`runs` tells which runs began, which files they were about to send, and which came to their end; `receipts` what
became of each event; `rejects/RUN` the rows that were not sent; `work/RUN` the events of a run while it goes, emptied
at its end. Everything is appended, nothing is changed: it works on any file system, Parquet or Delta.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

from capi_cli.errors import LedgerError
from capi_cli.own_files import make_own_folder
from capi_cli.runs.spark.schemas import RECEIPTS, RUNS, ddl
from capi_cli.runs.spark.session import is_local
from capi_cli.runs.spark.translate import told, unlogged

BEGUN, WAVE, ENDED = "begun", "wave", "ended"
_TIMESTAMPS: Final = "spark.sql.parquet.outputTimestampType"
_NOTHING_THERE: Final = (
    "PATH_NOT_FOUND",
    "DELTA_TABLE_NOT_FOUND",
    "DELTA_PATH_DOES_NOT_EXIST",
    "DELTA_MISSING",
)


@dataclass(frozen=True, slots=True)
class Store:
    """One store: of one dataset, or of several; receipts say of which run they are."""

    spark: SparkSession
    place: str
    format: str = "parquet"
    now: Callable[[], float] = time.time

    def instant(self) -> datetime:
        """Return the time by the run's clock."""
        return datetime.fromtimestamp(self.now(), UTC)

    def path(self, *names: str) -> str:
        """Return the path of something in the store."""
        return "/".join((self.place.rstrip("/"), *names))

    def found(self) -> None:
        """Make the tables that are not there yet, so that none is looked for in vain."""
        self.keep_to_owner()
        for name, columns, by in (("runs", RUNS, None), ("receipts", RECEIPTS, "run_id")):
            empty = self.spark.createDataFrame([], ddl(columns))
            self.append(empty, self.path(name), by=by, mode="ignore")

    def keep_to_owner(self) -> None:
        """Make a store on this machine for its owner alone; elsewhere access is the storage's to grant.

        Raises:
            LedgerError: It can't be made.
        """
        if not is_local(self.spark) or "://" in self.place:
            return
        try:
            make_own_folder(Path(self.place))
        except OSError as error:
            message = f"The store {self.place} can't be made: {error.strerror}."
            raise LedgerError(message, "Name another --store.") from None

    def runs(self) -> DataFrame | None:
        """Return what is known of runs; None before the first."""
        return self.read(self.path("runs"), RUNS)

    def receipts(self) -> DataFrame | None:
        """Return all receipts; None before the first."""
        return self.read(self.path("receipts"), RECEIPTS)

    def read(self, path: str, columns: dict[str, str]) -> DataFrame | None:
        """Return a table of the store; None where it was never written."""
        return self._read(path, columns, self.format)

    def read_parquet(self, path: str, columns: dict[str, str]) -> DataFrame | None:
        """Return a table of a run's work, which is always Parquet; None where it was never written."""
        return self._read(path, columns, "parquet")

    def reread(self, written: DataFrame, path: str) -> DataFrame:
        """Return a table as it was written, so that it is not evaluated again."""
        reader = self.spark.read.format(self.format)
        return (reader if self.format == "delta" else reader.schema(written.schema)).load(path)

    def _read(self, path: str, columns: dict[str, str], format: str) -> DataFrame | None:
        reader = self.spark.read.format(format)
        if format != "delta":
            reader = reader.schema(ddl(columns))
        try:
            with unlogged():
                found = reader.load(path)
                found.schema  # noqa: B018 -- Spark Connect looks only when it is asked
        except AnalysisException as error:
            if any(word in str(error) for word in _NOTHING_THERE):
                return None
            raise
        return found.select(*columns)

    def note(self, run_id: str, moment: str, *, number: int = 0, files: str = "", note: str = "") -> None:
        """Write one moment of a run, durably."""
        row = (run_id, self.instant(), moment, number, files, note)
        table = self.spark.createDataFrame([row], ddl(RUNS)).coalesce(1)
        self.append(table, self.path("runs"))

    def append_receipts(self, receipts: DataFrame) -> None:
        """Evaluate rows of receipts once, and keep them."""
        self.append(receipts, self.path("receipts"), by="run_id")

    def append(self, rows: DataFrame, path: str, *, by: str | None = None, mode: str = "append") -> None:
        """Evaluate rows once, and add them to a table; with `ignore` only where it is not there.

        Raises:
            LedgerError: The store can't be written.
        """
        writer = rows.write.format(self.format).mode(mode)
        writer = writer.partitionBy(by) if by else writer
        hint = "Check that Spark may write there, and its space."
        with told(LedgerError, f"writing to {self.place}", hint), self._true_instants():
            writer.save(path)

    @contextmanager
    def _true_instants(self) -> Iterator[None]:
        """Write instants as Parquet has them: others read Spark's own INT96 as times without a zone."""
        before = self.spark.conf.get(_TIMESTAMPS)
        self.spark.conf.set(_TIMESTAMPS, "TIMESTAMP_MICROS")
        try:
            yield
        finally:
            self.spark.conf.set(_TIMESTAMPS, str(before))

    def replace(self, rows: DataFrame, path: str, *, by: str | None = None) -> None:
        """Evaluate rows once, and put them in the place of what was there; work alone, so always Parquet."""
        writer = rows.write.mode("overwrite").option("partitionOverwriteMode", "static")
        writer = writer.partitionBy(by) if by else writer
        writer.parquet(path)

    def empty(self, run_id: str) -> None:
        """Take the work of a run out of the store: by overwriting, since Spark deletes nothing by itself."""
        self.replace(self.spark.createDataFrame([], ddl(RUNS)), self.path("work", run_id))

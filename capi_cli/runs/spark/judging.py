"""Preparing and judging the whole table: one job, evaluated once, its result written down before anything is sent."""

from dataclasses import replace

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from capi_cli.errors import SourceError
from capi_cli.prepare.plan import Plan
from capi_cli.readers.json_values import Path
from capi_cli.runs.spark.frame import ROW, SOURCE, Frame
from capi_cli.runs.spark.preparing import Preparing
from capi_cli.runs.spark.schemas import PREPARED, ddl
from capi_cli.runs.spark.store import Store
from capi_cli.runs.spark.translate import told
from capi_cli.runs.spark.verdicts import JUDGED, judge


def whole(frame: Frame, plan: Plan, now: int) -> tuple[Frame, Preparing]:
    """Return the table, rows of one order side by side, and what prepares it."""
    paths = tuple(frame.paths[position] for position in plan.wanted)
    group = plan.mapping.group
    if group is not None:
        frame = replace(frame, data=_by_order(frame.data, frame.paths[group.position]))
    return frame, Preparing(plan=plan, paths=paths, now=now)


def narrow(frame: Frame, preparing: Preparing) -> tuple[DataFrame, Preparing]:
    """Return the columns that are read, and what prepares them: the others need not leave their files."""
    tops = sorted({top for top, _ in preparing.paths})
    places = {top: place for place, top in enumerate(tops)}
    paths = tuple((places[top], path) for top, path in preparing.paths)
    return frame.data.select(*(f"c{top}" for top in tops), SOURCE, ROW), replace(preparing, paths=paths)


def _by_order(data: DataFrame, column: tuple[int, Path]) -> DataFrame:
    """Bring the rows of an order together, in the order of the table; rows without one stay apart."""
    top, path = column
    cell = F.col(f"c{top}")
    for name in path[1:]:
        cell = cell.getField(name)
    trimmed = F.regexp_replace(cell.cast("string"), r"(?U)^\s+|\s+$", "")
    key = F.coalesce(F.nullif(trimmed, F.lit("")), F.concat(SOURCE, F.lit("\n"), ROW))
    keyed = data.withColumn("_order", key)
    return keyed.repartition("_order").sortWithinPartitions("_order", SOURCE, ROW).drop("_order")


def judge_all(
    frame: Frame, preparing: Preparing, states: DataFrame | None, store: Store, path: str, *, keep: bool
) -> DataFrame:
    """Prepare and judge all rows, and return `JUDGED` rows as they were written down.

    Args:
        frame: From `whole`.
        preparing: Likewise.
        states: What the receipts say; None where they are not asked.
        store: Where the result goes.
        path: Its folder there.
        keep: Write it to the store; else it is kept by Spark while the run goes, for runs that send nothing.

    Raises:
        SourceError: The table can't be read to its end.
    """
    data, work = narrow(frame, preparing)
    judged = judge(data.mapInArrow(work.rows, ddl(PREPARED)), states, preparing.now)
    hint = "Look into Spark's log for the reason; nothing was sent."
    with told(SourceError, f"reading {frame.name}", hint):
        if not keep:
            judged = judged.persist(StorageLevel.DISK_ONLY)
            judged.count()
            return judged
        store.replace(judged, path, by="verdict")
        return store.spark.read.schema(ddl(JUDGED)).parquet(path)

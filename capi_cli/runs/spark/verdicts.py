"""What becomes of each prepared row: its standing in this run, then what the receipts say, then its age.

Rows of one event meet by a shuffle of its key; the first of them, by file and row, is the event. One evaluation,
written down before anything is sent: whatever asks later reads what was written.
"""

from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from capi_cli.runs.spark.preparing import EVENT, REJECT
from capi_cli.runs.spark.schemas import PREPARED
from capi_cli.runs.spark.states import CHANGED, KEY, LOST, LOST_TOLD, REFUSED, SAME, SEND, TOO_OLD, fate

DUPLICATE: Final = "duplicate"
CONFLICT: Final = "conflict"
REJECTED: Final = "rejected"
TALLIED: Final = "tally"

# The rule that tells of a verdict; of those with none nothing is said.
CODES: Final = {
    DUPLICATE: "event-id-duplicate",
    CONFLICT: "event-id-conflict",
    CHANGED: "order-changed",
    LOST: "event-unknown",
    LOST_TOLD: "event-unknown-told",
    TOO_OLD: "event-too-old",
}
SKIPPED: Final = frozenset({DUPLICATE, SAME, CHANGED, LOST_TOLD})
REJECTING: Final = frozenset({CONFLICT, TOO_OLD})
PREPARING: Final = frozenset({SEND, REFUSED, LOST})  # events that go on, or whose outcome is told

JUDGED: Final = {**PREPARED, "verdict": "string"}


def judge(prepared: DataFrame, states: DataFrame | None, now: int) -> DataFrame:
    """Return `JUDGED` rows: the events' bytes only where they are to be sent.

    Args:
        prepared: `PREPARED` rows; evaluated once.
        states: From `states_of`; None where nothing is known, or is not asked (`--resend`).
        now: Unix seconds.
    """
    is_event = F.col("kind") == EVENT
    # Rows that are no event have a key of their own, so that no task gets all of them.
    spread = F.coalesce("event_key", F.xxhash64("_source", "_row", "kind"))
    rows = prepared.withColumn("event_key", spread)
    ordered = Window.partitionBy(*KEY).orderBy("_source", "_row")
    rows = rows.withColumn("_place", F.row_number().over(ordered))
    rows = rows.withColumn("_first", F.first("content_key").over(ordered))
    if states is None:
        known = F.when(F.col("expires_at") <= now, TOO_OLD).otherwise(SEND)
    else:
        rows = rows.join(states, list(KEY), "left")
        known = fate(now)
    verdict = (
        F.when(F.col("kind") == REJECT, REJECTED)
        .when(~is_event, TALLIED)
        .when(F.col("_place") == 1, known)
        .when(F.col("_first") == F.col("content_key"), DUPLICATE)
        .otherwise(CONFLICT)
    )
    rows = rows.withColumn("verdict", verdict)
    said = {name: _said(name, states) for name in ("code", "reason", "hint")}
    event = F.when(F.col("verdict") == SEND, F.col("event"))
    return rows.withColumns({"event": event, **said}).select(*JUDGED)


def _said(name: str, states: DataFrame | None) -> Column:
    """Return a reject's words; of an event that Meta refused before, what Meta said."""
    if states is None:
        return F.col(name)
    return F.when(F.col("verdict") == REFUSED, F.col("last")[name]).otherwise(F.col(name))

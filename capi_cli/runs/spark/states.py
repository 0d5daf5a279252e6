"""What the receipts say of each event, and so what becomes of it now: the ledger's answers, asked of a table.

The same fates as `ledger.fates`, in the same order of strength: what was accepted stays so; an unknown event is sent
again while Meta de-duplicates it; a refused one is told again until it changes. Keys are compared in full: 64 bits
first, then name and id.
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from capi_cli.sinks.fresh import EXPIRED

KEY: Final = ("event_key", "event_name", "event_id")
CLOCK_SLACK_S: Final = 3600  # a clock that was set back by more can't say that a window is still open

SEND: Final = "send"
SAME: Final = "accepted-same"
CHANGED: Final = "accepted-changed"
REFUSED: Final = "refused"
LOST: Final = "lost"  # unknown, and never to be known
LOST_TOLD: Final = "lost-told"
TOO_OLD: Final = "too-old"


def states_of(receipts: DataFrame, now: int, kept_s: float) -> DataFrame:
    """Return one row for each event that something is known of, from receipts that are not older than `kept_s`.

    Columns: `KEY`, `accepted_content`, `last` (outcome, content_key, code, reason, hint, told), `since`, `window`.
    """
    kept = receipts.where(
        ~F.col("test")
        & F.col("outcome").isin("accepted", "rejected", "unknown")
        & (F.col("code") != EXPIRED)
        & (F.unix_timestamp("at") >= now - kept_s)
    )
    accepted, unknown = F.col("outcome") == "accepted", F.col("outcome") == "unknown"
    last = F.struct("outcome", "content_key", "code", "reason", "hint", "told")
    return kept.groupBy(*KEY).agg(
        F.max_by(F.when(accepted, F.col("content_key")), F.when(accepted, F.col("at"))).alias(
            "accepted_content"
        ),
        F.max_by(last, F.struct("at", "told")).alias("last"),
        F.min(F.when(unknown, F.unix_timestamp("sent_at"))).alias("since"),
        F.min(F.when(unknown, F.col("window_s"))).alias("window"),
    )


def fate(now: int) -> Column:
    """Return the fate of an event that stands beside its state (nulls where nothing is known of it)."""
    content, last = F.col("content_key"), F.col("last")
    too_old = F.col("expires_at") <= now
    age = F.lit(now) - F.col("since")
    is_open = (F.col("window") > 0) & (age >= -CLOCK_SLACK_S) & (age < F.col("window"))
    is_unknown, is_refused = last["outcome"] == "unknown", last["outcome"] == "rejected"
    return (
        F.when(F.col("accepted_content") == content, SAME)
        .when(F.col("accepted_content").isNotNull(), CHANGED)
        .when(is_unknown & last["told"], LOST_TOLD)
        .when(is_unknown & (~is_open | too_old), LOST)
        .when(is_unknown, SEND)
        .when(is_refused & (last["content_key"] == content), REFUSED)
        .when(too_old, TOO_OLD)
        .otherwise(SEND)
    )

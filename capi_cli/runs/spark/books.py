"""From the judged table to the run's books: one small job counts what the local engine counts on its way."""

from collections.abc import Iterable
from typing import Any, Final

import orjson
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F  # noqa: N812

from capi_cli.event import limits
from capi_cli.event.rules import rule
from capi_cli.prepare.checks import KEY_NAMES
from capi_cli.prepare.prepared import FindingCount
from capi_cli.runs.account import Account
from capi_cli.runs.ages import EXPIRY_HOURS
from capi_cli.runs.spark.states import LOST, REFUSED, SEND, TOO_OLD
from capi_cli.runs.spark.verdicts import CODES, PREPARING, REJECTED, REJECTING, SKIPPED, TALLIED

_FIELDS: Final = {TOO_OLD: "event_time"}


def count(judged: DataFrame, now: int) -> list[Row]:
    """Return the counts of each verdict and code: one small job."""
    left, store_s = F.col("expires_at") - now, limits.max_age_s("physical_store")
    bits = [
        _times(F.shiftright("presence", place).bitwiseAND(F.lit(1)) == 1, f"key_{place}")
        for place in range(len(KEY_NAMES))
    ]
    hours = [_times(left <= hours * 3600, f"within_{hours}") for hours in EXPIRY_HOURS]
    counts: list[Row] = (
        judged.where(F.col("verdict") != TALLIED)
        .groupBy("verdict", "code")
        .agg(
            F.count("*").alias("events"),
            F.sum("rows").alias("rows"),
            F.min("_row").alias("example"),
            F.first("reason").alias("reason"),
            _times(F.col("event_time") + store_s > now, "young"),
            *bits,
            *hours,
        )
        .collect()
    )
    return counts


def tallies(judged: DataFrame) -> list[dict[str, Any]]:
    """Return what each partition noticed."""
    rows = judged.where(F.col("verdict") == TALLIED).select("tally").collect()
    return [orjson.loads(told) for told in sorted(bytes(row.tally) for row in rows)]


def _times(condition: Any, name: str) -> Any:
    return F.count_if(condition).alias(name)


def keep_books(
    account: Account, told: Iterable[dict[str, Any]], counts: Iterable[Row], *, dry_run: bool
) -> None:
    """Write the counts of preparing and judging into the run's books."""
    for partition in told:
        account.read(partition["read"], partition["filtered"])
        for code, path, number, rows, samples, detail in partition["findings"]:
            account.tally.add({(code, path): FindingCount(number, rows, samples, detail)})
        account.whole_file.merge(partition["whole_file"])
    for row in sorted(counts, key=lambda row: (row.verdict, row.code or "")):
        _keep(account, row, dry_run=dry_run)


def _keep(account: Account, row: Row, *, dry_run: bool) -> None:
    verdict, events, rows = row.verdict, row.events, row.rows
    if verdict in CODES:
        account.notice(CODES[verdict], _FIELDS.get(verdict, "event_id"), events, [row.example])
    if verdict == REJECTED:
        account.reject(row.code, row.reason, rows)
    elif verdict in REJECTING:
        account.reject(CODES[verdict], rule(CODES[verdict]).message.replace("{detail}", ""), rows)
    elif verdict in SKIPPED:
        account.progress.rows_skipped += rows
    elif verdict == REFUSED and dry_run:  # there no event is rejected: its row is
        account.reject(row.code, row.reason, rows)
    elif verdict in PREPARING:
        _prepare(account, row)
        if verdict == REFUSED:
            account.refuse(row.code, events, rows)
        elif verdict == LOST and not dry_run:
            account.progress.events_unknown += events
    if verdict == TOO_OLD:
        account.ages.too_old += events
        account.ages.fit_for_store += row.young


def _prepare(account: Account, row: Row) -> None:
    account.progress.events_prepared += row.events
    for place, name in enumerate(KEY_NAMES):
        if carried := row[f"key_{place}"]:
            account.coverage[name] = account.coverage.get(name, 0) + carried
    if row.verdict == SEND:
        for place, hours in enumerate(EXPIRY_HOURS):
            account.ages.expiring[place] += row[f"within_{hours}"]

"""What the receipts say of an event, and what becomes of it: one table of cases, judged in one job."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from capi_cli.runs.spark.schemas import PREPARED, RECEIPTS, record_batch
from tests.spark.conftest import NOW_S, Cluster

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
pytest.importorskip("pyspark")

HOUR, DAY = 3600, 86_400
SAME, OTHER = 1, 2


@dataclass(frozen=True)
class Said:
    """One receipt: how long ago, what, about which content."""

    outcome: str
    ago_s: int = HOUR
    content: int = SAME
    more: dict[str, Any] = field(default_factory=dict)


def unknown(ago_s: int = HOUR, **more: Any) -> Said:
    return Said("unknown", ago_s, more=more)


ACCEPTED, REFUSED = Said("accepted"), Said("rejected", more={"code": "meta-100-2804999", "reason": "why"})
CASES: dict[str, tuple[list[Said], bool, str]] = {  # receipts, is too old by now, verdict
    "new": ([], False, "send"),
    "new and too old": ([], True, "too-old"),
    "accepted": ([ACCEPTED], False, "accepted-same"),
    "accepted, however old": ([ACCEPTED], True, "accepted-same"),
    "accepted with other content": ([Said("accepted", content=OTHER)], False, "accepted-changed"),
    "accepted, and unknown after a --resend": ([ACCEPTED, unknown(60)], False, "accepted-same"),
    "accepted 401 days ago": ([Said("accepted", 401 * DAY)], False, "send"),
    "refused": ([REFUSED], False, "refused"),
    "refused, and too old": ([REFUSED], True, "refused"),
    "refused with other content": ([Said("rejected", content=OTHER)], False, "send"),
    "refused with other content, too old": ([Said("rejected", content=OTHER)], True, "too-old"),
    "refused, then accepted": ([Said("rejected", 2 * HOUR, OTHER), ACCEPTED], False, "accepted-same"),
    "too old once": ([Said("rejected", more={"code": "event-expired"})], False, "send"),
    "unknown within its window": ([unknown()], False, "send"),
    "unknown within its window, too old": ([unknown()], True, "lost"),
    "unknown past its window": ([unknown(49 * HOUR)], False, "lost"),
    "unknown, first long ago": ([unknown(49 * HOUR), unknown(HOUR)], False, "lost"),
    "unknown, never de-duplicated": ([unknown(window_s=0)], False, "lost"),
    "unknown, told": ([unknown(60 * HOUR), unknown(told=True)], False, "lost-told"),
    "told, then sent again": ([unknown(told=True), unknown(60, window_s=172_800)], False, "send"),
    "unknown by a clock that ran ahead": ([unknown(-2 * HOUR)], False, "lost"),
    "unsent": ([Said("unsent")], False, "send"),
    "a test event": ([Said("accepted", more={"test": True})], False, "send"),
}


def receipts() -> pa.Table:
    rows = []
    for number, (said, _, _) in enumerate(CASES.values()):
        for one in said:
            at = datetime.fromtimestamp(NOW_S - one.ago_s, UTC)
            row = {
                "run_id": "r",
                "event_name": "Purchase",
                "event_id": str(number),
                "event_key": number,
                "content_key": one.content,
                "outcome": one.outcome,
                "code": "",
                "reason": "",
                "hint": "",
                "sent_at": at,
                "at": at,
                "window_s": 172_800,
                "told": False,
                "test": False,
            }
            rows.append(row | one.more)
    filled: dict[str, object] = {name: [row.get(name) for row in rows] for name in RECEIPTS}
    return pa.Table.from_batches([record_batch(RECEIPTS, filled, len(rows))])


def prepared() -> pa.Table:
    """Return the events of the cases, then three of one id, a rejected row, and a tally."""
    numbers = list(range(len(CASES)))
    expires = [NOW_S - 1 if too_old else NOW_S + DAY for _, too_old, _ in CASES.values()]
    twice: dict[str, object] = {
        "kind": "event",
        "_source": ["a", "a", "b"],
        "_row": [10_002, 10_001, 1],
        "event_name": "Purchase",
        "event_id": "twice",
        "event_key": 99,
        "content_key": [SAME, SAME, OTHER],
        "event": [b"{}"] * 3,
        "expires_at": NOW_S + DAY,
        "rows": 1,
    }
    events: dict[str, object] = {
        "kind": "event",
        "_source": "a",
        "_row": numbers,
        "event_name": "Purchase",
        "event_id": [str(number) for number in numbers],
        "event_key": numbers,
        "content_key": SAME,
        "event": [b"{}"] * len(numbers),
        "expires_at": expires,
        "rows": 1,
    }
    rest = [{"kind": "reject", "_source": "a", "_row": 20_000, "code": "x"}, {"kind": "tally"}]
    return pa.Table.from_batches(
        [
            record_batch(PREPARED, events, len(numbers)),
            record_batch(PREPARED, twice, 3),
            *(record_batch(PREPARED, dict(one), 1) for one in rest),
        ]
    )


def test_every_event_meets_its_fate(cluster: Cluster) -> None:
    from capi_cli.runs.spark.states import states_of
    from capi_cli.runs.spark.verdicts import judge

    said = cluster.spark.createDataFrame(receipts())
    asked = cluster.spark.createDataFrame(prepared())
    judged = judge(asked, states_of(said, NOW_S, 400 * DAY), NOW_S).toArrow().to_pylist()
    verdicts = {row["event_id"]: row["verdict"] for row in judged if row["event_key"] in range(len(CASES))}
    found = {name: verdicts[str(number)] for number, name in enumerate(CASES)}
    assert found == {name: verdict for name, (_, _, verdict) in CASES.items()}
    twice = {(row["_source"], row["_row"]): row["verdict"] for row in judged if row["event_id"] == "twice"}
    assert twice == {("a", 10_001): "send", ("a", 10_002): "duplicate", ("b", 1): "conflict"}
    assert sorted(row["verdict"] for row in judged if row["kind"] != "event") == ["rejected", "tally"]
    told = next(row for row in judged if row["event_id"] == str(list(CASES).index("refused")))
    assert (told["code"], told["reason"]) == ("meta-100-2804999", "why")
    kept = {row["verdict"] for row in judged if row["event"] is not None}
    assert kept == {"send"}, "the bytes of other events are not written down"

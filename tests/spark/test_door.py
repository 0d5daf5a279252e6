"""`capi_cli.spark.upload` on DataFrames that no file numbers, and what Spark must never be told."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest

from capi_cli.errors import ConfigurationError, UsageError
from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.summary import Summary
from tests.spark.conftest import DATASET, TOKEN, Cluster, Room
from tests.spark.tables import MAPPING, SCHEMA, sales, write_sales

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
pytest.importorskip("pyspark")

EVENT: dict[str, Any] = tomllib.loads(MAPPING)
OPTIONS: dict[str, Any] = {"batch_size": 100, "max_error_rate": 1, "default_country": "DE"}


def frame(cluster: Cluster, rows: list[dict[str, Any]]) -> Any:
    """Return rows as a DataFrame in three partitions, in an order of Spark's own."""
    return cluster.spark.createDataFrame(pa.Table.from_pylist(rows, SCHEMA)).repartition(3)


def test_a_frame_without_files(cluster: Cluster, room: Room) -> None:
    """Duplicates meet across partitions; receipts and rejects come back as DataFrames, here kept as ORC."""
    from capi_cli.runs.spark.upload import SparkRun
    from capi_cli.spark import upload

    rows = sales(400)
    table = frame(cluster, rows)
    few = upload(table, EVENT, store=str(room.folder / "dry"), dry_run=True, limit=30, since="90d", **OPTIONS)
    assert few.summary.rows_read == 30
    dry = upload(table, EVENT, store=str(room.folder / "dry"), dry_run=True, **OPTIONS)
    assert room.sandbox.memory.counts.requests == 0
    assert (dry.receipts, dry.summary.exit_code) == (None, 3)
    assert dry.summary.events_unsent == dry.summary.events_prepared > 300
    done = _as_orc(SparkRun, table, room)
    summary = done.summary
    assert (summary.error, summary.exit_code) == (None, 3)
    assert done.receipts is not None
    receipts = done.receipts.toArrow().to_pylist()
    assert Counter(row["outcome"] for row in receipts) == {"accepted": summary.events_accepted}
    assert len({row["event_id"] for row in receipts}) == len(receipts)
    assert {row["wave"] for row in receipts} == {1, 2}
    found = {finding.code: finding.count for finding in summary.findings}
    assert summary.rows_skipped == found["event-id-duplicate"] == 4
    assert done.rejects is not None
    rejected = done.rejects.toArrow().to_pylist()
    assert len(rejected) == summary.rows_rejected
    assert {row["_source"] for row in rejected} <= {f"partition {n:06}" for n in range(3)}
    known = {(row["sale"], row["note"], row["amount"]) for row in rows}
    assert all((row["sale"], row["note"], row["amount"]) in known for row in rejected), (
        "the cells of that row"
    )
    assert dry.summary.coverage == summary.coverage


def _as_orc(run: Any, table: Any, room: Room) -> Any:
    from threading import Event

    from capi_cli.cli import options, request, settings
    from capi_cli.mapping.config import read_config
    from capi_cli.runs.spark.request import SparkRequest

    typed = {"graph_url": room.sandbox.url, "dataset_id": DATASET}
    typed |= {name: str(value) for name, value in OPTIONS.items()}
    taken = (*options.MAPPING, *options.DESTINATION, *options.SENDING, *options.JUDGING)
    said = settings.resolve(typed, {}, taken, config=read_config(EVENT))
    asked = SparkRequest(store=str(room.folder / "orc"), format="orc", wave_events=150)
    run = run(cluster_of(table), request.run_request("upload", ["t"], said), asked, SilentObserver(), Event())
    return run.carry_out(lambda: table, "t")


def cluster_of(table: Any) -> Any:
    return table.sparkSession


def test_too_many_bad_rows_behind_the_first_ten_thousand(cluster: Cluster, room: Room) -> None:
    """All rows are judged before the first POST: nothing is sent, and every bad row stands in the rejects."""
    from capi_cli.spark import upload

    rows = [{"sale": n, "mail": f"m{n}@example.org", "at": "2026-08-31T10:00:00Z"} for n in range(12_500)]
    for row in rows[10_500:]:
        row["at"] = "yesterday"
    event = {
        "event_name": {"value": "Lead"},
        "action_source": {"value": "email"},
        "event_time": "at",
        "event_id": {"template": "lead-{sale}"},
        "user_data": {"em": "mail"},
    }
    table = cluster.spark.createDataFrame(pa.Table.from_pylist(rows))
    done = upload(table, {"event": event}, store=str(room.folder / "store"))
    error = done.summary.error
    assert error is not None
    assert (done.summary.exit_code, error.code) == (5, "too-many-bad-rows")
    assert "16%" in error.message
    assert (done.summary.rows_rejected, done.summary.events_unsent) == (2000, 10_500)
    assert room.sandbox.memory.counts.requests == 0
    assert done.rejects is not None
    assert done.rejects.count() == 2000


def test_what_is_said_before_anything_is_done(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    from capi_cli.spark import upload

    for name in ("META_DATASET_ID", "CAPI_STORE"):
        monkeypatch.delenv(name, raising=False)
    table = cluster.spark.range(1)
    with pytest.raises(ConfigurationError, match="No dataset"):
        upload(table, {}, store="s")
    with pytest.raises(ConfigurationError, match="no option concurency") as caught:
        upload(table, {}, store="s", concurency=3)
    assert "concurrency" in caught.value.hint
    with pytest.raises(UsageError, match="--concurrency"):
        upload(table, {}, store="s", dataset_id=DATASET, concurrency=0)
    with pytest.raises(ConfigurationError, match="store_format can't be"):
        upload(table, {}, store="s", dataset_id=DATASET, store_format="csv")


def test_columns_of_every_kind(cluster: Cluster) -> None:
    """Kinds that Arrow does not know are text; names that mean something to Spark, or are alike, mean nothing."""
    from capi_cli.runs.spark.frame import SampleReader, open_frame

    columns = "1 AS `a.b`, 2 AS `A.B`, make_interval(1) AS `w``t`, parse_json('{\"x\":1}') AS json, "
    columns += "named_struct('day', date'2026-01-01', 'at', timestamp_ntz'2026-01-01 10:00:00') AS `when`, 7 AS _code"
    frame = open_frame(cluster.spark.sql(f"SELECT {columns}"), "t")
    assert frame.header == ("a.b", "A.B", "w`t", "json", "when.day", "when.at", "when")
    (block,) = SampleReader(frame).blocks(range(6))
    cells = [column.to_pylist() for column in block.columns.columns]
    assert cells == [["1"], ["2"], ["1 years"], ['{"x":1}'], ["2026-01-01"], ["2026-01-01T10:00:00"]]


def test_a_spark_that_runs_copies_of_tasks_is_refused() -> None:
    from types import SimpleNamespace

    from capi_cli.runs.spark.session import check_session

    settings = {"spark.speculation": "true"}
    session: Any = SimpleNamespace(conf=SimpleNamespace(get=settings.get))
    with pytest.raises(ConfigurationError, match="send the same events once more"):
        check_session(session)
    settings.clear()
    check_session(session)


def test_an_executor_without_a_token(cluster: Cluster, room: Room) -> None:
    from capi_cli.spark import upload

    source = write_sales(room.folder / "sales.parquet", sales(20))
    table = cluster.spark.read.parquet(str(source))
    done = upload(table, EVENT, store=str(room.folder / "s"), token_file="/nowhere/token", **OPTIONS)
    assert done.summary.exit_code == 12
    assert done.summary.error is not None
    assert "/nowhere/token" in done.summary.error.message
    assert room.sandbox.memory.counts.requests == 0


def test_a_table_that_is_not_there_and_a_mapping_that_does_not_fit(cluster: Cluster, room: Room) -> None:
    Path("capi.toml").write_text(MAPPING)
    found = room.call("no_such_table")
    assert (found["exit_code"], found["error"]["code"]) == (11, "source")
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in found["error"]["message"]
    assert room.call("/no/such/folder")["exit_code"] == 11
    cluster.spark.range(5).createOrReplaceTempView("numbers")
    found = room.call("numbers")
    assert (found["exit_code"], found["error"]["code"]) == (10, "configuration")
    assert room.sandbox.memory.counts.requests == 0


def test_nothing_personal_and_no_token_in_what_spark_writes(cluster: Cluster, room: Room) -> None:
    """The event log holds every plan of this session's uploads, so this is the last test of the room."""
    from capi_cli.spark import upload

    source = write_sales(room.folder / "sales.parquet", sales(60))
    table = cluster.spark.read.parquet(str(source))
    done = upload(table, EVENT, store=str(room.folder / "store"), **OPTIONS)
    assert done.summary.events_accepted > 0
    written = [path for path in cluster.events.rglob("*") if path.is_file()]
    assert any(b"mapInArrow" in path.read_bytes() or b"MapInArrow" in path.read_bytes() for path in written)
    written += [path for path in room.folder.rglob("*") if path.is_file() and "rejects" not in str(path)]
    for path in written:
        octets = path.read_bytes()
        assert TOKEN.encode() not in octets, path
        assert TOKEN[-12:].encode() not in octets, path
        if path != source and not path.is_relative_to(room.bodies):
            assert b"example.com" not in octets.lower(), path
    assert TOKEN not in orjson.dumps(Summary.as_json(done.summary)).decode()
    assert done.receipts is not None
    plan = done.receipts._jdf.queryExecution().toString()
    assert TOKEN not in plan

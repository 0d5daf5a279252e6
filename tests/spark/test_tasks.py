"""What an executor does, without Spark: the functions that it is handed, on record batches, against a sandbox."""

import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from capi_cli.errors import CapiError, CredentialsError
from capi_cli.runs.clock import SystemClock
from capi_cli.runs.spark import sending
from capi_cli.runs.spark.guard import guarded
from capi_cli.runs.spark.receipts import EVENT_COLUMNS, packed_error, unpacked_error
from capi_cli.runs.spark.rows import Rows
from capi_cli.runs.spark.schemas import PREPARED, RECEIPTS, record_batch
from capi_cli.runs.spark.secrets import Look, TokenPlace
from capi_cli.runs.spark.sending import Sending, batches_of
from capi_cli.runs.spark.waves import spread, waves_of
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox
from capi_cli.sinks.settings import GraphSettings

NOW_S, DATASET, TOKEN = 1788264000, "1234567890123456", "EAAtokenOfATask0123456789"
NAME = "Purchase"


@pytest.fixture(autouse=True)
def _first_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("META_", "FB_", "CAPI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sending, "attempt_number", lambda: 0)


def event(number: int, *, source: str = "physical_store", age_s: int = 60) -> dict[str, Any]:
    return {
        "event_name": NAME,
        "event_time": NOW_S - age_s,
        "event_id": f"e{number}",
        "action_source": source,
        "user_data": {"em": [f"{number:064x}"]},
        "custom_data": {"value": 1, "currency": "EUR", "order_id": str(number)},
    }


def events(count: int, *, windows: tuple[int, ...] = (604_800,), old: tuple[int, ...] = ()) -> pa.RecordBatch:
    body = [json.dumps(event(n, age_s=90 * 86_400 if n in old else 60)).encode() for n in range(count)]
    filled: dict[str, object] = {
        "event": body,
        "event_name": NAME,
        "event_id": [f"e{n}" for n in range(count)],
        "event_key": list(range(count)),
        "content_key": [-n for n in range(count)],
        "expires_at": [NOW_S - 1 if n in old else NOW_S + 86_400 for n in range(count)],
        "window_s": [windows[n % len(windows)] for n in range(count)],
    }
    return record_batch(PREPARED, filled, count).select(list(EVENT_COLUMNS))


def task(url: str, place: TokenPlace | None = None, **more: Any) -> Sending:
    settings = GraphSettings(
        graph_url=url, api_version="v26.0", dataset_id=DATASET, token="found-by-each-executor"
    )
    options = {"batch_size": 10, "threads": 2, "retry_for_s": 2.0, "wave": 1, "test": False} | more
    return Sending(
        settings=settings,
        place=place or TokenPlace(),
        run_id="run",
        clock=SystemClock(float(NOW_S)),
        **options,
    )


def receipts(work: Sending, *batches: pa.RecordBatch) -> list[dict[str, Any]]:
    found = list(work.rows(iter(batches)))
    return pa.Table.from_batches(found, found[0].schema).to_pylist() if found else []


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    with Sandbox(now=lambda: NOW_S, token=TOKEN, dataset_id=DATASET) as sandbox:
        yield sandbox


def test_each_event_has_one_receipt(meta: Sandbox) -> None:
    meta.faults = Faults.parse("refuse=2804999:event_id=e7")
    found = receipts(task(meta.url), events(25, old=(3,)))
    assert sorted(row["event_id"] for row in found) == sorted(f"e{n}" for n in range(25))
    outcomes = {row["event_id"]: (row["outcome"], row["code"]) for row in found}
    assert outcomes.pop("e7") == ("rejected", "meta-100-2804999")
    assert outcomes.pop("e3") == ("rejected", "event-expired"), "ages are judged again before the POST"
    assert set(outcomes.values()) == {("accepted", "")}
    assert sum(row["requests"] for row in found) == meta.memory.counts.requests
    assert meta.memory.counts.processed == 23
    assert all(row["fbtrace_id"] for row in found if row["outcome"] == "accepted")


def test_batches_do_not_hang_on_how_spark_cuts_its_own() -> None:
    whole = [table["event_id"].to_pylist() for table in batches_of([events(57)], 10)]
    cut = events(57)
    pieces = [cut.slice(0, 3), cut.slice(3, 40), cut.slice(43, 0), cut.slice(43)]
    assert [table["event_id"].to_pylist() for table in batches_of(pieces, 10)] == whole
    assert [len(batch) for batch in whole] == [10, 10, 10, 10, 10, 7]


def test_a_second_attempt_sends_the_same_and_never_what_meta_would_count_twice(
    meta: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, batch = task(meta.url), events(20, windows=(604_800, 0))
    first = receipts(work, batch)
    monkeypatch.setattr(sending, "attempt_number", lambda: 1)
    second = receipts(work, batch)
    assert {row["outcome"] for row in first} == {"accepted"}
    told = {row["event_id"]: (row["outcome"], row["code"]) for row in second}
    assert [told[f"e{n}"][0] for n in range(20)] == ["accepted", "unknown"] * 10
    assert told["e1"][1] == sending.MAYBE_SENT
    counts = meta.memory.counts
    assert (counts.received, counts.duplicates_same_bytes, counts.duplicates_other_bytes) == (30, 10, 0)


def test_what_stops_a_run_comes_back_as_a_receipt(meta: Sandbox) -> None:
    meta.faults = Faults.parse("expire:after=1")
    found = receipts(task(meta.url, threads=1), events(50))
    assert [row["outcome"] for row in found[:10]] == ["accepted"] * 10
    stops = {row["stop"] for row in found if row["stop"]}
    error = unpacked_error(stops.pop())
    assert (error.exit_code, stops) == (12, set())
    assert meta.memory.counts.requests == 2, "nothing more is begun"
    again = unpacked_error(packed_error(error))
    assert (type(again), again.message, again.hint) == (type(error), error.message, error.hint)


def test_an_executor_without_a_token_says_so_and_sends_nothing(
    meta: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("META_ACCESS_TOKEN")
    found = receipts(task(meta.url), events(5))
    assert {row["outcome"] for row in found} == {"unsent"}
    error = unpacked_error(found[0]["stop"])
    assert error.exit_code == 12
    assert "spark.executorEnv.META_ACCESS_TOKEN" in error.hint
    missing = receipts(task(meta.url, TokenPlace(file="/nowhere/token")), events(5))
    assert "/nowhere/token" in unpacked_error(missing[0]["stop"]).message
    monkeypatch.setenv("META_ACCESS_TOKEN", "two words")
    broken = receipts(task(meta.url), events(5))
    assert unpacked_error(broken[0]["stop"]).exit_code == 12
    assert "two words" not in json.dumps(broken, default=str)
    with pytest.raises(CredentialsError, match="looks like a token"):
        TokenPlace(file=f"/run/{'EAA' + 'b1C2' * 30}")
    assert meta.memory.counts.requests == 0


def test_the_token_is_found_where_the_executor_is_and_does_not_travel(
    meta: Sandbox, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("META_ACCESS_TOKEN")
    (tmp_path / "token").write_text(f"\ufeff{TOKEN}\n")
    place = TokenPlace(file=str(tmp_path / "token"))
    work = task(meta.url, place)
    assert TOKEN.encode() not in pickle.dumps(work)
    assert {row["outcome"] for row in receipts(pickle.loads(pickle.dumps(work)), events(5))} == {"accepted"}
    assert [batch.to_pylist() for batch in Look(place).rows(iter(()))] == [[{"found": True}]]
    assert [batch.to_pylist() for batch in Look(TokenPlace()).rows(iter(()))] == [[{"found": False}]]


def test_an_empty_partition_opens_no_connection() -> None:
    assert receipts(task("http://127.0.0.1:9"), events(0)) == []


def test_a_bug_is_told_without_a_cell() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise KeyError("jane@example.org")

    found = guarded(broken(), "preparing rows")
    assert next(found) == 1
    with pytest.raises(CapiError) as caught:
        next(found)
    assert "jane" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert re.search(
        r"KeyError at capi_cli/runs/spark/guard\.py:\d+ \(in test_tasks\.py:\d+\)", caught.value.message
    )


@pytest.mark.parametrize("reach", [0, 10, 1000])
def test_rows_know_where_they_came_from(reach: int) -> None:
    names = ["c0", "_source", "_row"]
    batches = [
        pa.RecordBatch.from_arrays(
            [
                pa.array([f"x{n}" for n in range(begin, begin + 4)]),
                pa.array([f"file {begin // 12}"] * 4),
                pa.array(range(begin, begin + 4)),
            ],
            names,
        )
        for begin in range(0, 36, 4)
    ]
    rows = Rows([*batches, batches[0].slice(0, 0)], [(0, ("c0",))], reach=reach)
    for block in rows.blocks():
        numbers = block.rows[::-1]
        if reach:
            numbers = np.arange(max(1, rows.count - reach + 1), rows.count + 1)[::-1]
        source, row = rows.places(numbers)
        assert row.to_pylist() == [int(number) - 1 for number in numbers]
        assert source.to_pylist() == [f"file {(int(number) - 1) // 12}" for number in numbers]
        assert rows.taken(numbers).column(0).to_pylist() == [f"x{int(number) - 1}" for number in numbers]
        assert rows.row(int(numbers[0])) == int(numbers[0]) - 1
    assert rows.count == 36


def test_waves_hold_whole_files_and_every_event() -> None:
    files = [(f"f{n}", n) for n in range(1, 10)]
    waves = list(waves_of(files, 10))
    assert [wave.number for wave in waves] == [1, 2, 3, 4]
    assert [wave.events for wave in waves] == [10, 11, 15, 9]
    assert [path for wave in waves for path in wave.files] == [path for path, _ in files]
    assert list(waves_of([], 10)) == []


@pytest.mark.parametrize("concurrency", [1, 2, 7, 8, 64])
@pytest.mark.parametrize("slots", [1, 3, 200])
@pytest.mark.parametrize("files", [1, 2, 50])
def test_tasks_times_threads_is_never_above_the_cap(concurrency: int, slots: int, files: int) -> None:
    tasks, threads = spread(concurrency, slots, files)
    assert 1 <= tasks * threads <= concurrency
    assert tasks <= min(slots, files)
    assert (tasks + 1) * threads > min(concurrency, slots, files), "what may be used is used"


def test_what_travels_to_an_executor_is_imported_without_spark() -> None:
    code = (
        "import sys\n"
        "sys.modules['pyspark'] = sys.modules['py4j'] = None\n"
        "import capi_cli.runs.spark.sending, capi_cli.runs.spark.preparing\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_tables_have_one_type_for_each_column() -> None:
    for columns in (PREPARED, RECEIPTS):
        empty = record_batch(columns, {}, 2)
        assert empty.schema.names == list(columns)
        assert all(column.null_count == 2 for column in empty.columns)

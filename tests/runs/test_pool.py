"""Threads and processes prepare as one Preparer does, in the order of the file; and end when they are told to."""

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from capi_cli.errors import CapiError
from capi_cli.mapping.bind import bind
from capi_cli.prepare.columns import Table
from capi_cli.prepare.plan import Plan, settle
from capi_cli.prepare.preparer import Preparer
from capi_cli.runs import pool, threads_first
from capi_cli.runs.pool import Pool, open_pool
from capi_cli.runs.threads import Threads
from capi_cli.runs.threads_first import ThreadsFirst
from capi_cli.runs.workers import Workers

NOW = 1_767_225_600  # 2026-01-01T00:00:00Z
FIELDS = {"email": "user_data.em", "phone": "user_data.ph", "country": "user_data.country", "total": "value"}
Task = tuple[int, pa.RecordBatch, Any, int]


def block(number: int, rows: int = 40) -> pa.RecordBatch:
    places = range(number * rows, (number + 1) * rows)
    return pa.RecordBatch.from_pydict(
        {
            "email": [f"Buyer{place}@Example.org" if place % 7 else "nobody" for place in places],
            "phone": [f"+49 171 {1_000_000 + place}" if place % 5 else "call me" for place in places],
            "country": [("DE", "US", "Narnia", None)[place % 4] for place in places],
            "total": [f"{place},50 €" if place % 11 else "much" for place in places],
            "time": ["2025-12-31T23:00:00Z"] * rows,
        },
    )


def plan() -> Plan:
    names = block(0).schema.names
    mapping = bind(
        names,
        maps=[*((path, name) for name, path in FIELDS.items()), ("event_time", "time")],
        sets=[("event_name", "Purchase"), ("action_source", "physical_store"), ("currency", "EUR")],
    )
    return settle(mapping, [Table(block(0), dict(enumerate(range(len(names)))))], today=date(2026, 1, 1))


def tasks(count: int) -> Iterator[Task]:
    for number in range(count):
        batch = block(number)
        yield number, batch, np.arange(number * 40, (number + 1) * 40, dtype=np.int64), NOW


def told(prepared: Any) -> tuple[object, ...]:
    return (
        bytes(prepared.joined),
        prepared.starts.tolist(),
        prepared.index.tolist(),
        prepared.event_keys.tolist(),
        prepared.rejected,
        prepared.tally,
    )


@pytest.fixture(params=[Threads, Workers])
def opened(request: pytest.FixtureRequest) -> Iterator[Pool]:
    found: Pool = request.param(3)
    yield found
    found.close()


def test_a_pool_prepares_as_one_preparer_does(opened: Pool) -> None:
    settled = plan()
    alone = Preparer(settled)
    expected = [(number, told(alone.prepare(columns, rows, now))) for number, columns, rows, now in tasks(20)]
    for source in (0, 1):  # the second source is another one to them
        found = [(number, told(prepared)) for number, prepared in opened.prepare(source, settled, tasks(20))]
        assert found == expected


def test_it_reads_no_further_ahead_than_it_has_work_for(opened: Pool) -> None:
    read = []

    def watched() -> Iterator[Task]:
        for task in tasks(50):
            read.append(task[0])
            yield task

    for number, _ in opened.prepare(0, plan(), watched()):
        assert read[-1] - number <= 6


class Crashing(Preparer):
    """Stands in for a bug: the text of its exception holds a cell."""

    error: Exception = ValueError("john@example.com")

    def prepare(self, columns: Any, rows: Any, now: int) -> Any:
        if rows[0] == 80:
            raise self.error
        return super().prepare(columns, rows, now)


@pytest.mark.parametrize("error", [ValueError("john@example.com"), CapiError("The disk is full.")])
def test_what_a_thread_meets_is_told_in_its_place(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capi_cli.runs.threads.Preparer", Crashing)
    monkeypatch.setattr(Crashing, "error", error)
    threads = Threads(2)
    with pytest.raises(CapiError) as raised:
        list(threads.prepare(0, plan(), tasks(9)))
    threads.close()
    assert "john" not in str(raised.value)
    if isinstance(error, CapiError):
        assert raised.value is error
    else:
        assert "A bug in capi: ValueError at " in raised.value.message
    assert not any(thread.name == "prepare" for thread in threading.enumerate())


def test_processes_take_over_where_rows_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads_first, "WATCHED_ROWS", 100)
    monkeypatch.setattr(threads_first, "SLOW_S", 0.0)
    settled, found, most = plan(), ThreadsFirst(2), set()
    alone = Preparer(settled)
    for source in (0, 1):
        results = found.prepare(source, settled, tasks(30))
        for (number, prepared), (_, columns, rows, now) in zip(results, tasks(30), strict=True):
            assert (number, told(prepared)) == (rows[0] // 40, told(alone.prepare(columns, rows, now)))
            most.add(found.most_rows)
    found.close()
    assert most == {Threads.most_rows, Workers.most_rows}


def test_threads_stay_where_rows_are_quick() -> None:
    found = ThreadsFirst(2)
    assert len(list(found.prepare(0, plan(), tasks(30)))) == 30
    assert found.most_rows == Threads.most_rows
    found.close()


def test_threads_end_in_the_middle_of_their_work() -> None:
    threads = Threads(2)
    results = threads.prepare(0, plan(), tasks(1_000_000))
    next(results)
    threads.close()
    assert not any(thread.name == "prepare" for thread in threading.enumerate())


@pytest.mark.parametrize(("there", "kind"), [(object(), ThreadsFirst), (None, Workers)])
def test_threads_are_for_where_the_loops_are_in_c(
    there: object, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "library", lambda: there)
    found = open_pool(2)
    found.close()
    assert isinstance(found, kind)

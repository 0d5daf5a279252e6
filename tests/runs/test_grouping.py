"""Rows of one order become one event, wherever they stand within the window; further apart they are told."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capi_cli.ledger.run_index import RunIndex
from capi_cli.prepare.preparer import Preparer
from capi_cli.readers.block import RowBlock
from capi_cli.runs.grouping import Grouping
from tests.prepare.messy import NASTY
from tests.runs.orders import HEADER, NOW, Row, blocks, cut, join, order, plan_for

BY_ORDER = {"by": "order_id"}
ORDERS = st.lists(st.integers(1, 5), min_size=1, max_size=12)


def rows_of(sizes: list[int]) -> list[Row]:
    return [
        row
        for number, size in enumerate(sizes)
        for row in order(number, *(f"S{number}-{item}" for item in range(size)))
    ]


def interleaved(rows: list[Row], dice: random.Random) -> list[Row]:
    """Return the rows in another order; those of one order stay in theirs."""
    waiting: dict[str, list[Row]] = {}
    for row in rows:
        waiting.setdefault(row["order_id"], []).append(row)
    names = [row["order_id"] for row in rows]
    dice.shuffle(names)
    return [waiting[name].pop(0) for name in names]


def test_the_rows_of_an_order_are_one_event() -> None:
    plan = plan_for(BY_ORDER)
    rows = [*order(1, "A", "B"), *order(2, "C")]
    rows[0] |= {"qty": "2", "price": "7.50"}
    found = join(blocks(rows, plan), plan)
    first, second = found.read()
    assert first["custom_data"] == {
        "value": 12.5,
        "currency": "EUR",
        "order_id": "1",
        "shop": "Berlin",
        "contents": [
            {"id": "A", "quantity": 2, "item_price": 7.5},
            {"id": "B", "quantity": 1, "item_price": 5},
        ],
    }
    assert [item["id"] for item in second["custom_data"]["contents"]] == ["C"]
    assert found.lines == [[2, 3], [4]]


def test_an_order_takes_each_cell_from_the_first_row_that_has_it() -> None:
    plan = plan_for(BY_ORDER)
    rows = order(1, "A", "B", "C")
    rows[0], rows[1]["email"], rows[1]["event_time"] = (
        {"order_id": " 1 "},
        "late@example.org",
        rows[0]["event_time"],
    )
    rows[2] |= {"email": "later@example.org", "shop": "Bonn", "value": "3"}
    found = join(blocks(rows, plan), plan)
    (event,) = found.read()
    assert event["custom_data"]["value"] == 3
    assert event["custom_data"]["shop"] == "Bonn"
    alone = join(blocks([rows[1] | {"value": "3"}], plan), plan)
    assert event["user_data"] == alone.read()[0]["user_data"]
    assert [block.contradicting.tolist() for block in found.blocks] == [[2]], (
        "two e-mail addresses in one order"
    )


def test_a_row_without_the_orders_cell_stands_for_itself() -> None:
    plan = plan_for(BY_ORDER, order_id=None)
    rows = [order(number, "A")[0] for number in range(3)]
    rows[0]["order_id"], rows[1]["order_id"] = "", " "
    found = join(blocks(rows, plan), plan)
    assert found.lines == [[2], [3], [4]]


@settings(max_examples=40, deadline=None)
@given(sizes=ORDERS, seed=st.integers(0, 1 << 30), data=st.data())
def test_rows_that_are_mixed_within_the_window_give_the_same_events(
    sizes: list[int], seed: int, data: st.DataObject
) -> None:
    plan = plan_for(BY_ORDER)
    rows = rows_of(sizes)
    mixed = interleaved(rows, random.Random(seed))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    window = data.draw(st.integers(len(rows), 2 * len(rows)))
    expected = join(blocks(rows, plan), plan)
    found = join(blocks(mixed, plan, cuts), plan, window_rows=window)
    assert sorted(found.events) == sorted(expected.events)
    assert sorted(line for lines in found.lines for line in lines) == list(range(2, 2 + len(rows)))
    shuffled = random.Random(seed).sample(rows, len(rows))
    anyhow = join(blocks(shuffled, plan, cuts), plan, window_rows=window)
    assert {key: sorted(ids) for key, ids in anyhow.contents().items()} == expected.contents()


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.dictionaries(st.sampled_from(HEADER[1:]), st.sampled_from(NASTY)), max_size=6))
@pytest.mark.parametrize("value", ["value", {"column": "value", "default": "3", "decimal": ","}])
@pytest.mark.parametrize("group", [BY_ORDER, BY_ORDER | {"value": "sum"}], ids=["once", "sum"])
def test_orders_of_one_row_give_the_bytes_of_rows_that_are_not_joined(
    rows: list[Row], group: dict[str, str], value: object
) -> None:
    rows = [order(number, "A;B")[0] | row | {"order_id": str(number)} for number, row in enumerate(rows)]
    more = {"value": value, "content_ids": {"column": "sku", "separator": ";"}}
    joined, plain = plan_for(group, **more), plan_for(None, **more)
    found = join(blocks(rows, joined), joined)
    expected, rejected = [], []
    for block in blocks(rows, plain):
        prepared = Preparer(plain).prepare(block.columns, block.rows, NOW)
        expected += cut(prepared)
        rejected += [(one.code, int(block.rows[one.index])) for one in prepared.rejected]
        tallied = prepared.tally.findings
    assert found.events == expected
    assert sorted((code, line) for code, lines in found.rejected.items() for line in lines) == sorted(
        rejected
    )
    told = {key: count.count for block in found.prepared for key, count in block.tally.findings.items()}
    assert told == {key: count.count for key, count in tallied.items()}


@pytest.mark.parametrize("cuts", [[], [1], [3, 4, 9], list(range(1, 20))])
def test_where_the_reader_cuts_its_blocks_does_not_matter(cuts: list[int]) -> None:
    plan = plan_for(BY_ORDER)
    rows = interleaved(rows_of([3] * 7), random.Random(5))
    whole = join(blocks(rows, plan), plan, window_rows=8)
    found = join(blocks(rows, plan, cuts), plan, window_rows=8)
    assert (found.events, found.rejected) == (whole.events, whole.rejected)


def test_a_row_within_the_window_is_joined_and_the_one_behind_it_is_rejected() -> None:
    plan = plan_for(BY_ORDER)
    others = [row for number in range(10, 30) for row in order(number, "X")]
    first, second = order(1, "A", "B")
    near = join(blocks([first, *others[:9], second, *others[9:]], plan), plan, window_rows=11)
    assert near.contents()["1"] == ["A", "B"]
    assert near.rejected == {}
    far = join(blocks([first, *others[:10], second, *others[10:]], plan), plan, window_rows=11)
    assert far.contents()["1"] == ["A"]
    assert far.rejected == {"group-too-far": [13]}
    assert len(far.events) == 21


def test_an_order_is_remembered_to_the_end_of_the_file() -> None:
    plan = plan_for(BY_ORDER)
    others = [row for number in range(10, 500) for row in order(number, "X")]
    late = order(1, "B", "C")
    rows = [*order(1, "A"), *others[:200], *late, *others[200:], *order(1, "D")]
    found = join(blocks(rows, plan, range(7, 490, 7)), plan, window_rows=5)
    assert found.contents()["1"] == ["A"]
    assert found.rejected == {"group-too-far": [203, 204, len(rows) + 1]}


def test_one_cell_in_every_row_is_not_one_endless_order() -> None:
    plan = plan_for(BY_ORDER)
    rows = [order(1, f"S{number}")[0] for number in range(50)]
    found = join(blocks(rows, plan, range(9, 50, 9)), plan, window_rows=10)
    assert found.lines == [list(range(2, 12))]
    assert found.rejected == {"group-too-far": list(range(12, 52))}


def test_no_more_than_two_windows_are_read_ahead() -> None:
    plan = plan_for(BY_ORDER)
    rows = rows_of([2] * 500)
    taken = 0

    def source() -> Iterator[RowBlock]:
        nonlocal taken
        for block in blocks(rows, plan, range(10, 1000, 10)):
            taken += len(block.rows)
            yield block

    given_out = 0
    with RunIndex() as closed:
        for block in Grouping(plan, closed, window_rows=50).blocks(source()):
            assert taken - given_out <= 2 * 50 + 10
            assert len(block.blocks) <= 11, (
                "no more of the source than the window is kept for the rejects file"
            )
            given_out += block.count()
    assert given_out == 1000


def test_large_rows_make_the_window_smaller_and_nothing_is_sent_twice() -> None:
    plan = plan_for(BY_ORDER)
    rows = rows_of([2] * 40)
    first, second = order("far", "A", "B")
    rows = [first, *rows, second]
    for row in rows:
        row["shop"] = "x" * 1000
    found = join(blocks(rows, plan, range(5, 80, 5)), plan, window_rows=1000, window_bytes=20_000)
    assert len(found.blocks) > 3
    assert found.rejected == {"group-too-far": [83]}
    assert len(found.events) == 41


def test_a_limit_completes_the_orders_that_it_cuts() -> None:
    plan = plan_for(BY_ORDER)
    rows = [*order(1, "A", "B"), *order(2, "C", "D"), *order(3, "E")]
    mixed = [rows[0], rows[2], rows[1], rows[4], rows[3]]
    found = join(blocks(mixed, plan, [2]), plan, left=2)
    assert found.contents() == {"1": ["A", "B"], "2": ["C", "D"]}
    assert (found.left, sum(block.count() for block in found.blocks)) == (0, 4)
    found = join(blocks(mixed, plan, [2]), plan, left=9)
    assert (len(found.events), found.left) == (3, 4)


def test_a_limit_counts_rows_that_cannot_be_read() -> None:
    plan = plan_for(BY_ORDER)
    rows = rows_of([1] * 10)
    found = join(blocks(rows, plan, [4], bad=[3, 9]), plan, left=3)
    assert (found.lines, found.rejected) == ([[2], [4]], {"short-row": [3]})
    found = join(blocks(rows, plan, [4], bad=[3, 9]), plan)
    assert (len(found.events), found.rejected) == (10, {"short-row": [3, 9]})


def test_reading_ends_once_a_limit_is_reached_and_its_orders_are_complete() -> None:
    plan = plan_for(BY_ORDER)
    rows = rows_of([1] * 100)
    seen: list[int] = []

    def source() -> Iterator[RowBlock]:
        for block in blocks(rows, plan, range(5, 100, 5)):
            seen.append(int(block.rows[-1]))
            yield block

    found = join(source(), plan, left=5, window_rows=10)
    assert (len(found.events), seen[-1]) == (5, 16)


def test_each_order_gives_back_its_own_lines_and_bytes() -> None:
    plan = plan_for(BY_ORDER)
    rows = interleaved(rows_of([3, 2, 4]), random.Random(1))
    (block,) = join(blocks(rows, plan, [4]), plan).blocks
    for place in range(3):
        name = block.columns.column(0)[place].as_py()
        lines = [number + 2 for number, row in enumerate(rows) if row["order_id"] == name]
        assert list(block.records(place)) == [(line, b"%d" % line) for line in lines]
        assert block.raw(place) == b"%d" % lines[0]


def test_a_source_without_rows_has_no_orders() -> None:
    plan = plan_for(BY_ORDER)
    assert join([], plan).blocks == []
    found = join(blocks([], plan, bad=[2]), plan)
    assert (found.events, found.rejected) == ([], {"short-row": [2]})

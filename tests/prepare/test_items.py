"""What is read from every row of an order: contents in each of their forms, ids of contents, the value."""

import json
from typing import Any

import pyarrow as pa
import pytest

from tests.runs.orders import Row, blocks, join, order, plan_for

BY_ORDER = {"by": "order_id"}
SUM = BY_ORDER | {"value": "sum"}


def custom_data(rows: list[Row], group: dict[str, str] = BY_ORDER, **entries: Any) -> dict[str, Any]:
    """Return the custom_data of the one event that the rows are."""
    plan = plan_for(group, **entries)
    (event,) = join(blocks(rows, plan), plan).read()
    found: dict[str, Any] = event["custom_data"]
    return found


def refused(rows: list[Row], group: dict[str, str] = BY_ORDER, **entries: Any) -> dict[str, list[int]]:
    """Return the codes of rejected rows with their lines."""
    plan = plan_for(group, **entries)
    found = join(blocks(rows, plan), plan)
    assert found.events == []
    return found.rejected


def with_values(*values: str) -> list[Row]:
    return [
        row | {"value": value}
        for row, value in zip(order(1, *"ABCDEFGHIJKLMN"[: len(values)]), values, strict=True)
    ]


@pytest.mark.parametrize(
    ("values", "group", "expected"),
    [
        (["12.50", "", ""], BY_ORDER, 12.5),
        (["", "", "12.50"], BY_ORDER, 12.5),
        (["12.50", "12.5", "€ 12.50"], BY_ORDER, 12.5),
        (["10", "2.50", ""], SUM, 12.5),
        (["0.1", "0.2", "19.99"], SUM, 20.29),
        (["30", "-5", "-5"], SUM, 20),
        (["9.99"], SUM, 9.99),
    ],
)
def test_the_value_is_taken_once_or_summed(values: list[str], group: dict[str, str], expected: float) -> None:
    assert custom_data(with_values(*values), group)["value"] == expected


def test_values_that_differ_reject_the_whole_order() -> None:
    assert refused(with_values("10", "2.50", "")) == {"group-value-differs": [2, 3, 4]}


def test_a_value_that_cannot_be_read_rejects_the_whole_order() -> None:
    assert refused(with_values("10", "a lot"), SUM) == {"number-unreadable": [2, 3]}
    huge = ["9" * 30] * 12
    assert refused(with_values(*huge), SUM) == {"number-unreadable": list(range(2, 14))}


def test_a_default_fills_the_value_of_an_order_that_has_none() -> None:
    value = {"column": "value", "default": "7"}
    assert custom_data(with_values("", ""), value=value)["value"] == 7
    assert custom_data(with_values("", "3"), SUM, value=value)["value"] == 3


def test_a_constant_is_the_value_of_the_order() -> None:
    assert custom_data(order(1, "A", "B"), SUM, value={"value": "4"})["value"] == 4


def test_a_sum_is_read_with_the_columns_decimal_sign() -> None:
    value = {"column": "value", "decimal": ","}
    assert custom_data(with_values("1.000,50", "2,25"), SUM, value=value)["value"] == 1002.75


def test_a_currency_that_one_row_contradicts_rejects_the_order() -> None:
    assert refused(with_values("10", "$5"), SUM) == {"value-currency-contradicts": [2, 3]}


def test_rows_with_lists_of_items_are_strung_together() -> None:
    rows = order(1, "A;B", "C", "")
    rows[0]["qty"], rows[0]["price"], rows[2] = "1;2", "5;6", {"order_id": "1"}
    assert custom_data(rows)["contents"] == [
        {"id": "A", "quantity": 1, "item_price": 5},
        {"id": "B", "quantity": 2, "item_price": 6},
        {"id": "C", "quantity": 1, "item_price": 5},
    ]


def test_the_separator_and_the_decimal_sign_of_the_entries_are_kept_to() -> None:
    rows = order(1, "A|B;c", "D")
    rows[0]["qty"], rows[0]["price"], rows[1]["price"] = "1|2", "1,5|2", "3,25"
    contents = {
        "id": {"column": "sku", "separator": "|"},
        "quantity": {"column": "qty", "separator": "|"},
        "item_price": {"column": "price", "separator": "|", "decimal": ","},
    }
    assert custom_data(rows, contents=contents)["contents"] == [
        {"id": "A", "quantity": 1, "item_price": 1.5},
        {"id": "B;c", "quantity": 2, "item_price": 2},
        {"id": "D", "quantity": 1, "item_price": 3.25},
    ]


def test_an_item_without_an_id_is_left_out_and_told_with_its_order() -> None:
    plan = plan_for(BY_ORDER)
    rows = [*order(1, "A"), *order(2, "", "B")]
    found = join(blocks(rows, plan), plan)
    assert found.contents() == {"1": ["A"], "2": ["B"]}
    (prepared,) = found.prepared
    told = prepared.tally.findings["contents-item-without-id", "custom_data.contents"]
    assert (told.count, told.rows) == (1, [3])


def test_an_order_without_any_item_is_an_event_without_contents() -> None:
    rows = [order(1, "A")[0] | {"sku": "", "qty": "", "price": ""}, {"order_id": "1"}]
    assert "contents" not in custom_data(rows)


def test_contents_as_json_are_strung_together_and_a_repeated_list_counts_once() -> None:
    whole = {"contents": "sku", "content_ids": None}
    one, two = '[{"id": "A", "quantity": 2}]', "[{id: 'B'}]"
    rows = order(1, one, two)
    assert custom_data(rows, **whole)["contents"] == [{"id": "A", "quantity": 2}, {"id": "B"}]
    assert custom_data(order(1, one, one, one), **whole)["contents"] == [{"id": "A", "quantity": 2}]
    assert custom_data(order(1, one, "[]"), **whole)["contents"] == [{"id": "A", "quantity": 2}]


def test_content_ids_come_from_every_row() -> None:
    assert custom_data(order(1, "A", "B", "A"), content_ids="sku")["content_ids"] == ["A", "B"]
    several = {"content_ids": {"column": "sku", "separator": ";"}}
    assert custom_data(order(1, "A;B", "C"), **several)["content_ids"] == ["A", "B", "C"]


def test_lists_of_a_nested_source_are_items_too() -> None:
    plan = plan_for(BY_ORDER)
    (block,) = blocks(order(1, "x", "C"), plan)
    columns = {name: block.columns.column(place) for place, name in enumerate(block.columns.schema.names)}
    columns["sku"] = pa.array([["A", "B"], ["C"]])
    columns["qty"] = pa.array([["1", None], ["3"]])
    columns["price"] = pa.array([None, ["4"]], pa.list_(pa.string()))
    nested = type(block)(
        columns=pa.RecordBatch.from_arrays(list(columns.values()), list(columns)), rows=block.rows
    )
    (event,) = join([nested], plan).read()
    assert event["custom_data"]["contents"] == [
        {"id": "A", "quantity": 1},
        {"id": "B"},
        {"id": "C", "quantity": 3, "item_price": 4},
    ]


def test_a_column_that_is_lists_in_one_block_and_texts_in_another() -> None:
    plan = plan_for(BY_ORDER)
    first, second = blocks(order(1, "A", "B"), plan, [1])
    place = first.columns.schema.names.index("sku")
    arrays = list(first.columns.columns)
    arrays[place] = pa.array([["A", "A2"]])
    first = type(first)(
        columns=pa.RecordBatch.from_arrays(arrays, first.columns.schema.names), rows=first.rows
    )
    (event,) = join([first, second], plan, window_rows=5).read()
    assert [item["id"] for item in event["custom_data"]["contents"]] == ["A", "A2", "B"]


def test_a_column_may_fill_an_item_and_a_property_of_the_order() -> None:
    found = custom_data(order(1, "A", "B"), first_sku="sku")
    assert found["first_sku"] == "A"
    assert json.dumps(found["contents"]).count("id") == 2

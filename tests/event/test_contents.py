"""Items of an order: four forms, one result."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.app import normalize_extinfo
from capi_cli.event.normalize.contents import (
    contents_from_items,
    contents_from_lists,
    normalize_contents,
    normalize_json,
)
from capi_cli.event.normalize.scalars import normalize_texts

TWO = '[{"id":"A","quantity":2,"item_price":9.9},{"id":"B","quantity":1,"item_price":5}]'


@pytest.mark.parametrize(
    "text",
    [
        '[{"id":"A","quantity":2,"item_price":9.90},{"id":"B","quantity":1,"item_price":5.00}]',
        '[{"item_price":"9.90","quantity":"2","id":"A"},{"price":5,"id":"B","quantity":1}]',
        "[{id: A, quantity: 2, price: 9.90}, {id: B, quantity: 1, item_price: 5}]",
        "name:Tea | strong: 5;6|sku:A|quantity:2|price:9.90;name:Mug|product_id:B|quantity:1|price:5.00",
        "id:1|name:Tea|product_id:7|sku:A|qty:2|price:9.90|meta:;id:2|name:Mug|sku:B|quantity:1|price:5|total:5",
        "[{'id': 'A', 'quantity': 2.0, 'price': '$9.90', 'title': None}, {'id': 'B', 'quantity': 1, 'price': 5},]",
    ],
)
def test_every_way_to_write_two_items_gives_the_same_text(text: str) -> None:
    assert normalize_contents(text) == TWO


def test_parallel_lists_give_the_same_text() -> None:
    assert contents_from_lists({"id": "A;B", "quantity": "2;1", "item_price": "9.90;5.00"}) == TWO
    assert contents_from_lists({"quantity": ["2", "1"], "price": ["9.90", "5"], "id": ["A", "B"]}) == TWO
    assert (
        contents_from_lists({"id": "A|B", "quantity": "2|1", "price": "9,90|5"}, decimal=",", separator="|")
        == TWO
    )
    assert (
        contents_from_items(
            [{"id": "A", "quantity": 2, "price": "9.90"}, {"id": "B", "quantity": 1, "price": 5}]
        )
        == TWO
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("[]", None),
        ("name:Mug|quantity:1", Finding("contents-item-without-id", None, "1")),
        ("name:|quantity:", None),
        ("product:A", Finding("contents-unreadable")),
        ("[{}]", None),
        ('{"id": 7}', '[{"id":"7"}]'),
        ('[{"id": 7.0, "sku": "x", "brand": "Größe"}]', '[{"id":"7","brand":"Größe","sku":"x"}]'),
        ('[{"quantity":1},{"id":"x"}]', Finding("contents-item-without-id", '[{"id":"x"}]', "1")),
        ('[{"quantity":1},{"id":" "}]', Finding("contents-item-without-id", None, "1")),
        (
            '[{"id":1e999},{"id":"x","delivery_category":1e999}]',
            Finding("contents-item-without-id", '[{"id":"x"}]', "1"),
        ),
        ('[{"id":"x","quantity":"two"}]', Finding("contents-member-unreadable", '[{"id":"x"}]', "1")),
        ('[{"id":"x","item_price":"1,5"}]', Finding("contents-member-unreadable", '[{"id":"x"}]', "1")),
        ('[{"id":"x","delivery_category":"In Store"}]', '[{"id":"x","delivery_category":"in_store"}]'),
        (
            '[{"id":"x","delivery_category":"moon"}]',
            Finding("contents-member-unreadable", '[{"id":"x"}]', "1"),
        ),
        ("SKU-1;SKU-2", Finding("contents-unreadable")),
        ("[1, 2]", Finding("contents-unreadable")),
        ('[{"id":"x"}, "y"]', Finding("contents-unreadable")),
        ("[" * 5000, Finding("contents-unreadable")),
    ],
)
def test_contents(text: str, expected: object) -> None:
    assert normalize_contents(text) == expected


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ({"id": "", "quantity": ""}, None),
        ({"id": "A", "quantity": ""}, '[{"id":"A"}]'),
        ({"id": "A;B", "quantity": "1;"}, '[{"id":"A","quantity":1},{"id":"B"}]'),
        ({"id": "A;;C", "quantity": "1;;3"}, '[{"id":"A","quantity":1},{"id":"C","quantity":3}]'),
        (
            {"id": "A;", "quantity": "1;2"},
            Finding("contents-item-without-id", '[{"id":"A","quantity":1}]', "1"),
        ),
        ({"id": "A;B", "quantity": "1"}, Finding("contents-lists-differ", '[{"id":"A"},{"id":"B"}]', "2")),
        ({"id": "", "quantity": "1;2"}, Finding("contents-item-without-id", None, "2")),
        ({"quantity": "1;2"}, Finding("contents-item-without-id", None, "2")),
    ],
)
def test_lists_that_do_not_line_up(lists: dict[str, str], expected: object) -> None:
    assert contents_from_lists(lists) == expected


@given(
    st.lists(
        st.tuples(
            st.text("abcXYZ019-_", min_size=1, max_size=8), st.integers(1, 99), st.decimals(0, 9999, places=2)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_lists_and_json_agree(items: list[tuple[str, int, object]]) -> None:
    ids, quantities, prices = zip(*items, strict=True)
    as_lists = contents_from_lists(
        {"id": ";".join(ids), "quantity": ";".join(map(str, quantities)), "price": ";".join(map(str, prices))}
    )
    text = "[" + ",".join(f'{{"id":"{i}","quantity":{q},"item_price":{p}}}' for i, q, p in items) + "]"
    assert as_lists == normalize_contents(text)
    assert isinstance(as_lists, str)
    assert [item["id"] for item in json.loads(as_lists)] == list(ids)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ('{"store_code": 12, "x": null}', "store_data", '{"store_code":"12"}'),
        ("{inactivity_window_hours: 24.0}", "attribution_setting", '{"inactivity_window_hours":24}'),
        ("{}", "store_data", None),
        ("", "store_data", None),
        ("[1]", "store_data", Finding("json-unreadable", None, "store_data")),
        ("store 12", "store_data", Finding("json-unreadable", None, "store_data")),
    ],
)
def test_other_nested_fields(text: str, kind: str, expected: object) -> None:
    assert normalize_json(text, kind) == expected


@pytest.mark.parametrize("number", ["1e999", "-1e400", "1.5e-99", "9" * 5000, "1e999999999999"])
def test_a_number_that_no_json_can_carry_costs_its_item_and_no_run(number: str) -> None:
    """Wherever it stands: an item's id or title, an id of content_ids, a part of extinfo, a store's code."""
    good = '{"id":"A"}'
    for text in (f'[{{"id": {number}}}, {{"id": "A"}}]', f'[{{"id": "A", "title": {number}}}]'):
        found = normalize_contents(text)
        assert isinstance(found, Finding)
        assert found.kept in (f"[{good}]", None)
    assert isinstance(normalize_texts(f'["A", {number}]'), Finding)
    assert isinstance(normalize_extinfo(f'["a2", {", ".join([number] * 15)}]'), Finding | str)
    found = normalize_json(f'{{"store_code": {number}, "store_page_id": "1"}}', "store_data")
    assert found in ('{"store_page_id":"1"}', Finding("json-unreadable", None, "store_data"))

"""Nested text: strict JSON exactly, nearly-JSON as it was meant, nothing else."""

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from capi_cli.event.normalize.json_text import quote, read_json, write_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', {"a": 1}),
        ("{a: 1}", {"a": 1}),
        ("{'a': 'it\\'s', b: True, c: None}", {"a": "it's", "b": True, "c": None}),
        ("[1, 2,]", [1, 2]),
        ("{id: SKU-1, title: Blue shirt}", {"id": "SKU-1", "title": "Blue shirt"}),
        ("{id: 007}", {"id": "007"}),
        ('{"p": NaN}', {"p": None}),
        ('{a: "x, {y}: z"}', {"a": "x, {y}: z"}),
        ("{'a': 'say \"hi\"'}", {"a": 'say "hi"'}),
        ('{"p": 19.990000000000000001}', {"p": Decimal("19.990000000000000001")}),
    ],
)
def test_what_was_meant_is_read(text: str, expected: object) -> None:
    assert read_json(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1",
        "{a}",
        "{a: 1} {b: 2}",
        "",
        '{"a": "\\ud800"}',
        '{"\\udc00": 1}',
        "[" * 30 + "]" * 30,
        "[" * 100_000,
        "1" * 5000,
        '{"a": ' + "9" * 40 + "}",
        "'" + "\\" * 99_999,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_json(text)


scalars = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_strict_json_is_read_as_json_and_written_as_orjson_writes_it(value: object) -> None:
    assert read_json(json.dumps(value)) == value
    assert write_json(read_json(json.dumps(value))).encode() == orjson.dumps(value)


@given(values)
def test_python_literals_are_read_as_what_they_show(value: object) -> None:
    shown = repr(value)
    assume("\\" not in shown)  # Python's escapes, such as \\x00, are not JSON's
    assert read_json(shown) == value


@given(st.text())
def test_texts_are_escaped_as_orjson_does(text: str) -> None:
    assert quote(text).encode() == orjson.dumps(text)


@given(st.text(alphabet="{}[],:'\"\\ abc123.tNn", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        found = read_json(text)
    except ValueError:
        return
    assert read_json(write_json(found)) == found

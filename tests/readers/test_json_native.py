"""The loop over lines of JSON says what its twin in Python says, and leaves to it what it can't read."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from capi_cli.native.library import library
from capi_cli.readers import json_header
from capi_cli.readers.block import RowBlock
from capi_cli.readers.json_decoder import LineDecoder
from capi_cli.readers.json_form import form_of, form_of_known
from capi_cli.readers.json_native import FoundLines, NativeLines
from capi_cli.readers.json_values import Path, Paths

NATIVE = library()
pytestmark = pytest.mark.skipif(NATIVE is None, reason="built without its library")

PATHS: list[Path] = [("a",), ("bb",), ("o", "x"), ("o", "p", "q"), ("ö",), ("longer name",), ('q"',), ("o",)]
WANTED: list[Path] = [("ö",), ("a",), ("o", "x"), ("o", "p", "q"), ("longer name",), ("a",), ('q"',)]

NAMES = st.sampled_from(["a", "bb", "o", "x", "p", "q", "ö", "longer name", "longer nam", "other", 'q"', ""])
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["", "x" * 15, "x" * 16, "\\" * 17, '":"', "\U0001f600\u20ac\0\n"]),
).map(json.dumps)
RAW_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\')).map(
    '"{}"'.format
)
NUMBERS = st.one_of(
    st.integers(-(10**45), 10**45).map(str),
    st.sampled_from(
        ["0", "-0", "-0.0", "1e5", "1.0", "1.50E-3", "0.00000001", "01", "1.", ".5", "-", "+1", "1e"]
    ),
    st.from_regex(r"-?(0|[1-9]\d{0,3})\.\d{1,45}", fullmatch=True),
)
WORDS = st.sampled_from(
    [
        "true",
        "false",
        "null",
        "nul",
        "truex",
        "NaN",
        "-Infinity",
        "",
        '"\\ud800"',
        '"\\x"',
        '"\t"',
        '"\x7f"',
        '"\x00"',
    ]
)
SPACE = st.sampled_from(["", "", "", " ", "\t", " \r"])


def _joined(parts: list[str], space: str, marks: str) -> str:
    return marks[0] + space + f"{space},{space}".join(parts) + space + marks[1]


def _object(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = NAMES.map(lambda name: json.dumps(name, ensure_ascii=False))
    member = st.builds(lambda name, space, value: f"{name}{space}:{space}{value}", names, SPACE, values)
    return st.builds(_joined, st.lists(member, max_size=6), SPACE, st.just("{}"))


def _list(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(_joined, st.lists(values, max_size=3), SPACE, st.just("[]"))


SCALARS = st.one_of(TEXTS, RAW_TEXTS, NUMBERS, WORDS)
NESTED = st.recursive(SCALARS, lambda values: _object(values) | _list(values), max_leaves=8)
PLAIN = _object(st.one_of(TEXTS, RAW_TEXTS, st.just("null"), st.just("12.50")))
LINES = st.one_of(
    PLAIN.map(str.encode),
    PLAIN.map(str.encode),
    _object(NESTED).map(str.encode),
    st.tuples(_object(NESTED), st.integers(0, 40)).map(lambda cut: cut[0].encode()[: cut[1]]),
    st.sampled_from(
        [
            b"",
            b" \r",
            b"\r",
            b"[1]",
            b'{"a":1}}',
            b'{"a":1} ',
            b' {"a":1}',
            b'{"a":"\xff"}',
            b"\xef\xbb\xbf{}",
        ]
    ),
)


def _assert_same(found: RowBlock, expected: RowBlock) -> None:
    assert found.columns.equals(expected.columns)
    found.columns.validate(full=True)
    assert found.rows.tolist() == expected.rows.tolist()
    assert found.bad == expected.bad
    assert [found.raw(n) for n in range(len(found.rows))] == [expected.raw(n) for n in range(len(found.rows))]


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=10), st.integers(1, 12), st.sampled_from([b"", b"\r"]))
@example([b'{"a":1,"bb":2}', b'{"a":1,"a":2}', b'{"a":"\\u00e9","o":{"x":1,"p":{"q":"z"}}}'], 5, b"")
@example([b'{"a":1}', b'{"a":[1]}', b'{"a":"x"}', b"{"], 5, b"")
@example([b'{"a":1}', b'{"a":[]}', b'{"a":"x"}'], 5, b"")
def test_the_loop_equals_its_twin(lines: list[bytes], most_lines: int, end: bytes) -> None:
    assert NATIVE is not None
    text = b"above\n" + b"".join(line + end + b"\n" for line in lines) + b"half"
    twin = LineDecoder(WANTED, "UTF-8", most_lines)
    native = NativeLines(NATIVE, PATHS, WANTED, twin, most_lines)
    at, line = 6, 7
    while (expected := twin.parse(text, at, line=line, bytes_read=3)) is not None:
        found = native.parse(text, at, line=line, bytes_read=3)
        assert found is not None and (found.consumed, found.lines) == (expected.consumed, expected.lines)
        assert found.block is not None and expected.block is not None
        _assert_same(found.block, expected.block)
        at, line = at + found.consumed, line + found.lines
    assert native.parse(text, at, line=line, bytes_read=3) is None
    assert text[at:] == b"half"


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=12), st.integers(0, 6))
@example([b'{"a":1}', b'{"a":1,"new":2}', b'{"a":{"x":1}}', b'{"late":[]}'], 1)
@example([b'{"o":{}}', b'{"o":1,"other":{"x":{}}}', b'{"other":{"x":1}}'], 1)
def test_the_header_is_the_same_where_the_loop_looks_for_new_members(lines: list[bytes], judged: int) -> None:
    lines = [line for line in lines if line.strip()]
    one, other = Paths(), Paths()
    assert json_header._add(one, lines[:judged]) == json_header._add_judged(other, lines[:judged], [])
    assert json_header._add(one, lines[judged:]) == json_header._add_judged(other, lines[judged:], [])
    assert one.paths() == other.paths()


def _odd(text: bytes, *, known: bool = False) -> list[int]:
    """Return the numbers of the odd lines."""
    assert NATIVE is not None
    form = form_of_known(PATHS[:5], [("o",), ("o", "p")], 100) if known else form_of(PATHS, WANTED, 100)
    return FoundLines(NATIVE, form, pa.py_buffer(text)).odd[:, 2].tolist()


@pytest.mark.parametrize(
    "line",
    [
        '{"a":"x","bb":1,"o":{"x":true,"p":{"q":null}}}',
        '{ "bb" : -0.50 ,\t"a" : "\\ud83d\\ude00\\/" } \r',
        '{"new":[1,{"x":[[],{}]},"\\u0041"],"a":12345678901234567890,"other":{"a":[1e5]}}'.replace(
            "1e5", "15"
        ),
        '{"o":null,"a":"José"}',
        "{}",
    ],
)
def test_what_the_loop_reads_itself(line: str) -> None:
    assert _odd(line.encode() + b"\n") == []


@pytest.mark.parametrize(
    "line",
    [
        '{"a":1e5}',
        '{"a":-0}',
        '{"a":[]}',
        '{"a":{}}',
        '{"a":1,"a":2}',
        '{"\\u0061":1}',
        '{"z":' + "[" * 40 + "]" * 40 + "}",
    ],
)
def test_what_it_leaves(line: str) -> None:
    assert _odd(line.encode() + b"\n{}\n") == [0]


def test_lines_with_members_that_are_not_known_yet() -> None:
    lines = ['{"a":[1,{"x":2}],"o":{"p":{}}}', '{"new":1}', '{"a":{}}', '{"o":{"new":1}}', '{"o":1}']
    assert _odd("".join(line + "\n" for line in lines).encode(), known=True) == [1, 2, 3]


def test_where_the_values_of_a_row_stand() -> None:
    assert NATIVE is not None
    form = form_of([("a",)], [("a",)], 10)
    found = FoundLines(NATIVE, form, pa.py_buffer(b'{"a":"xy"}\n{"a":"\\n"}\n{"a":null}\n{"b":1}\n{"a":'))
    assert found.spans[:4].tolist() == [[[6, 2]], [[17, -2]], [[27, 0]], [[0, 0]]]
    assert (found.consumed, found.lines, found.sound) == (41, 4, True)
    assert found.rows.tolist() == [[0, 11, 22, 33], [10, 21, 32, 40], [0, 1, 2, 3]]
    assert found.rows.dtype == np.int64

"""JSON lines: numbers exact, members by dotted paths, one bad line costs one row."""

import json
import random
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capi_cli.errors import SourceError
from capi_cli.readers.json_decoder import LineDecoder
from capi_cli.readers.json_values import number_text
from capi_cli.readers.scan import scan_records
from tests.readers.reading import open_text, raws, read


def _open(tmp_path: Path, content: bytes | str):
    return open_text(tmp_path, content, "orders.jsonl")


def test_cells(tmp_path: Path) -> None:
    reader = _open(
        tmp_path,
        '{"id": 12345678901234567890123, "value": 19.90, "ok": true, "no": null, "e": "", "x": 1e5, "n": -0.10}\n'
        '{"id": "o2", "value": 0.1234567890123456789, "ok": false, "x": 1E-7, "extra": 1}\n',
    )
    assert reader.header == ("id", "value", "ok", "no", "e", "x", "n", "extra")
    rows, lines, bad = read(reader)
    assert rows == [
        ("12345678901234567890123", "19.90", "true", None, None, "100000", "-0.10", None),
        ("o2", "0.1234567890123456789", "false", None, None, "0.0000001", None, "1"),
    ]
    assert (lines, bad) == ([1, 2], [])


def test_nested_members(tmp_path: Path) -> None:
    reader = _open(
        tmp_path,
        '{"customer":{"email":"a@example.com","address":{"zip":"02139"}},"tags":["x",1,null,true],'
        '"items":[{"id":"a","price":19.90}],"empty":[]}\n'
        '{"customer":null,"tags":"one","items":null}\n'
        '{"customer":"text","tags":[]}\n',
    )
    assert reader.header == (
        "customer.email",
        "customer.address.zip",
        "tags",
        "items",
        "empty",
        "customer",
        "customer.address",
    )
    rows, _, bad = read(reader)
    assert rows[0] == (
        "a@example.com",
        "02139",
        ["x", "1", "true"],
        '[{"id":"a","price":19.90}]',
        [],
        '{"email":"a@example.com","address":{"zip":"02139"}}',
        '{"zip":"02139"}',
    )
    assert rows[1] == (None, None, ["one"], None, None, None, None)
    assert rows[2] == (None, None, [], None, None, "text", None)
    assert bad == []


def test_a_name_that_holds_a_dot(tmp_path: Path) -> None:
    reader = _open(tmp_path, '{"a.b": 1, "a": {"b": 2}}\n')
    assert reader.header == ("a.b", "a.b", "a")
    assert read(reader)[0] == [("1", "2", '{"b":2}')]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"a": NaN}', "broken-json"),
        (b'{"a": -Infinity}', "broken-json"),
        (b'{"a": "\\ud800"}', "broken-json"),
        (b'{"a": "\\udc00x"}', "broken-json"),
        (b'{"a": 1', "broken-json"),
        (b'{"a": 1} {"a": 2}', "broken-json"),
        (b'{"a": 1}}', "broken-json"),
        (b'{"a": 01}', "broken-json"),
        (b'{"a": "x\ty"}', "broken-json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "broken-json"),
        (b'{"a": 1e99999999999999999999}', "broken-json"),
        (b"[1, 2]", "json-not-object"),
        (b'"text"', "json-not-object"),
        (b"null", "json-not-object"),
        (b'{"a": ' + b"[" * 3000 + b"]" * 3000 + b"}", "json-too-deep"),
        (b'{"z": "\xff"}', "bad-encoding"),
        (b"garbage", "broken-json"),
    ],
)
def test_one_bad_line_costs_one_row(tmp_path: Path, line: bytes, code: str) -> None:
    content = b'{"a": 1}\n\n' + line + b'\n{"a": 3}\n'
    options = {"encoding": "utf-8"} if code == "bad-encoding" else {}
    reader = open_text(tmp_path, content, "orders.jsonl", **options)
    rows, lines, bad = read(reader, [0])
    assert (rows, lines) == ([("1",), ("3",)], [1, 4])
    assert bad == [(3, code, line)]
    assert code == "bad-encoding" or raws(reader) == [b'{"a": 1}', b'{"a": 3}']


def test_what_is_told_of_a_broken_line(tmp_path: Path) -> None:
    content = '{"a": 1}\n{"a": NaN}\n{"a": "secret\n{"a": "\\ud800"}\n'
    details = [bad.detail for block in _open(tmp_path, content).blocks([0]) for bad in block.bad]
    assert details == [
        ": NaN or Infinity at byte 7",
        ": it ends too early",
        ": half of a surrogate pair stands alone",
    ]


def test_lines_end_with_lf_only(tmp_path: Path) -> None:
    rows, lines, bad = read(_open(tmp_path, '\ufeff{"a": "x\u2028y\u0085"}\r\n   \n{"a": 2}'))
    assert (rows, lines, bad) == ([("x\u2028y\u0085",), ("2",)], [1, 3], [])


def test_a_truncated_last_line(tmp_path: Path) -> None:
    rows, _, bad = read(_open(tmp_path, b'{"a": 1}\n{"a": 2}\n{"a": 19.9'))
    assert len(rows) == 2
    assert [(b[0], b[1]) for b in bad] == [(3, "broken-json")]


def test_two_objects_on_a_line_are_not_two_rows(tmp_path: Path) -> None:
    # As many objects as lines, yet not one on each.
    rows, _, bad = read(_open(tmp_path, '{"a": 1} {"a": 2}\n{"a": 3}\n{"a":\n1}\n'))
    assert rows == [("3",)]
    assert [b[0] for b in bad] == [1, 3, 4]


def test_cp1252_is_only_suggested(tmp_path: Path) -> None:
    content = '{"a": "José"}\n'.encode("cp1252")
    with pytest.raises(SourceError, match=r"Line 1 of .* is not UTF-8; probably cp1252"):
        read(open_text(tmp_path, content, "orders.jsonl"))
    assert read(open_text(tmp_path, content, "orders.jsonl", encoding="cp1252"))[0] == [("José",)]


def test_duplicate_keys_are_noted(tmp_path: Path) -> None:
    reader = _open(tmp_path, '{"a": 1, "b": "x"}\n{"a": 1, "a": 2}\n')
    assert any("duplicate keys" in note and "row 2" in note for note in reader.notes)
    assert read(reader)[0] == [("1", "x"), ("2", None)]
    assert _open(tmp_path, '{"a": {"a": [{"a": 1}]}}\n').notes == ()


def test_members_that_come_late(tmp_path: Path) -> None:
    lines = ['{"a": 1}'] * 9_999 + ['{"a": 1, "b": 2}'] + ['{"a": 1, "c": 3}'] * 5
    reader = _open(tmp_path, "\n".join(lines))
    assert reader.header == ("a", "b")
    rows = read(reader)[0]
    assert (len(rows), rows[9_999]) == (10_004 + 1, ("1", "2"))


def test_a_line_that_never_ends(tmp_path: Path) -> None:
    content = b'{"a": 1}\n{"a": "' + b"x" * (40 << 20) + b'"}\n{"a": 3}\n'
    rows, lines, bad = read(_open(tmp_path, content))
    assert (rows, lines) == ([("1",), ("3",)], [1, 3])
    assert [(b[0], b[1]) for b in bad] == [(2, "cell-too-large")]


def test_files_of_other_programs(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "n": [1, 2], "value": [19.99, 5.5], "s": ['q"uote\n', None]})
    expected = [("a", "1", "19.99", 'q"uote\n'), ("b", "2", "5.5", None)]
    frame.to_json(tmp_path / "pandas.jsonl", orient="records", lines=True)
    pl.from_pandas(frame).write_ndjson(tmp_path / "polars.jsonl")
    duckdb.from_df(frame).query("t", f"COPY (FROM t) TO '{tmp_path}/duckdb.jsonl' (FORMAT json)")
    for name in ("pandas", "polars", "duckdb"):
        assert read(_open(tmp_path, (tmp_path / f"{name}.jsonl").read_bytes()))[0] == expected, name


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
LINES = st.one_of(
    st.dictionaries(st.sampled_from("abcd"), st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=4),
    st.sampled_from(
        [b"", b"  ", b"{", b'{"a":1}{"a":2}', b'{"a":\xff}', b'{"a":NaN}', b"[1]", b'{"a":{"b":1}}', b"}"]
    ),
)


def _encode(line: object) -> bytes:
    if isinstance(line, bytes):
        return line
    texts = {f"\0{n}": str(v) for n, v in enumerate(_decimals(line))}
    found = json.dumps(_marked(line, iter(texts)), ensure_ascii=False)
    for mark, number in texts.items():
        found = found.replace(json.dumps(mark), number)
    return found.encode()


def _decimals(value: object) -> list[Decimal]:
    if isinstance(value, Decimal):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [d for v in values for d in _decimals(v)]


def _marked(value: object, marks) -> object:
    if isinstance(value, Decimal):
        return next(marks)
    if isinstance(value, dict):
        return {k: _marked(v, marks) for k, v in value.items()}
    return [_marked(v, marks) for v in value] if isinstance(value, list) else value


def _expected(line: bytes) -> object:
    """What Python's own json makes of the line: a dict, None for a blank one, ... for one that is no row."""

    def refuse(_: str) -> None:
        raise ValueError

    if not line.strip():
        return None
    try:
        found = json.loads(line.decode(), parse_float=Decimal, parse_constant=refuse)
    except ValueError:
        return ...
    return found if isinstance(found, dict) else ...


def _cell(value: object) -> object:
    if isinstance(value, list):
        return [c for v in value if (c := _cell(v)) is not None] or ([] if value == [] else None)
    if isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return None if value in (None, "") else str(value)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=8))
def test_decoding_equals_pythons_own_json(lines: list) -> None:
    encoded = [_encode(line) for line in lines]
    data = b"".join(line + b"\n" for line in encoded)
    if not data:
        return
    scan = scan_records(data, b"", at_end=True, max_rows=1000)
    assert scan is not None
    block = LineDecoder([("a",), ("b",)], "UTF-8", 1000).block(data, scan, 1, 0)
    expected = [(n, _expected(line)) for n, line in enumerate(encoded, 1)]
    good = [(n, row) for n, row in expected if isinstance(row, dict)]
    assert block.rows.tolist() == [n for n, _ in good]
    assert [bad.row for bad in block.bad] == [n for n, row in expected if row is ...]
    for number, name in enumerate("ab"):
        cells = [_cell(row.get(name)) for _, row in good]
        if any(isinstance(cell, list) and cell for cell in cells) or "list" in str(
            block.columns.column(number).type
        ):
            cells = [cell if isinstance(cell, list) or cell is None else [cell] for cell in cells]
        else:  # objects, and perhaps empty lists beside them, which say nothing there
            cells = [None if cell == [] else cell for cell in cells]
        assert block.columns.column(number).to_pylist() == cells


def test_numbers_of_absurd_size_keep_their_exponent() -> None:
    assert number_text(Decimal("1E+5")) == "100000"
    assert number_text(Decimal("1E-400")) == "1E-400"


def test_blocks_are_bounded(tmp_path: Path) -> None:
    dice = random.Random(3)
    content = "\n".join(json.dumps({"n": n, "x": "y" * dice.randrange(200)}) for n in range(40_000))
    at = 0
    for block in _open(tmp_path, content).blocks([0]):
        assert len(block.data) <= 2 << 20
        assert len(block.rows) <= 16_384
        assert block.columns.column(0).to_pylist() == [str(n) for n in range(at, at + len(block.rows))]
        at += len(block.rows)
    assert at == 40_000


def test_an_empty_list_is_a_list_of_none_and_nothing_beside_objects(tmp_path: Path) -> None:
    reader = _open(
        tmp_path,
        '{"items": [{"id": "a", "price": 1.50}], "mails": []}\n{"items": [], "mails": ["x", "y"]}\n',
    )
    rows, _, bad = read(reader)
    assert rows == [('[{"id":"a","price":1.50}]', []), (None, ["x", "y"])]
    assert bad == []


def test_names_that_hold_quotes_and_control_characters(tmp_path: Path) -> None:
    reader = _open(tmp_path, '{"a\\"b": "1", "c\\u0000d": {"e\\\\f": 2}}\n[]\n{"a\\"b": null}\n')
    assert reader.header == ('a"b', "c\0d.e\\f", "c\0d")
    rows, lines, bad = read(reader)
    assert rows == [("1", "2", '{"e\\\\f":2}'), (None, None, None)]
    assert (lines, [line for line, *_ in bad]) == ([1, 3], [2])

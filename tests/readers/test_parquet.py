"""Parquet: every Arrow type as text on purpose, one giant row group in little memory, damage told once."""

import datetime as dt
import random
import uuid
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.errors import SourceError
from capi_cli.readers.arrow_text import to_text
from capi_cli.readers.expand import expand
from tests.readers.reading import opened, read

BERLIN = "Europe/Berlin"
AT = dt.datetime(2024, 3, 5, 10, 11, 12, 340000)  # noqa: DTZ001 - Arrow takes it as UTC


def _open(path: Path):
    return opened(expand([str(path)])[0])


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array(["a", "", None]), ["a", None, None]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.array(["a", ""], pa.string_view()), ["a", None]),
        (pa.array(["x", "y", None, "x"]).dictionary_encode(), ["x", "y", None, "x"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([-128, None], pa.int8()), ["-128", None]),
        (pa.array([1.0, None, 15551234567.0, 19.99, -0.0, 1e20, 1e-7]), None),
        (pa.array([float("nan"), float("inf"), -float("inf")]), ["NaN", "Infinity", "-Infinity"]),
        (pa.array([19.99, 3.0], pa.float32()), ["19.99", "3"]),
        (pa.array(np.array([1.5, 2.0], np.float16)), ["1.5", "2"]),
        (pa.array([Decimal("19.90"), Decimal("0.00")]), ["19.90", "0.00"]),
        (pa.array([Decimal("0.00000001")]), ["0.00000001"]),
        (
            pa.array([Decimal("12345678901234567890123456789012345678901234567.8")], pa.decimal256(60, 1)),
            ["12345678901234567890123456789012345678901234567.8"],
        ),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([AT], pa.timestamp("us")), ["2024-03-05T10:11:12.34"]),
        (pa.array([AT], pa.timestamp("us", tz=BERLIN)), ["2024-03-05T10:11:12.34Z"]),
        (pa.array([AT.replace(microsecond=0)], pa.timestamp("ns", tz="UTC")), ["2024-03-05T10:11:12Z"]),
        (pa.array([0, None], pa.timestamp("s")), ["1970-01-01T00:00:00", None]),
        (pa.array([-1], pa.timestamp("ms")), ["1969-12-31T23:59:59.999"]),
        (pa.array([dt.date(2024, 2, 29)]), ["2024-02-29"]),
        (pa.array([dt.date(2024, 2, 29)], pa.date64()), ["2024-02-29"]),
        (pa.array([dt.time(10, 20, 30)], pa.time64("us")), ["10:20:30"]),
        (pa.array([90], pa.duration("s")), ["90"]),
        (pa.array([b"ana", b"\xff\x00", b""], pa.binary()), ["ana", "ff00", None]),
        (pa.array([bytes(32)], pa.binary(32)), ["00" * 32]),
        (pa.array([b"abc"], pa.binary(3)), ["abc"]),
        (pa.nulls(2), [None, None]),
        (pa.array([["a", None, ""], [], None, ["b"], [None]]), [["a"], [], None, ["b"], None]),
        (pa.array([[1, 2], [3]]), [["1", "2"], ["3"]]),
        (pa.array([[1.0, 2.5]], pa.list_(pa.float64(), 2)), [["1", "2.5"]]),
        (pa.array([["x"]], pa.large_list(pa.large_string())), [["x"]]),
        (
            pa.array([[{"id": "a", "price": Decimal("19.90")}], [], None]),
            ['[{"id":"a","price":19.90}]', None, None],
        ),
        (pa.array([{"a": 1.0, "b": dt.date(2024, 1, 2)}]), ['{"a":1,"b":"2024-01-02"}']),
        (pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())), ['{"k":1}', None]),
        (pa.array([[[1], [2, 3]]]), ["[[1],[2,3]]"]),
    ],
)
def test_types(array: pa.Array, texts: list | None) -> None:
    if texts is None:
        texts = [None if v is None else format(Decimal(str(v)).normalize(), "f") for v in array.to_pylist()]
        texts = ["0" if t == "-0" else t for t in texts]
    found = to_text(array)
    assert found.to_pylist() == texts
    assert found.type in (pa.string(), pa.list_(pa.string()))
    assert to_text(array.slice(1)).to_pylist() == texts[1:]


def test_uuid() -> None:
    one = uuid.UUID(int=5)
    assert to_text(
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([one.bytes, None], pa.binary(16)))
    ).to_pylist() == [
        str(one),
        None,
    ]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_doubles_are_exact_and_never_have_an_exponent(values: list[float]) -> None:
    for text, value in zip(to_text(pa.array(values, pa.float64())).to_pylist(), values, strict=True):
        assert float(text) == value
        assert "e" not in text.lower() or abs(value) > 1e40 or abs(value) < 1e-40
        assert not text.endswith(".0")


def test_a_file(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [1, 2],
            "customer": [{"email": "a@example.com", "address": {"zip": "02139"}}, None],
            "items": [[{"id": "x"}], None],
            "a.b": ["dot", None],
        }
    )
    pq.write_table(table, tmp_path / "o.parquet")
    reader = _open(tmp_path / "o.parquet")
    assert reader.header == (
        "id",
        "customer.email",
        "customer.address.zip",
        "items",
        "a.b",
        "customer",
        "customer.address",
    )
    rows, lines, bad = read(reader)
    assert rows[0][:5] == ("1", "a@example.com", "02139", '[{"id":"x"}]', "dot")
    assert rows[0][5:] == ('{"email":"a@example.com","address":{"zip":"02139"}}', '{"zip":"02139"}')
    assert rows[1] == ("2", None, None, None, None, None, None)
    assert (lines, bad) == ([1, 2], [])
    assert read(reader, [4, 0])[0] == [("dot", "1"), (None, "2")]
    assert read(reader, [])[0] == [(), ()]


def test_duplicate_names(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["1"]), pa.array(["2"]), pa.array(["3"])], ["e", "x", "e"])
    pq.write_table(table, tmp_path / "o.parquet")
    assert read(_open(tmp_path / "o.parquet"))[0] == [("1", "2", "3")]
    assert read(_open(tmp_path / "o.parquet"), [2])[0] == [("3",)]


def test_zero_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.string())}), tmp_path / "o.parquet")
    assert read(_open(tmp_path / "o.parquet")) == ([], [], [])


def test_files_of_other_programs(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"id": [1.0, None, 3.0], "s": ["a", None, "c"], "t": pd.to_datetime(["2024-03-05"] * 3)}
    )
    expected = [
        ("1", "a", "2024-03-05T00:00:00"),
        (None, None, "2024-03-05T00:00:00"),
        ("3", "c", "2024-03-05T00:00:00"),
    ]
    frame.to_parquet(tmp_path / "pandas.parquet")
    pl.from_pandas(frame).write_parquet(tmp_path / "polars.parquet")
    duckdb.from_df(frame).write_parquet(str(tmp_path / "duckdb.parquet"))
    for name in ("pandas", "polars", "duckdb"):
        assert read(_open(tmp_path / f"{name}.parquet"))[0] == expected, name


def test_row_numbers_and_progress_over_row_groups(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": list(range(30_000))}), tmp_path / "o.parquet", row_group_size=7_000)
    reader = _open(tmp_path / "o.parquet")
    at = 0
    for block in reader.blocks([0]):
        assert block.rows.tolist() == list(range(at + 1, at + 1 + len(block.rows)))
        assert len(block.rows) <= 8192
        at += len(block.rows)
    assert at == 30_000
    assert block.bytes_read == reader.total_bytes


def test_truncated(tmp_path: Path) -> None:
    path = tmp_path / "o.parquet"
    pq.write_table(pa.table({"a": ["x"] * 1000}), path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(SourceError, match="cut short"):
        _open(path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "o.parquet"
    pq.write_table(
        pa.table({"a": [f"x{n}" for n in range(5000)]}), path, write_page_checksum=True, compression="none"
    )
    content = bytearray(path.read_bytes())
    content[content.index(b"x4000")] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(SourceError, match="checksum"):
        read(_open(path))


def test_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "o.parquet"
    path.write_bytes(b"PARE" + b"\0" * 100 + b"PARE")
    with pytest.raises(SourceError, match="encrypted"):
        _open(path)


def test_mutated_files_end_in_one_message(tmp_path: Path) -> None:
    path = tmp_path / "o.parquet"
    pq.write_table(
        pa.table({"a": [f"x{n}" for n in range(500)], "b": list(range(500))}), path, write_page_checksum=True
    )
    whole = path.read_bytes()
    dice = random.Random(11)
    told = 0
    for _ in range(60):
        content = bytearray(whole)
        content[dice.randrange(4, len(content) - 4)] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(content))
        try:
            rows = read(_open(path))[0]
        except SourceError as error:
            assert error.hint
            told += 1
        else:
            assert len(rows) <= 500
    assert told > 10


def test_one_giant_row_group_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "giant.parquet"
    count = 300_000
    numbers = pa.array(range(count))
    texts = pa.array([f"{number * 7919 % 1_000_003}@example.com" for number in range(count)])
    table = pa.table(
        {"id": numbers, "email": texts, "note": pc.binary_join_element_wise(texts, texts, texts, " ")}
    )
    pq.write_table(table, path, row_group_size=count, compression="none", use_dictionary=False)
    del table, numbers, texts
    assert path.stat().st_size > 24 << 20
    reader = opened(expand([str(path)])[0])
    before, most, rows = pa.total_allocated_bytes(), 0, 0
    for block in reader.blocks([0, 1]):
        rows += len(block.rows)
        most = max(most, pa.total_allocated_bytes() - before)
    assert rows == count
    assert most < 6 << 20

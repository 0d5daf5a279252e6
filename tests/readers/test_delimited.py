"""Delimited text as it really arrives."""

import codecs
import csv
import io
import random
import time
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from capi_cli.errors import ConfigurationError, SourceError, UsageError
from tests.readers.reading import open_text, raws, read

ROWS = [("o1", "ana@example.com", "19.99"), ("o2", None, "5"), ("o3", "josé@example.com", "1,5")]


def test_cells_are_text_and_lines_are_physical(tmp_path: Path) -> None:
    reader = open_text(tmp_path, 'id,zip,note\n1,02139,"two\nlines"\n\n2,007,NA\n3,,""\n')
    rows, lines, bad = read(reader)
    assert rows == [("1", "02139", "two\nlines"), ("2", "007", "NA"), ("3", None, None)]
    assert (lines, bad) == ([2, 5, 6], [])
    assert raws(reader) == [b'1,02139,"two\nlines"', b"2,007,NA", b'3,,""']


def test_only_wanted_columns_in_the_order_asked_for(tmp_path: Path) -> None:
    reader = open_text(tmp_path, "a,b,c\n1,2,3\n")
    assert read(reader, [2, 0])[0] == [("3", "1")]
    assert read(reader, [])[0] == [()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_sniffed(tmp_path: Path, delimiter: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([("id", "email", "value"), *ROWS])
    reader = open_text(tmp_path, out.getvalue())
    assert read(reader)[0] == ROWS
    assert reader.header == ("id", "email", "value")


def test_decimal_commas_do_not_make_a_comma_the_delimiter(tmp_path: Path) -> None:
    reader = open_text(tmp_path, "id;betrag;mwst\n1;19,99;3,80\n2;5,00;0,95\n3;7,10;1,35\n")
    assert read(reader)[0][0] == ("1", "19,99", "3,80")


def test_sep_line(tmp_path: Path) -> None:
    reader = open_text(tmp_path, "sep=;\r\nid;email\r\n1;a,b@example.com\r\n")
    assert reader.header == ("id", "email")
    assert read(reader) == ([("1", "a,b@example.com")], [3], [])


def test_one_column_is_said(tmp_path: Path) -> None:
    reader = open_text(tmp_path, "email\nana@example.com\n\nbo@example.com\n")
    assert read(reader)[:2] == ([("ana@example.com",), ("bo@example.com",)], [2, 4])
    assert any("only one column" in note for note in reader.notes)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(tmp_path: Path, end: str, last: bool) -> None:
    content = end.join(["a,b", "1,2", "3,4"]) + (end if last else "")
    assert read(open_text(tmp_path, content)) == ([("1", "2"), ("3", "4")], [2, 3], [])


def test_mixed_line_ends(tmp_path: Path) -> None:
    rows, lines, bad = read(open_text(tmp_path, b"a,b\r\n1,2\n3,4\r5,6\r\n\r\n7,8"))
    assert [r[0] for r in rows] == ["1", "3", "5", "7"]
    assert (lines, bad) == ([2, 3, 4, 6], [])


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)],
)
def test_byte_order_marks(tmp_path: Path, encoding: str, mark: bytes) -> None:
    reader = open_text(tmp_path, mark + "id,naïve\r\n1,東京\r\n".encode(encoding))
    assert reader.header == ("id", "naïve")
    assert read(reader)[0] == [("1", "東京")]


def test_cp1252_is_only_suggested(tmp_path: Path) -> None:
    content = "id,name\n1,José\n2,Ana\n".encode("cp1252")
    with pytest.raises(SourceError) as caught:
        open_text(tmp_path, content)
    assert "Line 2 of" in caught.value.message
    assert "not UTF-8; probably cp1252" in caught.value.message
    assert "--encoding cp1252" in caught.value.hint
    assert "Jos" not in caught.value.message + caught.value.hint
    assert read(open_text(tmp_path, content, encoding="cp1252"))[0] == [("1", "José"), ("2", "Ana")]


def test_a_bad_byte_far_down_rejects_its_row(tmp_path: Path) -> None:
    lines = [b"id,name"] + [b"%d,Ana" % n for n in range(120_000)]
    lines[110_000] = b"x,Jos\xe9"
    rows, _, bad = read(open_text(tmp_path, b"\n".join(lines)))
    assert len(rows) == 119_999
    assert bad == [(110_001, "bad-encoding", b"x,Jos\xe9")]


def test_a_bad_byte_past_the_sample_but_early_stops(tmp_path: Path) -> None:
    lines = [b"id,name"] + [b"%d,%s" % (n, b"A" * 300) for n in range(9_000)]
    lines[8_000] = b"x,Jos\xe9"
    reader = open_text(tmp_path, b"\n".join(lines))
    with pytest.raises(SourceError, match=r"Line 8001 of .* is not UTF-8"):
        read(reader)
    assert [b[0] for b in read(open_text(tmp_path, b"\n".join(lines), encoding="utf-8"))[2]] == [8001]


def test_a_bad_byte_in_the_first_mebibyte_but_past_the_first_rows_rejects_its_row(tmp_path: Path) -> None:
    lines = b"".join(b"%d,x\n" % n for n in range(10_000))
    rows, _, bad = read(open_text(tmp_path, b"a,b\n" + lines + b"y,\xfc\n" + lines))
    assert len(rows) == 20_000
    assert bad == [(10_002, "bad-encoding", b"y,\xfc")]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Bestellnummer,Größe\n1,größer\n" * 9, "cp1252"),
        ("注文番号,電話番号\n1,東京\n", "shift_jis"),
        ("order_id,email,電話番号です\n1,a@example.com,x\n", "shift_jis"),
        ("订单,电话\n1,北京\n", "gb18030"),
        ("заказ,телефон\n1,Москва\n", "cp1251"),
    ],
)
def test_the_encoding_that_is_suggested_reads_the_file(tmp_path: Path, text: str, encoding: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_text(tmp_path, text.encode(encoding))
    assert f"--encoding {encoding}" in caught.value.hint
    reader = open_text(tmp_path, text.encode(encoding), encoding=encoding)
    assert ",".join(reader.header) == text.split("\n")[0]


def test_utf16_without_its_mark_by_option(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        for said in ("utf-16", encoding):
            assert read(open_text(tmp_path, "a,b\n1,ä\n".encode(encoding), encoding=said))[0] == [("1", "ä")]


def test_bytes_that_a_named_encoding_lacks(tmp_path: Path) -> None:
    rows, _, bad = read(open_text(tmp_path, b"id,name\n1,a\x81b\n2,\xe9\n", encoding="cp1252"))
    assert rows == [("2", "é")]
    assert [(b[0], b[1]) for b in bad] == [(2, "bad-encoding")]


@pytest.mark.parametrize(
    ("content", "rows", "bad"),
    [
        ("a,b,c\n1,2\n4,5,6\n", ["4"], [(2, "short-row")]),
        ("a,b,c\n1,2,3\n1,2,3,4\n", ["1"], [(3, "long-row")]),
        ('a,b,c\n1,6" nail,3\n4,5,6\n', ["4"], [(2, "stray-quote")]),
        ('a,b,c\n1,"x" y,3\n4,5,6\n', ["4"], [(2, "stray-quote")]),
        ('a,b,c\n1,"x,3\n4,5,6\n7,8,9\n', ["4", "7"], [(2, "unclosed-quote")]),
        ('a,b,c\n1,"x,3\n4,"5",6\n7,8,9\n', ["4", "7"], [(2, "stray-quote")]),
        ("a,b,c\n1,x\0y,3\n4,5,6\n", ["4"], [(2, "nul-byte")]),
        ('a,b,c\n"1","2\n",3,4\n5,6,7\n', ["5"], [(2, "unclosed-quote"), (3, "unclosed-quote")]),
    ],
)
def test_one_bad_record_costs_one_row(tmp_path: Path, content: str, rows: list[str], bad: list) -> None:
    found, _, wrong = read(open_text(tmp_path, content))
    assert [row[0] for row in found] == rows
    assert [(line, code) for line, code, _ in wrong] == bad


def test_an_unclosed_quote_does_not_swallow_a_large_file(tmp_path: Path) -> None:
    lines = ["id,note,c"] + [f"{n},fine,c" for n in range(300_000)]
    lines[1000] = '999,"oops,c'
    rows, at, bad = read(open_text(tmp_path, "\n".join(lines)))
    assert len(rows) == 299_999
    assert bad == [(1001, "unclosed-quote", b'999,"oops,c')]
    assert at[-1] == 300_001


def test_a_quoted_cell_of_many_lines_within_the_limit(tmp_path: Path) -> None:
    cell = "\n".join(["x"] * 1000)
    assert read(open_text(tmp_path, f'a,b\n1,"{cell}"\n2,y\n'))[0] == [("1", cell), ("2", "y")]
    rows, _, bad = read(open_text(tmp_path, f'a,b\n1,"{cell}\n\n"\n2,y\n'))
    assert rows == [("2", "y")]
    assert bad[0][:2] == (2, "unclosed-quote")


def test_cells_over_one_mebibyte(tmp_path: Path) -> None:
    big = "x" * ((1 << 20) + 1)
    rows, lines, bad = read(open_text(tmp_path, f'a,b\n1,{big}\n2,"{big}"\n3,{big[:-1]}\n4,y\n'))
    assert [(r[0], len(r[1])) for r in rows] == [("3", 1 << 20), ("4", 1)]
    assert [(b[0], b[1]) for b in bad] == [(2, "cell-too-large"), (3, "cell-too-large")]
    assert lines == [4, 5]
    assert all(len(b[2]) <= 1 << 20 for b in bad)


def test_a_line_that_never_ends_costs_no_memory(tmp_path: Path) -> None:
    rows, lines, bad = read(open_text(tmp_path, b"a,b\n1," + b"x" * (40 << 20) + b"\n2,y\n"))
    assert (rows, lines) == ([("2", "y")], [3])
    assert [(b[0], b[1]) for b in bad] == [(2, "cell-too-large")]


@pytest.mark.parametrize(
    ("content", "header", "rows"),
    [
        ("a,b,\n1,2,\n", ("a", "b"), [("1", "2")]),
        ("a,b\n1,2,\n3,4,\n", ("a", "b"), [("1", "2"), ("3", "4")]),
        ("a,b,\n1,2\n", ("a", "b"), [("1", "2")]),
        (",b\n0,x\n", ("", "b"), [("0", "x")]),
        ("email,email,email\n1,2,3\n", ("email", "email", "email"), [("1", "2", "3")]),
        ("[email],Ünïcode Näme\u00a0\n1,2\n", ("[email]", "Ünïcode Näme\u00a0"), [("1", "2")]),
        ('"a b","c ""d"""\n1,2\n', ("a b", 'c "d"'), [("1", "2")]),
        ("\n\na,b\n1,2\n", ("a", "b"), [("1", "2")]),
    ],
)
def test_headers(tmp_path: Path, content: str, header: tuple, rows: list) -> None:
    reader = open_text(tmp_path, content)
    assert reader.header == header
    assert read(reader)[0] == rows
    assert read(reader)[2] == []


def test_a_trailing_comma_is_ignored_and_a_trailing_cell_is_not(tmp_path: Path) -> None:
    rows, _, bad = read(open_text(tmp_path, "a,b\n1,2,\n3,4,\n5,6,7\n"))
    assert rows == [("1", "2"), ("3", "4")]
    assert bad == [(4, "long-row", b"5,6,7")]


@pytest.mark.parametrize(
    "first", ["ana@example.com,19.99", "42,x", "2024-03-05,x", "x,+15551234567", "5.3.2024,x"]
)
def test_a_row_of_data_is_no_header(tmp_path: Path, first: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_text(tmp_path, f"{first}\nb,c\n")
    assert "should name the columns" in caught.value.message
    assert "--columns" in caught.value.hint
    assert "ana@example.com" not in caught.value.message


def test_a_title_above_the_header(tmp_path: Path) -> None:
    content = "Orders of March\n\nid,email,value\n1,a@example.com,2\n2,b@example.com,3\n"
    with pytest.raises(SourceError, match="looks like a title") as caught:
        open_text(tmp_path, content)
    assert "--skip-lines" in caught.value.hint
    reader = open_text(tmp_path, content, skip_lines=1)
    assert read(reader)[:2] == ([("1", "a@example.com", "2"), ("2", "b@example.com", "3")], [4, 5])


@pytest.mark.parametrize(
    ("above", "skip"),
    [("Report;;;\n", 1), ("Report;;;\n;;;\n", 2), ("Report;August;;\n\nShop:;Ulm;;\n", 3)],
)
def test_a_title_of_a_spreadsheet(tmp_path: Path, above: str, skip: int) -> None:
    below = "id;name;city;total;tax\n" + "1;Jane;;5;1\n2;Joe;Ulm;7;1\n" * 5
    with pytest.raises(SourceError, match="looks like a title") as caught:
        open_text(tmp_path, above + below)
    assert f"--skip-lines {skip} " in caught.value.hint
    rows, lines, _ = read(open_text(tmp_path, above + below, skip_lines=skip))
    assert (rows[0], lines[0]) == (("1", "Jane", None, "5", "1"), above.count("\n") + 2)


def test_lines_of_delimiters_alone_are_blank(tmp_path: Path) -> None:
    """Spreadsheets write them for rows that were emptied, DOS programs a Ctrl-Z at the end."""
    text = 'a;b;c\r\n1;;3\r\n;;\r\n;\r\n;;;;\r\n"";;\r\n4;5;6\r\n\x1a'
    rows, lines, bad = read(open_text(tmp_path, text))
    assert rows == [("1", None, "3"), (None, None, None), ("4", "5", "6")]
    assert (lines, bad) == ([2, 6, 7], [])


def test_one_very_wide_record_costs_no_time(tmp_path: Path) -> None:
    begun = time.perf_counter()
    rows, _, bad = read(open_text(tmp_path, "a,b\n1,2" + "," * 400_000 + "\n3,4\n"))
    assert (rows, bad) == ([("1", "2"), ("3", "4")], [])
    assert time.perf_counter() - begun < 5


def test_sparse_rows_below_a_header_make_no_title(tmp_path: Path) -> None:
    reader = open_text(tmp_path, "a;b;c;d\n" + "1;;;\n;2;;\n1;2;3;\n" * 4)
    assert reader.header == ("a", "b", "c", "d")


def test_names_for_a_text_without_a_header(tmp_path: Path) -> None:
    content = "ana@example.com,19.99\nbo@example.com,5\n"
    reader = open_text(tmp_path, content, columns=("email", "value"))
    assert read(reader)[:2] == ([("ana@example.com", "19.99"), ("bo@example.com", "5")], [1, 2])
    assert open_text(tmp_path, content, no_header=True).header == ("column_1", "column_2")
    with pytest.raises(ConfigurationError, match="names 3 columns"):
        open_text(tmp_path, content, columns=("email", "value", "x"))


def test_header_only_and_blank(tmp_path: Path) -> None:
    assert read(open_text(tmp_path, "a,b"))[0] == []
    assert read(open_text(tmp_path, "a,b\r\n"))[0] == []
    for nothing in (b"", b"\n\n", codecs.BOM_UTF8):
        with pytest.raises(SourceError, match="is empty"):
            open_text(tmp_path, nothing)


def test_options_that_do_not_parse(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--encoding"):
        open_text(tmp_path, "a,b\n", encoding="klingon")
    with pytest.raises(UsageError, match="--delimiter"):
        open_text(tmp_path, "a,b\n", delimiter="::")
    with pytest.raises(UsageError, match="--format"):
        open_text(tmp_path, "a,b\n", format="xml")
    with pytest.raises(SourceError, match="--skip-lines"):
        open_text(tmp_path, "a,b\n", skip_lines=9)
    assert open_text(tmp_path, "a;b,c\n", delimiter=";").header == ("a", "b,c")


def test_files_of_other_programs(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["1", "2"], "name": ['Ana "A"', "multi\nline"], "zip": ["02139", None]})
    expected = [("1", 'Ana "A"', "02139"), ("2", "multi\nline", None)]
    frame.to_csv(tmp_path / "pandas.csv", index=False)
    pl.from_pandas(frame).write_csv(tmp_path / "polars.csv", separator=";", quote_style="always")
    duckdb.from_df(frame).write_csv(str(tmp_path / "duckdb.csv"), sep="\t", quotechar='"')
    for name in ("pandas", "polars", "duckdb"):
        content = (tmp_path / f"{name}.csv").read_bytes()
        assert read(open_text(tmp_path, content))[0] == expected, name


def test_many_blocks_keep_order_and_bound_their_size(tmp_path: Path) -> None:
    dice = random.Random(7)
    lines = [f'{n},"{"x" * dice.randrange(60)}",{"é" if dice.random() < 0.1 else "e"}' for n in range(60_000)]
    reader = open_text(tmp_path, "a,b,c\n" + "\n".join(lines))
    at = 0
    last = 0
    for block in reader.blocks([0]):
        assert block.columns.column(0).to_pylist() == [str(n) for n in range(at, at + len(block.rows))]
        assert len(block.rows) <= 16_384
        assert len(block.data) <= 2 << 20
        assert last <= block.bytes_read <= (reader.total_bytes or 0)
        at, last = at + len(block.rows), block.bytes_read
    assert at == 60_000
    assert last == reader.total_bytes


@pytest.mark.parametrize("content", [b"\0" * 40, "email,total\na@example.com,1\n".encode("utf-16-le")])
def test_a_header_with_nul_characters_is_not_text(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceError) as raised:
        open_text(tmp_path, content)
    assert "NUL" in raised.value.message
    assert "--encoding utf-16-le" in raised.value.hint

"""The fast path and the careful path read the same, however the bytes arrive."""

import csv
import io
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from capi_cli.readers import cutter, text
from capi_cli.readers.dialect import Dialect
from capi_cli.readers.records import Grammar
from tests.readers.reading import Trickle

# Bytes that make trouble, far more often than chance would.
PARTS = st.sampled_from(
    'a|bc|,|,|,|\n|\n|\r\n|\r|"|"|""|"x"|"x,y"|"a\nb"|é|\0| ||1,2,3\n|1,2,3,\n|"1","2","3"\r\n|\ufeff|\udce9'.split(
        "|"
    )
).map(lambda part: part.encode("utf-8", "surrogateescape"))
TEXTS = st.lists(PARTS, max_size=40).map(b"".join)


def _read(content: bytes, size: int, *, careful: bool, width: int = 3) -> tuple[list, list, list]:
    dialect = Dialect(
        delimiter=b",",
        names=("a", "b", "c"),
        header_columns=3,
        width=width,
        header=b"a,b,c",
        preamble=b"",
        body=0,
        body_line=2,
        line_end=b"\n",
        notes=(),
    )
    raw = Trickle(content, size)
    stream = text.TextStream(raw, raw, "utf-8")
    blocks = cutter.Cutter(dialect, Grammar(b",", 3, 3), stream, [2, 0], lambda rows, block: None)
    rows, raws, bad = [], [], []
    with patch.object(cutter, "scan_records", (lambda *a, **k: None) if careful else cutter.scan_records):
        for block in blocks.blocks():
            columns = [column.to_pylist() for column in block.columns.columns]
            rows += list(zip(block.rows.tolist(), *columns, strict=True))
            raws += [block.raw(n) for n in range(len(block.rows))]
            bad += [(b.row, b.code, b.raw, b.detail) for b in block.bad]
    return rows, raws, sorted(bad)


@settings(max_examples=600, deadline=None)
@example(b'a,b,c\n"x\n', 3, 3)
@example(b'1,2,3\r\n"4",5,6\r', 7, 3)
@example(b"1,2,3,\n4,5,6\n7,8\n", 100, 4)
@example(b",,\n1,2,3\n,,,\n4,,\n,\n", 100, 4)
@example(b",,\n1,2,3\n,,,\n4,,\n,\n", 100, 3)
@given(TEXTS, st.integers(4, 200), st.sampled_from([3, 4]))
def test_the_two_paths_read_the_same(content: bytes, size: int, width: int) -> None:
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]  # a mark at the very beginning is the stream's
    careful = _read(content, 10_000, careful=True)
    assert _read(content, 10_000, careful=False, width=width) == careful
    assert _read(content, size, careful=False, width=width) == careful
    assert _read(content, size, careful=True) == careful


CELL = st.text(st.sampled_from("ab é\"\n\r,;\t|'=東🙂"), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL, CELL), max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(4, 60),
)
def test_what_csv_writes_is_read_back(
    rows: list, delimiter: str, all_quoted: bool, end: str, size: int
) -> None:
    out = io.StringIO(newline="")
    # Python's csv leaves a line end in a cell bare where it is not its own.
    quoting = csv.QUOTE_ALL if all_quoted or end != "\r\n" else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    content = out.getvalue().encode()
    dialect = Dialect(
        delimiter=delimiter.encode(),
        names=("a", "b", "c"),
        header_columns=3,
        width=3,
        header=b"",
        preamble=b"",
        body=0,
        body_line=1,
        line_end=b"\n",
        notes=(),
    )
    raw = Trickle(content, size)
    stream = text.TextStream(raw, raw, "utf-8")
    grammar = Grammar(delimiter.encode(), 3, 3)
    blocks = cutter.Cutter(dialect, grammar, stream, [0, 1, 2], lambda rows, block: None)
    found = []
    for block in blocks.blocks():
        assert block.bad == ()
        found += list(zip(*(c.to_pylist() for c in block.columns.columns), strict=True))
    written = [
        row for row in rows if any(row) or quoting == csv.QUOTE_ALL
    ]  # delimiters alone are a blank line
    assert found == [tuple(cell or None for cell in row) for row in written]

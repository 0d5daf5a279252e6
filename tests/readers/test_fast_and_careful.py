"""The fast path and the careful path read the same, however the bytes arrive."""

import csv
import io
from collections.abc import Sequence
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from capi_cli.readers import cutter, text
from capi_cli.readers.block import MAX_BLOCK_ROWS
from capi_cli.readers.dialect import Dialect
from capi_cli.readers.fast import FastParser
from capi_cli.readers.records import Grammar
from tests.readers.reading import Trickle

# Bytes that make trouble, far more often than chance would.
PARTS = st.sampled_from(
    'a|bc|,|,|,|\n|\n|\r\n|\r|"|"|""|"x"|"x,y"|"a\nb"|é|\0| ||1,2,3\n|1,2,3,\n|"1","2","3"\r\n|\ufeff|\udce9'.split(
        "|"
    )
).map(lambda part: part.encode("utf-8", "surrogateescape"))
TEXTS = st.lists(PARTS, max_size=40).map(b"".join)


class _Never:
    """A fast path that leaves every record to the careful one."""

    def parse(self, *given: object, **named: object) -> None:
        return None


def _arrow(grammar: Grammar, width: int, wanted: Sequence[int]) -> FastParser:
    return FastParser(grammar, width, wanted, MAX_BLOCK_ROWS)


PATHS = {"careful": lambda *given: _Never(), "arrow": _arrow, "as built": cutter.fast_path}


def _read(
    content: bytes, size: int, path: str, *, width: int = 3, wanted: Sequence[int] = (2, 0), header: int = 3
) -> tuple[list, list, list]:
    dialect = Dialect(
        delimiter=b",",
        names=("a", "b", "c"),
        header_columns=header,
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
    grammar = Grammar(b",", 3, header)
    rows, raws, bad = [], [], []
    with patch.object(cutter, "fast_path", PATHS[path]):
        blocks = cutter.Cutter(dialect, grammar, stream, wanted, lambda rows, block: None)
        for block in blocks.blocks():
            block.columns.validate(full=True)
            columns = [column.to_pylist() for column in block.columns.columns]
            rows += list(zip(block.rows.tolist(), *columns, strict=True))
            raws += [block.raw(n) for n in range(len(block.rows))]
            bad += [(b.row, b.code, b.raw, b.detail) for b in block.bad]
    return rows, raws, sorted(bad)


@settings(max_examples=600, deadline=None)
@example(b'a,b,c\n"x\n', 3, 3, [0], 3)
@example(b'1,2,3\r\n"4",5,6\r', 7, 3, [2, 2], 3)
@example(b"1,2,3,\n4,5,6\n7,8\n", 100, 4, [0, 1, 2], 4)
@example(b'1,2,3,""\n4,5,6,x\n7,8,9,\n', 100, 4, [0, 1, 2], 3)
@example(b",,\n1,2,3\n,,,\n4,,\n,\n", 100, 4, [2, 0], 3)
@example(b",,\n1,2,3\n,,,\n4,,\n,\n", 100, 3, [2, 0], 3)
@example(b"1,2,3\n" * 30 + b"1,\0,3\n" + b"1,2,3\r" * 30 + b"1,\xe9,3\n1,2,3\n", 9, 3, [], 3)
@given(
    TEXTS,
    st.integers(4, 200),
    st.sampled_from([3, 4]),
    st.sampled_from([[2, 0], [0, 1, 2], [1, 1], []]),
    st.sampled_from([3, 4]),
)
def test_the_paths_read_the_same(
    content: bytes, size: int, width: int, wanted: list[int], header: int
) -> None:
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]  # a mark at the very beginning is the stream's
    careful = _read(content, 10_000, "careful", wanted=wanted, header=header)
    for path in ("arrow", "as built"):
        for piece in (10_000, size):
            assert _read(content, piece, path, width=width, wanted=wanted, header=header) == careful
    assert _read(content, size, "careful", wanted=wanted, header=header) == careful


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=30), st.integers(1, 300), st.integers(1, 5))
def test_the_paths_stop_alike_in_long_texts(parts: list[bytes], times: int, row: int) -> None:
    """Trouble behind hundreds of bytes of regular rows stands at any place of a step of 64."""
    regular = b"123456789," * row + b'"x""y",z\n'
    content = b"1,2,3\n" * times + b"".join(parts) + b"\n" + regular * times
    assert _read(content, 4000, "as built") == _read(content, 4000, "careful")


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

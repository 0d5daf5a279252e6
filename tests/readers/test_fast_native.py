"""The loop that finds records and cuts cells, by itself: where it stops."""

import pytest

from capi_cli.native.library import library
from capi_cli.readers.fast_native import NativeParser
from capi_cli.readers.records import MAX_CELL_BYTES, MAX_QUOTED_LINES, Grammar

NATIVE = library()
pytestmark = pytest.mark.skipif(NATIVE is None, reason="built without its library")

REGULAR = b'1,"2","3,""\n"\r\n4,,6\n'


def _stretch(text: bytes, *, at: int = 0, whole: bool = True, most: int = 100):
    assert NATIVE is not None
    parser = NativeParser(NATIVE, Grammar(b",", 3, 3), [2, 1], most)
    return parser.parse(text, at, whole=whole, line=5, bytes_read=7)


def test_cells_are_cut_and_lines_counted() -> None:
    text = b"above\n" + REGULAR + b"half"
    found = _stretch(text, at=6)
    assert found is not None and found.block is not None
    assert found.block.columns.to_pydict() == {"0": ['3,"\n', "6"], "1": ["2", None]}
    assert found.block.rows.tolist() == [5, 7]
    assert [found.block.raw(n) for n in range(2)] == [b'1,"2","3,""\n"', b"4,,6"]
    assert (found.records, found.consumed, found.lines, found.block.bytes_read) == (2, len(REGULAR), 3, 7)


@pytest.mark.parametrize(
    "irregular",
    [
        b'a,"b"c,d\n',
        b'a,b"c",d\n',
        b'a,"b" ,d\n',
        b'"a,b,d\n',
        b'a,b,"d',
        b'a,b,"d"',
        b"a,\0,d\n",
        b"a,\xe9,d\n",
        b"a,\xed\xa0\x80,d\n",
        b'a,"b\nc"\n',
        b'a,b,"' + b"\n" * MAX_QUOTED_LINES + b'"\n',
        b"a,b," + b"c" * MAX_CELL_BYTES + b"\n",
    ],
)
def test_it_stops_before_what_the_careful_path_has_to_read(irregular: bytes) -> None:
    assert _stretch(irregular + REGULAR) is None
    found = _stretch(REGULAR + irregular + REGULAR)
    assert found is not None and found.consumed == len(REGULAR)


def test_a_cr_at_the_end_ends_a_record_only_where_nothing_follows() -> None:
    assert _stretch(b"1,2,3\r", whole=False) is None
    found = _stretch(b"1,2,3\r")
    assert found is not None and found.consumed == 6


def test_it_stops_after_the_most_records_blank_and_odd_ones_among_them() -> None:
    found = _stretch(b"1,2,3\n\n,,\n4\n5,6,7\n8,9,0\n", most=5)
    assert found is not None and found.block is not None
    assert found.block.columns.to_pydict() == {"0": ["3", "7"], "1": ["2", "6"]}
    assert [(bad.row, bad.code, bad.raw) for bad in found.block.bad] == [(8, "short-row", b"4")]

"""The library and its twins in Python say the same, and what hashlib and plain string work say."""

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capi_cli.native.library import library
from capi_cli.prepare import kernels

texts = st.lists(st.none() | st.text(max_size=150), max_size=30)
needs_library = pytest.mark.skipif(library() is None, reason="built without a C compiler")


def column(cells: list[str | None], cut: int = 0) -> pa.StringArray:
    """Return the cells as a column; with `cut`, as a slice of a longer one, as filters and readers leave them."""
    return pa.array(["x" * (place + 1) for place in range(cut)] + cells + ["after"], pa.string()).slice(
        cut, len(cells)
    )


@settings(deadline=None)
@given(texts, st.integers(0, 9), st.sampled_from([(64, "", ""), (64, '["', '"]'), (32, '"', '"')]))
def test_digests_are_those_of_hashlib(cells: list[str | None], cut: int, form: tuple[int, str, str]) -> None:
    digits, before, after = form
    expected = [
        None if cell is None else before + hashlib.sha256(cell.encode()).hexdigest()[:digits] + after
        for cell in cells
    ]
    given_column = column(cells, cut)
    assert kernels.digests(given_column, before=before, after=after, digits=digits).to_pylist() == expected
    assert kernels.slow_digests(given_column, before, after, digits).to_pylist() == expected


@needs_library
@settings(deadline=None)
@given(texts)
def test_the_processor_s_own_instructions_change_nothing(cells: list[str | None]) -> None:
    plain = kernels.quick_digests(column(cells), "", "", 64, plain=True)
    assert plain.to_pylist() == [None if c is None else hashlib.sha256(c.encode()).hexdigest() for c in cells]


@needs_library
@pytest.mark.parametrize("plain", [False, True])
def test_every_length_around_the_blocks_of_sha256(plain: bool) -> None:
    cells = ["a" * length for length in range(260)]
    found = kernels.quick_digests(pa.array(cells), "", "", 64, plain=plain).to_pylist()
    assert found == [hashlib.sha256(cell.encode()).hexdigest() for cell in cells]


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(0, 9), st.data())
def test_objects_are_joined_as_written_by_hand(length: int, cut: int, data: st.DataObject) -> None:
    drawn = data.draw(
        st.lists(
            st.none() | st.lists(st.none() | st.text(max_size=9), min_size=length, max_size=length),
            max_size=4,
        )
    )
    members, rows = [], [""] * length
    for place, cells in enumerate(drawn):
        literal = f',"{place}":' if cells is not None else f',"{place}":0'
        members.append((literal, None if cells is None else column(cells, cut)))
        for row in range(length):
            if cells is None:
                rows[row] += literal
            elif (cell := cells[row]) is not None:
                rows[row] += literal + cell
    if not members:
        return
    expected = ["{" + row[1:] + "}," if row else None for row in rows]
    assert kernels.objects(members, length, after=",").to_pylist() == expected
    assert kernels.slow_objects(members, length, ",").to_pylist() == expected
    nested = [(',"out":', [(',"in":', members)]), *members]
    both = [f',"out":{{"in":{{{row[1:]}}}}}{row}' if row else "" for row in rows]
    twice = ["{" + row[1:] + "}" if row else None for row in both]
    assert kernels.objects(nested, length).to_pylist() == twice
    assert kernels.slow_objects(nested, length, "").to_pylist() == twice

"""Hashes of columns and stretches are those of the package xxhash, of every length."""

import numpy as np
import pyarrow as pa
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from capi_cli.native.library import library
from capi_cli.prepare import hashes


@pytest.fixture(params=[False, True], ids=["c", "python"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(hashes, "library", lambda: None)
    elif library() is None:
        pytest.skip("built without a C compiler")


@pytest.mark.usefixtures("way")
def test_every_length_around_the_steps_of_the_hash() -> None:
    lengths = [*range(600), *range(1010, 1100), 2047, 2048, 2049, 4097, 10_000]
    text = bytes(place * 31 % 251 for place in range(10_000))
    whole = b",".join(text[:length] for length in lengths) + b","
    starts = np.cumsum([0, *(length + 1 for length in lengths)])
    found = hashes.hash_stretches(memoryview(whole)[:-1], starts, 1)
    assert found.tolist() == [xxhash.xxh3_64_intdigest(text[:length]) for length in lengths]


@settings(deadline=None)
@given(st.lists(st.none() | st.text(max_size=300), max_size=20), st.integers(0, 9))
def test_a_column_is_hashed_text_by_text(cells: list[str | None], cut: int) -> None:
    column = pa.array(["x"] * cut + cells + ["after"], pa.string()).slice(cut, len(cells))
    expected = [0 if cell is None else xxhash.xxh3_64_intdigest(cell.encode()) for cell in cells]
    assert hashes.hash_column(column).tolist() == expected

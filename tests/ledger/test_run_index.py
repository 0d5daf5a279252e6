"""Which events stood earlier in the run: equal to a dictionary, whatever the blocks, spills and merges."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capi_cli.errors import LedgerError
from capi_cli.ledger import key_table, shelf_writer
from capi_cli.ledger.run_index import RunIndex


def u64(values: list[int]) -> np.ndarray:
    return np.array(values, np.uint64)


def check(index: RunIndex, events: list[tuple[int, int]]) -> list[int]:
    return index.check(u64([key for key, _ in events]), u64([content for _, content in events])).tolist()


def test_first_is_new_then_duplicate_then_conflict() -> None:
    with RunIndex() as index:
        assert check(index, [(7, 1), (7, 1), (7, 2), (8, 1)]) == [0, 1, 2, 0]
        assert check(index, [(7, 1), (7, 3), (8, 1), (9, 9)]) == [1, 2, 1, 0]


def test_nothing_asked_nothing_said() -> None:
    with RunIndex() as index:
        assert check(index, []) == []


# Few distinct keys make repeats; keys that agree in their upper or lower halves are unkind to filter and sort.
KEYS = st.one_of(
    st.integers(0, 40),
    st.integers(0, 40).map(lambda n: n << 58),
    st.integers(0, 2**64 - 1),
    st.sampled_from([0, 1, 2**63, 2**64 - 1]),
)
BLOCKS = st.lists(st.lists(st.tuples(KEYS, st.integers(0, 2)), max_size=40), max_size=30)


@pytest.fixture(params=["table", "twin"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by the loop in C, then by what stands in for it."""
    if request.param == "twin":
        monkeypatch.setattr(key_table, "library", lambda: None)


@pytest.mark.usefixtures("either")
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=BLOCKS, fresh_rows=st.sampled_from([1, 3, 17, 10_000]))
def test_equal_to_a_dictionary(blocks: list[list[tuple[int, int]]], fresh_rows: int) -> None:
    said: dict[int, int] = {}
    with RunIndex(fresh_rows=fresh_rows) as index:
        for block in blocks:
            expected = []
            for key, content in block:
                if key not in said:
                    said[key] = content
                    expected.append(0)
                else:
                    expected.append(1 if said[key] == content else 2)
            assert check(index, block) == expected
        assert len(index) == len(said)


@pytest.mark.usefixtures("either")
def test_large_blocks_spill_and_are_found_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(20)
    keys = rng.integers(0, 2**64, 200_000, dtype=np.uint64)
    with RunIndex(tmp_path, fresh_rows=1 << 13) as index:
        for begin in range(0, len(keys), 10_000):
            block = keys[begin : begin + 10_000]
            assert not index.check(block, block).any()
        again = rng.permutation(keys)
        contents = again.copy()
        contents[::3] += np.uint64(1)
        verdicts = index.check(again, contents)
        assert (verdicts[::3] == 2).all()
        assert (verdicts[1::3] == 1).all() and (verdicts[2::3] == 1).all()
        few = index.check(again[:50], again[:50])
        assert few.tolist() == [1] * 50
        strangers = rng.integers(0, 2**64, 50_000, dtype=np.uint64)
        assert not index.check(strangers, strangers).any()


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    with RunIndex(tmp_path, fresh_rows=10) as index:
        check(index, [(n, n) for n in range(100)])
        assert any(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_with_its_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with RunIndex(tmp_path, fresh_rows=10) as index:
        monkeypatch.setattr(shelf_writer.os, "fdopen", full)
        with pytest.raises(LedgerError, match="the disk is full") as caught:
            check(index, [(n, n) for n in range(100)])
        assert "--state-dir" in caught.value.hint
        assert caught.value.exit_code == 13

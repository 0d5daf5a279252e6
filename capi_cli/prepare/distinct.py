"""Work on distinct values: a column becomes codes and its distinct texts, a scalar rule runs once per text.

What a rule gave for a text is remembered across blocks (repeat customers, cities), within a bound.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.findings import Finding

Outcome = str | Finding | None
Codes = npt.NDArray[np.int64]

MAX_REMEMBERED = 50_000  # texts per rule; about 15 MB at worst, and enough for names, cities and days
MAX_COUNTED = 1 << 18  # numbers up to which marking those that occur is cheaper than sorting
MANY_DISTINCT = 0.8  # share of distinct texts from which remembering does not pay


@dataclass(frozen=True, slots=True)
class Distinct:
    """A column of text as codes into its distinct texts; code -1 is the empty cell."""

    codes: Codes
    values: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Which rows have a cell that is not empty."""
        return self.codes >= 0

    def take_rows(self, rows: Codes) -> "Distinct":
        """Return the column's cells at those rows."""
        return Distinct(self.codes[rows], self.values)

    def take(self, texts: Sequence[str | None]) -> pa.StringArray:
        """Return the column in which each distinct text is replaced by its counterpart."""
        return self.spread(pa.array(texts, pa.string()))

    def spread(self, texts: pa.Array) -> pa.Array:
        """Do the same with counterparts that are an Arrow column."""
        return texts.take(codes_column(self.codes))


def codes_column(codes: npt.NDArray[np.integer[Any]]) -> pa.Array:
    """Return codes as an Arrow column, null where negative; `pa.array` would load numpy.ma to look at them."""
    codes = np.ascontiguousarray(codes)
    missing = codes < 0
    nulls = np.count_nonzero(missing)
    validity = pa.py_buffer(np.packbits(~missing, bitorder="little")) if nulls else None
    kind = pa.from_numpy_dtype(codes.dtype)
    return pa.Array.from_buffers(kind, len(codes), [validity, pa.py_buffer(codes)], nulls)


def distinct(column: pa.Array) -> Distinct:
    """Encode a column of type string."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    indices = encoded.indices
    codes = indices.to_numpy(zero_copy_only=False) if not indices.null_count else _with_gaps(indices)
    return Distinct(codes.astype(np.int64, copy=False), Texts(encoded.dictionary))


class Texts(Sequence[str]):
    """Distinct texts in Arrow, made into Python's strings at the first look."""

    __slots__ = ("_column", "_list")

    def __init__(self, column: pa.StringArray) -> None:
        self._column = column
        self._list: list[str] | None = None

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        return self._all()[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def _all(self) -> list[str]:
        if self._list is None:
            self._list = as_list(self._column)
        return self._list


def as_list(column: pa.Array) -> list[Any]:
    """Return a column as Python values; several times as fast as `to_pylist`."""
    return list(column.to_numpy(zero_copy_only=False))


def _with_gaps(indices: pa.Array) -> Codes:
    return np.asarray(pc.fill_null(indices, -1).to_numpy(zero_copy_only=False))


def constant(value: str, length: int) -> Distinct:
    """Return a column that holds the same text in every row."""
    return Distinct(np.zeros(length, np.int64), [value])


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two columns as codes into their distinct pairs; code -1 where the first cell is empty.

    Attributes:
        codes: int64[n], which pair each row has.
        first: int64[m], the first column's code in each pair.
        second: int64[m], the second column's, -1 where its cell is empty.
        left, right: The columns.
    """

    codes: Codes
    first: Codes
    second: Codes
    left: Distinct
    right: Distinct

    def column(self) -> Distinct:
        """Return the pairs as a column of their first texts, one code for each pair."""
        return Distinct(
            self.codes, Texts(pa.array(self.left.values, pa.string()).take(codes_column(self.first)))
        )

    def values(self, places: Sequence[int] | None = None) -> list[tuple[str, str | None]]:
        """Return the pairs, or those at some places."""
        names = [*self.right.values, None]
        first, second = self.first, self.second
        if places is not None:
            first, second = first[places], second[places]
        texts = list(self.left.values)
        return [
            (texts[one], names[other]) for one, other in zip(first.tolist(), second.tolist(), strict=True)
        ]


def pairs(left: Distinct, right: Distinct) -> Pairs:
    """Combine two columns into their distinct pairs."""
    width = len(right.values) + 1
    combined = left.codes * width + (right.codes + 1)
    combined[left.codes < 0] = -1
    found, codes = _ranked(combined, len(left.values) * width)
    return Pairs(codes, found // width, found % width - 1, left, right)


def _ranked(numbers: Codes, size: int) -> tuple[Codes, Codes]:
    """Return the numbers from 0 below `size` that occur, in order, and the place of each among them; -1 stays -1."""
    if size > MAX_COUNTED:
        found, codes = np.unique(numbers, return_inverse=True)
        codes = codes.astype(np.int64, copy=False)
        return (found[1:], codes - 1) if len(found) and found[0] == -1 else (found, codes)
    occurs = np.zeros(size + 1, np.bool_)  # its last place stands for -1
    occurs[numbers] = True
    occurs[size] = False
    places = np.cumsum(occurs) - 1
    places[size] = -1
    return np.flatnonzero(occurs), places[numbers]


class Rule:
    """A scalar rule applied to distinct texts, with its memory.

    Args:
        function: From one text, or a (text, other text) pair, to what it becomes.
    """

    def __init__(self, function: Callable[..., Outcome]) -> None:
        self._function = function
        self._memory: dict[object, Outcome] = {}

    def apply(self, values: Sequence[object], length: int) -> tuple[list[str | None], dict[int, Finding]]:
        """Return what each distinct value became, and the findings by code.

        Args:
            values: Distinct texts, or pairs.
            length: Rows of the column: where nearly every row has its own text, nothing is remembered.
        """
        function, memory = self._function, self._memory
        remember = len(values) < MANY_DISTINCT * length or length < MAX_REMEMBERED // 100
        if len(memory) > MAX_REMEMBERED:
            memory.clear()
        texts: list[str | None] = []
        findings: dict[int, Finding] = {}
        for code, value in enumerate(values):
            if value in memory:
                outcome = memory[value]
            else:
                outcome = function(value)
                if remember:
                    memory[value] = outcome
            if outcome is None or outcome.__class__ is str:
                texts.append(outcome)
            else:
                assert isinstance(outcome, Finding)
                texts.append(outcome.kept)
                findings[code] = outcome
        return texts, findings

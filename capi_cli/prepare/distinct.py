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

    def take(self, texts: Sequence[str | None]) -> pa.StringArray:
        """Return the column in which each distinct text is replaced by its counterpart."""
        dictionary = pa.array(texts, pa.string())
        return dictionary.take(pa.array(self.codes, mask=self.codes < 0))


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
    """Two columns as codes into their distinct pairs; code -1 where the first cell is empty."""

    codes: Codes
    values: Sequence[tuple[str, str | None]]

    def first(self) -> Distinct:
        """Return the pairs as a column of their first texts, one code for each pair."""
        return Distinct(self.codes, [value for value, _ in self.values])


def pairs(first: Distinct, second: Distinct) -> Pairs:
    """Combine two columns into their distinct pairs."""
    width = len(second.values) + 1
    combined = first.codes * width + (second.codes + 1)
    combined[first.codes < 0] = -1
    found, codes = np.unique(combined, return_inverse=True)
    codes = codes.astype(np.int64, copy=False)
    if len(found) and found[0] == -1:
        found, codes = found[1:], codes - 1
    names: list[str | None] = [None, *second.values]
    texts = list(first.values)
    values = [(texts[code // width], names[code % width]) for code in found.tolist()]
    return Pairs(codes, values)


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

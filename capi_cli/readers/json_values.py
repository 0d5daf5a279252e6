"""Values of JSON and of nested Arrow types as cells: text, or a list of texts.

Numbers keep every digit: integers of any size, decimals as `Decimal`. A list of scalars is a list of texts; an empty
list is a list of none; other lists, and objects asked for as a whole, are their JSON text.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec
import pyarrow as pa

from capi_cli.readers.columns import no_empty

_LONGEST_PLAIN = 40  # digits before or after the point up to which a number is written without an exponent
_PLAIN_KINDS: Final = frozenset({str, int, Decimal, type(None)})
_encoder = msgspec.json.Encoder(decimal_format="number")

Path = tuple[str, ...]


def number_text(value: Decimal) -> str:
    """Return a decimal with every digit, without an exponent unless it would be absurdly long."""
    text = str(value)
    if "E" in text and abs(value.adjusted()) <= _LONGEST_PLAIN:
        return format(value, "f")
    return text


def json_text(value: object) -> str:
    """Return the compact JSON of a value, numbers exact."""
    return _encoder.encode(value).decode()


def cell_text(value: object) -> str | None:
    """Return a scalar as text, anything else as its JSON; None for null, the empty text and the empty list."""
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return number_text(value)
    return json_text(value)


def is_scalars(value: object) -> bool:
    """Whether a value is a list of scalars, which is several values rather than one, or none."""
    return isinstance(value, list) and not any(isinstance(item, list | dict) for item in value)


def to_column(values: Sequence[object]) -> pa.Array:
    """Return values as a string column; as list<string> where one of them is a list of scalars."""
    try:
        column = pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return _mixed_column(values)
    return no_empty(column)


def _mixed_column(values: Sequence[object]) -> pa.Array:
    kinds = set(map(type, values))
    if kinds <= _PLAIN_KINDS:
        texts = [None if value is None or value == "" else str(value) for value in values]
        if Decimal in kinds:
            texts = [
                number_text(value) if text and "E" in text and isinstance(value, Decimal) else text
                for text, value in zip(texts, values, strict=True)
            ]
        return pa.array(texts, pa.string())
    if list not in kinds or not _is_texts(values, kinds):
        return pa.array([cell_text(value) for value in values], pa.string())
    return pa.array([_texts(value) for value in values], pa.list_(pa.string()))


def _is_texts(values: Sequence[object], kinds: set[type]) -> bool:
    """Whether a column with lists in it is one of texts; where all are empty, unless objects stand beside them."""
    lists = [value for value in values if isinstance(value, list) and value]
    return any(map(is_scalars, lists)) or (not lists and dict not in kinds)


def _texts(value: object) -> list[str] | None:
    if value == []:
        return []  # somebody wrote that there is nothing, which is not the same as writing nothing
    items = value if isinstance(value, list) and is_scalars(value) else [value]
    return [text for item in items if (text := cell_text(item)) is not None] or None


def dig_all(values: list[object], path: Path) -> list[object]:
    """Return the members at that path below each value; None where there is none."""
    for name in path:
        values = [value.get(name) if type(value) is dict else None for value in values]
    return values


class Paths:
    """The members seen in the first objects of a source: leaves in first-seen order, whole objects after them."""

    def __init__(self) -> None:
        self._leaves: dict[Path, None] = {}
        self._wholes: dict[Path, None] = {}
        self._shapes: set[tuple[object, ...]] = set()

    def add(self, row: Mapping[str, object]) -> None:
        """Take note of an object's members."""
        shape = (*row, *(type(value) is dict for value in row.values()))
        nested = True in shape[len(row) :]
        if not nested:
            if shape in self._shapes:
                return
            self._shapes.add(shape)
        self._walk((), row)

    def _walk(self, path: Path, members: Mapping[str, object]) -> None:
        for name, value in members.items():
            below = (*path, name)
            if isinstance(value, dict):
                self._wholes[below] = None
                self._walk(below, value)
            else:
                self._leaves[below] = None

    def seen(self) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        """Return the paths of what was no object in some row, and of what was one."""
        return tuple(self._leaves), tuple(self._wholes)

    def paths(self) -> tuple[Path, ...]:
        """Return the columns' paths. A member that is an object in one row and null in others is an object."""
        leaves = [path for path in self._leaves if path not in self._wholes]
        return (*leaves, *self._wholes)


def dotted(paths: Iterable[Path]) -> tuple[str, ...]:
    """Return paths as column names."""
    return tuple(".".join(path) for path in paths)

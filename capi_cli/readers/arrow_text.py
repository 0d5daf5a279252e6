"""Every Arrow type as text, on purpose: one converter for each.

Integers and decimals keep every digit and have no exponent; whole doubles lose their `.0` (a nullable integer often
arrives as one); instants end in `Z`, times without a zone don't; binary is UTF-8 where it is, else hex. A list of
scalars is a list of texts, of none where it is empty, any other nested value its JSON. The same value gives the
same text, whatever stands beside it.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from capi_cli.readers.columns import no_empty
from capi_cli.readers.json_values import cell_text, json_text, number_text

_TEXT: Final = pa.string()
_TEXTS: Final = pa.list_(pa.string())


def to_text(column: pa.Array) -> pa.Array:
    """Return a column of any type as string or list<string>; empty cells are null."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _extension(column)
    if types.is_dictionary(kind):
        return _take_dictionary(column)
    if types.is_run_end_encoded(kind):
        return to_text(pc.run_end_decode(column))
    if _is_list(kind):
        return _lists(column)
    if types.is_nested(kind):
        return pa.array([_json_cell(value) for value in column], _TEXT)
    return no_empty(_scalars(column))


def _scalars(column: pa.Array) -> pa.Array:
    for belongs, convert in _CONVERTERS:
        if belongs(column.type):
            return convert(column)
    return pa.array([None if v is None else str(v) for v in column.to_pylist()], _TEXT)


def _take_dictionary(column: pa.Array) -> pa.Array:
    return to_text(column.dictionary).take(column.indices)


def _extension(column: pa.Array) -> pa.Array:
    if column.type.extension_name == "arrow.uuid":
        values = [None if v is None else str(uuid.UUID(bytes=v)) for v in column.storage.to_pylist()]
        return pa.array(values, _TEXT)
    return to_text(column.storage)


def _cast(column: pa.Array) -> pa.Array:
    return column.cast(_TEXT)


def _floats(column: pa.Array) -> pa.Array:
    if types.is_float16(column.type):
        column = column.cast(pa.float32())
    shortest = column.cast(_TEXT)
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), 2.0**63))
    if pc.any(whole).as_py():
        integers = pc.if_else(whole, column, pa.scalar(0, column.type)).cast(pa.int64(), safe=False)
        shortest = pc.if_else(whole, integers.cast(_TEXT), shortest)
    return _without_exponents(shortest)


def _without_exponents(column: pa.Array) -> pa.Array:
    """Write the few numbers that have an exponent, or are none, in full."""
    odd = pc.match_substring_regex(column, "[eEn]")
    if not pc.any(odd).as_py():
        return column
    words = {"nan": "NaN", "-nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    values = [
        v if v is None or not ("e" in v or "E" in v or "n" in v) else words.get(v) or number_text(Decimal(v))
        for v in column.to_pylist()
    ]
    return pa.array(values, _TEXT)


def _decimals(column: pa.Array) -> pa.Array:
    return _without_exponents(column.cast(_TEXT))


def _timestamps(column: pa.Array) -> pa.Array:
    # Arrow keeps instants in UTC beside their zone; without the zone the same numbers print as UTC.
    text = column.cast(pa.timestamp(column.type.unit)).cast(_TEXT)
    text = _trim_fraction(pc.replace_substring(text, " ", "T", max_replacements=1), column.type.unit)
    return pc.binary_join_element_wise(text, "Z", "") if column.type.tz is not None else text


def _times(column: pa.Array) -> pa.Array:
    return _trim_fraction(column.cast(_TEXT), column.type.unit)


def _trim_fraction(text: pa.Array, unit: str) -> pa.Array:
    if unit == "s":
        return text
    return pc.replace_substring_regex(
        pc.replace_substring_regex(text, r"(\.\d*[1-9])0+$", r"\1"), r"\.0+$", ""
    )


def _dates(column: pa.Array) -> pa.Array:
    return column.cast(pa.date32(), safe=False).cast(_TEXT)


def _durations(column: pa.Array) -> pa.Array:
    """Return the count of the column's own unit."""
    return column.cast(pa.int64()).cast(_TEXT)


def _binary(column: pa.Array) -> pa.Array:
    return pa.array([_bytes_text(v) for v in column.to_pylist()], _TEXT)


def _fixed_binary(column: pa.Array) -> pa.Array:
    """Return hex for the widths of digests: a SHA-256 kept as its 32 bytes is a SHA-256."""
    if column.type.byte_width in (16, 20, 32):
        return pa.array([None if v is None else v.hex() for v in column.to_pylist()], _TEXT)
    return _binary(column)


def _bytes_text(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )


def _lists(column: pa.Array) -> pa.Array:
    items = column.type.value_type
    while isinstance(items, pa.BaseExtensionType) or types.is_dictionary(items):
        items = items.storage_type if isinstance(items, pa.BaseExtensionType) else items.value_type
    if types.is_nested(items):
        return pa.array([_json_cell(value) for value in column], _TEXT)
    column = column.cast(pa.list_(column.type.value_type))
    texts = to_text(column.flatten())
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_pylist()
    if texts.null_count == 0 and 0 not in lengths:
        return pa.ListArray.from_arrays(_offsets(lengths), texts)
    flat, at, cells = texts.to_pylist(), 0, []
    for length, valid in zip(lengths, column.is_valid().to_pylist(), strict=True):
        kept = [text for text in flat[at : at + length] if text is not None]
        cells.append(kept if kept or (valid and not length) else None)
        at += length
    return pa.array(cells, _TEXTS)


def _offsets(lengths: list[int]) -> pa.Array:
    offsets = [0]
    for length in lengths:
        offsets.append(offsets[-1] + length)
    return pa.array(offsets, pa.int32())


def _json_cell(value: pa.Scalar) -> str | None:
    plain = _plain(value)
    return None if plain in (None, [], {}) else json_text(plain)


def _plain(value: pa.Scalar) -> object:
    """Return a nested value as JSON's own kinds; scalars in it read as they would in a column of their own."""
    if not value.is_valid:
        return None
    kind = value.type
    if types.is_map(kind):
        return {cell_text(_plain(key)) or "": _plain(item) for key, item in _map_items(value)}
    if types.is_struct(kind):
        return {field.name: _plain(value[number]) for number, field in enumerate(kind)}
    if _is_list(kind):
        return [_plain(item) for item in value.values]
    return _plain_scalar(value)


def _map_items(value: pa.Scalar) -> list[tuple[pa.Scalar, pa.Scalar]]:
    entries = value.values
    return list(zip(entries.field(0), entries.field(1), strict=True))


def _plain_scalar(value: pa.Scalar) -> object:
    plain = value.as_py()
    match plain:
        case bool() | int() | str() | None:
            return plain
        case float() if plain == plain and abs(plain) != float("inf"):
            text = to_text(pa.array([plain], value.type))[0].as_py()
            return Decimal(text)
        case Decimal():
            return Decimal(number_text(plain))
        case bytes():
            return _bytes_text(plain)
        case datetime() | date() | time() | timedelta():
            return to_text(pa.array([value], value.type))[0].as_py()
        case _:
            return str(plain)


_CONVERTERS: Final[tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...]] = (
    (types.is_string, lambda column: column),
    (types.is_large_string, _cast),
    (types.is_string_view, _cast),
    (types.is_null, _cast),
    (types.is_boolean, _cast),
    (types.is_integer, _cast),
    (types.is_floating, _floats),
    (types.is_decimal, _decimals),
    (types.is_timestamp, _timestamps),
    (types.is_time, _times),
    (types.is_date, _dates),
    (types.is_duration, _durations),
    (types.is_fixed_size_binary, _fixed_binary),
    (types.is_binary, _binary),
    (types.is_large_binary, _binary),
    (types.is_binary_view, _binary),
)

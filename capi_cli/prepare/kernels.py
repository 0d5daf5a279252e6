"""Hashing and joining columns, in C where the package came with its library, in Python and Arrow where not.

The ugly corner that speed needs: hashing and joining take most of the time of preparing, and neither Arrow nor the
interpreter has a loop for them. What it buys stands in docs/decisions/0005-native.md. Its doors are `digests` and
`objects`; each has a twin here that says the same in Python, and that is used where no library was built, where it
can't be loaded, or where it fails its trial. `tests/prepare/test_kernels.py` holds them equal.
"""

import ctypes
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.native.columns import Column, Written, addresses, octets
from capi_cli.native.library import library

HEX_DIGITS: Final = 64


class _Member(ctypes.Structure):
    """`member_t` of objects.c."""

    _fields_ = (
        ("literal", ctypes.c_char_p),
        ("literal_length", ctypes.c_int64),
        ("offsets", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("validity", ctypes.c_void_p),
        ("first", ctypes.c_int64),
        ("within", ctypes.c_int64),
    )


# A literal `,"name":` with what follows it: a column of JSON texts, null where the row lacks the member; the members of
# an object, which a row lacks that has none of them; or nothing: the literal stands in every row.
Piece: TypeAlias = tuple[str, "Column | list[Piece] | None"]


def digests(texts: Column, *, before: str = "", after: str = "", digits: int = HEX_DIGITS) -> Column:
    """Return the SHA-256 of each text's UTF-8 bytes in lower-case hex, null for a null.

    Args:
        texts: string[n].
        before: What stands before each digest.
        after: What stands after it.
        digits: How many of the 64 digits, from the first.
    """
    return (slow_digests if library() is None else quick_digests)(texts, before, after, digits)


def objects(members: Sequence[Piece], length: int, *, after: str = "") -> Column:
    """Return a JSON object for each row, of the members that it has; null where it has none.

    Args:
        members: At least one; each literal begins with a comma.
        length: Number of rows.
        after: What stands after each object.
    """
    return (slow_objects if library() is None else quick_objects)(members, length, after)


def quick_digests(
    texts: Column,
    before: str,
    after: str,
    digits: int,
    *,
    plain: bool = False,
) -> Column:
    """Do `digests` in C; `plain`: without the processor's own instructions for it."""
    called = library()
    assert called is not None
    length, first = len(texts), texts.offset
    begin, end = before.encode(), after.encode()
    written = Written(length, length * (len(begin) + digits + len(end)))
    nulls = called.capi_digest(
        ctypes.c_int64(length),
        *map(ctypes.c_void_p, addresses(texts)),
        ctypes.c_int64(first),
        *(begin, ctypes.c_int64(len(begin)), end, ctypes.c_int64(len(end))),
        *(ctypes.c_int32(digits), ctypes.c_int32(plain)),
        *written.addresses(),
    )
    return written.column(nulls)


def quick_objects(members: Sequence[Piece], length: int, after: str) -> Column:
    """Do `objects` in C."""
    called = library()
    assert called is not None
    end = after.encode()
    table: list[_Member] = []
    most = _list_members(members, length, table) + length * (1 + len(end))
    written = Written(length, most)
    nulls = called.capi_objects(
        ctypes.c_int64(length),
        *((_Member * len(table))(*table), ctypes.c_int64(len(table)), end, ctypes.c_int64(len(end))),
        *written.addresses(),
    )
    return written.column(nulls)


def _list_members(members: Sequence[Piece], length: int, table: list[_Member]) -> int:
    """Append the members and those within them to the table; return how many bytes they take at most."""
    most = 0
    for literal, value in members:
        text = literal.encode()
        most += length * len(text)
        row = _Member(literal=text, literal_length=len(text))
        table.append(row)
        if isinstance(value, list):
            listed = len(table)
            most += length + _list_members(value, length, table)
            row.within = len(table) - listed
        elif value is not None:
            row.offsets, row.data, row.validity = addresses(value)
            row.first = value.offset
            most += octets(value)
    return most


def slow_digests(texts: Column, before: str, after: str, digits: int) -> Column:
    """Do `digests` in Python."""
    found = [
        None if text is None else f"{before}{sha256(text).hexdigest()[:digits]}{after}"
        for text in texts.cast(pa.binary()).to_numpy(zero_copy_only=False)
    ]
    return pa.array(found, pa.string())


def slow_objects(members: Sequence[Piece], length: int, after: str) -> Column:
    """Do `objects` with Arrow."""
    pieces: list[Any] = []
    present: Column = None
    always = False
    for literal, value in members:
        column: Column = slow_objects(value, length, "") if isinstance(value, list) else value
        if column is None:
            pieces.append(literal)
        elif not column.null_count:
            pieces += [literal, column]
        else:
            pieces.append(pc.fill_null(pc.binary_join_element_wise(literal, column, ""), ""))
            present = pc.is_valid(column) if present is None else pc.or_(present, pc.is_valid(column))
            continue
        always = True
    joined = pc.binary_join_element_wise(*pieces, "}", after, "")
    opened = pc.binary_replace_slice(joined.cast(pa.binary()), 0, 1, b"{").cast(pa.string(), safe=False)
    if not isinstance(opened, pa.Array):  # of literals alone
        opened = pa.repeat(opened, length)
    return opened if always else pc.if_else(present, opened, pa.scalar(None, pa.string()))

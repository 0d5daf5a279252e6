"""Two loops of the hot path, in C where the package came with its library, in Python and Arrow where not.

The ugly corner that speed needs: hashing and joining take most of the time of preparing, and neither Arrow nor the
interpreter has a loop for them. What it buys stands in docs/decisions/0005-kernels.md. Its doors are `digests` and
`objects`; each has a twin here that says the same in Python, and that is used where no library was built, where it
can't be loaded, or where it fails its trial. `tests/prepare/test_kernels.py` holds them equal.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

VERSION: Final = 1  # of the functions' signatures, as kernels.c says
HEX_DIGITS: Final = 64
SWITCH: Final = "CAPI_KERNELS"  # "off" leaves the library alone
_NAME: Final = {"win32": "libkernels.dll", "darwin": "libkernels.dylib"}.get(sys.platform, "libkernels.so")
PATH: Final = Path(__file__).with_name(_NAME)
_TRIAL: Final = b"The quick brown fox jumps over the lazy dog, and seventeen more words follow after it."

Column = Any  # a pa.StringArray; Arrow's kernels are not typed


class _Member(ctypes.Structure):
    """`member_t` of kernels.c."""

    _fields_ = (
        ("literal", ctypes.c_char_p),
        ("literal_length", ctypes.c_int64),
        ("offsets", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("validity", ctypes.c_void_p),
        ("first", ctypes.c_int64),
    )


def digests(texts: Column, *, before: str = "", after: str = "", digits: int = HEX_DIGITS) -> Column:
    """Return the SHA-256 of each text's UTF-8 bytes in lower-case hex, null for a null.

    Args:
        texts: string[n].
        before: What stands before each digest.
        after: What stands after it.
        digits: How many of the 64 digits, from the first.
    """
    return (slow_digests if library() is None else quick_digests)(texts, before, after, digits)


def objects(members: Sequence[tuple[str, Column | None]], length: int, *, after: str = "") -> Column:
    """Return a JSON object for each row, of the members that it has; null where it has none.

    Args:
        members: `,"name":` and a column of JSON texts, null where the row lacks the member; or a literal that
            begins with a comma and None: it stands in every row.
        length: Number of rows.
        after: What stands after each object.
    """
    return (slow_objects if library() is None else quick_objects)(members, length, after)


@cache
def library() -> ctypes.CDLL | None:
    """Return the library; None where there is none that holds its trial."""
    if os.environ.get(SWITCH) == "off" or not PATH.exists():
        return None
    try:
        found = ctypes.CDLL(str(PATH))
        found.capi_digest.restype = found.capi_objects.restype = ctypes.c_int64
        found.capi_kernels_version.restype = ctypes.c_int32
        version = found.capi_kernels_version()
    except (OSError, AttributeError):  # of another machine, or not ours
        return None
    return found if version == VERSION and _holds(found) else None


def _holds(found: ctypes.CDLL) -> bool:
    """Hash a few texts of one and two blocks: what is hashed wrongly matches nobody, and nobody would notice."""
    texts = [_TRIAL[:length] for length in (0, 3, 55, 56, 64, len(_TRIAL))]
    said = quick_digests(pa.array(texts, pa.binary()).cast(pa.string()), "", "", HEX_DIGITS, found)
    return bool(said.to_pylist() == [sha256(text).hexdigest() for text in texts])


def quick_digests(
    texts: Column,
    before: str,
    after: str,
    digits: int,
    found: ctypes.CDLL | None = None,
    *,
    plain: bool = False,
) -> Column:
    """Do `digests` in C; `plain`: without the processor's own instructions for it."""
    called = found or library()
    assert called is not None
    length, first = len(texts), texts.offset
    begin, end = before.encode(), after.encode()
    written = _Written(length, length * (len(begin) + digits + len(end)))
    nulls = called.capi_digest(
        ctypes.c_int64(length),
        *_addresses(texts),
        ctypes.c_int64(first),
        *(begin, ctypes.c_int64(len(begin)), end, ctypes.c_int64(len(end))),
        *(ctypes.c_int32(digits), ctypes.c_int32(plain)),
        *written.addresses(),
    )
    return written.column(nulls)


def quick_objects(members: Sequence[tuple[str, Column | None]], length: int, after: str) -> Column:
    """Do `objects` in C."""
    called = library()
    assert called is not None
    end = after.encode()
    table = (_Member * len(members))()
    most = length * (1 + len(end))
    for place, (literal, column) in enumerate(members):
        text = literal.encode()
        most += length * len(text)
        table[place].literal, table[place].literal_length = text, len(text)
        if column is not None:
            table[place].offsets, table[place].data, table[place].validity = _addresses(column)
            table[place].first = column.offset
            most += _octets(column)
    written = _Written(length, most)
    nulls = called.capi_objects(
        ctypes.c_int64(length),
        *(table, ctypes.c_int64(len(members)), end, ctypes.c_int64(len(end))),
        *written.addresses(),
    )
    return written.column(nulls)


class _Written:
    """Room for a column that a function fills."""

    def __init__(self, length: int, most_bytes: int) -> None:
        if most_bytes > np.iinfo(np.int32).max:
            raise MemoryError("a block of events over 2 GiB")
        self._offsets = np.empty(length + 1, np.int32)
        self._bits = np.zeros((length + 7) // 8, np.uint8)
        self._data = np.empty(most_bytes, np.uint8)

    def addresses(self) -> tuple[ctypes.c_void_p, ...]:
        return tuple(ctypes.c_void_p(room.ctypes.data) for room in (self._offsets, self._bits, self._data))

    def column(self, nulls: int) -> Column:
        validity = pa.py_buffer(self._bits) if nulls else None
        buffers = [validity, pa.py_buffer(self._offsets), pa.py_buffer(self._data)]
        return pa.Array.from_buffers(pa.string(), len(self._offsets) - 1, buffers, nulls)


def _addresses(column: Column) -> tuple[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]:
    validity, offsets, data = column.buffers()
    if not column.null_count:
        validity = None
    found = (
        ctypes.c_void_p(None if buffer is None else buffer.address) for buffer in (offsets, data, validity)
    )
    one, two, three = found
    return one, two, three


def _octets(column: Column) -> int:
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    return int(offsets[column.offset + len(column)]) - int(offsets[column.offset])


def slow_digests(texts: Column, before: str, after: str, digits: int) -> Column:
    """Do `digests` in Python."""
    found = [
        None if text is None else f"{before}{sha256(text).hexdigest()[:digits]}{after}"
        for text in texts.cast(pa.binary()).to_numpy(zero_copy_only=False)
    ]
    return pa.array(found, pa.string())


def slow_objects(members: Sequence[tuple[str, Column | None]], length: int, after: str) -> Column:
    """Do `objects` with Arrow."""
    pieces: list[Any] = []
    present: Column = None
    always = False
    for literal, column in members:
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

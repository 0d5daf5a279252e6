"""Arrow's columns of text as the loops see them: addresses, and room for a column that a loop fills."""

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Column = Any  # a pa.StringArray; Arrow's buffers are not typed
Address = int | None


def addresses(column: Column) -> tuple[Address, Address, Address]:
    """Return where a column's offsets, its bytes and its validity stand; None for what it lacks.

    The column must outlive their use.
    """
    validity, offsets, data = column.buffers()
    return (
        None if offsets is None else offsets.address,
        None if data is None else data.address,
        None if validity is None or not column.null_count else validity.address,
    )


def address(room: npt.NDArray[Any]) -> ctypes.c_void_p:
    """Return where an array stands. It must be contiguous, and outlive the use."""
    return ctypes.c_void_p(room.ctypes.data)


def octets(column: Column) -> int:
    """Return how many bytes a column's texts have together."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    return int(offsets[column.offset + len(column)]) - int(offsets[column.offset])


class Written:
    """Room for a column that a loop fills."""

    def __init__(self, length: int, most_bytes: int) -> None:
        if most_bytes > np.iinfo(np.int32).max:
            raise MemoryError("a block of events over 2 GiB")
        self._offsets = np.empty(length + 1, np.int32)
        self._bits = np.zeros((length + 7) // 8, np.uint8)
        self._data = np.empty(most_bytes, np.uint8)

    def addresses(self) -> tuple[ctypes.c_void_p, ...]:
        """Return where offsets (int32[n + 1]), validity (zeroed bits) and bytes are to be written."""
        return address(self._offsets), address(self._bits), address(self._data)

    def column(self, nulls: int) -> Column:
        """Return the column, once it is written."""
        validity = pa.py_buffer(self._bits) if nulls else None
        buffers = [validity, pa.py_buffer(self._offsets), pa.py_buffer(self._data)]
        return pa.Array.from_buffers(pa.string(), len(self._offsets) - 1, buffers, nulls)


class WrittenColumns:
    """Room for columns that a loop fills, whose texts follow each other."""

    def __init__(self, columns: int, rows: int, most_bytes: int) -> None:
        self._offsets = np.empty((columns, rows + 1), np.int32)
        self._bits = np.empty((columns, (rows + 7) // 8), np.uint8)
        self._texts = np.empty(most_bytes, np.uint8)
        self._told: npt.NDArray[np.int64] = np.empty((2, columns), np.int64)

    def room(self) -> tuple[ctypes.c_void_p | ctypes.c_int64, ...]:
        """Return where offsets, validity and bytes of all columns are to be written, and size and nulls of each."""
        offsets, bits, texts, sizes, nulls = (
            ctypes.c_void_p(room.ctypes.data)
            for room in (self._offsets, self._bits, self._texts, *self._told)
        )
        return offsets, bits, texts, ctypes.c_int64(len(self._texts)), sizes, nulls

    def columns(self) -> list[Column]:
        """Return the columns, once they are written."""
        offsets, bits, texts = map(pa.py_buffer, (self._offsets, self._bits, self._texts))
        rows, bytes_of_bits = self._offsets.shape[1] - 1, self._bits.shape[1]
        columns, at = [], 0
        for number, (size, nulls) in enumerate(zip(*self._told.tolist(), strict=True)):
            validity = bits.slice(number * bytes_of_bits, bytes_of_bits) if nulls else None
            places = offsets.slice(number * self._offsets.strides[0], self._offsets.strides[0])
            buffers = [validity, places, texts.slice(at, size)]
            columns.append(pa.Array.from_buffers(pa.string(), rows, buffers, nulls))
            at += size
        return columns

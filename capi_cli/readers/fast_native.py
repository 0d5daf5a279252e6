"""The fast path of delimited text in C: the regular records at the beginning of a text, cut into columns in two passes.

Its twin is `fast.py`. It stops before whatever it can't prove to read as the careful path would; what it does read is
final, but for records with too few or too many cells, which are judged here.
"""

import ctypes
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.readers.columns import batch_of
from capi_cli.readers.fast import Stretch, bad_row
from capi_cli.readers.records import MAX_CELL_BYTES, MAX_QUOTED_LINES, Grammar, judge_record, split_record

_TEXT: Final = pa.string()
_MOST_TEXT: Final = 1 << 30  # looked at in one go; places in it are int32
_MOST_PLACES: Final = 1 << 22  # of cells, kept for one go


class _Sought(ctypes.Structure):
    """`grammar_t` of records.c."""

    _fields_ = (
        ("delimiter", ctypes.c_int32),
        ("columns", ctypes.c_int32),
        ("most_columns", ctypes.c_int32),
        ("whole", ctypes.c_int32),
        ("most_records", ctypes.c_int64),
        ("most_bytes", ctypes.c_int64),
        ("most_lines", ctypes.c_int64),
        ("first_line", ctypes.c_int64),
    )


class _Found(ctypes.Structure):
    """`found_t` of records.c."""

    _fields_ = (
        ("rows", ctypes.c_int64),
        ("odd", ctypes.c_int64),
        ("consumed", ctypes.c_int64),
        ("lines", ctypes.c_int64),
        ("doubled", ctypes.c_int64),
    )


class NativeParser:
    """Reads one source's records; for one thread, as it keeps room from call to call."""

    def __init__(self, called: ctypes.CDLL, grammar: Grammar, wanted: Sequence[int], most_rows: int) -> None:
        self._called = called
        self._grammar = grammar
        self._wanted = tuple(wanted)
        self._distinct = tuple(dict.fromkeys(wanted))
        self._places = np.array(self._distinct, np.int64)
        self._cells = grammar.columns + 1
        records = max(1, min(most_rows, _MOST_PLACES // self._cells))
        self._begins = np.empty(records * self._cells, np.int32)
        self._odd = np.empty((records, 2), np.int64)
        self._sought = _Sought(
            grammar.delimiter[0],
            grammar.columns,
            grammar.header_columns,
            0,
            records,
            MAX_CELL_BYTES,
            MAX_QUOTED_LINES,
        )

    def parse(self, text: bytes, at: int, *, whole: bool, line: int, bytes_read: int) -> Stretch | None:
        """Return the regular records from `at` on; None where the first of them is not regular, or not whole."""
        size = min(len(text) - at, _MOST_TEXT)
        seen = pa.py_buffer(text).slice(at, size)
        self._sought.whole = whole and at + size == len(text)
        self._sought.first_line = line
        rows = np.empty((3, self._sought.most_records), np.int64)
        found = self._find(seen, rows)
        if found.consumed == 0:
            return None
        data = memoryview(text)[at : at + found.consumed]
        starts, ends, lines = rows[:, : found.rows]
        block = RowBlock(
            columns=batch_of(self._columns(seen, found), found.rows),
            rows=lines,
            bad=self._bad(data, found.odd),
            bytes_read=bytes_read,
            data=data,
            starts=starts,
            ends=ends,
        )
        return Stretch(block, found.rows + found.odd, found.consumed, found.lines)

    def _find(self, seen: pa.Buffer, rows: npt.NDArray[np.int64]) -> Any:
        found = _Found()
        self._called.capi_find_records(
            ctypes.c_void_p(seen.address),
            ctypes.c_int64(seen.size),
            ctypes.byref(self._sought),
            ctypes.byref(found),
            *(ctypes.c_void_p(room.ctypes.data) for room in (*rows, self._begins, self._odd)),
        )
        return found

    def _columns(self, seen: pa.Buffer, found: Any) -> list[pa.Array]:
        """Return the wanted columns; one that is wanted twice is cut once."""
        rows, count = int(found.rows), len(self._distinct)
        bytes_of_bits = (rows + 7) // 8
        offsets, bits = np.empty((count, rows + 1), np.int32), np.empty((count, bytes_of_bits), np.uint8)
        texts = np.empty(found.consumed, np.uint8)
        told = np.empty((2, count), np.int64)
        written = self._called.capi_cells(
            ctypes.c_void_p(seen.address),
            *(ctypes.c_int64(seen.size), ctypes.c_int64(rows)),
            ctypes.c_void_p(self._begins.ctypes.data),
            *(ctypes.c_int64(self._cells), ctypes.c_int32(found.doubled)),
            *(ctypes.c_void_p(self._places.ctypes.data), ctypes.c_int64(count)),
            *(ctypes.c_void_p(room.ctypes.data) for room in (offsets, bits, texts)),
            ctypes.c_int64(len(texts)),
            *(ctypes.c_void_p(room.ctypes.data) for room in told),
        )
        assert written >= 0, "cells that don't overlap have more bytes than their text"
        return self._as_arrays(offsets, bits, texts, told)

    def _as_arrays(
        self,
        offsets: npt.NDArray[np.int32],
        bits: npt.NDArray[np.uint8],
        texts: npt.NDArray[np.uint8],
        told: npt.NDArray[np.int64],
    ) -> list[pa.Array]:
        rows = offsets.shape[1] - 1
        places, valid, text = pa.py_buffer(offsets), pa.py_buffer(bits), pa.py_buffer(texts)
        arrays: dict[int, pa.Array] = {}
        at = 0
        for number, (size, nulls) in enumerate(zip(*told.tolist(), strict=True)):
            validity = valid.slice(number * bits.shape[1], bits.shape[1]) if nulls else None
            numbers = places.slice(number * offsets.strides[0], offsets.strides[0])
            buffers = [validity, numbers, text.slice(at, size)]
            arrays[self._distinct[number]] = pa.Array.from_buffers(_TEXT, rows, buffers, nulls)
            at += size
        return [arrays[position] for position in self._wanted]

    def _bad(self, data: memoryview, count: int) -> tuple[BadRow, ...]:
        """Return what is wrong with the odd records; some are blank after all."""
        if not count:
            return ()
        text, bad = bytes(data), []
        for start, line in self._odd[:count].tolist():
            split = split_record(text, start, self._grammar.delimiter, at_end=True)
            judged = split and judge_record(text, split, self._grammar)
            if judged is not None:
                bad.append(bad_row(text, judged, line))
        return tuple(bad)

"""Lines of JSON as columns in C: the plain lines of a block at once, the odd ones among them by the decoder.

Its twin is `LineDecoder`, which also reads whole blocks where most lines are odd, where lists make a column one of
lists, or where the text is not UTF-8.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.native.columns import WrittenColumns
from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.readers.columns import batch_of
from capi_cli.readers.fast import Stretch
from capi_cli.readers.json_decoder import LineDecoder
from capi_cli.readers.json_form import Form, form_of
from capi_cli.readers.json_values import Path

_MOST_TEXT: Final = 1 << 30  # looked at in one go; places in it are int32
_MOST_PLACES: Final = 1 << 21  # of values, kept for one go

Places = npt.NDArray[np.int64]


class _Found(ctypes.Structure):
    """`found_t` of lines.c."""

    _fields_ = (
        ("rows", ctypes.c_int64),
        ("odd", ctypes.c_int64),
        ("consumed", ctypes.c_int64),
        ("lines", ctypes.c_int64),
        ("sound", ctypes.c_int64),
        ("most_bytes", ctypes.c_int64),
    )


class FoundLines:
    """Whole lines at the beginning of a text.

    Attributes:
        rows: int64[3, n], where each plain line begins and ends, and its number.
        odd: int64[n, 3], the same of the others; blank ones are left out.
        spans: int32[rows, slots, 2], where the values stand.
        consumed: Bytes of all lines.
        lines: How many there are.
        sound: Whether they are UTF-8.
        most_bytes: Of the values together.
    """

    def __init__(self, called: ctypes.CDLL, form: Form, seen: pa.Buffer) -> None:
        found = _Found()
        rows = np.empty((3, form.most_lines), np.int64)
        odd = np.empty((form.most_lines, 3), np.int64)
        self.spans = np.empty((form.most_lines, form.slots, 2), np.int32)
        called.capi_find_lines(
            ctypes.c_void_p(seen.address),
            ctypes.c_int64(seen.size),
            ctypes.byref(form),
            ctypes.byref(found),
            *(ctypes.c_void_p(room.ctypes.data) for room in (*rows, self.spans, odd)),
        )
        self.rows, self.odd = rows[:, : found.rows], odd[: found.odd]
        self.consumed, self.lines, self.sound = int(found.consumed), int(found.lines), bool(found.sound)
        self.most_bytes = int(found.most_bytes)


class NativeLines:
    """Reads one source's lines; for one thread."""

    def __init__(
        self,
        called: ctypes.CDLL,
        paths: Sequence[Path],
        wanted: Sequence[Path],
        decoder: LineDecoder,
        most_lines: int,
    ) -> None:
        self._called = called
        self._decoder = decoder
        slots = {path: slot for slot, path in enumerate(dict.fromkeys(wanted))}
        self._slots = [slots[path] for path in wanted]
        lines = max(1, min(most_lines, _MOST_PLACES // max(1, len(slots))))
        self._form = form_of(paths, list(slots), lines)

    def parse(self, text: bytes, at: int, *, line: int, bytes_read: int) -> Stretch | None:
        """Return the lines from `at` on; None where there is no whole one."""
        seen = pa.py_buffer(text).slice(at, min(len(text) - at, _MOST_TEXT))
        self._form.first_line = line
        found = FoundLines(self._called, self._form, seen)
        if found.lines == 0:
            return None
        block = None
        if found.sound and len(found.odd) <= found.rows.shape[1]:
            data = memoryview(text)[at : at + found.consumed]
            block = self._block(data, seen.slice(0, found.consumed), found, bytes_read)
        if block is None:
            return self._decoder.parse(text[at : at + found.consumed], 0, line=line, bytes_read=bytes_read)
        return Stretch(block, len(block.rows) + len(block.bad), found.consumed, found.lines)

    def _block(
        self, data: memoryview, seen: pa.Buffer, found: FoundLines, bytes_read: int
    ) -> RowBlock | None:
        """Return the rows; None where lists stand among them."""
        starts, ends, lines = found.rows
        block = RowBlock(
            columns=batch_of(self._columns(seen, found), len(lines)),
            rows=lines,
            bytes_read=bytes_read,
            data=data,
            starts=starts,
            ends=ends,
        )
        if not len(found.odd):
            return block
        odd, kept, bad = self._decoder.odd_lines(bytes(data), *found.odd.T)
        if any(pa.types.is_list(column.type) for column in odd.columns):
            return None
        return _merged(block, found.rows, odd, found.odd[kept].T, tuple(bad))

    def _columns(self, seen: pa.Buffer, found: FoundLines) -> list[pa.Array]:
        rows, slots = found.rows.shape[1], self._form.slots
        written = WrittenColumns(slots, rows, found.most_bytes)
        self._called.capi_line_cells(
            *(ctypes.c_void_p(seen.address), ctypes.c_int64(seen.size), ctypes.c_int64(rows)),
            *(ctypes.c_void_p(found.spans.ctypes.data), ctypes.c_int64(slots)),
            *written.room(),
        )
        columns = written.columns()
        return [columns[slot] for slot in self._slots]


def _merged(
    block: RowBlock, plain_places: Places, odd: pa.RecordBatch, odd_places: Places, bad: tuple[BadRow, ...]
) -> RowBlock:
    """Return a block with odd rows in it, in the order of the lines."""
    if not odd.num_rows:
        return replace(block, bad=bad)
    joined = np.concatenate([plain_places, odd_places], axis=1)
    order = np.argsort(joined[2], kind="stable")
    taken = pa.array(order)
    pairs = zip(block.columns.columns, odd.columns, strict=True)
    starts, ends, lines = joined[:, order]
    return replace(
        block,
        columns=batch_of([pa.concat_arrays(pair).take(taken) for pair in pairs], len(order)),
        rows=lines,
        bad=bad,
        starts=starts,
        ends=ends,
    )

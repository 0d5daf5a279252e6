"""Lines of JSON as columns: a whole block at once, line by line where one of them is broken.

What a line is decoded to is the same both ways.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import attrgetter, methodcaller
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.readers.columns import batch_of
from capi_cli.readers.fast import Stretch, is_utf8
from capi_cli.readers.json_form import ODD_NAME
from capi_cli.readers.json_values import Path, dig_all, to_column
from capi_cli.readers.records import MAX_CELL_BYTES
from capi_cli.readers.scan import Scan, scan_records

_BRACE, _UNBRACE = 0x7B, 0x7D
FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError, ValueError)
_PLACE = re.compile(r"\(byte (\d+)\)")
_KIND = re.compile(r"got `(\w+)`")
_KINDS: Final = {"array": "a list", "str": "a text", "int": "a number", "float": "a number", "null": "null"}


class LineDecoder:
    """Decodes lines into the wanted columns."""

    def __init__(self, wanted: Sequence[Path], encoding: str, most_lines: int) -> None:
        self._encoding = encoding
        self._most_lines = most_lines
        tops = dict.fromkeys(path[0] for path in wanted)
        if any(map(ODD_NAME.search, tops)):  # a name that a struct can't have; slower
            kind: Any = dict[str, Any]
            gets: dict[str, Callable[[Any], object]] = {top: methodcaller("get", top) for top in tops}
        else:
            fields = [
                (f"f{number}", Any, msgspec.field(name=top, default=None)) for number, top in enumerate(tops)
            ]
            kind = msgspec.defstruct("Row", fields, gc=False)
            gets = {top: attrgetter(f"f{number}") for number, top in enumerate(tops)}
        self._columns = [(gets[path[0]], path[1:]) for path in wanted]
        self._decoder = msgspec.json.Decoder(kind, float_hook=Decimal)

    def parse(self, text: bytes, at: int, *, line: int, bytes_read: int) -> Stretch | None:
        """Return the lines from `at` on; None where there is no whole one."""
        text = text[at:]
        scan = scan_records(text, b"", at_end=True, max_rows=self._most_lines)
        if scan is None:
            return None
        block = self.block(text[: scan.consumed], scan, line, bytes_read)
        return Stretch(block, len(scan.starts), scan.consumed, scan.line_count)

    def block(self, data: bytes, scan: Scan, first_line: int, bytes_read: int) -> RowBlock:
        """Return the rows of some complete lines, and the lines that are none."""
        starts, ends, lines = scan.starts, scan.ends, scan.lines + first_line
        bad: list[BadRow] = []
        rows = self._decode_all(data, starts, ends)
        if rows is None:
            rows, kept, bad = self._decode_each(data, starts, ends, lines)
            starts, ends, lines = starts[kept], ends[kept], lines[kept]
        elif len(rows) != len(starts):
            filled = ends > starts
            starts, ends, lines = starts[filled], ends[filled], lines[filled]
        return RowBlock(
            columns=self._batch(rows),
            rows=lines,
            bad=tuple(bad),
            bytes_read=bytes_read,
            data=data,
            starts=starts,
            ends=ends,
        )

    def odd_lines(
        self,
        data: bytes,
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        lines: npt.NDArray[np.int64],
    ) -> tuple[pa.RecordBatch, list[int], list[BadRow]]:
        """Return the columns of some lines, which of the lines they are, and those that are no rows."""
        rows, kept, bad = self._decode_each(data, starts, ends, lines)
        return self._batch(rows), kept, bad

    def no_rows(self, bad: BadRow, bytes_read: int) -> RowBlock:
        """Return a block of one bad record."""
        none = np.empty(0, np.int64)
        return RowBlock(
            columns=self._batch([]), rows=none, bad=(bad,), bytes_read=bytes_read, starts=none, ends=none
        )

    def _decode_all(
        self, data: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
    ) -> list[Any] | None:
        """Decode all lines at once; None where one of them is not exactly one object.

        The decoder takes objects wherever they end. But a line end between `}` and `{` can only stand between
        two of them, so lines that begin and end with braces, and are as many as the objects, hold one each.
        """
        array = np.frombuffer(data, np.uint8)
        filled = ends > starts
        if not filled.all():
            starts, ends = starts[filled], ends[filled]
        if len(starts) == 0:
            return []
        if not ((array[starts] == _BRACE).all() and (array[ends - 1] == _UNBRACE).all()):
            return None
        if not is_utf8(data):
            return None
        try:
            rows: list[Any] = self._decoder.decode_lines(data)
        except FAULTS:
            return None
        return rows if len(rows) == len(starts) else None

    def _decode_each(
        self,
        data: bytes,
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        lines: npt.NDArray[np.int64],
    ) -> tuple[list[Any], list[int], list[BadRow]]:
        rows: list[Any] = []
        kept: list[int] = []
        bad: list[BadRow] = []
        places = zip(starts.tolist(), ends.tolist(), lines.tolist(), strict=True)
        for number, (start, end, line) in enumerate(places):
            text = data[start:end]
            if not text.strip(b" \t\r"):
                continue
            try:
                if not text.isascii():
                    text.decode()
                rows.append(self._decoder.decode(text))
                kept.append(number)
            except FAULTS as fault:
                code, detail = _told(fault, text)
                detail = self._encoding if code == "bad-encoding" else detail
                bad.append(BadRow(row=line, code=code, raw=text[:MAX_CELL_BYTES], detail=detail))
        return rows, kept, bad

    def _batch(self, rows: list[Any]) -> pa.RecordBatch:
        arrays = []
        for get, below in self._columns:
            values = list(map(get, rows))
            arrays.append(to_column(dig_all(values, below)))
        return batch_of(arrays, len(rows))


def _told(fault: Exception, text: bytes) -> tuple[str, str]:
    """Return the rule that a line breaks and its detail, which never repeats the line."""
    if isinstance(fault, UnicodeDecodeError):
        return "bad-encoding", "UTF-8"
    if isinstance(fault, RecursionError):
        return "json-too-deep", ""
    message = str(fault)
    if isinstance(fault, msgspec.ValidationError) and (kind := _KIND.search(message)):
        return "json-not-object", _KINDS.get(kind[1], "a value")
    if "surrogate" in message or (b"\\ud" in text.lower() and "truncated" in message):
        return "broken-json", ": half of a surrogate pair stands alone"
    if "truncated" in message:
        return "broken-json", ": it ends too early"
    place = _PLACE.search(message)
    if place is None:
        return "broken-json", ""
    at = int(place[1])
    if text[at : at + 9].lstrip(b"-").startswith((b"NaN", b"Infinity")) or text[at - 1 : at + 1] == b"-I":
        return "broken-json", f": NaN or Infinity at byte {at + 1}"
    return "broken-json", f", at byte {at + 1}"

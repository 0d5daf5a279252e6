"""The lines of a rejects file: the source's own record, then the five columns that say what is wrong.

The record's cells stay byte for byte; where the source is a rejects file itself, its five are replaced. Only the five
are guarded against spreadsheet formulas. A line of JSON that can't be parsed becomes `{"_raw": "the line", …}`, since
a broken line plus members would be no JSON either; mend it by writing the object in place of the line.
"""

import json
import re
from typing import Final

import msgspec

from capi_cli.event.rules.cells import REJECT_COLUMNS
from capi_cli.rejects.reject import Reject

RAW: Final = "_raw"
_CELL = r'(?:"(?:[^"]|"")*"|[^"\r\n{d}]*)'
_OWN_MEMBERS = re.compile(
    rb',?\s*"_row":\d+,"_code":"(?:[^"\\]|\\.)*","_field":"(?:[^"\\]|\\.)*","_reason":"(?:[^"\\]|\\.)*"'
    rb',"_hint":"(?:[^"\\]|\\.)*"\}$'
)
_loader = msgspec.json.Decoder(dict[str, msgspec.Raw])


def told(reject: Reject) -> tuple[str, ...]:
    """Return the five cells of a reject, on one line each and harmless in a spreadsheet."""
    return tuple(
        _guarded(text) for text in (str(reject.row), reject.code, reject.field, reject.reason, reject.hint)
    )


def _guarded(text: str) -> str:
    text = " ".join(text.replace("\0", "").split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


class DelimitedLines:
    """Writes records of one delimited source, in UTF-8.

    `names` are the source's columns; where the five are among them, they are left out of what is repeated.
    """

    def __init__(self, delimiter: str, names: tuple[str, ...], header: bytes | None) -> None:
        self._delimiter = delimiter
        self._columns = len(names)
        own = len(REJECT_COLUMNS)
        positions = [n for n, name in enumerate(names) if name.strip() in REJECT_COLUMNS]
        self._positions = frozenset(positions)
        self._own_at_end = positions == list(range(len(names) - own, len(names)))
        cell = _CELL.replace("{d}", re.escape(delimiter))
        self._cell = re.compile(cell.encode())
        self._own_cells = re.compile(f"(?:{re.escape(delimiter)}{cell}){{{own}}}$".encode())
        cells = self._split(header) if header is not None else None
        self._header_columns = len(cells) if cells is not None else len(names)

    def header(self, raw: bytes) -> bytes:
        """Return the header with the five names."""
        return self._joined(self._repeated(raw), REJECT_COLUMNS)

    def line(self, reject: Reject) -> bytes:
        """Return the record with the five cells."""
        return self._joined(self._repeated(reject.raw), told(reject))

    def _joined(self, raw: bytes, cells: tuple[str, ...]) -> bytes:
        return raw + "".join(self._delimiter + self._quoted(cell) for cell in cells).encode()

    def _quoted(self, cell: str) -> str:
        if self._delimiter in cell or '"' in cell:
            return '"' + cell.replace('"', '""') + '"'
        return cell

    def _repeated(self, raw: bytes) -> bytes:
        """Return a record without the five, and as many cells as the header has.

        Cells are added or dropped only where they are empty and the reader takes the record for a row all the
        same. A short or long record stays so: uploaded again as it is, it is rejected again.
        """
        cells = self._split(raw)
        if self._positions and (cells is None or len(cells) != self._header_columns):
            return self._own_cells.sub(b"", raw) if self._own_at_end else raw
        if cells is None:
            return raw
        delimiter = self._delimiter.encode()
        if self._positions:
            return delimiter.join(cell for n, cell in enumerate(cells) if n not in self._positions)
        have, want = len(cells), self._header_columns
        if have > want and not any(cell.strip(b'"') for cell in cells[want:]):
            return delimiter.join(cells[:want])
        return raw + delimiter * (want - have) if self._columns <= have < want else raw

    def _split(self, raw: bytes) -> list[bytes] | None:
        """Return the cells as they are written, quotes included; None where they can't be told apart."""
        cells: list[bytes] = []
        at, delimiter = 0, self._delimiter.encode()
        while match := self._cell.match(raw, at):
            cells.append(match[0])
            at = match.end()
            if at == len(raw):
                return cells
            if raw[at : at + 1] != delimiter:
                return None
            at += 1
        return None


def json_line(reject: Reject) -> bytes:
    """Return a line of JSON with the five members at its end."""
    own = {"_row": reject.row, **dict(zip(REJECT_COLUMNS[1:], told(reject)[1:], strict=True))}
    members = json.dumps(own, ensure_ascii=False, separators=(",", ":"))[1:].encode()
    text = reject.raw.strip()
    try:
        text.decode()
        found = _loader.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raw = json.dumps(reject.raw.decode("utf-8", "backslashreplace"), ensure_ascii=False)
        return b'{"%s":%s,' % (RAW.encode(), raw.encode()) + members
    if not any(name in found for name in REJECT_COLUMNS):
        return text[:-1].rstrip() + (b"," if found else b"") + members
    if match := _OWN_MEMBERS.search(text):
        before = text[: match.start()]
        return before + (b"," if before != b"{" else b"") + members
    kept = [
        json.dumps(name, ensure_ascii=False).encode() + b":" + bytes(value)
        for name, value in found.items()
        if name not in REJECT_COLUMNS
    ]
    return b"{" + b"".join(member + b"," for member in kept) + members


def prepared_header() -> bytes:
    """Return the header for a prepared folder, which has no cells of the user's."""
    return b"_row,event_id,_code,_reason\n"


def prepared_line(reject: Reject) -> bytes:
    """Return the line of one prepared event; `raw` is its event_id."""
    row, code, _, reason, _ = told(reject)
    cells = (row, _guarded(reject.raw.decode("utf-8", "replace")), code, reason)
    quoted = ('"' + cell.replace('"', '""') + '"' if '"' in cell or "," in cell else cell for cell in cells)
    return ",".join(quoted).encode() + b"\n"

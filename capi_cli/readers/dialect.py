"""How a delimited text is written: its delimiter, where its header stands, what its columns are called.

Sniffed on the header and the first rows, said on the screen, and overridden by an option. A header that holds a
person's or an order's data is no header: then the run stops instead of guessing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from capi_cli.errors import ConfigurationError, SourceError, UsageError
from capi_cli.event.rules.cells import REJECT_COLUMNS
from capi_cli.private import shown
from capi_cli.readers.delimiter import SNIFF_BYTES, SNIFF_RECORDS, sniff_delimiter
from capi_cli.readers.records import Record, split_record

_NAMES: Final = {"tab": b"\t", "\\t": b"\t", "comma": b",", "semicolon": b";", "pipe": b"|"}
_MOST_EXTRA: Final = 100  # empty cells beyond the header; a wider record is read carefully
_SEP_LINE = re.compile(rb'"?sep=([^\r\n"])"?[ \t]*(\r\n|\n|\r)', re.IGNORECASE)
_LINE = re.compile(rb"[^\r\n]*(\r\n|\n|\r|$)")
_EMAIL = re.compile(r"\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*")
_NUMBER = re.compile(r"\s*[+-]?(\d[\d.,' ]*|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE)
_DATE = re.compile(
    r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})([ T]\d{1,2}:\d{2}.*)?\s*"
)
_REJECT_CODE = re.compile(rb"[a-z0-9-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What was found out about a delimited text.

    Attributes:
        delimiter: One byte.
        names: The columns, blank names at the end left out.
        header_columns: Cells of the header, blank names at its end included.
        width: Cells of the first row, for the fast path.
        header: The header record's bytes; None where the text has none.
        preamble: What stands above the header.
        body: Where the first row begins, in bytes of text.
        body_line: The line on which it begins, from 1.
        line_end: Of the first line.
        notes: For the screen.
    """

    delimiter: bytes
    names: tuple[str, ...]
    header_columns: int
    width: int
    header: bytes | None
    preamble: bytes
    body: int
    body_line: int
    line_end: bytes
    notes: tuple[str, ...]


def parse_delimiter(text: str) -> bytes:
    """Return the delimiter that an option names: one character, or `tab`."""
    found = _NAMES.get(text.lower(), text.encode())
    if len(found) != 1 or found in (b'"', b"\n", b"\r", b"\0"):
        raise UsageError(f"--delimiter {shown(text)} is not one plain character.", "Use , ; | or tab.")
    return found


def sniff_dialect(
    name: str,
    sample: bytes,
    *,
    whole: bool,
    delimiter: bytes | None,
    skip_lines: int,
    no_header: bool,
    columns: Sequence[str],
) -> Dialect:
    """Find out how the text is written.

    Args:
        name: The source, for messages; its ending settles a tie.
        sample: The text from its beginning.
        whole: Whether the sample is all of it; then it ends with a line end.
        delimiter: What the user said, else None.
        skip_lines: Lines to pass over before anything else.
        no_header: Whether the first record is a row.
        columns: Names of the columns, where the user gave them; the text then has no header.

    Raises:
        SourceError: The header is no header, or can't be read.
        ConfigurationError: The first row contradicts `columns`.
    """
    line_match = _LINE.match(sample)
    line_end = (line_match[1] if line_match else b"") or b"\n"
    said = f"delimiter: {_shown(delimiter)} (as told)" if delimiter else ""
    at, line, named = _above(sample, skip_lines)
    if named and delimiter is None:
        delimiter = named
        said = f"delimiter: {_shown(delimiter)} (by its sep= line)"
    headless = no_header or bool(columns)
    if delimiter is None:
        delimiter = sniff_delimiter(name, sample, at, line, whole=whole, headless=headless)
    first = split_record(sample, at, delimiter, at_end=whole)
    if first is None or first.code:
        raise SourceError(
            f"Line {line} of {name}, its header, can't be read as delimited text.",
            "Look at its quotes; --skip-lines N passes over lines above the header.",
        )
    notes = [said or f"delimiter: {_shown(delimiter)}"]
    if headless:
        names = _given_names(name, line, first, columns)
        header, header_columns, body, body_line = None, len(names), at, line
        notes.append("no header")
    else:
        cells = _decoded(name, line, first)
        names = _header_names(name, line, cells)
        header, header_columns = sample[first.start : first.end], len(first.cells)
        body, body_line = first.next, line + first.lines
        if line > 1:
            notes.append(f"header on line {line}")
    width = _width(sample, body, delimiter, len(names), header_columns, whole=whole)
    if len(names) == 1:
        notes.append("only one column; if that is wrong, name the delimiter with --delimiter")
    return Dialect(
        delimiter=delimiter,
        names=names,
        header_columns=header_columns,
        width=width,
        header=header,
        preamble=sample[:at],
        body=body,
        body_line=body_line,
        line_end=line_end,
        notes=tuple(notes),
    )


def _shown(delimiter: bytes | None) -> str:
    return "tab" if delimiter == b"\t" else repr((delimiter or b"").decode())


def _above(sample: bytes, skip_lines: int) -> tuple[int, int, bytes | None]:
    """Return where the first record begins, on which line, and the delimiter that a `sep=` line above it names."""
    at, line = _skip(sample, 0, 1, skip_lines)
    named = None
    if sep := _SEP_LINE.match(sample, at):
        at, line, named = sep.end(), line + 1, sep[1]
    while (blank := _LINE.match(sample, at)) and blank[1] and not blank[0].strip():
        at, line = blank.end(), line + 1
    return at, line, named


def _skip(text: bytes, at: int, line: int, count: int) -> tuple[int, int]:
    for _ in range(count):
        match = _LINE.match(text, at)
        if match is None or not match[1]:
            raise SourceError("--skip-lines passes over the whole file.", "Give it a smaller number.")
        at, line = match.end(), line + 1
    return at, line


def _width(text: bytes, at: int, delimiter: bytes, names: int, header_columns: int, *, whole: bool) -> int:
    """Return how many cells a usual row has, by the first rows that are rows."""
    widths: Counter[int] = Counter()
    begin = at
    while at < len(text) and at - begin < SNIFF_BYTES and widths.total() < SNIFF_RECORDS:
        record = split_record(text, at, delimiter, at_end=whole)
        if record is None:
            break
        fits = names <= len(record.cells) <= header_columns + _MOST_EXTRA
        if not record.code and fits and not any(record.cells[header_columns:]):
            widths[len(record.cells)] += 1
        at = record.next
    return widths.most_common(1)[0][0] if widths else header_columns


def _decoded(name: str, line: int, record: Record) -> list[str]:
    try:
        return [cell.decode() for cell in record.cells]
    except UnicodeDecodeError:
        raise SourceError(
            f"Line {line} of {name}, its header, is not text in the encoding expected.",
            "Name the file's encoding with --encoding.",
        ) from None


def _header_names(name: str, line: int, cells: list[str]) -> tuple[str, ...]:
    """Return the header's names, or stop where it is a row of data, or no text at all."""
    if any("\0" in cell for cell in cells):
        raise SourceError(
            f"Line {line} of {name}, its header, holds NUL characters, so it is not text as it is read.",
            "If the file is UTF-16 without its mark, add --encoding utf-16-le; else export it again as UTF-8.",
        )
    for position, cell in enumerate(cells, 1):
        for pattern, what in ((_EMAIL, "an e-mail address"), (_DATE, "a date"), (_NUMBER, "a number")):
            if pattern.fullmatch(cell):
                raise SourceError(
                    f"Line {line} of {name} should name the columns, but cell {position} is {what}.",
                    "If the file has no header, name the columns: --columns email,phone,…; if the header stands "
                    "further down, --skip-lines N passes over the lines above it.",
                )
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if not cells:
        raise SourceError(
            f"Line {line} of {name} names no column.", "Write the columns' names on its first line."
        )
    return tuple(cells)


def _given_names(name: str, line: int, first: Record, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a text without a header; those of a mended rejects file's own columns are added."""
    have = len(first.cells)
    names = tuple(columns) or tuple(f"column_{n}" for n in range(1, have + 1))
    added = len(REJECT_COLUMNS)
    if columns and have == len(columns) + added and _is_rejected(first.cells[-added:]):
        return (*names, *REJECT_COLUMNS)
    if not columns and have > added and _is_rejected(first.cells[-added:]):
        return (*names[:-added], *REJECT_COLUMNS)
    if columns and len(columns) != have and any(first.cells[len(columns) :] or [b"x"]):
        raise ConfigurationError(
            f"--columns names {len(columns)} columns, but line {line} of {name} has {have} cells.",
            "Name every column, in order; with a header to be passed over, add --skip-lines 1.",
        )
    return names


def _is_rejected(cells: list[bytes]) -> bool:
    return cells[0].isdigit() and _REJECT_CODE.fullmatch(cells[1]) is not None

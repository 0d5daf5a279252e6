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
from capi_cli.readers.records import Record, split_record

DELIMITERS: Final = (b",", b";", b"\t", b"|")
_NAMES: Final = {"tab": b"\t", "\\t": b"\t", "comma": b",", "semicolon": b";", "pipe": b"|"}
_SNIFF_RECORDS: Final = 100
_SNIFF_BYTES: Final = 1 << 18
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
    at, line = _skip(sample, 0, 1, skip_lines)
    line_match = _LINE.match(sample)
    line_end = (line_match[1] if line_match else b"") or b"\n"
    said = f"delimiter: {_shown(delimiter)} (as told)" if delimiter else ""
    if sep := _SEP_LINE.match(sample, at):
        delimiter = delimiter or sep[1]
        said = said or f"delimiter: {_shown(delimiter)} (by its sep= line)"
        at, line = sep.end(), line + 1
    while (blank := _LINE.match(sample, at)) and blank[1] and not blank[0].strip():
        at, line = blank.end(), line + 1
    headless = no_header or bool(columns)
    if delimiter is None:
        delimiter = _sniff_delimiter(name, sample, at, line, whole=whole, headless=headless)
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


def _skip(text: bytes, at: int, line: int, count: int) -> tuple[int, int]:
    for _ in range(count):
        match = _LINE.match(text, at)
        if match is None or not match[1]:
            raise SourceError("--skip-lines passes over the whole file.", "Give it a smaller number.")
        at, line = match.end(), line + 1
    return at, line


def _sniff_delimiter(name: str, text: bytes, at: int, line: int, *, whole: bool, headless: bool) -> bytes:
    """Return the delimiter that splits the header and most of the first rows into equally many cells."""
    best, best_score = b",", (-1.0, 0)
    looked: list[_Looked] = []
    title: tuple[int, int] | None = None
    order = [b"\t", *DELIMITERS] if ".tsv" in name.lower() else list(DELIMITERS)
    for delimiter in dict.fromkeys(order):
        records = _first_records(text, at, delimiter, whole=whole)
        if not records:
            continue
        counts = [one.cells for one in records]
        first, rest = counts[0], counts[1:]
        fitting = sum(first <= have <= first + 1 for have in rest) / len(rest) if rest else 1.0
        score = (round(fitting, 1) if first > 1 else 0.0, first)
        if score > best_score:
            best, best_score, looked = delimiter, score, records
        if first == 1 and not headless and (found := _title_lines(records)):
            title = max(title or (0, 0), found, key=lambda t: t[1])
    if best_score[0] < 0.5 and title is not None and title[1] > 1:
        raise _is_title(name, line, 1, *title)
    if not headless and (found := _header_below(looked)):
        raise _is_title(name, line, looked[0].filled, *found)
    return best


def _is_title(name: str, line: int, cells: int, above: int, width: int) -> SourceError:
    has = "one cell" if cells == 1 else f"{cells} cells"
    return SourceError(
        f"Line {line} of {name} looks like a title, not a header: it has {has}, the rows below have {width}.",
        f"--skip-lines {line - 1 + above} passes over what stands above the header; if there is no header, name the "
        "columns with --columns; if the line is the header all the same, add --delimiter.",
    )


@dataclass(frozen=True, slots=True)
class _Looked:
    """One of the first records: how many lines stand before it, its cells, those that are not blank."""

    lines: int
    cells: int
    filled: int


def _first_records(text: bytes, at: int, delimiter: bytes, *, whole: bool) -> list[_Looked]:
    """Return the first records that are not blank; one that can't be split has no cells."""
    found: list[_Looked] = []
    begin, lines = at, 0
    while len(found) < _SNIFF_RECORDS and at < len(text) and at - begin < _SNIFF_BYTES:
        record = split_record(text, at, delimiter, at_end=whole)
        if record is None:
            break
        if record.end > record.start:
            cells = [] if record.code else record.cells
            found.append(_Looked(lines, len(cells), sum(bool(cell.strip()) for cell in cells)))
        at, lines = record.next, lines + record.lines
    return found


def _title_lines(records: Sequence[_Looked]) -> tuple[int, int] | None:
    """Return how many lines stand above the first of many equally wide records, and how wide those are."""
    wide = Counter(one.cells for one in records if one.cells > 1)
    if not wide:
        return None
    width, times = wide.most_common(1)[0]
    first = next(place for place, one in enumerate(records) if one.cells == width)
    if width < 3 or times < 2 or times < 0.8 * (len(records) - first):
        return None
    return records[first].lines, width


def _header_below(records: Sequence[_Looked]) -> tuple[int, int] | None:
    """Return how many lines stand above the header, where the first record fills too few of the rows' cells for one.

    So are titles in a spreadsheet saved as delimited text: `Report of August;;;;`.
    """
    full = Counter(one.filled for one in records[1:] if one.filled > 2)
    if not full:
        return None
    width, times = full.most_common(1)[0]
    if times < 2 or 2 * records[0].filled >= width:
        return None
    return next(one.lines for one in records if one.filled >= width), width


def _width(text: bytes, at: int, delimiter: bytes, names: int, header_columns: int, *, whole: bool) -> int:
    """Return how many cells a usual row has, by the first rows that are rows."""
    widths: Counter[int] = Counter()
    begin = at
    while at < len(text) and at - begin < _SNIFF_BYTES and widths.total() < _SNIFF_RECORDS:
        record = split_record(text, at, delimiter, at_end=whole)
        if record is None:
            break
        if not record.code and len(record.cells) >= names and not any(record.cells[header_columns:]):
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

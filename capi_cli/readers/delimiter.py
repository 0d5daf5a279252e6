"""Which delimiter a text has, and whether its first line is a title rather than a header.

Each candidate is tried on the first records. A title is told by what stands below it: many records that are alike,
and wider.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from capi_cli.errors import SourceError
from capi_cli.readers.records import split_record

DELIMITERS: Final = (b",", b";", b"\t", b"|")
SNIFF_RECORDS: Final = 100
SNIFF_BYTES: Final = 1 << 18


def sniff_delimiter(name: str, text: bytes, at: int, line: int, *, whole: bool, headless: bool) -> bytes:
    """Return the delimiter that splits the header and most of the first rows into equally many cells.

    Args:
        name: The source, for messages; `.tsv` looks for tabs first.
        text: The beginning of the source, in UTF-8.
        at: Where its first line that is not skipped begins.
        line: Which line that is, from 1.
        whole: Whether nothing follows the text.
        headless: Whether the first record is a row.

    Raises:
        SourceError: A title stands where the header should be.
    """
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
    while len(found) < SNIFF_RECORDS and at < len(text) and at - begin < SNIFF_BYTES:
        record = split_record(text, at, delimiter, at_end=whole)
        if record is None:
            break
        if record.end > record.start:
            cells = [] if record.code else record.cells
            found.append(_Looked(lines, len(cells), sum(map(bool, map(bytes.strip, cells)))))
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

"""The careful path of delimited text: one record at a time, and what is wrong with one that is not a row.

A line ends with LF, CRLF or a lone CR. A quoted cell ends by 1 MiB or 1000 lines, else the first line of its record
is rejected and reading resumes on the next: one lost quote never swallows rows. For the same reason a record of
several lines whose number of cells is wrong gives up its first line only.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_CELL_BYTES: Final = 1 << 20
MAX_RECORD_BYTES: Final = 1 << 24
MAX_QUOTED_LINES: Final = 1000
_BLANKS: Final = b" \t\r\n\v\f\x1a"
_QUOTE, _LF, _CR = 0x22, 0x0A, 0x0D
_QUOTED = re.compile(rb'"((?:[^"]++|"")*+)"')
_LINE_END = re.compile(rb"\r\n|\n|\r")
_FIRST_LINE_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the text.

    Attributes:
        start: Where it begins.
        end: Where it ends, line end left out.
        next: Where the next one begins.
        lines: How many lines it takes.
        cells: Unquoted; empty where `code` is set.
        code: The rule that it breaks, or empty.
        detail: Fills the rule's message.
    """

    start: int
    end: int
    next: int
    lines: int
    cells: list[bytes]
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What makes a record a row.

    Attributes:
        delimiter: One byte.
        columns: Cells that a row must have.
        header_columns: Cells that it may have: the header's own, blank names at its end included.
        encoding: For the message about bytes that are not text.
    """

    delimiter: bytes
    columns: int
    header_columns: int
    encoding: str = "UTF-8"


def split_record(text: bytes, start: int, delimiter: bytes, *, at_end: bool) -> Record | None:
    """Return the record that begins at `start`, split into cells; None where more text is needed.

    The text ends with a line end where `at_end`. Only quotes and sizes are judged.
    """
    if (simple := _split_line(text, start, delimiter, at_end=at_end)) is not None:
        return simple
    cells: list[bytes] = []
    at = start
    plain = _plain(delimiter)
    delim = delimiter[0]
    size = len(text)
    quoted = False
    while True:
        if at < size and text[at] == _QUOTE:
            quoted = True
            match = _QUOTED.match(text, at)
            if match is None or match.end() == size:
                if _within_limits(text, at, size) and not at_end:
                    return None
                return _first_line(text, start, "unclosed-quote", at_end=at_end)
            if not _within_limits(text, at, match.end()):
                return _first_line(text, start, "unclosed-quote", at_end=at_end)
            cells.append(match[1].replace(b'""', b'"') if b'""' in match[1] else match[1])
        else:
            match = plain.match(text, at)
            if match is None:  # never: it matches the empty cell
                return None
            if match.end() - at > MAX_CELL_BYTES:
                return _first_line(text, start, "cell-too-large", at_end=at_end)
            cells.append(match[0])
        at = match.end()
        if at - start > MAX_RECORD_BYTES and _FIRST_LINE_END.search(text, start, at):
            return _first_line(text, start, "cell-too-large", at_end=at_end)
        if at == size:
            return None
        byte = text[at]
        if byte == delim:
            at += 1
        elif byte == _QUOTE or (quoted and byte not in (_LF, _CR)):
            return _first_line(text, start, "stray-quote", at_end=at_end)
        else:
            break
    after = _after_line_end(text, at, at_end=at_end)
    if after is None:
        return None
    lines = 1 + (count_lines(text, start, at) if quoted else 0)
    return Record(start, at, after, lines, cells)


def _split_line(text: bytes, start: int, delimiter: bytes, *, at_end: bool) -> Record | None:
    """Split a line without quotes and of usual length; None for any other."""
    match = _FIRST_LINE_END.search(text, start)
    if match is None or match.start() - start > MAX_CELL_BYTES:
        return None
    end = match.start()
    line = text[start:end]
    after = _after_line_end(text, end, at_end=at_end)
    if b'"' in line or after is None:
        return None
    return Record(start, end, after, 1, line.split(delimiter))


def _after_line_end(text: bytes, end: int, *, at_end: bool) -> int | None:
    """Return where the next line begins; None where a CR stands last and what follows it is not known."""
    after = end + 1
    if text[end] == _CR:
        if after == len(text) and not at_end:
            return None
        if text[after : after + 1] == b"\n":
            after += 1
    return after


def judge_record(text: bytes, record: Record, grammar: Grammar) -> Record | None:
    """Return the record with its cells, or with the code of the rule that it breaks; None where it is blank.

    Blank are also lines of delimiters alone, as spreadsheets write below a table, and DOS's mark of the end.
    """
    if record.code or record.end == record.start:
        return record if record.code else None
    body = text[record.start : record.end]
    if not body.strip(grammar.delimiter):
        return None
    have = len(record.cells)
    extra = record.cells[grammar.header_columns :]
    if have < grammar.columns or any(extra):
        if not body.strip(_BLANKS):
            return None
        if record.lines > 1:
            return _first_line(text, record.start, "unclosed-quote", at_end=True)
        code = "short-row" if have < grammar.columns else "long-row"
        detail = f"{have} where the header has {grammar.columns}"
        return Record(record.start, record.end, record.next, record.lines, [], code, detail)
    if b"\0" in body:
        return Record(record.start, record.end, record.next, record.lines, [], "nul-byte")
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            return Record(
                record.start, record.end, record.next, record.lines, [], "bad-encoding", grammar.encoding
            )
    return record


def count_lines(text: bytes, start: int, end: int) -> int:
    """Return how many line ends stand between two places."""
    if text.find(b"\r", start, end) < 0:
        return text.count(b"\n", start, end)
    return len(_LINE_END.findall(text, start, end))


def _within_limits(text: bytes, start: int, end: int) -> bool:
    return end - start <= MAX_CELL_BYTES + 2 and count_lines(text, start, end) <= MAX_QUOTED_LINES


def _first_line(text: bytes, start: int, code: str, *, at_end: bool) -> Record | None:
    """Return the first line of a record as one that breaks a rule; None where its end has not been read yet."""
    match = _FIRST_LINE_END.search(text, start)
    if match is None:
        return None
    end = match.start()
    after = _after_line_end(text, end, at_end=at_end)
    if after is None:
        return None
    if end - start > MAX_CELL_BYTES:
        code = "cell-too-large"
    return Record(start, end, after, 1, [], code)


_PLAIN: dict[bytes, re.Pattern[bytes]] = {}


def _plain(delimiter: bytes) -> re.Pattern[bytes]:
    if delimiter not in _PLAIN:
        _PLAIN[delimiter] = re.compile(rb'[^"\r\n' + re.escape(delimiter) + rb"]*+")
    return _PLAIN[delimiter]

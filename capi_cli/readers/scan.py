"""Where records of delimited text begin and end, and whether its quotes are regular: numpy over the bytes.

The ugly corner of the readers: it buys cutting and checking a block without touching its records in Python.
`records.py` is its readable twin; a property test holds the two equal.

A byte is inside a quoted cell when an odd number of quotes stands before it; a doubled quote toggles twice. That
holds as long as every quote is regular: an opening one follows a delimiter, a line end or a closing quote (the
second half of a doubled one), a closing one is followed by a delimiter, a line end or a quote.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LF, _CR, _QUOTE = 10, 13, 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The complete records at the beginning of a text, up to the first irregular quote.

    Attributes:
        starts: int64[n], where each record begins; blank lines are records too.
        ends: int64[n], where it ends, line end left out.
        lines: int64[n], how many line ends stand before it.
        consumed: Where the record after the last one begins.
        line_count: Line ends up to there.
        quoted: Whether the text holds quotes.
    """

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    consumed: int
    line_count: int
    quoted: bool


def scan_records(text: bytes, delimiter: bytes, *, at_end: bool, max_rows: int) -> Scan | None:
    """Return up to `max_rows` complete records from the beginning of the text; None where there is none.

    Args:
        text: Begins at a record; ends with a line end where `at_end`.
        delimiter: One byte; empty for lines without quotes (JSON lines), where only LF ends a line.
        at_end: Whether nothing follows. A CR at the very end of the text ends a record only then.
        max_rows: Where to stop.
    """
    array = np.frombuffer(text, np.uint8)
    has_cr = b"\r" in text
    line_ends = _line_ends(array, at_end=at_end) if has_cr and delimiter else np.flatnonzero(array == _LF)
    boundaries, numbers = line_ends, None
    quoted = bool(delimiter) and b'"' in text
    if quoted:
        quotes = np.flatnonzero(array == _QUOTE)
        before = np.searchsorted(quotes, line_ends)
        outside = (before & 1) == 0
        irregular = _first_irregular(array, quotes, delimiter)
        if irregular is not None:
            outside &= line_ends < irregular
        numbers = np.flatnonzero(outside)
        boundaries = line_ends[numbers]
    if len(boundaries) == 0:
        return None
    boundaries = boundaries[:max_rows].astype(np.int64, copy=False)
    count = len(boundaries)
    starts = np.empty(count, np.int64)
    starts[0] = 0
    starts[1:] = boundaries[:-1] + 1
    lines = np.arange(count + 1, dtype=np.int64)
    if numbers is not None:
        lines[1:] = numbers[:count] + 1
    ends = boundaries
    if has_cr:
        # A record that ends with CRLF ends before its CR; `ends > starts` keeps a lone LF after a lone CR apart.
        crlf = (array[boundaries] == _LF) & (array[boundaries - 1] == _CR) & (boundaries > starts)
        ends = boundaries - crlf
    return Scan(
        starts=starts,
        ends=ends,
        lines=lines[:count],
        consumed=int(boundaries[-1]) + 1,
        line_count=int(lines[count]),
        quoted=quoted,
    )


def _line_ends(array: npt.NDArray[np.uint8], *, at_end: bool) -> npt.NDArray[np.int64]:
    """Return the last byte of each line end: every LF, and every CR that no LF follows."""
    is_end = array == _CR
    is_lf = array == _LF
    is_end[:-1] &= ~is_lf[1:]
    if not at_end:
        is_end[-1:] = False
    return np.flatnonzero(is_end | is_lf)


def _first_irregular(
    array: npt.NDArray[np.uint8], quotes: npt.NDArray[np.int64], delimiter: bytes
) -> int | None:
    """Return the place of the first irregular quote."""
    beside = np.zeros(256, np.bool_)
    beside[[delimiter[0], _LF, _CR, _QUOTE]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    fine = np.empty(len(quotes), np.bool_)
    fine[0::2] = beside[array[opening - 1]]  # for a quote at 0 this looks at the last byte; mended below
    if opening[0] == 0:
        fine[0] = True
    after = closing + 1
    if len(after) and after[-1] == len(array):
        after[-1] = closing[-1]  # what follows is not read yet; no record ends here anyway
    fine[1::2] = beside[array[after]]
    if fine.all():
        return None
    return int(quotes[np.argmin(fine)])

"""The header of JSON lines: the members of the objects on their first rows.

The loop in C finds those lines that could add to it; what they add is read by the decoder.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
import pyarrow as pa

from capi_cli.errors import SourceError
from capi_cli.native.library import library
from capi_cli.readers.content import empty
from capi_cli.readers.delimited import STRICT_ROWS
from capi_cli.readers.fast import is_utf8
from capi_cli.readers.json_decoder import FAULTS
from capi_cli.readers.json_form import form_of_known
from capi_cli.readers.json_native import FoundLines
from capi_cli.readers.json_values import Path, Paths
from capi_cli.readers.text import TextStream

SAMPLE_BYTES: Final = 1 << 23  # the header is found in the first 10,000 rows, or in this much of them
_DUPLICATE_ROWS: Final = 1000
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def discover(name: str, stream: TextStream) -> tuple[tuple[Path, ...], list[str]]:
    """Return the paths of the members of the first rows, and what to say of them."""
    lines = _first_lines(name, stream)
    if not lines:
        raise empty(name)
    paths = Paths()
    notes: list[str] = []
    found = _add_judged(paths, lines[:_DUPLICATE_ROWS], notes)
    found = _add(paths, lines[_DUPLICATE_ROWS:]) or found
    if (not found and is_utf8(lines[0])) or (found and not paths.paths() and len(lines) > 1):
        raise SourceError(
            f"{name} is no JSON lines: no line of it is one whole object; it may be pretty-printed, or cut short.",
            "Write each object on one line: `jq -c . orders.json > orders.jsonl`.",
        )
    return paths.paths(), notes


def _add_judged(paths: Paths, lines: Sequence[bytes], notes: list[str]) -> bool:
    """Take note of the members on some lines, and of one that is there twice; return whether there was an object."""
    found = False
    for number, line in enumerate(lines, 1):
        try:
            row = _decoder.decode(line)
            if not notes and _has_duplicates(line, row):
                notes.append(f"duplicate keys in an object, first on row {number}: the last one counts")
        except FAULTS:
            continue
        if isinstance(row, dict):
            paths.add(row)
            found = True
    return found


def _add(paths: Paths, lines: Sequence[bytes]) -> bool:
    """Take note of the members on some more lines; return whether there was an object."""
    left = _not_known(paths, lines)
    found = len(left) < len(lines)
    for line in left:
        try:
            row = _decoder.decode(line)
        except FAULTS:
            continue
        if isinstance(row, dict):
            paths.add(row)
            found = True
    return found


def _not_known(paths: Paths, lines: Sequence[bytes]) -> Sequence[bytes]:
    """Return the lines that may have members that were not seen yet: all of them where nobody looked."""
    called = library()
    if called is None or not lines:
        return lines
    text = b"\n".join(lines) + b"\n"
    found = FoundLines(called, form_of_known(*paths.seen(), len(lines)), pa.py_buffer(text))
    return [lines[number] for number in found.odd[:, 2].tolist()] if found.sound else lines


def _first_lines(name: str, stream: TextStream) -> list[bytes]:
    sample = stream.peek(1 << 20)
    size = 0
    while sample.count(b"\n") < STRICT_ROWS and size != len(sample) < SAMPLE_BYTES:
        size = len(sample)
        sample = stream.peek(size + (1 << 20))
    lines = sample.split(b"\n", STRICT_ROWS)
    if len(lines) > STRICT_ROWS or (len(sample) >= SAMPLE_BYTES and len(lines) > 1):
        lines.pop()  # the rest of the sample
    return [line for line in lines if line.strip()]


def _has_duplicates(line: bytes, row: object) -> bool:
    """Whether an object names a member twice, told by counting: cheap, and right where no text holds `":`."""
    return isinstance(row, dict) and line.count(b'":') > _members(row)


def _members(value: dict[str, object] | list[object]) -> int:
    own, inner = (len(value), value.values()) if isinstance(value, dict) else (0, value)
    return own + sum(_members(item) for item in inner if isinstance(item, (dict, list)))

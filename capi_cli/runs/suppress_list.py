"""`--suppress FILE`: the people who asked to be forgotten, read before anything else is.

E-mail addresses, phone numbers or SHA-256 digests of them, one a line or in the columns of a CSV. An entry that can't
be read stops the run: whoever stands there would be sent.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from capi_cli.errors import SourceError
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.suppression import suppressed_digest
from capi_cli.mapping.guess import match_name
from capi_cli.mapping.header import fold
from capi_cli.prepare.suppression import Suppressed
from capi_cli.readers.compression import compression_of, decompressed
from capi_cli.readers.stream import SourceFile
from capi_cli.readers.text import TextStream, guess_encoding
from capi_cli.runs.request import RunRequest

_DELIMITERS: Final = ("\t", ";", "|", ",")
_SHOWN_LINES: Final = 5
_PHONE_DIGITS: Final = 5  # a header's cell has fewer; `phone 2` is one
_CONTACTS: Final = ("user_data.em", "user_data.ph")
_HASH_WORDS: Final = ("sha256", "sha", "hashed", "hash", "digest", "256")


@dataclass(slots=True)
class _List:
    """One file while it is read."""

    name: str
    country: str | None
    digests: bytearray = field(default_factory=bytearray)
    bad_lines: list[int] = field(default_factory=list)
    wrong_digests: bool = False  # MD5 or SHA-1 among them

    def take(self, line: int, cells: Sequence[str]) -> None:
        """Take the entries of a line."""
        for cell in cells:
            found = suppressed_digest(cell, country=self.country)
            if isinstance(found, Finding):
                self.bad_lines.append(line)
                self.wrong_digests |= found.code == "hash-wrong-kind"
            elif found is not None:
                self.digests += found

    def check(self) -> None:
        """Raise an error where somebody's entry could not be read; it names lines and no value."""
        lines = list(dict.fromkeys(self.bad_lines))
        if not lines:
            return
        shown = ", ".join(map(str, lines[:_SHOWN_LINES]))
        more = f" and {len(lines) - _SHOWN_LINES:,} more" if len(lines) > _SHOWN_LINES else ""
        raise SourceError(
            f"{self.name}, line{'s' if len(lines) > 1 else ''} {shown}{more}: no e-mail address, phone number or "
            f"SHA-256 of one.{' MD5 and SHA-1 name nobody at Meta.' if self.wrong_digests else ''}",
            "Mend or delete what stands there; until then nothing is read or sent, since that person would be. "
            "National phone numbers need --default-country, such as DE.",
        )


def load_suppressed(request: RunRequest) -> Suppressed | None:
    """Return the people of all lists; None where no list is named.

    Raises:
        SourceError: A list can't be read, or an entry of it.
    """
    if not request.suppress:
        return None
    digests = bytearray()
    for path in request.suppress:
        found = _List(str(path), request.mapping.default_country)
        _read(path, found)
        found.check()
        digests += found.digests
    return Suppressed.of(bytes(digests))


def _read(path: Path, found: _List) -> None:
    text = _text(path)
    first, _, _ = text.lstrip("\r\n").partition("\n")
    delimiter = next((sign for sign in _DELIMITERS if sign in first), ",")
    wanted: list[int] | None = None
    for number, (line, cells) in enumerate(_records(text, delimiter, found)):
        if number == 0 and _is_header(cells):
            wanted = _columns(found.name, line, cells)
            continue
        found.take(line, cells if wanted is None else [cells[at] for at in wanted if at < len(cells)])


def _records(text: str, delimiter: str, found: _List) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each record begins, and its cells; blank lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            found.bad_lines.append(line)
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _is_header(cells: Sequence[str]) -> bool:
    return not any("@" in cell or sum(map(str.isdigit, cell)) >= _PHONE_DIGITS for cell in cells)


def _columns(name: str, line: int, cells: Sequence[str]) -> list[int]:
    """Return the columns of a header that hold addresses, numbers or their digests."""
    wanted = [at for at, cell in enumerate(cells) if _is_contact(cell)]
    if not wanted:
        raise SourceError(
            f"{name}, line {line}: neither an e-mail address, phone number or SHA-256 of one, nor a header that names "
            "a column of them.",
            "Mend or delete the line; or name the columns email, phone or sha256.",
        )
    return wanted


def _is_contact(name: str) -> bool:
    folded = fold(name)
    rest = folded
    for word in _HASH_WORDS:
        rest = rest.replace(word, "")
    if not rest:
        return bool(folded)
    match = match_name(rest) or match_name(name)
    return match is not None and match.field.path in _CONTACTS


def _text(path: Path) -> str:
    """Return the text of a list: UTF-8, or what its byte order mark says; compressed as sources may be."""
    file = SourceFile(str(path), path)
    raw = file.open()
    try:
        stream = TextStream(raw, decompressed(raw, compression_of(raw.peek(8))), None)
        content = b"".join(iter(stream.read, b""))
    finally:
        raw.close()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{path}, line {line}: not UTF-8; probably {guess_encoding(content)}.", "Save it as UTF-8."
        ) from None

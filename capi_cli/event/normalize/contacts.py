"""Contacts among other words in one cell: `Jane Doe (jane@example.com)`, `jane@example.com, +49 30 23125001`.

E-mail addresses are what has the shape of one. Phone numbers are looked for in what is left between commas, semicolons,
bars, slashes with spaces and line ends, and need nothing but digits and the signs between them. Words are left out.
"""

import re
from typing import Final

_LOCAL, _DOMAIN = r"[^\s@,;:|<>()\[\]\"]+", r"[^\s@,;:|<>()\[\]\"'/]+"
_ADDRESS = re.compile(rf"(?<![^\s,;:|<>()\[\]\"'])(?!'){_LOCAL}@{_DOMAIN}\.{_DOMAIN}")
_BETWEEN = re.compile(r"[,;|\n<>]|\s/\s")
_PHONE = re.compile(
    r"(?:tel|phone|mobile|p)?[:.]?\s*(\+?\(?[0-9][0-9\s().\-/]{5,24})", re.IGNORECASE
).fullmatch
_FEWEST_DIGITS: Final = 7


def email_addresses(cell: str) -> list[str]:
    """Return the e-mail addresses of a cell, in order."""
    return [address.rstrip(".") for address in _ADDRESS.findall(cell)]


def phone_numbers(cell: str) -> list[str]:
    """Return the phone numbers of a cell, in order, as they are written."""
    pieces = (piece.strip() for piece in _BETWEEN.split(_ADDRESS.sub(",", cell)))
    found = (match[1].strip() for piece in pieces if (match := _PHONE(piece)))
    return [number for number in found if sum(map(str.isdigit, number)) >= _FEWEST_DIGITS]

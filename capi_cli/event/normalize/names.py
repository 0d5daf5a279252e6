"""`fn`, `ln` and the keys cut from them: lower case, without white space and punctuation of any script.

Digits and letters of every script stay; nothing is transliterated. `O’Brien` and `O'Brien` are one person.

Source: Meta, "Customer information parameters", fn, ln; Meta's parameter builder and Node SDK, which do the
same.
"""

import string
import unicodedata

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.text import BLANKS, compose

_PRINTABLE = bytes(range(256))
LOWER_CASE = _PRINTABLE.lower()
_NOT_IN_NAMES = (string.punctuation + string.whitespace + "".join(map(chr, [*range(0x20), 0x7F]))).encode()
TYPED_AS_APOSTROPHE = frozenset("´ʼ")  # by Unicode a symbol and a letter; on keyboards an apostrophe
_FIVE = 5


def normalize_name(value: str) -> str | Finding | None:
    """Return a first or last name in lower case, without white space and punctuation.

    Source: docs/normalization.md, fn, ln; Meta, "Customer information parameters", fn: `Valéry` → `valéry`.
    """
    if value.isascii():
        if value.isalpha():
            return value.lower()
        text = value.encode().translate(LOWER_CASE, _NOT_IN_NAMES).decode()
    elif value.isalpha() and TYPED_AS_APOSTROPHE.isdisjoint(value):
        return compose(value.lower())
    else:
        text = compose("".join([c for c in value.lower() if not _dropped(c)]))
    return text or Finding("nothing-left")


def normalize_first_initial(value: str) -> str | Finding | None:
    """Return the first character of a normalized first name, for `fi`.

    Source: docs/normalization.md, fi; the business SDKs.
    """
    return _cut(normalize_name(value), 1)


def normalize_first_five(value: str) -> str | Finding | None:
    """Return the first five characters of a normalized name, for `f5first` and `f5last`.

    Source: docs/normalization.md, f5first, f5last; the business SDKs.
    """
    return _cut(normalize_name(value), _FIVE)


def _cut(name: str | Finding | None, length: int) -> str | Finding | None:
    return name[:length] if isinstance(name, str) else name


def _dropped(character: str) -> bool:
    if character.isalpha():
        return character in TYPED_AS_APOSTROPHE
    if character.isascii():
        return not character.isdigit()
    return (
        unicodedata.category(character)[0] == "P" or character in BLANKS or character in TYPED_AS_APOSTROPHE
    )

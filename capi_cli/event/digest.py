"""SHA-256 of a normalized match key, as Meta wants it: 64 lower-case hex digits of the UTF-8 bytes.

Source: Meta, "Customer information parameters", "Hashing required".
"""

from hashlib import sha256

_ABSENT_SPELLINGS = (
    "",
    *("null", "NULL", "Null"),
    *("none", "NONE", "None"),
    *("nan", "NAN", "NaN", "Nan"),
    *("n/a", "N/A"),
    *("undefined", "UNDEFINED", "Undefined"),
)


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, 64 lower-case hex digits."""
    return sha256(text.encode()).hexdigest()


# What a program that hashed an empty cell, or the word for one, leaves behind.
DIGESTS_OF_NOTHING = frozenset(digest(spelling) for spelling in _ABSENT_SPELLINGS)

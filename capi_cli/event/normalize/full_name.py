"""A full name in one cell → first and last name. Modest on purpose.

The first word is the first name, the last word the last name, with the particles before it (`van der Berg`); a
comma turns them round (`Berg, Anna`). Titles and suffixes go. A single word is a first name alone. What stands
between is left out: whether it is a second first name or a maiden name nobody can tell.
"""

from typing import Final

_TITLES: Final = frozenset(
    "mr mrs ms miss mx dr prof sir herr frau hr fr m mme mlle monsieur madame sr sra srta sig".split()
)
_SUFFIXES: Final = frozenset("jr sr ii iii iv phd md esq".split())
_PARTICLES: Final = frozenset(
    "van von der den de del della di da do dos das du la le ter ten zu zum zur af av al el bin ibn mac mc st".split()
)


def split_full_name(value: str) -> tuple[str | None, str | None]:
    """Return first and last name as they stand in the cell; None for one that it does not hold.

    Source: docs/mapping.md, `split`; Shopify's "Billing Name" is such a cell.
    """
    last_part, comma, first_part = value.partition(",")
    if comma and _words(first_part) and not all(_bare(word) in _SUFFIXES for word in first_part.split()):
        first, last = _words(first_part), _words(last_part)
        return (first[0] if first else None), (" ".join(last) or None)
    words = _words(last_part)
    if len(words) < 2:
        return (words[0] if words else None), None
    begin = len(words) - 1
    while begin > 1 and words[begin - 1].lower() in _PARTICLES:
        begin -= 1
    return words[0], " ".join(words[begin:])


def _words(text: str) -> list[str]:
    words = text.split()
    while len(words) > 1 and _bare(words[0]) in _TITLES:
        words = words[1:]
    while len(words) > 1 and _bare(words[-1]) in _SUFFIXES:
        words = words[:-1]
    return words


def _bare(word: str) -> str:
    return word.strip(".").lower()

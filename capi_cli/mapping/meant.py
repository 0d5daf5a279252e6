"""Which field a person meant who typed a name that is none: by the words that exports use, then by the spelling."""

from difflib import get_close_matches
from functools import cache
from typing import Final

from capi_cli.event.fields import FIELDS
from capi_cli.mapping import synonyms
from capi_cli.mapping.guess import known_words, match_name, words_of
from capi_cli.mapping.header import fold

_MOST: Final = 2
_NAMES_ALIKE: Final = 0.7
_WORDS_ALIKE: Final = 0.78  # `emial` and `email` are 0.8; words of seven languages come near to much


def meant_fields(name: str, group: str | None = None) -> list[str]:
    """Return the paths of up to two fields that a name may mean, the likeliest first.

    Args:
        name: As typed, bare or dotted.
        group: The object that it was looked for in, whose fields come first; None where it may be any.
    """
    bare = name.strip().rpartition(".")[2]
    word = match_name(bare)
    if word is not None and word.field.path in FIELDS:
        return [word.field.path]
    if (found := _likely().get(fold(bare))) is not None:
        return [found]
    paths: list[str] = []
    for names, alike in ((_names(), _NAMES_ALIKE), (known_words(), _WORDS_ALIKE)):
        near = get_close_matches(fold(bare), names, n=6, cutoff=alike)
        paths = paths or list(dict.fromkeys(names[one] for one in near))
    return sorted(paths, key=lambda path: FIELDS[path].group != (group or FIELDS[path].group))[:_MOST]


@cache
def _names() -> dict[str, str]:
    """Return the fields' own names, folded, with their paths; of two alike the first in the table of fields."""
    return {fold(field.name): path for path, field in reversed(FIELDS.items())}


@cache
def _likely() -> dict[str, str]:
    return {word: path for path, words in synonyms.LIKELY.items() for word in words_of(words)}

"""Event names, and the other words of which Meta knows a closed list."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from capi_cli.event import limits
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.scalars import holds_email
from capi_cli.event.normalize.text import clean

_KNOWN: Final = tuple(
    dict.fromkeys((*limits.STANDARD_EVENTS, *limits.OTHER_KNOWN_EVENTS, *limits.MESSAGING_EVENTS))
)
_KNOWN_SET: Final = frozenset(_KNOWN)
_BY_LOWER: Final = {name.lower(): name for name in _KNOWN}


def normalize_event_name(value: str) -> str | Finding | None:
    """Return the name of an event in Meta's spelling.

    A standard name in another case gets Meta's, with a warning: Meta takes `purchase` for a custom event.
    Any other name is a custom event and stays as it is.

    Source:
        Meta, "Server event parameters", event_name.
    """
    if value in _KNOWN_SET:
        return value
    name = clean(value)
    if not name or name in _KNOWN_SET:
        return name or None
    if known := _BY_LOWER.get(name.lower()):
        return Finding("event-name-case", known, known)
    if holds_email(name):
        return Finding("event-name-email")
    if near := _BY_LOWER.get("".join(filter(str.isalnum, name)).lower()):
        return Finding("event-name-like-standard", name, near)
    if len(name) > limits.MAX_EVENT_NAME_CHARACTERS:
        return Finding("event-name-long", name, str(len(name)))
    return Finding("event-name-custom", name, name)


def normalize_choice(value: str, choices: Sequence[str], code: str) -> str | Finding | None:
    """Return a word of a closed list in Meta's spelling; a finding of that code for any other word.

    `Physical Store` and `physical-store` are physical_store.
    """
    if value in choices:
        return value
    word = clean(value)
    if not word:
        return None
    by_fold = _folded(tuple(choices))
    if found := by_fold.get(_fold(word)):
        return found
    near = get_close_matches(_fold(word)[:40], by_fold, n=1)
    return Finding(code, detail=f" (did you mean {by_fold[near[0]]}?)" if near else "")


def _fold(word: str) -> str:
    return word.lower().replace(" ", "_").replace("-", "_")


@lru_cache(maxsize=64)
def _folded(choices: tuple[str, ...]) -> dict[str, str]:
    return {_fold(choice): choice for choice in choices}

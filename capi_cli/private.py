"""What a message never repeats, typed or written where something else belongs: a person's data, or a secret.

A name can't be told from another word; an e-mail address, a phone number with its `+`, a digest and a token can.

Four places keep values out of what is shown, each from a source of its own. This one, on the lowest floor, judges the
words of our own messages: what somebody typed, a header, a file's name. `delivery/redact.py` cuts what Meta sends back,
`event/mask.py` makes samples of cells that are meant to be seen, and `cli/veil.py` is the net below all three.
"""

import re
from typing import Final

_EMAIL: Final = re.compile(r"[^\s@](?:@|%40)[^\s@<>()\[\]{},;:\"'/?&=#]+\.[^\s@.]", re.IGNORECASE).search
_PLUS_PHONE: Final = re.compile(r"[+\uff0b]\(?\d(?:[\s().\u00a0/-]{0,3}\d){6}").search
_DIGEST: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])").search
# Meta's begin with EAA; an app's own is its id, a bar, and text that nobody could remember.
TOKEN: Final = re.compile(r"EAA[A-Za-z0-9]{6,}|\d{6,}\|[\w-]{16,}", re.ASCII)
_RANDOM: Final = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{20,}").search
_LONGEST_SHOWN: Final = 40  # characters; what is longer was pasted


def private_kind(text: str) -> str | None:
    """Return what of a person or which secret stands in a text, in words; None where nothing is seen."""
    if TOKEN.search(text):
        return "a token"
    if _EMAIL(text):
        return "an e-mail address"
    if _PLUS_PHONE(text):
        return "a phone number"
    return "a digest" if _DIGEST(text) else None


def shown(text: str) -> str:
    """Return what somebody typed for a message: in quotes where it may be repeated, else what it is."""
    if (kind := private_kind(text)) is not None:
        return f"({kind})"
    if len(text) > _LONGEST_SHOWN or _RANDOM(text):
        return f"a text of {len(text)} characters"
    return repr(text)


def without_tokens(text: str) -> str:
    """Return a message without what looks like a token: one that was typed as a file's name stands in its path."""
    return TOKEN.sub("[…]", text)

"""What a cell looks like on a screen: enough to recognise it in the file, too little to know the person.

The first character or two of a value show; its shape, where the shape is the question (dates, numbers); and
of an e-mail address the last part of its domain. Every cell is masked, whatever it looks like: whether a text is
private at all is the question of `private.py`, and is not asked here.
"""

from capi_cli.event.fields import FIELDS, Kind, find_field

HIDDEN = "•••"
_DIGESTS_SHOW = 8
_PHONES_SHOW = 3
_LONGEST_LAST_LABEL = 10
_LONGEST_SHAPE = 30
_SHAPED_KINDS = frozenset({Kind.TIME, Kind.NUMBER, Kind.INTEGER})
_SHAPED_KEYS = frozenset({"db", "doby", "dobm", "dobd", "currency"})
_TWO_SHOW = frozenset({"zp"})


def mask(name: str, value: str) -> str:
    """Return a sample of a cell that may stand on a screen or in a report.

    Args:
        name: The field it was read for: `em`, `ph`, `event_time`, …. An e-mail address is masked as one
            anywhere.
        value: The cell as it is in the file.

    `John_Smith@gmail.com` → `J•••@g•••.com`, `+1 650 555 1212` → `+165•••`, `Mary` → `M•••`,
    `13/07/2024` → `13/••/••••`.
    """
    text = value.strip()
    if "@" in text:
        return _mask_email(text)
    if name == "ph":
        return _mask_phone(text)
    if name in _SHAPED_KEYS or _is_shaped(name):
        return _mask_shape(text)
    shown = 2 if name in _TWO_SHOW else 1
    return text[:shown] + HIDDEN if len(text) > 2 * shown else HIDDEN


def shorten(digest: str) -> str:
    """Return the first digits of a digest, for looking at."""
    return digest[:_DIGESTS_SHOW] + "…"


def _is_shaped(name: str) -> bool:
    field = FIELDS.get(name) or find_field(name)
    return field is not None and field.kind in _SHAPED_KINDS


def _mask_email(text: str) -> str:
    local, _, domain = text.partition("@")
    if "@" in domain or not local or not domain:
        return text[:1].replace("@", "") + HIDDEN
    _, dot, last = domain.rpartition(".")
    ending = f".{last}" if dot and last.isalpha() and len(last) <= _LONGEST_LAST_LABEL else ""
    return f"{local[0]}{HIDDEN}@{domain[0]}{HIDDEN}{ending}"


def _mask_phone(text: str) -> str:
    digits = [c for c in text if c.isdecimal()]
    if len(digits) <= 2 * _PHONES_SHOW:
        return HIDDEN
    return ("+" if text[:1] == "+" else "") + "".join(digits[:_PHONES_SHOW]) + HIDDEN


def _mask_shape(text: str) -> str:
    shown, kept = [], 2 if len(text) > 3 else 0
    for character in text[:_LONGEST_SHAPE]:
        if character.isalnum():
            shown.append(character if kept > 0 else "•")
            kept -= 1
        else:
            shown.append(character)
    return "".join(shown) + ("…" if len(text) > _LONGEST_SHAPE else "")

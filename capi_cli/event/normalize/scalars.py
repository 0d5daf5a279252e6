"""Plain cells: texts, integers, booleans, lists; and whether a text is somebody's address or number."""

import re
from typing import Final
from urllib.parse import unquote

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.json_text import quote, read_json, scalar_text, write_json
from capi_cli.event.normalize.text import clean

_INTEGER = re.compile(r"([+-]?)0*([0-9]{1,18})(?:\.0+)?").fullmatch
_EMAIL = re.compile(r"[^\s@]@[^\s@<>()\[\]{},;:\"'/?&=#]+\.[^\s@<>()\[\]{},;:\"'./?&=#]+").search
# Of a property that is only left out, whatever Meta might take for one.
_PERHAPS_EMAIL = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]").search
_PLUS_PHONE = re.compile(
    r"(?:tel:|p:|')?\s*\(?[+\uff0b]\(?\d[\d\s().\u00a0/-]{5,24}", re.IGNORECASE
).fullmatch
_MIN_DIGITS, _MAX_DIGITS = 7, 15  # E.164

TRUE_WORDS: Final = frozenset(
    "true t yes y 1 1.0 on ja oui si sí sim tak да はい 是 wahr vrai verdadero".split()
)
FALSE_WORDS: Final = frozenset(
    "false f no n 0 0.0 off nein non não nao nie нет いいえ 否 falsch faux falso".split()
)


def normalize_integer(value: str) -> str | Finding | None:
    """Return an integer as JSON text; `2.0` is 2, zero is a value."""
    match = _INTEGER(value) or _INTEGER(clean(value))
    if not match:
        return Finding("integer-unreadable") if clean(value) else None
    sign, digits = match.groups()
    return f"-{digits}" if sign == "-" and digits != "0" else digits


def normalize_boolean(value: str) -> str | Finding | None:
    """Return `true` or `false`."""
    word = clean(value).lower()
    if word in TRUE_WORDS:
        return "true"
    if word in FALSE_WORDS:
        return "false"
    return Finding("boolean-unreadable") if word else None


def normalize_texts(value: str, *, separator: str | None = None) -> str | Finding | None:
    """Return a list of texts as JSON text: from a JSON list, or a cell split at the separator.

    Empty parts are left out; a list without any is absent.
    """
    text = clean(value)
    if text.startswith("["):
        try:
            found = read_json(text)
            parts = [scalar_text(part) for part in found] if isinstance(found, list) else []
        except ValueError:
            return Finding("list-unreadable")
    else:
        parts = [clean(part) for part in text.split(separator)] if separator else [text]
    kept = [part for part in parts if part]
    return write_json(list(kept)) if kept else None


def holds_email(value: str) -> bool:
    """Return whether an e-mail address stands somewhere in the text, percent-encoded or not."""
    if "@" in value:
        return _EMAIL(value) is not None
    return "%40" in value and _EMAIL(unquote(value)) is not None


def is_plus_phone(value: str) -> bool:
    """Return whether the whole text is a phone number written with its `+`."""
    if "+" not in value and "\uff0b" not in value:
        return False
    text = clean(value)
    return bool(_PLUS_PHONE(text)) and _MIN_DIGITS <= sum(map(str.isdigit, text)) <= _MAX_DIGITS


def personal_data_in(value: str) -> bool:
    """Return whether a custom property's text would be read as unhashed personal data.

    Source:
        Meta's error 2804016: personal data that is not hashed. The usual text has none of `@`, `%40`, `+`.
    """
    return holds_email(value) or ("@" in value and _PERHAPS_EMAIL(value) is not None) or is_plus_phone(value)


def quoted(text: str) -> str:
    """Return a text as a JSON string."""
    return quote(text)

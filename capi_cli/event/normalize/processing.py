"""Limited data use: the options, and the codes of countries and states."""

from typing import Final

from capi_cli.event import limits
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.text import clean

_OPTIONS: Final = {"LDU": '["LDU"]', "": "[]"}
_LOCATE: Final = 0  # asks Meta to locate the person; a value, never "nothing"


def normalize_processing_options(value: str) -> str | Finding | None:
    """Return `["LDU"]` or `[]` as JSON text; an explicit empty list means "do not limit".

    Any other word is an error: what a person asked for about their data is never guessed.

    Source:
        Meta, "Data processing options for US users".
    """
    text = clean(value)
    if not text:
        return None
    word = text.strip("[]() \t\"'").upper()
    return _OPTIONS.get(word) or Finding("processing-option-unknown")


def normalize_processing_country(value: str) -> str | Finding | None:
    """Return `1` for the US or `0`, which asks Meta to locate the person."""
    return _code(value, limits.LDU_COUNTRIES, "country")


def normalize_processing_state(value: str) -> str | Finding | None:
    """Return the code of a US state whose law Meta supports, or `0`, which asks Meta to locate the person."""
    return _code(value, limits.LDU_STATES, "state")


def _code(value: str, codes: dict[str, int], what: str) -> str | Finding | None:
    word = clean(value).upper().removeprefix("US-").removesuffix(".0")
    if not word:
        return None
    if word.isdecimal() and word.isascii():
        number = int(word)
        if number == _LOCATE or number in codes.values():
            return str(number)
    elif word in codes:
        return str(codes[word])
    return Finding("processing-code-unknown", detail=what)


def ldu_state(state_code: str) -> int | None:
    """Return Meta's code of a US state (`ca`, `CA`, `US-CA`); None where limited data use has none for it."""
    return limits.LDU_STATES.get(state_code.strip().upper().removeprefix("US-"))

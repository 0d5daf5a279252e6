"""Limited data use: the options, and the codes of countries and states."""

from functools import cache
from hashlib import sha256
from typing import Final

from capi_cli.event import limits
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.places import country_code, normalize_state
from capi_cli.event.normalize.states import STATES
from capi_cli.event.normalize.text import clean

BY_STATE: Final = '"by_state"'  # ours, never on the wire: LDU for people of the states that have a code
_OPTIONS: Final = {"LDU": '["LDU"]', "": "[]", "BY_STATE": BY_STATE}
LOCATE: Final = 0  # asks Meta to locate the person; a value, never "nothing"
_WITHOUT_CODE: Final = "processing-place-without-code"
_US: Final = "US"


def normalize_processing_options(value: str) -> str | Finding | None:
    """Return `["LDU"]` or `[]` as JSON text, or `BY_STATE`; an explicit empty list means "do not limit".

    Any other word is an error: what a person asked for about their data is never guessed.

    Source:
        Meta, "Data processing options for US users".
    """
    text = clean(value)
    if not text:
        return None
    word = text.strip("[]() \t\"'").upper().replace("-", "_").replace(" ", "_")
    return _OPTIONS.get(word) or Finding("processing-option-unknown")


def normalize_processing_country(value: str) -> str | Finding | None:
    """Return `1` for the US or `0`, which asks Meta to locate the person; 0 in a finding for another country."""
    word = clean(value)
    if not word:
        return None
    if (number := _number(word, limits.LDU_COUNTRIES)) is not None:
        return number
    country = country_code(word)
    if country is None:
        return Finding("processing-code-unknown", detail="country")
    code = limits.LDU_COUNTRIES.get(country)
    return Finding(_WITHOUT_CODE, kept=str(LOCATE)) if code is None else str(code)


def normalize_processing_state(value: str) -> str | Finding | None:
    """Return the code of a US state by its code or name, or `0`, which asks Meta to locate the person.

    A US state that limited data use has no code for is a finding that keeps 0.
    """
    word = clean(value)
    if not word:
        return None
    if (number := _number(word, limits.LDU_STATES)) is not None:
        return number
    state = normalize_state(word, country=_US)
    if not isinstance(state, str):
        return Finding("processing-code-unknown", detail="state")
    code = limits.LDU_STATES.get(state.upper())
    return Finding(_WITHOUT_CODE, kept=str(LOCATE)) if code is None else str(code)


def _number(word: str, codes: dict[str, int]) -> str | None:
    digits = word.removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal()):
        return None
    number = int(digits[:6])
    return str(number) if number == LOCATE or number in codes.values() else None


@cache
def ldu_codes_by_digest() -> dict[str, int]:
    """Return, by the SHA-256 of a US state as `st` is sent, Meta's code for it; 0 where it has none."""
    states = sorted(set(STATES[_US].values()))
    return {
        sha256(state.encode()).hexdigest(): limits.LDU_STATES.get(state.upper(), LOCATE) for state in states
    }

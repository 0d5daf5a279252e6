"""`ct`, `st`, `zp`, `country`: places in Meta's spelling, never cut to a length that changes their meaning.

Source: Meta, "Customer information parameters", ct, st, zp, country.
"""

import string
import unicodedata

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.countries import find_country
from capi_cli.event.normalize.names import LOWER_CASE
from capi_cli.event.normalize.states import STATES, US_STATES
from capi_cli.event.normalize.text import absent_word, clean, compose, without_blanks

_NOT_LETTERS = bytes(code for code in range(256) if chr(code) not in string.ascii_letters)
_UNSEEN_MARKS = frozenset(
    map(chr, [0x034F, *range(0xFE00, 0xFE10)])
)  # variation selectors: they choose a glyph
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u30fc")
_US_ZIP_DIGITS = 5
_US_ZIP_LOST_ONE_OR_TWO = (3, 4)
_ZIP_PLUS_FOUR = 10


def normalize_city(value: str) -> str | Finding | None:
    """Return a city's letters and combining marks in lower case, of any script.

    Source: docs/normalization.md, ct; Meta, "Customer information parameters", ct: no punctuation, no spaces.
    """
    return _letters(value) or Finding("nothing-left")


def normalize_state(value: str, *, country: str | None) -> str | Finding | None:
    """Return the two-letter code of a US state or Canadian province, elsewhere the letters in lower case.

    Args:
        value: A state, province or region, trimmed.
        country: ISO alpha-2 of the row, or of the file; None where nobody said, and then the code or name
            of a US state is taken for one.

    Source: docs/normalization.md, st; Meta, "Customer information parameters", st.
    """
    letters = _letters(value)
    codes = US_STATES if country is None else STATES.get(country)
    if codes is not None:
        if (code := codes.get(letters) or codes.get(_without_accents(letters))) is not None:
            return code
        if country is not None and letters:
            return Finding("st-unknown", kept=letters, detail=country)
    return letters or Finding("nothing-left")


def normalize_zip(value: str, *, country: str | None, cut_at_dash: bool) -> str | Finding | None:
    """Return a postcode in lower case without spaces and dashes; of the US, its first five digits.

    Args:
        value: A postcode, trimmed.
        country: ISO alpha-2 of the row, or of the file; None where nobody said, and then `ddddd-dddd` is
            read as US.
        cut_at_dash: Drop what follows the first dash everywhere, as the business SDKs do.

    Source: docs/normalization.md, zp; Meta, "Customer information parameters", zp.
    """
    text = value.lower()
    if country == "US" or (country is None and _is_zip_plus_four(text)):
        return _us_zip(text)
    if text.isalnum():
        return text
    if text[-2:] == ".0" and text[:-2].isdecimal():  # a spreadsheet's number
        text = text[:-2]
    if text.isascii():
        text = text.partition("-")[0] if cut_at_dash else text.replace("-", "")
    elif cut_at_dash:
        text = _before_dash(text)
    else:
        text = "".join([c for c in text if c not in _DASHES])
    return compose(without_blanks(text)) or Finding("nothing-left")


def normalize_country(value: str) -> str | Finding | None:
    """Return a country's ISO alpha-2 code in lower case, from a code or a name; an unknown one is dropped.

    Source: docs/normalization.md, country; Meta, "Customer information parameters", country.
    """
    code = find_country(value)
    return Finding("country-unknown") if code is None else code.lower()


def country_code(value: str) -> str | None:
    """Return the ISO alpha-2 code, in capitals, that a row's cell means; None for an empty or unknown one."""
    text = clean(value)
    return None if not text or absent_word("country", text) else find_country(text)


def _letters(value: str) -> str:
    if value.isalpha():
        return compose(value.lower())
    if value.isascii():
        return value.encode().translate(LOWER_CASE, _NOT_LETTERS).decode()
    return compose("".join([c for c in value.lower() if c.isalpha() or _is_mark(c)]))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" and character not in _UNSEEN_MARKS


def _without_accents(letters: str) -> str:
    if letters.isascii():
        return letters
    decomposed = unicodedata.normalize("NFD", letters)
    return "".join([c for c in decomposed if c.isalpha() and c != "ʻ"])  # Hawaiʻi


def _is_zip_plus_four(text: str) -> bool:
    return (
        len(text) == _ZIP_PLUS_FOUR
        and text[_US_ZIP_DIGITS] == "-"
        and text.isascii()
        and text[:_US_ZIP_DIGITS].isdigit()
        and text[_US_ZIP_DIGITS + 1 :].isdigit()
    )


def _before_dash(text: str) -> str:
    end = next((index for index, c in enumerate(text) if c in _DASHES), len(text))
    return text[:end]


def _us_zip(text: str) -> str | Finding:
    """Return the first five digits; leading zeros that a spreadsheet took come back."""
    if len(text) == _US_ZIP_DIGITS and text.isascii() and text.isdigit():
        return text
    head = without_blanks(_before_dash(text)).removesuffix(".0")
    if head.isdecimal():
        digits = "".join([str(int(c)) for c in head])
        if len(digits) >= _US_ZIP_DIGITS:
            return digits[:_US_ZIP_DIGITS]
        if len(digits) in _US_ZIP_LOST_ONE_OR_TWO:
            return Finding("zp-lost-zeros", kept=digits.zfill(_US_ZIP_DIGITS))
        return Finding("zp-shape")
    digits = "".join([c for c in head if c.isdecimal()])
    if len(digits) == _US_ZIP_DIGITS and digits in head:  # `NY 10001`
        return digits
    if not digits:
        return Finding("zp-shape")
    return Finding("zp-other-country", kept=without_blanks("".join([c for c in text if c not in _DASHES])))

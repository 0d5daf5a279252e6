"""What every match key goes through first: clean ends, the words for nothing, values hashed elsewhere.

Rules: NFC; white space and invisible characters go at both ends; an empty value is absent, and so are the
words that programs write for one, with a warning; 64 hex digits are a SHA-256 already.
"""

import re
import unicodedata

from capi_cli.event import limits
from capi_cli.event.digest import DIGESTS_OF_NOTHING
from capi_cli.event.findings import Finding

# White space in Python's sense beyond ASCII, and the format characters (Cf) and fillers that nobody sees.
_SPACES = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_UNSEEN = (
    "\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
)
_UNSEEN += (
    "\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u2800\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
)
_JOINERS = "\u200c\u200d"  # part of the spelling inside Persian and Indic words; nothing at an end
_CONTROLS = "".join(map(chr, range(0x20)))
_ENDS = _CONTROLS + " " + _SPACES + _UNSEEN + _JOINERS

BLANKS = frozenset(_CONTROLS + " " + _SPACES + _UNSEEN)  # what "white space out" means inside a value

# What a spreadsheet writes where a formula failed, in the languages that the synonyms of headers are in.
FORMULA_ERRORS = frozenset(
    """#REF! #N/A #VALUE! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC! #ERROR! #FIELD! #GETTING_DATA
    #BEZUG! #NV #WERT! #ZAHL! #VALEUR! #NOM? #NOMBRE! #NUL! #¡REF! #N/D #¡VALOR! #¿NOMBRE? #¡NUM! #¡DIV/0! #¡NULO!
    #RIF! #VALORE! #NOME? #VALOR! #NÚM!""".split()
)
ABSENT_WORDS = frozenset({"null", "none", "nan", "n/a", "na", "undefined", "-"}) | {
    error.lower() for error in FORMULA_ERRORS
}
LONGEST_ABSENT_WORD = max(map(len, ABSENT_WORDS))
NA_IS_A_VALUE = frozenset({"fn", "ln", "fi", "f5first", "f5last", "st", "country"})  # a name, Namibia

_MD5_DIGITS = 32
_SHA1_DIGITS = 40
_DIGEST_LENGTHS = frozenset({_MD5_DIGITS, _SHA1_DIGITS, limits.SHA256_HEX_DIGITS})
_APPENDIX = re.compile(
    rf"(\.[A-Za-z0-9_-]{{{limits.APPENDIX_CHARACTERS}}})?"
).fullmatch  # base64url, and JSON-safe
_WITH_APPENDIX = limits.SHA256_HEX_DIGITS + 1 + limits.APPENDIX_CHARACTERS


def clean(value: str) -> str:
    """Return the value in NFC, without white space and invisible characters at its ends.

    Source: docs/normalization.md, "Before anything else"; Meta, "Customer information parameters", em.
    """
    if value.isascii():
        text = value.strip()
        if text and (text[0] < " " or text[-1] < " "):
            return text.strip(_ENDS)
        return text
    return unicodedata.normalize("NFC", value).strip(_ENDS)


def absent_word(name: str, text: str) -> Finding | None:
    """Return a finding where a clean text is one of the words that programs write for an empty cell."""
    if len(text) > LONGEST_ABSENT_WORD:
        return None
    word = text.lower()
    if word not in ABSENT_WORDS or (word == "na" and name in NA_IS_A_VALUE):
        return None
    return Finding("absent-word", detail=word)


def arrived_hashed(name: str, text: str) -> Finding | None:
    """Return a finding where a clean text is a digest: kept when it is a usable SHA-256, in lower case.

    The appendix of Meta's parameter builder (a dot and eight characters) is kept as it is.
    Source: docs/normalization.md, "Values that arrive hashed"; Meta, "Parameter builder library".
    """
    length = len(text)
    if length in _DIGEST_LENGTHS:
        hexadecimal, appendix = text, ""
    elif length == _WITH_APPENDIX and text[limits.SHA256_HEX_DIGITS] == ".":
        hexadecimal, appendix = text[: limits.SHA256_HEX_DIGITS], text[limits.SHA256_HEX_DIGITS :]
    else:
        return None
    if not _is_hexadecimal(hexadecimal) or not _APPENDIX(appendix):
        return None
    if len(hexadecimal) == limits.SHA256_HEX_DIGITS:
        lower = hexadecimal.lower()
        if lower in DIGESTS_OF_NOTHING:
            return Finding("hash-of-empty")
        return Finding("arrived-hashed", kept=lower + appendix)
    if name == "external_id":  # a plain id of that shape
        return None
    return Finding("hash-wrong-kind", detail="MD5" if len(hexadecimal) == _MD5_DIGITS else "SHA-1")


def _is_hexadecimal(text: str) -> bool:
    try:
        return 2 * len(bytes.fromhex(text)) == len(text)  # it passes over white space
    except ValueError:
        return False


def without_blanks(text: str) -> str:
    """Return the text without white space and invisible characters, inside too."""
    if text.isascii():
        return "".join(text.split())
    return "".join([c for c in text if c not in BLANKS])


def compose(text: str) -> str:
    """Return a text in NFC again, after characters were taken out of it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)

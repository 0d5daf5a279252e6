"""Marked people and a marked token: what must never be seen, and every form in which it would be a leak.

What is written here by hand is what `rules.md` makes of each value, so that the search does not depend on capi.
"""

import base64
import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import quote, quote_plus

TOKEN = "EAAQuokkaT0kenKp3Xq9ZfLw2RtYb8NcVd5HsJm4"
APP_SECRET = "5ecre7f00dba11ca5cade0ddba11b0a7"
PART = 8  # characters of a token that are a part of it
COLUMNS = ("email", "phone", "first_name", "last_name", "city", "birthday", "customer_id")

# Each as it stands in a file, then as it is hashed.
PERSON: dict[str, tuple[str, str]] = {
    "email": ("Quokka.Zephyrine+7@Wombatmail.example", "quokka.zephyrine+7@wombatmail.example"),
    "phone": ("+49 (0)1511 765-4329", "4915117654329"),
    "first_name": ("Xanthippé-Ömer", "xanthippéömer"),
    "last_name": ("O’Quagmire", "oquagmire"),
    "city": ("Llanfairpwllgwyngyll", "llanfairpwllgwyngyll"),
    "birthday": ("1971-03-29", "19710329"),
    "customer_id": ("CUST Quokka 8891", "custquokka8891"),
}
# Parts that tell as much as the whole.
PIECES = ("quokka.zephyrine", "wombatmail", "15117654329", "1511 765-4329", "1511 765 4329", "xanthipp")


@dataclass(frozen=True, slots=True)
class Leak:
    """One marker in one place."""

    place: str
    what: str


def texts() -> list[str]:
    """Return the values, as written and as hashed."""
    return [*(text for pair in PERSON.values() for text in pair), *PIECES]


def digests() -> list[str]:
    """Return the SHA-256 of each value: as it is sent, and of the cell as it is."""
    return [hashlib.sha256(text.encode()).hexdigest() for pair in PERSON.values() for text in pair]


def find(octets: bytes, *, place: str, cells: bool = False, sent: bool = False) -> list[Leak]:
    """Return what is seen in those bytes.

    Args:
        octets: What was written somewhere.
        place: Its name, for the message.
        cells: A rejects file, which repeats the user's own cells.
        sent: A prepared folder, which holds the digests of match keys.
    """
    found = [Leak(place, f"the token: {part}") for part in _token_parts(octets)]
    if not cells:
        found += _seen(octets, _forms_of_texts(), place)
    if not sent:
        found += _seen(octets, _forms_of_digests(), place)
    return found


def _seen(octets: bytes, forms: "Forms", place: str) -> list[Leak]:
    """Look as it is, without case, and without what folds a text into lines on a screen."""
    plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", octets).lower()
    joined = re.sub(rb"\s+|\xe2\x94\x82|\|", b"", plain)
    found = [what for form, what in forms.exact.items() if form in octets]
    found += [what for form, what in forms.folded.items() if form in plain or form in joined]
    return [Leak(place, what) for what in dict.fromkeys(found)]


def _token_parts(octets: bytes) -> list[str]:
    lowered = octets.lower()
    joined = re.sub(rb"\s+", b"", lowered)
    found = [part for part in _parts() if part in lowered or part in joined]
    found += [form for secret in (TOKEN, APP_SECRET) for form in _base64(secret.encode()) if form in octets]
    return [part.decode() for part in found]


@cache
def _parts() -> list[bytes]:
    secrets = (TOKEN, APP_SECRET, proof())
    return [one[at : at + PART].lower().encode() for one in secrets for at in range(len(one) - PART + 1)]


def proof() -> str:
    """Return `appsecret_proof`, as Meta's pages define it: HMAC-SHA256 of the token, its key the secret."""
    block = APP_SECRET.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(each ^ 0x36 for each in block) + TOKEN.encode()).digest()
    return hashlib.sha256(bytes(each ^ 0x5C for each in block) + inner).hexdigest()


@dataclass(frozen=True, slots=True)
class Forms:
    """What to look for: byte for byte, and in small letters."""

    exact: dict[bytes, str]
    folded: dict[bytes, str]


@cache
def _forms_of_texts() -> Forms:
    forms = Forms({}, {})
    for text in texts():
        for spelling in {text, text.lower(), text.upper(), unicodedata.normalize("NFD", text)}:
            written = {
                spelling,
                quote(spelling),
                quote(spelling, safe=""),
                quote_plus(spelling),
                json.dumps(spelling)[1:-1],
                escape(spelling),
                ascii(spelling)[1:-1],
                re.sub(r"\s+", "", spelling),
                spelling.encode().hex(),
            }
            forms.folded.update((one.lower().encode(), text) for one in written)
            exact = [spelling.encode(code) for code in ("utf-16-le", "utf-16-be")]
            forms.exact.update(dict.fromkeys([*exact, *_base64(spelling.encode())], text))
    return forms


@cache
def _forms_of_digests() -> Forms:
    forms = Forms({}, {})
    for digest in digests():
        raw, what = bytes.fromhex(digest), f"the digest {digest}"
        forms.folded.update({digest[:24].encode(): what, digest[24:].encode(): what})
        forms.exact.update(dict.fromkeys([raw[:12], raw[-12:], *_base64(raw)], what))
    return forms


def _base64(octets: bytes) -> list[bytes]:
    """Return what stands in a base64 text wherever these octets begin in it, in both alphabets."""
    forms = []
    for before in range(3):
        after = (before + len(octets)) % 3
        encoded = base64.b64encode(bytes(before) + octets)
        core = encoded[(0, 2, 3)[before] : len(encoded) - (0, 3, 2)[after]]
        forms += [core, core.translate(bytes.maketrans(b"+/", b"-_"))]
    return forms

"""Cut values out of the texts that Meta sends back: it echoes what it refused, and that may be a match key.

What stays are Meta's own words, the paths of fields, and short numbers. When in doubt, a value goes: the code and
the subcode say what is wrong. That is the opposite of `private.py`, which repeats the words of our own messages
unless it sees why not: there a person needs to find his mistake, here nobody knows what the text will hold.
`Secrets` cuts by value instead of by look: the secrets of this run, from replies and, by `cli/veil.py`, from all that
is printed.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Final

from capi_cli.private import TOKEN

MASK: Final = "[…]"
MAX_CHARACTERS: Final = 600

_TAGS: Final = re.compile(r"<[^<>]{0,500}>")
_URL_QUERY: Final = re.compile(r"(https?://[^\s?#'\"]+)[?#][^\s'\"]*")
_EMAIL: Final = re.compile(r"[^\s'\"<>(),;:=\[\]]+(?:@|%40)[^\s'\"<>(),;:=\[\]]+")
_NAMED_SECRET: Final = re.compile(
    r"(?i)(access_token['\"]?\s*[:=]\s*['\"]?|appsecret_proof['\"]?\s*[:=]\s*['\"]?|bearer\s+)[^\s'\",&}]+"
)
_PART: Final = 8  # characters; shorter parts of a token stand in ordinary words too
# JSON's escapes stay whole: cut in two, an accepted reply could not be read any more.
_SECRET_RUN: Final = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[A-Za-z0-9+/_|.~%=-]{8,}")
_LONG_RUN: Final = re.compile(r"[A-Za-z0-9+/_|-]{16,}")
_PHONE: Final = re.compile(r"\+?\(?\d(?:[\s().\u00a0/-]*\d){6,}")
_IPV4: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_IPV6: Final = re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])")
_DATE: Final = re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
# Each mark with its own partner, so that an apostrophe inside a name ends nothing.
_QUOTED: Final = re.compile(
    r"""(?<!\[)(?<!\w)(?:"(?P<a>[^"]{1,200})"|“(?P<b>[^”]{1,200})”|„(?P<c>[^“”]{1,200})[“”]|«(?P<d>[^»]{1,200})»"""
    r"""|'(?P<e>(?:[^']|(?<=\w)'(?=\w)){1,200})'|‘(?P<f>(?:[^’]|(?<=\w)’(?=\w)){1,200})’)(?!\])(?!\w)"""
)
_SHORTEST_ECHO: Final = 3  # characters; shorter values stand in ordinary words
_WORD: Final = re.compile(r"[a-z_]+")
_TOLD: Final = frozenset({"order_id", "currency"})  # what finds the row again, and tells of nobody
_PATH: Final = re.compile(r"\$?(?:\[(?:'[a-z_0-9]{1,40}'|\"[a-z_0-9]{1,40}\"|\d{1,6})\])+")
_FIELD: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+(?:\[\d{1,6}\])?(?:\.[a-z_]+)*")

# Names of parameters without an underscore; other quoted words may be somebody's name.
_FIELD_WORDS: Final = frozenset(
    "em ph fn ln ge db ct st zp country fbc fbp fi dobd dobm doby madid data value currency contents id quantity "
    "status extinfo events email phone array string integer number object website app physical_store v26.0".split()
)


def redact(text: str, values: Collection[str] = ()) -> str:
    """Return the text with everything cut that may be a match key, a digest or a token; one line, shortened.

    Args:
        text: Meta's.
        values: What was sent as it is, from `plain_values`: names no pattern can tell from other words.
    """
    for value in values:
        if value in text:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    text = " ".join(_TAGS.sub(" ", text[: 8 * MAX_CHARACTERS]).split())
    paths: list[str] = []

    def keep(found: re.Match[str]) -> str:
        paths.append(found.group())
        return f"\x00{len(paths) - 1}\x00"

    text = _PATH.sub(keep, text.replace("\x00", ""))
    text = _URL_QUERY.sub(r"\1", text)
    text = _NAMED_SECRET.sub(rf"\1{MASK}", text)
    for pattern in (TOKEN, _EMAIL):
        text = pattern.sub(MASK, text)
    text = _LONG_RUN.sub(_long_run, text)
    text = _QUOTED.sub(_quoted, text)
    for pattern in (_IPV4, _IPV6, _PHONE, _DATE):
        text = pattern.sub(MASK, text)
    text = re.sub(r"\x00(\d+)\x00", lambda found: paths[int(found.group(1))], text)
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"


def plain_values(joined: bytes | memoryview) -> list[str]:
    """Return the texts that these events carry unhashed, the longest first: plain match keys and custom data.

    Args:
        joined: Events as JSON, a comma between two; what can't be read has none.
    """
    try:
        events = json.loads(b"[" + joined + b"]")
    except (ValueError, RecursionError):
        return []
    found = {
        text
        for event in events
        if isinstance(event, dict)
        for group in ("user_data", "custom_data")
        for text in _texts(event.get(group))
    }
    return sorted(found, key=lambda text: (-len(text), text))


def _texts(node: object, name: str = "") -> Iterator[str]:
    """Yield the texts in a member of an event; not lower-case words, which stand in Meta's sentences too."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, name)
    elif isinstance(node, str) and name not in _TOLD and _is_telling(node):
        yield node


def _is_telling(value: str) -> bool:
    return len(value) >= _SHORTEST_ECHO and not _WORD.fullmatch(value)


class Secrets:
    """Cuts secrets out of replies by value: whole, in any case, and in parts of eight characters or more.

    A part that is digits alone, or small letters alone, tells nothing of a token, and may stand in a dataset's id or in
    a path: `1234567890` is in many a token made up for a trial.
    """

    def __init__(self, *secrets: str | None) -> None:
        self._parts: set[str] = set()
        self._whole: set[str] = set()
        for secret in secrets:
            self.add(secret or "")

    def add(self, secret: str) -> None:
        """Cut that one too from now on."""
        parts = (secret[start : start + _PART] for start in range(len(secret) - _PART + 1))
        self._parts |= {part.lower() for part in parts if _tells(part)}
        if len(secret) >= _PART:
            self._whole.add(secret.lower())

    def cut(self, text: str) -> str:
        """Return the text with every run of characters that holds a part of a secret masked."""
        return _SECRET_RUN.sub(self._judged, text) if self._whole else text

    def cut_bytes(self, octets: bytes) -> bytes:
        """Return a body likewise, whatever its encoding."""
        return self.cut(octets.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _judged(self, found: re.Match[str]) -> str:
        run = found.group().lower()
        hit = any(run[start : start + _PART] in self._parts for start in range(len(run) - _PART + 1))
        return MASK if hit or any(whole in run for whole in self._whole) else found.group()


def _tells(part: str) -> bool:
    """Return whether a part of a token is more than a number or some words."""
    letters = "".join(character for character in part if character.isalpha())
    return bool(letters) and (not letters.islower() or any(character.isdigit() for character in part))


def _long_run(found: re.Match[str]) -> str:
    run = found.group()
    is_plain = run.islower() and not any(c.isdigit() for c in run)  # a field's name, or one long word
    return run if is_plain and (len(run) < 24 or "_" in run) else MASK


def _quoted(found: re.Match[str]) -> str:
    inside = found.group(found.lastgroup or 0)
    is_field = inside in _FIELD_WORDS or (_FIELD.fullmatch(inside) and not any(c.isdigit() for c in inside))
    return found.group() if is_field or inside == MASK else found.group()[0] + MASK + found.group()[-1]

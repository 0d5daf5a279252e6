"""Nested values as JSON text: read strictly, then tolerantly; written compactly, numbers exact.

What stands in a CSV cell was often typed, or printed by a program that is not quite a JSON writer: keys
without quotes, single quotes, Python's True and None, a comma too many. Such text is rewritten to JSON first.
Escapes are those of orjson, so that a value reads the same wherever it was written.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeAlias

from capi_cli.event.normalize.money import decimal_text

Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH: Final = 20  # ours: Meta's objects are three deep
MAX_INTEGER_DIGITS: Final = 30  # ours: longer ones are damage, and slow to print

quote = json.JSONEncoder(ensure_ascii=False).encode

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>[{}\[\],:])
      | (?P<double>"(?:[^"\\]|\\.)*")
      | '(?P<single>(?:[^'\\]|\\.)*)'
      | (?P<bare>[^\s{}\[\],:"'][^{}\[\],:"']*)
    )\s*""",
    re.VERBOSE | re.DOTALL,
)
_LITERALS = {
    "true": "true",
    "false": "false",
    "null": "null",
    "none": "null",
    "undefined": "null",
    "nan": "null",
}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").fullmatch


def read_json(text: str) -> Json:
    """Return the value of JSON text, decimals exact; nearly-JSON is read as what was meant.

    NaN, which pandas writes for an empty cell, is null.

    Raises:
        ValueError: It is neither; or holds half a surrogate pair, or nests deeper than 20.
    """
    try:
        found = _strict(text)
    except ValueError:
        found = _strict(_as_json(text))
    _check(found, MAX_DEPTH)
    return found


def _strict(text: str) -> Json:
    try:
        found: Json = json.loads(text, parse_float=Decimal, parse_int=_integer, parse_constant=_refuse)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError("nested too deeply, or a number out of range") from error
    return found


def _integer(text: str) -> int:
    if len(text) > MAX_INTEGER_DIGITS:
        raise ValueError("an integer that long is damage")
    return int(text)


def _refuse(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")


def _check(value: Json, left: int) -> None:
    if isinstance(value, str):
        value.encode()  # half a surrogate pair raises UnicodeEncodeError, a ValueError
    elif isinstance(value, dict | list):
        if not left:
            raise ValueError("nested too deeply")
        for member in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(member, left - 1)


def _as_json(text: str) -> str:
    """Rewrite unquoted keys, single quotes, Python's words and trailing commas to JSON."""
    written: list[str] = []
    for token in _tokens(text):
        if token in ("}", "]") and written and written[-1] == ",":
            written.pop()
        written.append(token)
    return "".join(written)


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise ValueError("not JSON, nor nearly")
        position = match.end()
        is_key = text[position : position + 1] == ":"
        if (single := match["single"]) is not None:
            yield quote(re.sub(r"\\(.)", r"\1", single))
        elif (bare := match["bare"]) is not None:
            yield _bare(bare.strip(), is_key)
        else:
            yield match["mark"] or match["double"]


def _bare(word: str, is_key: bool) -> str:
    if is_key:
        return quote(word)
    if _NUMBER(word):
        return word
    return _LITERALS.get(word.lower()) or quote(word)


def write_json(value: Json) -> str:
    """Return compact JSON text.

    Raises:
        ValueError: A number has more digits than JSON readers keep.
    """
    match value:
        case str():
            return quote(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return decimal_text(value)
        case list():
            return "[" + ",".join(map(write_json, value)) + "]"
        case dict():
            return "{" + ",".join(f"{write_json(k)}:{write_json(v)}" for k, v in value.items()) + "}"


def scalar_text(value: Json) -> str | None:
    """Return a scalar as the text of an id or a name; None for null, lists and objects.

    Raises:
        ValueError: A number has more digits than JSON readers keep.
    """
    match value:
        case str():
            return value.strip()
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return write_json(value)
        case _:
            return None

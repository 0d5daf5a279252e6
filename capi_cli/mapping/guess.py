"""Which field a column fills, by its name alone. Careful: what may mean two things is left to a person.

1. Meta's own names come first, with or without the object they stand in: `em`, `user_data.em`, `user.email`,
   `match_keys.email`, `custom.value`; then the words of `synonyms`.
2. A person's columns may say whose they are: billing before customer before a bare name before shipping. E-mail
   addresses and phones of one person may be several, so those of all but shipping are taken together.
3. Two columns for a field that takes one value: Meta's own name wins, then the first tier of words, else neither
   is taken and the person is told.
4. `event_name` and `action_source` are never guessed as constants.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from capi_cli.event.fields import FIELDS, Field, find_field
from capi_cli.mapping import synonyms
from capi_cli.mapping.header import Header, fold
from capi_cli.mapping.synonyms import BILLING, CUSTOMER, PLAIN, SHIPPING

_EXACT = 0
_OWNER_RANK = {BILLING: 1, CUSTOMER: 2, PLAIN: 3, SHIPPING: 4}
_SHIPPING_RANK = _OWNER_RANK[SHIPPING]
_CONTACT = ("user_data.em", "user_data.ph")
_PERSON = tuple(f"user_data.{name}" for name in "em ph fn ln ge db ct st zp country".split())
_GROUP_PREFIXES = {  # as exports write them, and the object that the rest must stand in
    "matchkeys": "user_data",
    "userdata": "user_data",
    "user": "user_data",
    "customdata": "custom_data",
    "custom": "custom_data",
}
_CUSTOM_PROPERTY = re.compile(r"custom_data\.([A-Za-z0-9_\-]+)")
_CONTENTS = "custom_data.contents."
FULL_NAME = "full_name"


@dataclass(frozen=True, slots=True)
class Match:
    """A column that may fill a field; the lowest rank is the likeliest."""

    field: Field
    rank: int
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Guessed:
    """The columns that fill a field by their names."""

    field: Field
    positions: tuple[int, ...]
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """What a header says by itself.

    Attributes:
        filled: By path.
        unclear: Fields for which several columns are equally likely, and so none was taken.
    """

    filled: dict[str, Guessed]
    unclear: dict[str, tuple[int, ...]]


def guess(header: Header, taken: Iterable[int] = ()) -> Guess:
    """Return what the names of a header's free columns fill.

    Args:
        header: The source's header.
        taken: Positions of columns that a person or a recognised export has given to a field.
    """
    free = [at for at in header.usable if at not in set(taken)]
    matches: dict[str, list[tuple[int, Match]]] = {}
    for at in free:
        if (match := match_name(header.names[at])) is not None:
            matches.setdefault(match.field.path, []).append((at, match))
    _match_needing(header, free, matches)
    filled: dict[str, Guessed] = {}
    unclear: dict[str, tuple[int, ...]] = {}
    for path, found in matches.items():
        chosen = _choose(path, found)
        field = found[0][1].field
        if len(chosen) > 1 and not field.many:
            unclear[path] = chosen
        else:
            filled[path] = Guessed(field, chosen)
    if not any(path.startswith(_CONTENTS) and path.endswith(".id") for path in filled):
        filled = {path: one for path, one in filled.items() if not path.startswith(_CONTENTS)}
    _match_full_name(header, free, filled)
    return Guess(filled, unclear)


def match_name(name: str) -> Match | None:
    """Return the field that a column's name says, judged by that name alone."""
    trimmed = name.strip().strip("[]\"'").strip()
    if custom := _CUSTOM_PROPERTY.fullmatch(trimmed):
        known = find_field(trimmed)
        assert known is not None, custom
        return Match(known, _EXACT)
    key = fold(trimmed)
    if not key:
        return None
    if (exact := _exact_names().get(key)) is not None:
        return Match(FIELDS[exact], _EXACT)
    for prefix, group in _GROUP_PREFIXES.items():
        if key.startswith(prefix) and (inner := _in_group(key.removeprefix(prefix), group)) is not None:
            return Match(inner, _EXACT)
    numbered = fold(trimmed.replace("#", " no "))
    for candidate in dict.fromkeys((key, numbered)):
        if (found := _words().get(candidate)) is not None:
            path, tier = found
            return Match(FIELDS[path], _OWNER_RANK[PLAIN] if path in _PERSON else 1 + tier)
    return _owned(key) or _several(key)


def _owned(key: str) -> Match | None:
    """Return the field of a person that a name says with whose it is: `billing_city`, `Email (Billing)`."""
    for word, owner in _owner_words().items():
        for rest in (key.removeprefix(word), key.removesuffix(word)):
            path = _person_words().get(rest) if rest != key else None
            if path is not None:
                return Match(FIELDS[path], _OWNER_RANK[owner])
    return None


def _several(key: str) -> Match | None:
    """Return the field of a numbered name, `email2`, where the field takes several values."""
    bare = key.rstrip("0123456789")
    if bare == key or not bare:
        return None
    match = match_name(bare)
    return match if match is not None and match.field.many else None


def _match_needing(header: Header, free: list[int], matches: dict[str, list[tuple[int, Match]]]) -> None:
    """Match the words that count only beside another column."""
    first = set(matches)
    names = {fold(header.names[at]) for at in header.usable}
    for at in free:
        rule = _needing().get(fold(header.names[at]))
        if rule is None:
            continue
        path, fields, words = rule
        if any(one in first for one in fields) or any(word in names for word in words):
            matches.setdefault(path, []).append((at, Match(FIELDS[path], _OWNER_RANK[PLAIN])))


def _choose(path: str, found: list[tuple[int, Match]]) -> tuple[int, ...]:
    """Return the positions of the likeliest columns, in the header's order."""
    best = min(match.rank for _, match in found)
    if path in _CONTACT and best < _SHIPPING_RANK:
        return tuple(at for at, match in found if match.rank < _SHIPPING_RANK)
    return tuple(at for at, match in found if match.rank == best)


def _match_full_name(header: Header, free: list[int], filled: dict[str, Guessed]) -> None:
    """Split a column of full names where no column holds a first or last name."""
    if "user_data.fn" in filled or "user_data.ln" in filled:
        return
    words = set(words_of(synonyms.FULL_NAME))
    found = [at for at in free if fold(header.names[at]) in words]
    if len(found) == 1:
        filled["user_data.fn"] = Guessed(FIELDS["user_data.fn"], (found[0],), split=FULL_NAME)


def likely_columns(path: str, header: Header) -> list[str]:
    """Return up to three names that a person may mean for a field that nothing fills."""
    words = words_of(synonyms.LIKELY.get(path, ""))
    found = [header.names[at] for at in header.usable if any(w in fold(header.names[at]) for w in words)]
    return list(dict.fromkeys(found))[:3]


def looks_like_match_key(name: str) -> str | None:
    """Return the path of the hashed match key that a column's name says, None for other columns."""
    match = match_name(name)
    return match.field.path if match is not None and match.field.hashed else None


def is_of_a_person(name: str) -> bool:
    """Return whether a column's name says that its cells are a person's data; a country is nobody's alone."""
    match = match_name(name)
    return match is not None and match.field.personal


def words_of(words: str) -> list[str]:
    """Return the words of a table's line, folded."""
    return [key for word in words.split(",") if (key := fold(word))]


def _in_group(key: str, group: str) -> Field | None:
    exact = _exact_names().get(key)
    if exact is not None and FIELDS[exact].group == group:
        return FIELDS[exact]
    word = _words().get(key)
    return FIELDS[word[0]] if word is not None and FIELDS[word[0]].group == group else None


@cache
def _exact_names() -> dict[str, str]:
    """Folded name of a field, bare where that is unambiguous, and dotted → its path."""
    found: dict[str, str] = {}
    for path, field in FIELDS.items():
        found[fold(path)] = path
        if path not in synonyms.NOT_BARE and field is find_field(field.name):
            found.setdefault(fold(field.name), path)
        if path.startswith(_CONTENTS):
            found.setdefault(fold(path.removeprefix("custom_data.")), path)
    return found


def known_words() -> dict[str, str]:
    """Return the words that exports use, folded, with the path of their field."""
    return {word: path for word, (path, _) in _words().items()}


@cache
def _words() -> dict[str, tuple[str, int]]:
    """Folded synonym → path and tier."""
    found: dict[str, tuple[str, int]] = {}
    for path, tiers in synonyms.SYNONYMS.items():
        for tier, words in enumerate(tiers):
            for key in words_of(words):
                assert found.setdefault(key, (path, tier))[0] == path, f"{key} means two fields"
    return found


@cache
def _person_words() -> dict[str, str]:
    found = {key: path for key, (path, _) in _words().items() if path in _PERSON}
    return found | {fold(word): path for word, path in synonyms.OWNED_WORDS.items()}


@cache
def _owner_words() -> dict[str, str]:
    pairs = [(key, owner) for owner, words in synonyms.OWNERS.items() for key in words_of(words)]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))  # the longest first


@cache
def _needing() -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return {
        fold(word): (path, fields, tuple(words_of(words)))
        for word, (path, fields, words) in synonyms.NEEDING.items()
    }

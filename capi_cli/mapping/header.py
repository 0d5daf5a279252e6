"""A source's header: how its names are compared, found and shown.

A column is looked up by its name as written first, then folded: case, spaces of every kind, accents,
brackets, dots, underscores and dashes make no difference. The five columns that capi itself writes into a
rejects file are never found, so that the file is mended and read again as it is. What is shown of a name
never holds a person's data: a file without a header has cells where the names should be.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from capi_cli.errors import ConfigurationError
from capi_cli.private import private_kind

GUARDED = ("_row", "_code", "_field", "_reason", "_hint")
_MAX_SHOWN_NAMES = 40
_MAX_SHOWN_CHARACTERS = 60
_EMAIL_LIKE = re.compile(r"[^\s@]@[^\s@]")
_MIN_NUMBER_DIGITS = 7  # as many as the shortest phone number
_DESCRIBED = ("(an e-mail address)", "(a number)", "(a token)")


@lru_cache(maxsize=10_000)
def fold(name: str) -> str:
    """Return the letters and digits of a name, accents and case gone: `[E-Mail]` → `email`."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(character for character in decomposed if character.isalnum())


def shown(name: str) -> str:
    """Return a column's name in quotes; one that looks like a person's data is only described."""
    text = plain(name)
    return text if text in _DESCRIBED else f'"{text}"'


def plain(name: str) -> str:
    """Return a column's name for a screen, cut to sixty characters; a person's data is only described."""
    if _EMAIL_LIKE.search(name):
        return _DESCRIBED[0]
    digits = sum(character.isdigit() for character in name)
    if digits >= _MIN_NUMBER_DIGITS and not any(character.isalpha() for character in name):
        return _DESCRIBED[1]
    if (kind := private_kind(name)) is not None:
        return f"({kind})"
    cut = name if len(name) <= _MAX_SHOWN_CHARACTERS else name[: _MAX_SHOWN_CHARACTERS - 1] + "…"
    return "".join(character if character.isprintable() else " " for character in cut)


def shown_names(names: Iterable[str], joint: str = ", ") -> str:
    """Return several names, the first forty of them."""
    listed = list(dict.fromkeys(names))
    more = len(listed) - _MAX_SHOWN_NAMES
    text = joint.join(shown(name) for name in listed[:_MAX_SHOWN_NAMES])
    return f"{text} and {more} more" if more > 0 else text


@dataclass(frozen=True, slots=True)
class Header:
    """The column names of one source, as written, in order, duplicates kept."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> "Header":
        """Return the header with these names."""
        return cls(tuple(names))

    @property
    def usable(self) -> tuple[int, ...]:
        """Positions of columns that can fill a field: named, and not capi's own."""
        return tuple(at for at, name in enumerate(self.names) if name.strip() and not _is_guarded(name))

    def find(self, column: str) -> tuple[int, ...]:
        """Return the positions of that column: as written first, then folded."""
        usable = self.usable
        if exact := tuple(at for at in usable if self.names[at] == column):
            return exact
        if trimmed := tuple(at for at in usable if self.names[at].strip() == column.strip()):
            return trimmed
        key = fold(column)
        return tuple(at for at in usable if key and fold(self.names[at]) == key)

    def positions(self, column: str, *, for_what: str, many: bool = False) -> tuple[int, ...]:
        """Return the positions of that column, several only where `many`.

        Raises:
            ConfigurationError: No column has the name, or several do where one value is wanted.
        """
        if _is_guarded(column):
            raise ConfigurationError(
                f"{for_what}: {column.strip()} is capi's own column of a rejects file and is never mapped.",
                "Name a column of your own.",
            )
        found = self.find(column)
        if not found:
            raise ConfigurationError(
                f"{for_what}: the source has no column {shown(column)}.", self._hint(column)
            )
        if len(found) > 1 and not many:
            raise self._doubled(column, found, for_what)
        return found

    def nearest(self, column: str) -> list[str]:
        """Return up to three column names closest to a mistyped one."""
        by_fold: dict[str, str] = {}
        for at in self.usable:
            by_fold.setdefault(fold(self.names[at]), self.names[at])
        key = fold(column)
        found = get_close_matches(key, by_fold, n=3, cutoff=0.6)
        if len(key) > 2:
            found += [k for k in by_fold if k not in found and len(k) > 2 and (key in k or k in key)]
        return [by_fold[k] for k in found[:3]]

    def _hint(self, column: str) -> str:
        near = self.nearest(column)
        meant = f"Did you mean {shown_names(near, ' or ')}? " if near else ""
        return f"{meant}Columns here: {self.listed()}."

    def listed(self) -> str:
        """Return the usable names for a message."""
        return shown_names(self.names[at] for at in self.usable) or "none"

    def _doubled(self, column: str, found: tuple[int, ...], for_what: str) -> ConfigurationError:
        places = [str(at + 1) for at in found]
        where = f"{', '.join(places[:-1])} and {places[-1]}"
        if len({self.names[at] for at in found}) == 1:
            return ConfigurationError(
                f"{for_what} takes one column, but the columns {where} of the source "
                f"have the same name {shown(self.names[found[0]])}.",
                "Rename one of them in the file's header.",
            )
        names = shown_names((self.names[at] for at in found), " and ")
        return ConfigurationError(
            f"{for_what} takes one column, but {shown(column)} could be each of the columns {where}: {names}.",
            "Name the column exactly as the file writes it.",
        )


def _is_guarded(name: str) -> bool:
    return name.strip() in GUARDED

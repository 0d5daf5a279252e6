"""The loop over the cells of one hashed match key: common shapes at once, every other text by its rule, once.

Cells of a common shape are normalized and hashed in C (`native/keys.c`, `shapes.c`, `phones.c`). Of every other text
the loop remembers what the rule said, within a bound; of those that it doesn't know yet it asks, and goes on.
`HashedKey` works without it too, with the rules alone. `tests/prepare/test_key_loop.py` holds both equal.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from capi_cli.event import limits
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.keys import COUNTRY_KEYS, KeySettings, match_key
from capi_cli.event.normalize.names import TYPED_AS_APOSTROPHE
from capi_cli.event.normalize.text import ABSENT_WORDS
from capi_cli.native.columns import Column, Written, addresses
from capi_cli.native.library import library
from capi_cli.prepare.distinct import Distinct, Outcome, as_list, codes_column
from capi_cli.prepare.phone_tables import PhoneTables

_SLOTS: Final = 1 << 15  # of which half are used at most; the bound of what each key remembers: 3 MB
_SLOT_WORDS: Final = 4  # of 8 bytes
_TEXT_BYTES: Final = 1 << 21
_LONGEST_DIGEST: Final = limits.SHA256_HEX_DIGITS + 1 + limits.APPENDIX_CHARACTERS
_SHAPES: Final = {"em": 1, "fn": 2, "ln": 2, "ct": 2, "external_id": 3, "db": 4, "zp": 5, "ph": 6}
_TWO_BYTES_FROM, _TWO_BYTES_TO = 0x80, 0x800  # code points that are two bytes in UTF-8
_SLACK: Final = 8  # bytes that the loop may write behind the last digest
_IN_US, _ELSEWHERE = 1, 2


class _Shape(ctypes.Structure):
    """`shape_t` of shapes.h."""

    _fields_ = (
        ("words", ctypes.c_char_p),
        ("letters", ctypes.c_void_p),
        ("countries", ctypes.c_void_p),
        ("country_count", ctypes.c_int64),
        ("plans", ctypes.c_void_p),
        ("first_day", ctypes.c_int32),
        ("last_day", ctypes.c_int32),
    )


class _Memory(ctypes.Structure):
    """`memory_t` of keys.c."""

    _fields_ = (
        ("slots", ctypes.c_void_p),
        ("texts", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in "slot_count room used count".split()),
    )


class _Progress(ctypes.Structure):
    """`progress_t` of keys.c."""

    _fields_ = tuple((name, ctypes.c_int64) for name in "row nulls noticed asked".split())


@cache
def _letters() -> npt.NDArray[np.uint16]:
    """Return the lower case of each letter from U+0080 on, as far as UTF-8 has two bytes; 0 for the rule to look.

    Left to the rule are letters that look like an apostrophe, that are composed otherwise, whose lower case is longer,
    or depends on what stands beside it, as that of Σ.
    """
    found = np.zeros(_TWO_BYTES_TO - _TWO_BYTES_FROM, np.uint16)
    for place in range(len(found)):
        letter = chr(_TWO_BYTES_FROM + place)
        small = letter.lower()
        alone = letter.isalpha() and letter not in TYPED_AS_APOSTROPHE and letter != "Σ"
        same_length = len(small) == 1 and _TWO_BYTES_FROM <= ord(small) < _TWO_BYTES_TO and small.isalpha()
        if alone and same_length and normalize("NFC", letter + small) == letter + small:
            found[place] = ord(small)
    return found


@dataclass(frozen=True, slots=True)
class Noted:
    """Findings of a column of cells.

    Attributes:
        cells: int64[m], which cells there is something to say about.
        column: Their texts, a code for each.
        findings: By code.
    """

    cells: npt.NDArray[np.int64]
    column: Distinct
    findings: dict[int, Finding]


class KeyLoop:
    """The loop of one key, with what it remembers between blocks."""

    @classmethod
    def of(cls, name: str, settings: KeySettings) -> "KeyLoop | None":
        """Return the loop of a key; None where there is no library, or ids go out as they are."""
        return None if settings.plain or library() is None else cls(name, settings)

    def __init__(self, name: str, settings: KeySettings) -> None:
        self._name = name
        self._settings = settings
        self._findings: list[Finding] = []
        self._by_country = name in COUNTRY_KEYS
        self._names: tuple[str, ...] = ()
        unknown = (name == "db" and settings.birth_format is not None) or (
            name == "zp" and settings.cut_zip_at_dash
        )
        self.which = 0 if unknown else _SHAPES.get(name, 0)
        words = [word.encode() for word in sorted(ABSENT_WORDS) if word.isalnum() and word.isascii()]
        today = settings.today
        self.shape = _Shape(
            words=b"".join(bytes([len(word)]) + word for word in words),
            letters=_letters().ctypes.data,
            first_day=limits.MIN_BIRTH_YEAR * 10_000 + 101,
            last_day=(today.year * 100 + today.month) * 100 + today.day,
        )
        self._texts = np.empty(_TEXT_BYTES, np.uint8)
        self._forget()

    def digests(
        self, cells: Column, countries: Distinct | None, before: str, after: str
    ) -> tuple[Column, Noted | None] | None:
        """Return the digest of each cell between two texts, and what was noticed; None where the rules must do it all.

        Args:
            cells: string[n].
            countries: Of each cell, for keys that depend on it; its values grow from block to block.
            before: What stands before each digest.
            after: What stands after it.
        """
        if countries is not None and len(countries.values) > len(self._names):
            self._know(tuple(countries.values))
        for _ in range(2):  # once more, where the memory was full
            run = _Run(self, cells, countries, (before.encode(), after.encode()))
            while run.go() and self._answer(cells, countries, run.asked()):
                pass
            if not run.progress.asked:
                return run.column(), self._noted(cells, run.noticed())
            self._forget()
        return None

    def _know(self, names: tuple[str, ...]) -> None:
        """Look up what the shapes need to know about each country."""
        self._names = names
        if self._name == "ph":
            self._tables = PhoneTables(names)
            self._codes = self._tables.home
            self.shape.plans = ctypes.addressof(self._tables.plans)
        else:
            self._codes = np.array([_IN_US if name == "US" else _ELSEWHERE for name in names], np.int32)
        self.shape.countries = self._codes.ctypes.data
        self.shape.country_count = len(names)

    def _forget(self) -> None:
        self._findings.clear()
        self._slots = np.zeros(_SLOTS * _SLOT_WORDS, np.uint64)
        self.memory = _Memory(
            slots=self._slots.ctypes.data,
            texts=self._texts.ctypes.data,
            slot_count=_SLOTS,
            room=_TEXT_BYTES,
        )

    def _answer(self, cells: Column, countries: Distinct | None, asked: npt.NDArray[np.int32]) -> bool:
        """Ask the rule about texts that the loop does not know; return whether there was room for what it said."""
        texts = as_list(cells.take(codes_column(asked)))
        codes = [-1] * len(texts) if countries is None else countries.codes[asked].tolist()
        names = [*self._names, None]
        return all(
            self._remember(
                text, code, match_key(self._name, text, country=names[code], settings=self._settings)
            )
            for text, code in dict.fromkeys(zip(texts, codes, strict=True))
        )

    def _remember(self, text: str, country: int, outcome: Outcome) -> bool:
        finding, said = -1, outcome
        if isinstance(outcome, Finding):
            finding, said = len(self._findings), outcome.kept
            self._findings.append(outcome)
        octets, kept = text.encode(), None if said is None else str(said).encode()
        found = library()
        assert found is not None
        return bool(
            found.capi_remember(
                ctypes.byref(self.memory),
                *(octets, ctypes.c_int64(len(octets)), ctypes.c_int32(country)),
                *(kept, ctypes.c_int64(-1 if kept is None else len(kept)), ctypes.c_int32(finding)),
            )
        )

    def _noted(self, cells: Column, noticed: npt.NDArray[np.int32]) -> Noted | None:
        if not len(noticed):
            return None
        places = noticed[:, 0].astype(np.int64)
        texts = as_list(cells.take(codes_column(places)))
        code_of: dict[int, int] = {}  # by finding, in order of the rows
        codes = [code_of.setdefault(number, len(code_of)) for number in noticed[:, 1].tolist()]
        values = dict(zip(codes, texts, strict=True))
        findings = {code: self._findings[number] for number, code in code_of.items()}
        column = Distinct(np.array(codes, np.int64), [values[code] for code in range(len(code_of))])
        return Noted(places, column, findings)


class _Run:
    """One column's way through the loop."""

    def __init__(
        self, loop: KeyLoop, cells: Column, countries: Distinct | None, frame: tuple[bytes, bytes]
    ) -> None:
        length, (before, after) = len(cells), frame
        self.progress = _Progress()
        self._written = Written(length, length * (len(before) + _LONGEST_DIGEST + len(after)) + _SLACK)
        self._asked = np.empty(length, np.int32)
        self._noticed = np.empty((length, 2), np.int32)
        self._codes = None if countries is None else np.ascontiguousarray(countries.codes, np.int64)
        self._cells = cells
        self._arguments: tuple[Any, ...] = (
            ctypes.c_int64(length),
            *map(ctypes.c_void_p, addresses(cells)),
            ctypes.c_int64(cells.offset),
            ctypes.c_void_p(None if self._codes is None else self._codes.ctypes.data),
            *(ctypes.c_int32(loop.which), ctypes.byref(loop.shape), ctypes.byref(loop.memory)),
            *(before, ctypes.c_int64(len(before)), after, ctypes.c_int64(len(after))),
            ctypes.byref(self.progress),
            *self._written.addresses(),
            ctypes.c_void_p(self._asked.ctypes.data),
            ctypes.c_void_p(self._noticed.ctypes.data),
        )

    def go(self) -> bool:
        """Run to the end; return whether there are texts to ask about first."""
        found: Callable[..., None] = library().capi_keys  # type: ignore[union-attr]
        found(*self._arguments)
        return bool(self.progress.asked)

    def asked(self) -> npt.NDArray[np.int32]:
        return self._asked[: self.progress.asked]

    def noticed(self) -> npt.NDArray[np.int32]:
        return self._noticed[: self.progress.noticed]

    def column(self) -> Column:
        return self._written.column(self.progress.nulls)

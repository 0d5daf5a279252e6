"""People who asked to be forgotten: their digests, and which rows carry one of them.

Rows are compared by what is sent of `em` and `ph`, every value of them, so that however an address or a number is
written in the list and in the file, it is the same person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.prepare.block import Block
from capi_cli.prepare.checks import Bits
from capi_cli.prepare.encode import Member
from capi_cli.prepare.hashed import HashedKey
from capi_cli.prepare.noticed import Noticed

KEYS: Final = ("em", "ph")
CODE: Final = "person-suppressed"
_HEX_DIGITS: Final = 64
_BYTES: Final = "S32"


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A set of people.

    Attributes:
        digests: S32[n], SHA-256 of what is sent of their addresses and numbers, ascending, each once.
    """

    digests: npt.NDArray[np.bytes_]

    @classmethod
    def of(cls, digests: bytes) -> "Suppressed":
        """Return the set of these digests, 32 bytes each, one behind the other."""
        return cls(np.unique(np.frombuffer(digests, _BYTES)))

    def __len__(self) -> int:
        return len(self.digests)

    def among(self, hexadecimal: str) -> Bits:
        """Return which of these digests are in the set; 64 hex digits each, one behind the other."""
        asked = np.frombuffer(bytes.fromhex(hexadecimal), _BYTES)
        if not len(self.digests):
            return np.zeros(len(asked), np.bool_)
        places = np.minimum(np.searchsorted(self.digests, asked), len(self.digests) - 1)
        return np.asarray(self.digests[places] == asked)


class Suppression:
    """Finds the rows of a block that name somebody of the set."""

    def __init__(self, people: Suppressed, fields: Iterable[object]) -> None:
        self._people = people
        self._keys = [one for one in fields if isinstance(one, HashedKey) and one.entry.field.name in KEYS]

    def hits(self, block: Block) -> Bits:
        """Return which rows are of people in the set; nothing is noticed about them here."""
        unheard = Noticed(block.noticed.rows, np.zeros(len(block), np.bool_))
        probe = Block(block.table, unheard, block.country, block.items)
        for key in self._keys:
            key.fill(probe)
        found = np.zeros(len(block), np.bool_)
        for member in probe.members.values():
            found |= self._named(member, len(block))
        return found

    def _named(self, member: Member, length: int) -> Bits:
        if isinstance(member, str):
            return np.full(length, self._named(pa.array([member]), 1)[0])
        lists = pc.split_pattern(member, ",")
        rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
        digests = pc.utf8_slice_codeunits(pc.utf8_ltrim(pc.list_flatten(lists), '["'), 0, _HEX_DIGITS)
        found = np.zeros(length, np.bool_)
        found[rows[self._people.among("".join(digests.to_pylist()))]] = True
        return found


def named_events(people: Suppressed, keys: Sequence[Sequence[str]]) -> Bits:
    """Return which events name somebody of the set; for each event its digests of `em` and `ph`."""
    digests = [digest[:_HEX_DIGITS] for values in keys for digest in values]
    events = np.repeat(np.arange(len(keys)), [len(values) for values in keys])
    found = np.zeros(len(keys), np.bool_)
    found[events[people.among("".join(digests))]] = True
    return found

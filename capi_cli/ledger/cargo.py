"""The events of one flight, as the bytes that the database keeps until they stand on a shelf."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import xxhash

from capi_cli.delivery.batch import Batch
from capi_cli.event.limits import DEDUPLICATION_WEB_S
from capi_cli.ledger.columns import U64, Bools
from capi_cli.ledger.shelf import DamagedShelfError

_BYTES_PER_EVENT: Final = 20
_CHECKSUM_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Cargo:
    """Events of one request, in its order.

    `windows_s` says how long after its POST Meta de-duplicates each, 0 for never.
    """

    keys: U64
    contents: U64
    windows_s: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, batch: Batch) -> "Cargo":
        """Return the events of a batch. Where it says nothing of windows, that of web events holds."""
        count = len(batch.event_keys)
        windows = (
            np.frombuffer(batch.windows_s, np.int32)
            if len(batch.windows_s)
            else np.full(count, DEDUPLICATION_WEB_S, np.int32)
        )
        return cls(
            np.frombuffer(batch.event_keys, np.uint64), np.frombuffer(batch.content_keys, np.uint64), windows
        )

    def take(self, rows: Bools) -> "Cargo":
        """Return those events."""
        return Cargo(self.keys[rows], self.contents[rows], self.windows_s[rows])

    def packed(self) -> bytes:
        """Return the bytes, a checksum at their end."""
        octets = self.keys.tobytes() + self.contents.tobytes() + self.windows_s.tobytes()
        return octets + xxhash.xxh3_64_digest(octets)

    @classmethod
    def unpacked(cls, octets: bytes) -> "Cargo":
        """Return the events of packed bytes.

        Raises:
            DamagedShelfError: They are not what was packed.
        """
        body = octets[:-_CHECKSUM_BYTES]
        if len(body) % _BYTES_PER_EVENT or xxhash.xxh3_64_digest(body) != octets[-_CHECKSUM_BYTES:]:
            raise DamagedShelfError("a batch in the database is not the bytes that were written")
        count = len(body) // _BYTES_PER_EVENT
        return cls(
            np.frombuffer(body, np.uint64, count),
            np.frombuffer(body, np.uint64, count, 8 * count),
            np.frombuffer(body, np.int32, count, 16 * count),
        )

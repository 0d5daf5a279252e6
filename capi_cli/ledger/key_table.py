"""The newest events of one run, in a table that is asked and filled by one loop in C (`native/standing.c`)."""

import ctypes

import numpy as np
import numpy.typing as npt

from capi_cli.ledger.columns import U64, Answers, Columns
from capi_cli.native.library import library


class _Table(ctypes.Structure):
    """`table_t` of standing.c."""

    _fields_ = (
        ("slots", ctypes.c_void_p),
        ("home_bits", ctypes.c_int64),
        ("most", ctypes.c_int64),
        ("used", ctypes.c_int64),
        ("zero_known", ctypes.c_int64),
        ("zero_content", ctypes.c_uint64),
    )


class KeyTable:
    """Events in memory, `most_rows` of them at most. For one thread."""

    @classmethod
    def of(cls, most_rows: int) -> "KeyTable | None":
        """Return an empty table; None where there is no library."""
        called = library()
        return None if called is None else cls(called, most_rows)

    def __init__(self, called: ctypes.CDLL, most_rows: int) -> None:
        self._called = called
        home_bits = (2 * most_rows - 1).bit_length()
        self._slots = np.zeros(((1 << home_bits) + most_rows, 2), np.uint64)
        self._table = _Table(slots=self._slots.ctypes.data, home_bits=home_bits, most=most_rows)

    def __len__(self) -> int:
        return int(self._table.used)

    @property
    def is_full(self) -> bool:
        """Whether it takes no other event."""
        return bool(self._table.used >= self._table.most)

    def judge(self, keys: U64, contents: U64, known: Answers | None, verdicts: npt.NDArray[np.int8]) -> int:
        """Write each event's standing, in order, and remember the new ones; return how many there was room for.

        Args:
            keys: Which event each is.
            contents: What it says.
            known: What is known of them elsewhere.
            verdicts: Where to write.
        """
        arrays: list[npt.NDArray[np.generic]] = [
            np.ascontiguousarray(keys, np.uint64),
            np.ascontiguousarray(contents, np.uint64),
        ]
        arrays += [] if known is None else [known.known, known.contents]
        addresses = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
        return int(
            self._called.capi_standing(
                ctypes.byref(self._table),
                ctypes.c_int64(len(keys)),
                *(*addresses, None, None)[:4],
                ctypes.c_void_p(verdicts.ctypes.data),
            )
        )

    def take_all(self) -> Columns:
        """Return all events in ascending order of key, and forget them."""
        keys, contents = np.empty((2, len(self)), np.uint64)
        addresses = [ctypes.c_void_p(array.ctypes.data) for array in (keys, contents)]
        self._called.capi_take_standing(ctypes.byref(self._table), *addresses)
        return Columns(keys, contents, np.zeros(len(keys), np.uint32))

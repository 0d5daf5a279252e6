"""64-bit hashes of texts, for the ledger and for warnings: XXH3 of many texts in one call, in C where it was built."""

import ctypes
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from capi_cli.native.columns import Column, address, addresses
from capi_cli.native.library import library
from capi_cli.prepare.distinct import as_list

Hashes = npt.NDArray[np.uint64]


def hash_text(text: bytes | memoryview) -> int:
    """Return the hash of one text."""
    return xxhash.xxh3_64_intdigest(text)


def hash_column(texts: Column) -> Hashes:
    """Return the hash of each text of a column, 0 for a null."""
    found = library()
    if found is None:
        every = as_list(texts.cast(pa.binary()))
        return np.array([0 if text is None else hash_text(text) for text in every], np.uint64)
    to = np.empty(len(texts), np.uint64)
    length = ctypes.c_int64(len(texts))
    offset = ctypes.c_int64(texts.offset)
    found.capi_hash_texts(length, *map(ctypes.c_void_p, addresses(texts)), offset, address(to))
    return to


def hash_stretches(data: memoryview, starts: npt.NDArray[np.int64], gap: int) -> Hashes:
    """Return the hash of each stretch of a text, up to `gap` bytes before the next one.

    Args:
        data: The text.
        starts: int64[n + 1], where each begins; the last is where one after them would.
        gap: Bytes between two stretches.
    """
    found = library()
    if found is None:
        ends = pairwise(starts.tolist())
        return np.array([hash_text(data[begin : end - gap]) for begin, end in ends], np.uint64)
    to = np.empty(len(starts) - 1, np.uint64)
    octets, places = np.frombuffer(data, np.uint8), np.ascontiguousarray(starts, np.int64)
    found.capi_hash_stretches(
        ctypes.c_int64(len(to)), address(octets), address(places), ctypes.c_int64(gap), address(to)
    )
    return to

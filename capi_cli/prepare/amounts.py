"""Plain amounts in their canonical form, a column at once: a twin of `normalize_value` where nothing is to decide."""

import ctypes
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.native.columns import Column, Written, addresses, octets
from capi_cli.native.library import library

_AMOUNT: Final = r"^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,2})?$"


def plain_amounts(cells: Column) -> Column:
    """Return amounts of at most two decimals without the zeros behind them, null for whatever else.

    Args:
        cells: string[n].
    """
    found = library()
    if found is None:
        return amounts_by_arrow(cells)
    written = Written(len(cells), octets(cells))
    nulls = found.capi_amounts(
        ctypes.c_int64(len(cells)),
        *map(ctypes.c_void_p, addresses(cells)),
        ctypes.c_int64(cells.offset),
        *written.addresses(),
    )
    return written.column(nulls)


def amounts_by_arrow(cells: Column) -> Column:
    """Do the same through Arrow."""
    shortest = pc.ascii_rtrim(pc.ascii_rtrim(cells, characters="0"), characters=".")
    texts = pc.if_else(pc.match_substring(cells, "."), shortest, cells)
    return pc.if_else(pc.match_substring_regex(cells, _AMOUNT), texts, pa.scalar(None, pa.string()))

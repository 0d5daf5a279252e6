"""Times as columns: whole columns of one common shape through Arrow, everything else text by text."""

import ctypes

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.times import TimeReading, read_time
from capi_cli.native.columns import Written, addresses
from capi_cli.native.library import library
from capi_cli.prepare.distinct import Distinct, distinct

_YEAR = r"(?:199\d|20[0-2]\d|203[0-7])"  # Arrow knows no clock changes after 2037
_LOCAL = rf"^{_YEAR}-\d\d-\d\d[ T]\d\d:\d\d:\d\d$"
_UTC = rf"^{_YEAR}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ$"
_OFFSET = rf"^{_YEAR}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[+-]\d\d:\d\d$"
_UTC_LENGTH, _OFFSET_LENGTH = 20, 25
_MOST_DIGITS = 12  # of the seconds
_EPOCH_S = r"^[1-9]\d{9}$"


def read_times(
    cells: pa.StringArray, reading: TimeReading
) -> tuple[pa.StringArray, Distinct | None, dict[int, Finding]]:
    """Return epoch seconds as text, and the findings with the distinct texts that they are about.

    Args:
        cells: Times as they stand in the file; null where empty.
        reading: How the column was settled.
    """
    quick = _whole_column(cells, reading)
    if quick is not None:
        return quick, None, {}
    column = distinct(cells)
    outcomes = [read_time(value, reading) for value in column.values]
    findings = {code: found for code, found in enumerate(outcomes) if isinstance(found, Finding)}
    texts = [found.kept if isinstance(found, Finding) else found for found in outcomes]
    return column.take(texts), column, findings


def _whole_column(cells: pa.StringArray, reading: TimeReading) -> pa.StringArray | None:
    """Return the column read at once, or None where the scalar rule must look at each text.

    A twin of `read_time` for the shapes in which there is nothing to notice; a property test holds them equal.
    """
    if reading.format is not None or not len(cells) or cells.null_count == len(cells):
        return None
    if reading.unit not in (None, "s"):
        return None
    first = pc.drop_null(cells)[0].as_py()
    if library() is not None and len(first) in (_UTC_LENGTH, _OFFSET_LENGTH) and reading.unit is None:
        return _in_c(cells, len(first))
    if reading.unit == "s":
        return cells if _all_match(cells, _EPOCH_S) else None
    try:
        if len(first) == 19 and reading.timezone is not None and _all_match(cells, _LOCAL):
            local = pc.cast(cells, pa.timestamp("s"))
            return _seconds(pc.assume_timezone(local, reading.timezone))  # raises at a gap or an overlap
        if len(first) == 20 and _all_match(cells, _UTC):
            return _seconds(pc.cast(pc.utf8_slice_codeunits(cells, 0, 19), pa.timestamp("s")))
        if len(first) == 25 and _all_match(cells, _OFFSET):
            return _seconds(pc.cast(cells, pa.timestamp("s", "UTC")))
    except pa.ArrowInvalid:  # no such day, or a clock change: the scalar rule says which
        return None
    return None


def _in_c(cells: pa.StringArray, length: int) -> pa.StringArray | None:
    """Read times that name their offset, all of one length; None where one is of another shape."""
    found = library()
    assert found is not None
    written = Written(len(cells), len(cells) * _MOST_DIGITS)
    nulls = found.capi_times(
        ctypes.c_int64(len(cells)),
        *map(ctypes.c_void_p, addresses(cells)),
        *(ctypes.c_int64(cells.offset), ctypes.c_int64(length)),
        *written.addresses(),
    )
    return None if nulls < 0 else written.column(nulls)


def _all_match(cells: pa.StringArray, pattern: str) -> bool:
    return pc.all(pc.match_substring_regex(cells, pattern)).as_py() is True


def _seconds(times: pa.TimestampArray) -> pa.StringArray:
    return times.cast(pa.int64()).cast(pa.string())


def as_integers(
    texts: pa.StringArray | str, length: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return epoch seconds as int64 (0 where absent) and where they are present."""
    if isinstance(texts, str):
        return np.full(length, int(texts), np.int64), np.ones(length, np.bool_)
    numbers = texts.cast(pa.int64())
    return (
        np.asarray(pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)),
        np.asarray(pc.is_valid(numbers).to_numpy(zero_copy_only=False)),
    )

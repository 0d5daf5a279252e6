"""Twins of the rules that depend on the row's country: postcodes here, phones in `quick_phone`.

Null is "the scalar rule must look". `tests/prepare/test_quick.py` holds both equal.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.normalize.keys import KeySettings
from capi_cli.prepare.distinct import Pairs
from capi_cli.prepare.quick_phone import quick_phones

_WORD = r"^[A-Za-z0-9]{1,8}(?: [A-Za-z0-9]{1,8})?$"
_US_ZIP = r"^[0-9]{5}$"

Column = Any  # a pa.StringArray; Arrow's kernels are not typed
_NONE = pa.scalar(None, pa.string())


def quick_in_country(name: str, values: Column, settings: KeySettings, countries: Pairs) -> Column | None:
    """Return normalized texts, null where the scalar rule must look; None where the key has no twin.

    Args:
        name: `ph`, `zp` or `st`.
        values: string[m], the first text of each pair.
        settings: Of the column.
        countries: The pairs.
    """
    if name == "zp" and not settings.cut_zip_at_dash:
        return _zips(values, countries)
    if name == "ph":
        return quick_phones(values, countries)
    return None


def _is_country(countries: Pairs, name: str) -> Column:
    codes = [code for code, other in enumerate(countries.right.values) if other == name]
    return pa.array(np.isin(countries.second, codes))


def _zips(values: Column, countries: Pairs) -> Column:
    """Five digits in the US; letters and digits elsewhere, with one space at most."""
    in_us = _is_country(countries, "US")
    stated = pa.array(countries.second >= 0)
    us = pc.and_(in_us, pc.match_substring_regex(values, _US_ZIP))
    other = pc.and_(pc.and_not(stated, in_us), pc.match_substring_regex(values, _WORD))
    lower = pc.replace_substring(pc.ascii_lower(values), " ", "")
    other = pc.and_(other, pc.match_substring_regex(lower, "[0-9]"))  # no word for "nothing" has a digit
    return pc.if_else(pc.or_(us, other), lower, _NONE)

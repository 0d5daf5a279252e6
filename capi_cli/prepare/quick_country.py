"""Twins of the phone and postcode rules: whole columns of one country's common shapes, through Arrow.

A phone's twin asks the same compiled numbering plan as the scalar rule (`phone_plans`), as RE2 over a column.
Null is "the scalar rule must look". `tests/prepare/test_quick.py` holds both equal.
"""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event import limits
from capi_cli.event.normalize import phone_plans
from capi_cli.event.normalize.keys import KeySettings
from capi_cli.prepare.distinct import Pairs

_TYPED = r"^\+?\(?[0-9][0-9 ().-]{5,24}$"
_IS_KEPT = ~np.isin(np.arange(256), np.frombuffer(b" ().-", np.uint8))
_TRUNK_IN_PARENTHESES = "(0)"
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
        return _phones(values, countries)
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


def _phones(values: Column, countries: Pairs) -> Column:
    """Read the numbers of each country of the block as a column, and put them back in their places."""
    clean = pc.and_not(
        pc.match_substring_regex(values, _TYPED), pc.match_substring(values, _TRUNK_IN_PARENTHESES)
    )
    clean = pc.and_not(clean, pc.ends_with(values, ".0"))
    kept = _without_punctuation(values)
    usable = np.asarray(clean.to_numpy(zero_copy_only=False))
    plus = np.asarray(pc.starts_with(kept, "+").to_numpy(zero_copy_only=False))
    zeros = np.asarray(pc.starts_with(kept, "00").to_numpy(zero_copy_only=False))
    found = np.full(len(values), None, object)
    for code, country in enumerate(countries.right.values):
        here = usable & (countries.second == code)
        plan = phone_plans.plan(country) if here.any() else None
        if plan is None:
            continue
        for places, lead in ((here & plus, 1), (here & zeros, 2), (here & ~plus & ~zeros, 0)):
            where = np.flatnonzero(places)
            if len(where):
                digits = kept.take(pa.array(where))
                texts = _own(pc.utf8_slice_codeunits(digits, lead), plan) if lead else _domestic(digits, plan)
                found[where] = texts.to_numpy(zero_copy_only=False)
    return pa.array(found, pa.string())


def _without_punctuation(values: Column) -> Column:
    """Return the texts without the signs that people put between digits; on the bytes of the whole column."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    octets = np.frombuffer(values.buffers()[2] or b"", np.uint8)[: offsets[-1] if len(offsets) else 0]
    keep = _IS_KEPT[octets]
    ends = np.zeros(len(octets) + 1, np.int32)
    np.cumsum(keep, out=ends[1:])
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(ends[offsets]), pa.py_buffer(octets[keep]))


def _domestic(digits: Column, plan: phone_plans.Plan) -> Column:
    """Read digits typed in this country, without the prefix for calls abroad or its own calling code."""
    national = _national(digits, plan)
    if plan.idd is not None and not plan.idd_is_00:
        abroad = pc.match_substring_regex(digits, f"^(?:{plan.idd.pattern})")
        national = pc.if_else(abroad, _NONE, national)
    if plan.trunk != plan.calling_code:
        national = pc.if_else(pc.starts_with(digits, plan.calling_code), _NONE, national)
    return pc.binary_join_element_wise(plan.calling_code, national, "")


def _own(digits: Column, plan: phone_plans.Plan) -> Column:
    """Read international digits that begin with this country's calling code; its main region's plan decides."""
    code = plan.calling_code
    own = pc.if_else(pc.starts_with(digits, code), pc.utf8_slice_codeunits(digits, len(code)), _NONE)
    main = plan if plan.is_main else phone_plans.main_plan(code)
    return pc.binary_join_element_wise(code, _national(own, main), "")


def _national(digits: Column, plan: phone_plans.Plan) -> Column:
    """Return national numbers in the plan's general pattern and a possible length, the trunk prefix gone."""
    if plan.trunk is not None:
        rest = pc.utf8_slice_codeunits(digits, len(plan.trunk))
        digits = pc.if_else(pc.starts_with(digits, plan.trunk), rest, digits)
    elif plan.prefix is not None:
        if plan.transforms or not _in_re2(plan.prefix):
            return pa.nulls(len(digits), pa.string())
        digits = pc.replace_substring_regex(digits, f"^(?:{plan.prefix.pattern})", "", max_replacements=1)
    length = pc.binary_length(digits)
    fits = pc.is_in(length, pa.array(sorted(plan.lengths), pa.int32()))
    in_all = len(plan.calling_code)
    fits = pc.and_(fits, pc.greater_equal(length, limits.MIN_PHONE_DIGITS - in_all))
    fits = pc.and_(fits, pc.less_equal(length, limits.MAX_PHONE_DIGITS - in_all))
    fits = pc.and_(fits, pc.match_substring_regex(digits, f"^(?:{plan.general.pattern})$"))
    fits = pc.and_(fits, pc.match_substring_regex(digits, "[1-9]"))  # zeros alone are nobody's number
    return pc.if_else(fits, digits, _NONE)


def _in_re2(pattern: re.Pattern[str]) -> bool:
    """Return whether a pattern means the same to RE2: no look-around, no back-reference."""
    return re.search(r"\(\?[^:]|\\[1-9]", pattern.pattern) is None

"""The phone rule's twin: a column of numbers typed in several countries, read in one go through Arrow.

It asks the same compiled numbering plans as the scalar rule (`event/normalize/phone_plans`). What differs between
countries (prefixes, patterns) becomes one regular expression for the whole column, in which each number stands behind
the number of its plan: `3:1712345678`. Null is "the scalar rule must look". `tests/prepare/test_quick.py` holds both
equal.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event import limits
from capi_cli.event.normalize import phone_plans
from capi_cli.event.normalize.phone_plans import Expression, Plan
from capi_cli.prepare.distinct import Pairs

_TYPED: Final = r"^\+?\(?[0-9][0-9 ().-]{5,24}$"
_IS_KEPT: Final = ~np.isin(np.arange(256), np.frombuffer(b" ().-", np.uint8))
_TRUNK_IN_PARENTHESES: Final = "(0)"
_NONE: Final = pa.scalar(None, pa.string())
_LONGEST: Final = 32  # digits; longer than anything that is typed here

Column = Any  # a pa.StringArray; Arrow's kernels are not typed
Bits = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


@dataclass(slots=True)
class _Plans:
    """The plans that a block needs, by their number.

    Attributes:
        home: For each country of the block, the plan of numbers typed in it; -1 for none.
        main: For each, the plan of the region that stands for its calling code.
    """

    plans: list[Plan] = field(default_factory=list)
    home: list[int] = field(default_factory=list)
    main: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, countries: Iterable[str]) -> "_Plans":
        found = cls()
        for country in countries:
            plan = phone_plans.plan(country)
            if plan is None:
                found.home.append(-1)
                found.main.append(-1)
                continue
            found.home.append(found._number(plan))
            found.main.append(
                found._number(plan if plan.is_main else phone_plans.main_plan(plan.calling_code))
            )
        return found

    def _number(self, plan: Plan) -> int:
        for number, known in enumerate(self.plans):
            if known is plan:
                return number
        self.plans.append(plan)
        return len(self.plans) - 1

    def pattern(self, of: Callable[[Plan], str | None]) -> str | None:
        """Return one expression for the beginning of every plan's numbers; None where no plan has one."""
        found = [f"{number}:(?:{pattern})" for number, plan in enumerate(self.plans) if (pattern := of(plan))]
        return f"^(?:{'|'.join(found)})" if found else None

    def numbers(self, of: Callable[[Plan], int]) -> Numbers:
        """Return a number for each plan."""
        return np.array([of(plan) for plan in self.plans], np.int64)


def quick_phones(values: Column, countries: Pairs) -> Column:
    """Return the digits of each number, calling code first; null where the scalar rule must look.

    Args:
        values: string[m], the first text of each pair.
        countries: The pairs, whose second texts are ISO alpha-2.
    """
    plans = _Plans.of(countries.right.values)
    if not plans.plans:
        return pa.nulls(len(values), pa.string())
    digits = _without_punctuation(values)
    plus, zeros = _bits(pc.starts_with(digits, "+")), _bits(pc.starts_with(digits, "00"))
    own = plus | zeros
    home = np.array([*plans.home, -1], np.int64)[countries.second]
    usable = _is_typed(values) & (home >= 0)
    digits = _cut(digits, np.where(plus, 1, np.where(zeros, 2, 0)))
    coded = _matches(plans, home, digits, lambda plan: plan.calling_code)
    is_trunk = plans.numbers(lambda plan: plan.trunk == plan.calling_code)[home] == 1
    usable &= np.where(own, coded, ~coded | is_trunk)
    abroad = _matches(plans, home, digits, _other_idd)
    usable &= own | ~abroad
    code_lengths = plans.numbers(lambda plan: len(plan.calling_code))[home]
    digits = _cut(digits, np.where(own, code_lengths, 0))
    region = np.where(own, np.array([*plans.main, -1], np.int64)[countries.second], home)
    digits, readable = _without_trunk(plans, region, digits)
    usable &= readable & _is_national(plans, region, digits, code_lengths)
    codes = pa.array([plan.calling_code for plan in plans.plans]).take(pa.array(np.maximum(home, 0)))
    return pc.if_else(pa.array(usable), pc.binary_join_element_wise(codes, digits, ""), _NONE)


def _is_typed(values: Column) -> Bits:
    """Return which texts are digits and the signs between them, and nothing that a spreadsheet did."""
    odd = pc.or_(pc.match_substring(values, _TRUNK_IN_PARENTHESES), pc.ends_with(values, ".0"))
    return _bits(pc.and_not(pc.match_substring_regex(values, _TYPED), odd))


def _without_trunk(plans: _Plans, region: Numbers, digits: Column) -> tuple[Column, Bits]:
    """Return national digits without the trunk prefix, and which of them could be read."""
    trunk = _matches(plans, region, digits, lambda plan: plan.trunk)
    lengths = plans.numbers(lambda plan: len(plan.trunk or ""))[region]
    digits = _cut(digits, np.where(trunk, lengths, 0))
    readable = np.ones(len(region), np.bool_)
    for number, plan in enumerate(plans.plans):
        if plan.trunk is not None or plan.prefix is None:
            continue
        here = region == number
        if plan.transforms or not _in_re2(plan.prefix):
            readable &= ~here
        elif here.any():
            mask = pa.array(here)
            pattern = f"^(?:{plan.prefix.pattern})"
            rest = pc.replace_substring_regex(digits.filter(mask), pattern, "", max_replacements=1)
            digits = pc.replace_with_mask(digits, mask, rest)
    return digits, readable


def _is_national(plans: _Plans, region: Numbers, digits: Column, code_lengths: Numbers) -> Bits:
    """Return which digits are a national number in their plan's general pattern and a possible length."""
    length = np.minimum(np.asarray(pc.binary_length(digits)), _LONGEST)
    possible = np.zeros((len(plans.plans), _LONGEST + 1), np.bool_)
    for number, plan in enumerate(plans.plans):
        possible[number, sorted(plan.lengths)] = True
    in_all = length + code_lengths
    fits: Bits = possible[region, length]
    fits &= (in_all >= limits.MIN_PHONE_DIGITS) & (in_all <= limits.MAX_PHONE_DIGITS)
    fits &= _bits(pc.match_substring_regex(digits, "[1-9]"))  # zeros alone are nobody's number
    return fits & _matches(plans, region, digits, lambda plan: f"(?:{plan.general.pattern})$")


def _other_idd(plan: Plan) -> str | None:
    """Return the prefix for calls abroad, where it is not 00, which was looked for already."""
    return None if plan.idd is None or plan.idd_is_00 else plan.idd.pattern


def _matches(plans: _Plans, which: Numbers, digits: Column, of: Callable[[Plan], str | None]) -> Bits:
    """Return which digits begin as the pattern of their plan says."""
    pattern = plans.pattern(of)
    if pattern is None:
        return np.zeros(len(which), np.bool_)
    names = pa.array([f"{number}:" for number in range(len(plans.plans))]).take(
        pa.array(np.maximum(which, 0))
    )
    return _bits(pc.match_substring_regex(pc.binary_join_element_wise(names, digits, ""), pattern))


def _cut(digits: Column, lengths: Numbers) -> Column:
    """Return digits without so many at the beginning of each."""
    for length in np.unique(lengths).tolist():
        if length:
            cut = pc.utf8_slice_codeunits(digits, length)
            digits = pc.if_else(pa.array(lengths == length), cut, digits)
    return digits


def _without_punctuation(values: Column) -> Column:
    """Return the texts without the signs that people put between digits; on the bytes of the whole column."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    octets = np.frombuffer(values.buffers()[2] or b"", np.uint8)[: offsets[-1] if len(offsets) else 0]
    keep = _IS_KEPT[octets]
    ends = np.zeros(len(octets) + 1, np.int32)
    np.cumsum(keep, out=ends[1:])
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(ends[offsets]), pa.py_buffer(octets[keep]))


def _in_re2(pattern: Expression) -> bool:
    """Return whether a pattern means the same to RE2: no look-around, no back-reference."""
    return re.search(r"\(\?[^:]|\\[1-9]", pattern.pattern) is None


def _bits(column: Column) -> Bits:
    return np.asarray(column.to_numpy(zero_copy_only=False))

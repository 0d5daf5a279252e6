"""Digits that are no telephone number for certain, told from the numbering plans in a microsecond.

libphonenumber says the same after 50 µs or more, and an export may hold many of them: numbers cut off, typed without
their calling code in a file that names no country, or with whatever else stood in the cell. Both functions say True
wherever there is a doubt; then the library decides.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from capi_cli.event.normalize import phone_plans
from capi_cli.event.normalize.phone_plans import Plan

_NOWHERE = "001"  # the library's region of calling codes that are no country's
_MOST_PREFIXES = 3  # that the library takes away, one after the other


def may_be_possible(digits: str, region: str | None) -> bool:
    """Return whether digits may have the length of a number.

    Args:
        digits: Digits only.
        region: ISO alpha-2 of a region that has a plan, in which they were typed; None where they begin with a
            calling code.
    """
    if region is None:
        code = _calling_code(digits)
        if code is None or _regions()[code][0] == _NOWHERE:
            return code is not None
        plan, begins = phone_plans.main_plan(code), [digits[len(code) :]]
    else:
        found = phone_plans.plan(region)
        assert found is not None
        plan, code, begins = found, found.calling_code, [digits]
        if plan.idd is not None and plan.idd.match(digits):
            return True
        if digits.startswith(code):
            begins.append(digits[len(code) :])
    lengths = phone_plans.main_plan(code).lengths
    return any(rest is None or len(rest) in lengths for rest in _rests(plan, begins))


def may_be_valid(digits: str) -> bool:
    """Return whether digits that begin with a calling code may be somebody's number."""
    code = _calling_code(digits)
    if code is None or _regions()[code][0] == _NOWHERE:
        return code is not None
    plan, regions = phone_plans.main_plan(code), _regions()[code]
    lengths = _lengths(regions)
    return any(
        rest is None or (len(rest) in lengths and (len(regions) > 1 or plan.general.fullmatch(rest)))
        for rest in _rests(plan, [digits[len(code) :]])
    )


def _calling_code(digits: str) -> str | None:
    return next((digits[:length] for length in (1, 2, 3) if digits[:length] in _regions()), None)


def _rests(plan: Plan, begins: Iterable[str]) -> Iterator[str | None]:
    """Yield what may be left of digits once prefixes are gone; None where other digits take their place."""
    for digits in begins:
        yield digits
        for _ in range(_MOST_PREFIXES):
            if plan.prefix is None or not (found := plan.prefix.match(digits)):
                break
            if plan.transforms and found.groups()[-1] is not None:
                yield None
            digits = digits[found.end() :]
            yield digits


@cache
def _regions() -> dict[str, tuple[str, ...]]:
    import phonenumbers

    return {str(code): regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


@cache
def _lengths(regions: tuple[str, ...]) -> frozenset[int]:
    """Return the lengths of the national numbers of regions that share a calling code."""
    import phonenumbers

    found: list[Any] = [phonenumbers.PhoneMetadata.metadata_for_region(region, None) for region in regions]
    return frozenset(length for data in found for length in data.general_desc.possible_length)

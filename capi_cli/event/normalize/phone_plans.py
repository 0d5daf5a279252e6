"""Numbering plans: libphonenumber's answer for the common shapes of a number, in a few microseconds.

`phonenumbers` is the truth. Its parser costs 30 µs or more per number, so this room reads the same metadata
once per region, answers where the outcome is certain, and says None where it is not; the caller then asks
the library. A property test holds the two equal.

What is certain: digits without an international prefix of the region, whose trunk prefix goes or is not
there, that match the region's general pattern in a possible length.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

_TYPES = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip"),
    *("personal_number", "pager", "uan", "voicemail"),
)


class Expression:
    """A regular expression that is compiled when it is first asked: most of a plan's never are."""

    __slots__ = ("_compiled", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._compiled: re.Pattern[str] | None = None

    def match(self, digits: str) -> re.Match[str] | None:
        """Match the beginning of some digits."""
        return self._regular().match(digits)

    def fullmatch(self, digits: str) -> re.Match[str] | None:
        """Match all of them."""
        return self._regular().fullmatch(digits)

    def _regular(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.pattern)
        return self._compiled


@dataclass(frozen=True, slots=True)
class Plan:
    """One region's numbering plan.

    Attributes:
        calling_code: Its digits.
        is_main: Whether it is the region that stands for its calling code (the US for 1).
        idd: Matches the region's prefix for calls abroad.
        idd_is_00: Whether that is `00` and nothing else.
        trunk: The trunk prefix, where it is nothing but digits.
        prefix: Matches what libphonenumber strips or transforms; None where there is nothing of that kind.
        transforms: Whether it may put other digits in the prefix's place.
        general: Fully matches a national number in the general pattern.
        lengths: Possible lengths of a national number, both here and in the main region.
        mobile: Fully matches the mobile ones, where they have a pattern of their own.
        types: Fully match the kinds of number in use.
        leading: Matches the numbers of this region where several share a calling code.
    """

    calling_code: str
    is_main: bool
    idd: Expression | None
    idd_is_00: bool
    trunk: str | None
    prefix: Expression | None
    transforms: bool
    general: Expression
    lengths: frozenset[int]
    mobile: Expression | None
    types: tuple[Expression, ...]
    leading: Expression | None

    def national(self, digits: str) -> str | None:
        """Return the national number of digits without calling code; None where the library must decide."""
        if (trunk := self.trunk) is not None:
            if digits.startswith(trunk):
                digits = digits[len(trunk) :]
        elif self.prefix is not None and (found := self.prefix.match(digits)):
            if self.transforms and found.groups()[-1] is not None:
                return None
            digits = digits[found.end() :]
        if len(digits) not in self.lengths or not digits.strip("0"):  # zeros alone are nobody's number
            return None
        return digits if self.general.fullmatch(digits) else None

    def domestic(self, digits: str) -> str | None:
        """Return calling code and national number of digits typed in this region; None where unsure."""
        if self.idd is not None and (digits[:2] == "00" if self.idd_is_00 else self.idd.match(digits)):
            return None
        code = self.calling_code
        if digits.startswith(code) and self.trunk != code:
            if self.is_mobile_with_code(digits):
                return digits
            if not self.general.fullmatch(digits):
                rest = digits[len(code) :]
                return digits if self.is_main and self.national(rest) == rest else None
        found = self.national(digits)
        return None if found is None else code + found

    def is_mobile_with_code(self, digits: str) -> bool:
        """Return whether digits are a mobile number behind its calling code, for all that they could be national.

        German numbers may be so long that libphonenumber takes `4915123456789` for a landline in Frisia typed
        without its 0. Nobody types that; an export that lost its plus is what it is.
        """
        code, trunk, mobile = self.calling_code, self.trunk, self.mobile
        if not self.is_main or trunk is None or mobile is None or not digits.startswith(code):
            return False
        rest = digits[len(code) :]
        if digits.startswith(trunk) or mobile.fullmatch(digits):
            return False
        return self.national(rest) == rest and mobile.fullmatch(rest) is not None

    def in_use(self, national: str) -> bool | None:
        """Return whether a national number is valid; None where another region of the code may decide."""
        if self.leading is not None and not self.leading.match(national):
            return None
        return True if any(kind.fullmatch(national) for kind in self.types) else None


@cache
def plan(region: str) -> Plan | None:
    """Return a region's plan; None for a region that has no telephones of its own."""
    import phonenumbers  # 60 ms of metadata that a file without phones never needs

    data: Any = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    if data is None:
        return None
    main_region = phonenumbers.region_code_for_country_code(data.country_code)
    main: Any = phonenumbers.PhoneMetadata.metadata_for_region(main_region, None)
    prefix = data.national_prefix_for_parsing
    return Plan(
        calling_code=str(data.country_code),
        is_main=region == main_region,
        idd=Expression(data.international_prefix) if data.international_prefix else None,
        idd_is_00=data.international_prefix == "00",
        trunk=prefix if prefix and prefix.isdigit() and not data.national_prefix_transform_rule else None,
        prefix=Expression(prefix) if prefix else None,
        transforms=bool(data.national_prefix_transform_rule),
        general=Expression(data.general_desc.national_number_pattern),
        lengths=frozenset(data.general_desc.possible_length) & frozenset(main.general_desc.possible_length),
        mobile=_pattern(data.mobile) if not data.same_mobile_and_fixed_line_pattern else None,
        types=tuple(filter(None, (_pattern(getattr(data, name)) for name in _TYPES))),
        leading=Expression(data.leading_digits) if data.leading_digits else None,
    )


@cache
def _main_regions() -> dict[str, str]:
    import phonenumbers

    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    return {str(code): regions[0] for code, regions in codes if regions[0] != "001"}


def main_plan(calling_code: str) -> Plan:
    """Return the plan of the region that stands for a calling code."""
    found = plan(_main_regions()[calling_code])
    assert found is not None
    return found


def international(digits: str) -> tuple[Plan, str] | None:
    """Return plan and national number of digits that begin with a calling code; None where unsure."""
    main_regions = _main_regions()
    for length in (1, 2, 3):  # no calling code begins another
        if (region := main_regions.get(digits[:length])) is not None:
            found = plan(region)
            assert found is not None
            national = found.national(digits[length:])
            return None if national is None else (found, national)
    return None


def _pattern(description: Any) -> Expression | None:
    if description is None or not description.national_number_pattern:
        return None
    return Expression(description.national_number_pattern)

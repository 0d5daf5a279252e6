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

_LONGEST_CALLING_CODE = 3
_GENERAL_TYPES = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip"),
    *("personal_number", "pager", "uan", "voicemail"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One region's numbering plan, compiled.

    Attributes:
        calling_code: Its digits.
        is_main: Whether it is the region that stands for its calling code (the US for 1).
        idd: Matches the region's prefix for calls abroad.
        trunk: The trunk prefix, where it is nothing but digits.
        prefix: Matches what libphonenumber would strip or transform; None where there is nothing of that
            kind.
        general: Fully matches a national number in the general pattern.
        lengths: Possible lengths of a national number, both here and in the main region.
        types: Fully match the kinds of number in use.
        leading: Matches the numbers of this region where several share a calling code.
    """

    calling_code: str
    is_main: bool
    idd: re.Pattern[str] | None
    trunk: str | None
    prefix: re.Pattern[str] | None
    general: re.Pattern[str]
    lengths: frozenset[int]
    types: tuple[re.Pattern[str], ...]
    leading: re.Pattern[str] | None

    def national(self, digits: str) -> str | None:
        """Return the national number of digits without calling code; None where the library must decide."""
        trunk = self.trunk
        if trunk is not None:
            if digits.startswith(trunk):
                digits = digits[len(trunk) :]
        elif self.prefix is not None and self.prefix.match(digits):
            return None
        return digits if self._is_national(digits) else None

    def _is_national(self, digits: str) -> bool:
        return len(digits) in self.lengths and self.general.fullmatch(digits) is not None

    def domestic(self, digits: str) -> str | None:
        """Return calling code and national number of digits typed in this region; None where unsure."""
        if self.idd is not None and self.idd.match(digits):
            return None
        code, trunk = self.calling_code, self.trunk
        if trunk != code and digits.startswith(code) and not self._is_national(digits):
            return self._with_calling_code(digits)
        found = self.national(digits)
        return None if found is None else code + found

    def _with_calling_code(self, digits: str) -> str | None:
        """Return digits that begin with the calling code, where they are no national number as they stand."""
        rest = digits[len(self.calling_code) :]
        if not self.is_main or self.general.fullmatch(digits):
            return None
        if self.prefix is not None and self.prefix.match(rest):
            return None
        return digits if self._is_national(rest) else None

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
        idd=re.compile(data.international_prefix) if data.international_prefix else None,
        trunk=prefix if prefix and prefix.isdigit() and not data.national_prefix_transform_rule else None,
        prefix=re.compile(prefix) if prefix else None,
        general=re.compile(data.general_desc.national_number_pattern),
        lengths=frozenset(data.general_desc.possible_length) & frozenset(main.general_desc.possible_length),
        types=_types(data),
        leading=re.compile(data.leading_digits) if data.leading_digits else None,
    )


@cache
def _main_region(calling_code: str) -> str | None:
    import phonenumbers

    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(calling_code))
    return regions[0] if regions and regions[0] != "001" else None


def international(digits: str) -> tuple[Plan, str] | None:
    """Return plan and national number of digits that begin with a calling code; None where unsure."""
    if digits[:1] == "0":
        return None
    for length in range(1, _LONGEST_CALLING_CODE + 1):
        region = _main_region(digits[:length])
        if region is not None:
            found = plan(region)
            assert found is not None
            national = found.national(digits[length:])
            return None if national is None else (found, national)
    return None


def _types(data: Any) -> tuple[re.Pattern[str], ...]:
    found = []
    for name in _GENERAL_TYPES:
        description = getattr(data, name)
        if description is not None and description.national_number_pattern:
            found.append(re.compile(description.national_number_pattern))
    return tuple(found)

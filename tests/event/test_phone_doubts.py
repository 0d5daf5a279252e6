"""What the plans are sure is no number, is none to libphonenumber; what all readings agree on, it says too."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capi_cli.event.normalize import phone
from capi_cli.event.normalize.phone_doubts import may_be_possible, may_be_valid
from tests.event.test_phones import LARGE, REGIONS, shapes

_regions = st.sampled_from(REGIONS) | st.sampled_from(LARGE) | st.none()
_digits = shapes() | st.text("0123456789", min_size=1, max_size=20)


def _parsed(digits: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(digits if region else "+" + digits, region)
    except phonenumbers.NumberParseException:
        return None


@settings(max_examples=1000, deadline=None)
@given(digits=_digits, region=_regions)
def test_the_library_finds_nothing_that_was_ruled_out(digits: str, region: str | None) -> None:
    number = _parsed(digits, region)
    if number is not None and not may_be_possible(digits, region):
        assert (
            phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE
        )
    if number is not None and region is None and not may_be_valid(digits):
        assert not phonenumbers.is_valid_number(number)


@pytest.mark.parametrize(
    ("digits", "region"), [("6505551", "US"), ("65055512121234", "US"), ("3310765", None), ("0650555", None)]
)
def test_numbers_cut_off_are_seen_at_once(digits: str, region: str | None) -> None:
    assert not may_be_possible(digits, region)


@pytest.mark.parametrize("digits", ["6505551212", "0171234567", "3107089351"])
def test_numbers_without_their_calling_code_are_seen_at_once(digits: str) -> None:
    assert not may_be_valid(digits)


def test_calling_codes_of_no_country_are_left_to_the_library() -> None:
    assert may_be_possible("80012345678", None)
    assert may_be_valid("80012345678")
    assert phone.normalize_phone("+80012345678", country="US") == "80012345678"


@settings(max_examples=1000, deadline=None)
@given(
    before=st.sampled_from(["", "+", "00"]),
    digits=_digits,
    cut=st.integers(0, 4),
    region=_regions,
)
def test_a_zero_in_parentheses_is_read_as_the_library_reads_it(
    before: str, digits: str, cut: int, region: str | None
) -> None:
    head, tail = digits[:cut], digits[cut:]
    text = f"{before}{head}(0){tail}"
    readings = [text.strip("+").replace("(0)", zero) for zero in ("0", "")]
    found = phone._read_slowly(text, region)
    if readings[1]:
        assert found == phone.read_digits(readings, before == "+", region)

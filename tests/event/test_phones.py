"""`ph`: a table checked by hand against numbering plans, and the fast path against the library it stands for."""

import string

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize import phone
from capi_cli.event.normalize.phone import normalize_phone
from tests.event.tables import read_table

NUMBERS = read_table("phones.tsv")


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: f"{row['raw']}|{row['country']}")
def test_a_number_as_typed_becomes_its_digits(row: dict[str, str]) -> None:
    found = normalize_phone(row["raw"], country=row["country"] or None)
    if row["finding"]:
        assert found == Finding(row["finding"], row["digits"] or None)
    else:
        assert found == row["digits"]


def test_the_table_is_wide() -> None:
    assert len(NUMBERS) >= 200
    assert len({row["country"] for row in NUMBERS if row["country"]}) >= 45


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CALLING_CODES = sorted(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
LARGE = ["US", "CA", "GB", "DE", "FR", "IT", "BR", "AR", "MX"]
BEGINNINGS = ["", "0", "00", "011", "1", "8", "9", "15", *CALLING_CODES]


@st.composite
def shapes(draw: st.DrawFn) -> str:
    """Digits in the shapes that the fast path answers: real examples bent a little, and noise."""
    region = draw(st.sampled_from(REGIONS))
    kind = draw(st.sampled_from([0, 1, 2, 3, 6, 7]))
    example = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    national = phonenumbers.national_significant_number(example) if example else "5551212"
    digits = draw(st.one_of(st.just(national), st.text("0123456789", min_size=4, max_size=13)))
    cut = draw(st.integers(0, 3))
    tail = draw(st.text("0123456789", max_size=3))
    own = [str(phonenumbers.country_code_for_region(region)), ""]
    beginning = draw(st.sampled_from([*own, *own, *own, *BEGINNINGS]))
    return beginning + draw(st.sampled_from(["", "", "0", "8"])) + digits[: len(digits) - cut] + tail


@example(digits="4700000", plus="+", country=None)  # zeros alone: five digits are possible in Norway
@example(digits="00000", plus="", country="NO")
@settings(max_examples=1000, deadline=None)
@given(
    digits=shapes(),
    plus=st.sampled_from(["", "+", "00"]),
    country=st.one_of(st.sampled_from(REGIONS), st.sampled_from(LARGE), st.none()),
)
def test_the_fast_path_says_what_the_library_says(digits: str, plus: str, country: str | None) -> None:
    fast = phone._read_at_once(plus + digits, country)
    if fast is not None:
        assert fast == phone.read_digits([plus.replace("+", "") + digits], plus == "+", country)


@settings(max_examples=300, deadline=None)
@given(region=st.sampled_from(REGIONS), kind=st.sampled_from([0, 1, 2]), style=st.sampled_from([0, 1, 2, 3]))
def test_every_spelling_of_an_example_number_is_one_number(region: str, kind: int, style: int) -> None:
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None or region == "MX":
        return
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    typed = phonenumbers.format_number(example, style)
    found = normalize_phone(typed, country=region)
    assert found == e164.removeprefix("+")


@given(st.text(alphabet=string.printable + "＋٠١٢३４－ext", max_size=40))
def test_any_text_gives_digits_or_a_finding(text: str) -> None:
    for country in ("US", "IT", None):
        found = normalize_phone(text, country=country)
        digits = found.kept if isinstance(found, Finding) else found
        assert digits is None or (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15)


@pytest.mark.parametrize("row", [r for r in NUMBERS if r["digits"]], ids=lambda row: row["raw"])
def test_digits_with_a_plus_stay_as_they_are(row: dict[str, str]) -> None:
    assert normalize_phone("+" + row["digits"], country=None) == row["digits"]


def test_an_exponent_of_thousands_of_digits() -> None:
    assert normalize_phone("4.4E+" + "9" * 5000, country="US") == Finding("ph-spreadsheet")

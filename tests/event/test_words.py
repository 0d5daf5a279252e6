"""Event names, closed lists of words, consent, limited data use, device facts, booleans, integers, lists."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event import limits
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.app import normalize_extinfo
from capi_cli.event.normalize.consent import read_consent
from capi_cli.event.normalize.event_name import normalize_choice, normalize_event_name
from capi_cli.event.normalize.processing import (
    ldu_codes_by_digest,
    normalize_processing_country,
    normalize_processing_options,
    normalize_processing_state,
)
from capi_cli.event.normalize.scalars import (
    normalize_boolean,
    normalize_integer,
    normalize_texts,
    personal_data_in,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Purchase", "Purchase"),
        (" Purchase\u200b", "Purchase"),
        ("PURCHASE", Finding("event-name-case", "Purchase", "Purchase")),
        ("addtocart", Finding("event-name-case", "AddToCart", "AddToCart")),
        ("add_to_cart", Finding("event-name-like-standard", "add_to_cart", "AddToCart")),
        ("Page View", Finding("event-name-like-standard", "Page View", "PageView")),
        ("TestDrive", Finding("event-name-custom", "TestDrive", "TestDrive")),
        ("x" * 51, Finding("event-name-long", "x" * 51, "51")),
        ("ana@example.com", Finding("event-name-email")),
        ("OrderShipped", "OrderShipped"),
        ("", None),
    ],
)
def test_event_names(text: str, expected: object) -> None:
    assert normalize_event_name(text) == expected


@pytest.mark.parametrize("name", limits.STANDARD_EVENTS)
def test_every_standard_event_is_known_in_any_case(name: str) -> None:
    assert normalize_event_name(name) == name
    assert normalize_event_name(name.upper()) == Finding("event-name-case", name, name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("website", "website"),
        ("WEBSITE", "website"),
        ("Physical Store", "physical_store"),
        ("physical-store", "physical_store"),
        ("", None),
        ("web", Finding("code", None, " (did you mean website?)")),
        ("moon", Finding("code", None, "")),
        ("physical_shop", Finding("code", None, " (did you mean physical_store?)")),
    ],
)
def test_choices(text: str, expected: object) -> None:
    assert normalize_choice(text, limits.ACTION_SOURCES, "code") == expected


@pytest.mark.parametrize(
    "word", "granted Yes TRUE 1 ja oui sí opted-in accepté да はい Zugestimmt 1.0 t".split()
)
def test_yes_in_several_languages(word: str) -> None:
    assert read_consent(word) == "granted"
    assert read_consent(f" {word}\u00a0") == "granted"


@pytest.mark.parametrize(
    "word", "denied No FALSE 0 nein non não unsubscribed rechazado нет いいえ abgelehnt".split()
)
def test_no_in_several_languages(word: str) -> None:
    assert read_consent(word) == "denied"


@pytest.mark.parametrize("word", ["", None, " ", "maybe", "null", "2", "pending", "granted denied"])
def test_anything_else_is_unclear(word: str | None) -> None:
    assert read_consent(word) == "unclear"


def test_no_word_means_both() -> None:
    from capi_cli.event.normalize import consent

    assert not consent._GRANTED & consent._DENIED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LDU", '["LDU"]'),
        ("ldu", '["LDU"]'),
        ("[LDU]", '["LDU"]'),
        ('["LDU"]', '["LDU"]'),
        ("[]", "[]"),
        ("", None),
        ("by state", '"by_state"'),
        ("yes", Finding("processing-option-unknown")),
        ("LDU;AMO", Finding("processing-option-unknown")),
    ],
)
def test_processing_options(text: str, expected: object) -> None:
    assert normalize_processing_options(text) == expected


def test_processing_places_where_zero_is_a_value() -> None:
    assert normalize_processing_country("0") == "0"
    assert normalize_processing_country("1") == "1"
    assert normalize_processing_country("us") == "1"
    assert normalize_processing_country("49") == Finding("processing-code-unknown", None, "country")
    assert normalize_processing_state("0") == "0"
    assert normalize_processing_state("1000.0") == "1000"
    assert normalize_processing_state("US-CA") == "1000"
    assert normalize_processing_state("RI") == "1013"
    assert normalize_processing_state("Paris") == Finding("processing-code-unknown", None, "state")
    assert normalize_processing_state("") is None
    assert normalize_processing_state("Rhode Island") == "1013"
    assert normalize_processing_state("NY") == Finding("processing-place-without-code", "0")
    assert normalize_processing_country("Germany") == Finding("processing-place-without-code", "0")
    assert normalize_processing_country("USA") == "1"
    codes = ldu_codes_by_digest()
    assert codes[sha256(b"ca").hexdigest()] == 1000
    assert codes[sha256(b"ny").hexdigest()] == 0


PARTS = ["a2", "com.example.app", "1.0", "1.0.1", "14", "Pixel 8", "de_DE", "CET", "", "1080", "2400", "2.6"]
PARTS += ["8", "128", "64", "Europe/Berlin"]


def test_sixteen_device_facts_in_either_form() -> None:
    expected = '["' + '","'.join(PARTS) + '"]'
    assert normalize_extinfo("|".join(PARTS)) == expected
    assert normalize_extinfo(expected) == expected
    numbers = [int(part) if part.isdigit() else part or None for part in PARTS]
    assert normalize_extinfo(repr(numbers)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("|".join(PARTS[:-1]), Finding("extinfo-parts", None, "15")),
        ("|".join(["android", *PARTS[1:]]), Finding("extinfo-platform")),
        ("|".join([*PARTS[:4], "", *PARTS[5:]]), Finding("extinfo-os-version")),
        ('["a2", ', Finding("extinfo-unreadable")),
        ('["a2", 1e999]', Finding("extinfo-unreadable")),
    ],
)
def test_device_facts_that_meta_would_refuse(text: str, expected: object) -> None:
    assert normalize_extinfo(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", "3"), ("3.0", "3"), ("007", "7"), ("-0", "0"), ("+4", "4"), ("0", "0"), ("", None)],
)
def test_integers(text: str, expected: object) -> None:
    assert normalize_integer(text) == expected


@pytest.mark.parametrize("text", ["3.5", "three", "1,000", "1e3", "٣", "9" * 40])
def test_what_is_no_integer(text: str) -> None:
    assert normalize_integer(text) == Finding("integer-unreadable")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("True", "true"),
        ("1", "true"),
        ("no", "false"),
        ("0.0", "false"),
        ("", None),
        ("x", Finding("boolean-unreadable")),
    ],
)
def test_booleans(text: str, expected: object) -> None:
    assert normalize_boolean(text) == expected


@pytest.mark.parametrize(
    ("text", "separator", "expected"),
    [
        ("A", None, '["A"]'),
        ("A;B", None, '["A;B"]'),
        ("A; B;;", ";", '["A","B"]'),
        ('["A", 2, 3.50, null]', None, '["A","2","3.5"]'),
        ("['A','B']", ";", '["A","B"]'),
        ("[A", None, Finding("list-unreadable")),
        ("[]", None, None),
        ("", ";", None),
        ("Größe", None, '["Größe"]'),
    ],
)
def test_lists_of_texts(text: str, separator: str | None, expected: object) -> None:
    assert normalize_texts(text, separator=separator) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ana@example.com",
        "Contact: Ana <ana.b+c@mail.example.co.uk>",
        "https://x.com/?e=ana%40example.com",
        "jörg@müller.de",
        "+49 151 12345678",
        "(+1) 650 555-1212",
        "+1(650)555-1212",
        "p:+16505551212",
        "\uff0b49151123456",
        "a" * 50_000 + "@example.com",
        "mail john@exampl/.com now",
    ],
)
def test_personal_data_is_seen(text: str) -> None:
    assert personal_data_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Berlin Mitte",
        "@ana",
        "12@",
        "a@b",
        "+5",
        "C++ 2024",
        "1+2",
        "6505551212",
        "+12345678901234567890",
        "20% off @ store 5.",
        "a" * 100_000 + "@",
        "@" * 50_000,
        "",
    ],
)
def test_other_texts_are_not(text: str) -> None:
    assert not personal_data_in(text)


@given(st.emails(), st.text(" abc123", max_size=5), st.text(" abc123", max_size=5))
def test_an_address_is_seen_wherever_it_stands(address: str, before: str, behind: str) -> None:
    assert personal_data_in(f"{before} {address} {behind}")

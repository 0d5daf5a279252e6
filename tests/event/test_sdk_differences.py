"""The official Python SDK's normalizers: where ours agree with them, and where not, row by row.

docs/normalization.md says why.
"""

from datetime import date

import pytest
from facebook_business.adobjects.serverside.normalize import Normalize
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.keys import KeySettings, match_key, normalized

SETTINGS = KeySettings(today=date(2026, 9, 30))
ASCII_WORDS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=10, max_size=20)


def ours(key: str, value: str, country: str | None) -> str | None:
    found = normalized(key, value, country=country, settings=SETTINGS)
    return found.kept if isinstance(found, Finding) else found


def theirs(key: str, value: str) -> str:
    try:
        return str(Normalize.normalize_field_skip_hashing(key, value))
    except (TypeError, ValueError):
        return "raises"


AGREE = [
    ("em", " JOHN@EXAMPLE.COM ", None),
    ("em", "tést@gmail.com", None),
    ("em", "user@münchen.de", None),
    ("ph", "+1 (650) 555-1212", None),
    ("ph", "0016505551212", None),
    ("ph", "+442071838750", "GB"),
    ("fn", "Valéry", None),
    ("ln", "Смирнов", None),
    ("f5first", "Elizabeth", None),
    ("f5last", "Smirnoff", None),
    ("fi", "Mary", None),
    ("ct", "New York", None),
    ("ct", "St. Louis", None),
    ("ct", "SÃO PAULO", None),
    ("ct", "Paris 75001", None),
    ("ct", "東京", None),
    ("st", "CA", "US"),
    ("st", "New South Wales", "AU"),
    ("zp", "94035-1234", "US"),
    ("zp", "M1 1AE", "GB"),
    ("zp", "K1A 0B1", "CA"),
    ("country", "US", None),
    ("country", "gb", None),
    ("dobd", "6", None),
    ("dobm", "2", None),
    ("doby", "1997", None),
]


@pytest.mark.parametrize(("key", "value", "country"), AGREE)
def test_where_we_agree(key: str, value: str, country: str | None) -> None:
    assert ours(key, value, country) == theirs(key, value)


DIFFER = [
    # key, value, country, ours, theirs
    ("em", "mailto:a@b.com", None, "a@b.com", "mailto:a@b.com"),
    ("em", '"a b"@c.d', None, None, '"a b"@c.d'),
    ("em", "john @x.com", None, None, "john @x.com"),
    ("em", "a@b.com;c@d.com", None, None, "a@b.com;c@d.com"),
    ("ph", "(650) 555-1212", "US", "16505551212", "6505551212"),
    ("ph", "(650) 555-1212", None, None, "6505551212"),
    ("ph", "650.555.1212", "US", "16505551212", "raises"),
    ("ph", "+44 (0)20 7183 8750", "GB", "442071838750", "4402071838750"),
    ("ph", "020 7183 8750", "GB", "442071838750", "2071838750"),
    ("ph", "650-555-1212 ext 5", "US", "16505551212", "raises"),
    ("ph", "4.47912E+11", "GB", None, "raises"),
    ("fn", "Mary Jane", None, "maryjane", "mary jane"),
    ("fn", "Mary-Jane", None, "maryjane", "mary-jane"),
    ("ln", "O'Brien", None, "obrien", "o'brien"),
    ("ln", "Jr.", None, "jr", "jr."),
    ("f5first", "Al-Amin", None, "alami", "al-am"),
    ("ge", "Female", None, "f", "female"),
    ("ge", "woman", None, "f", "woman"),
    ("ge", "X", None, None, "x"),
    ("db", "1997-02-16", None, "19970216", "1997-02-16"),
    ("db", "2/16/1997", None, None, "2/16/1997"),
    ("ct", "L'Aquila", None, "laquila", "l'aquila"),
    ("ct", "Washington, D.C.", None, "washingtondc", "washington,dc"),
    ("st", "California", "US", "ca", "california"),
    ("st", "Québec", "CA", "qc", "québec"),
    ("st", "Washington, D.C.", "US", "dc", "washington,dc"),
    ("zp", "01310-100", "BR", "01310100", "01310"),
    ("zp", "100-0001", "JP", "1000001", "100"),
    ("zp", "940351234", "US", "94035", "940351234"),
    ("zp", "2139", "US", "02139", "2139"),
    ("country", "USA", None, "us", "raises"),
    ("country", "UK", None, "gb", "raises"),
    ("country", "Germany", None, "de", "raises"),
    ("country", "Untied States", None, None, "raises"),
    ("external_id", "User 42", None, "user42", "user 42"),
    ("em", "n/a", None, None, "raises"),
    ("fn", "null", None, None, "null"),
    ("ln", "9e107d9d372bb6826bd81d3542a419d6", None, None, "9e107d9d372bb6826bd81d3542a419d6"),
]


@pytest.mark.parametrize(("key", "value", "country", "here", "there"), DIFFER)
def test_where_we_differ(key: str, value: str, country: str | None, here: str | None, there: str) -> None:
    assert ours(key, value, country) == here
    assert theirs(key, value) == there
    assert here != there


@given(ASCII_WORDS, ASCII_WORDS)
def test_addresses_and_single_words_are_hashed_alike(first: str, second: str) -> None:
    address = f"{first}@{second}.com"
    assert match_key("em", address, country=None, settings=SETTINGS) == Normalize.normalize_field(
        "em", address
    )
    for key in ("fn", "ln", "ct"):
        assert match_key(key, first, country=None, settings=SETTINGS) == Normalize.normalize_field(key, first)


@given(
    st.sampled_from("0123456789abcdefABCDEF").flatmap(lambda c: st.text(c + "0f", min_size=64, max_size=64))
)
def test_a_digest_passes_alike(digest: str) -> None:
    found = match_key("em", digest, country=None, settings=SETTINGS)
    assert found == Finding("arrived-hashed", Normalize.normalize_field("em", digest))

"""The door from the pipeline: what every key goes through, and what leaves."""

import hashlib
import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.fields import MATCH_KEYS
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.keys import COUNTRY_KEYS, KeySettings, match_key, normalized
from capi_cli.event.rules import catalogue

SETTINGS = KeySettings(today=date(2026, 9, 30))
PLAIN = KeySettings(today=date(2026, 9, 30), plain=True)
ANY_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def text_of(name: str, value: str, country: str | None = None) -> str | Finding | None:
    return normalized(name, value, country=country, settings=SETTINGS)


@pytest.mark.parametrize(
    ("name", "value", "country", "wanted"),
    [
        ("em", " \ufeffJohn_Smith@gmail.com\u200b", None, "john_smith@gmail.com"),
        ("em", "mailto:Jane@Shop.com", None, "jane@shop.com"),
        ("em", "user@MÜNCHEN.de", None, "user@münchen.de"),
        ("em", "Te\u0301st@x.org", None, "tést@x.org"),
        ("ph", "\u00a0(650) 555-1212 ", "US", "16505551212"),
        ("fn", "Mary Jane", None, "maryjane"),
        ("fn", "O’Brien", None, "obrien"),
        ("ln", "O'Brien", None, "obrien"),
        ("ln", "O´Brien", None, "obrien"),
        ("ln", "OʼBrien", None, "obrien"),
        ("fn", "VALÉRY", None, "valéry"),
        ("fn", "Vale\u0301ry", None, "valéry"),
        ("fn", "정", None, "정"),
        ("ln", "Смирнов-Петров", None, "смирновпетров"),
        ("ln", "・山田、", None, "山田"),
        ("ln", "Ben\u00adAmi", None, "benami"),
        ("fn", "John 2nd", None, "john2nd"),
        ("fn", "NA", None, "na"),
        ("ln", "Na", None, "na"),
        ("fi", "Mary", None, "m"),
        ("fi", " 'Éva", None, "é"),
        ("f5first", "Mary Jane", None, "maryj"),
        ("f5last", "Li", None, "li"),
        ("ge", "Female", None, "f"),
        ("ge", "Mrs.", None, "f"),
        ("ge", "M", None, "m"),
        ("db", "1997-02-16", None, "19970216"),
        ("doby", "1997", None, "1997"),
        ("dobm", "2", None, "02"),
        ("dobd", "6", None, "06"),
        ("ct", "St. Louis", None, "stlouis"),
        ("st", "California", None, "ca"),
        ("st", "NA", "IT", "na"),
        ("zp", "94035-1234", "US", "94035"),
        ("country", "USA", None, "us"),
        ("country", "NA", None, "na"),
        ("external_id", " User 42 ", None, "user42"),
        ("external_id", "0CC175B9C0F1B6A831C399E269772661", None, "0cc175b9c0f1b6a831c399e269772661"),
        ("app_user_id", " App-User 7 ", None, "app-user 7"),
    ],
)
def test_a_cell_becomes_its_text_and_leaves_as_its_sha256(
    name: str, value: str, country: str | None, wanted: str
) -> None:
    assert text_of(name, value, country) == wanted
    assert match_key(name, value, country=country, settings=SETTINGS) == sha(wanted)


@pytest.mark.parametrize("name", MATCH_KEYS)
@pytest.mark.parametrize("cell", ["", " ", "\u00a0\u200b\ufeff", "\t\r\n", "\x00"])
def test_an_empty_cell_is_absent_without_a_word(name: str, cell: str) -> None:
    assert match_key(name, cell, country="US", settings=SETTINGS) is None


@pytest.mark.parametrize("name", MATCH_KEYS)
@pytest.mark.parametrize(
    "cell", ["null", "NULL", "None", "nan", "NaN", "n/a", "N/A", "undefined", " - ", "#N/A"]
)
def test_a_word_for_nothing_is_absent_with_a_warning(name: str, cell: str) -> None:
    word = cell.strip().lower()
    assert match_key(name, cell, country="US", settings=SETTINGS) == Finding("absent-word", None, word)


@pytest.mark.parametrize("name", ["em", "ph", "ct", "zp", "external_id", "ge", "db"])
def test_na_is_nothing_where_it_is_no_name(name: str) -> None:
    assert text_of(name, "NA") == Finding("absent-word", None, "na")


@pytest.mark.parametrize("name", MATCH_KEYS)
def test_a_sha256_passes_in_lower_case(name: str) -> None:
    for settings in (SETTINGS, PLAIN):
        found = match_key(name, f" {ANY_DIGEST.upper()} ", country=None, settings=settings)
        assert found == Finding("arrived-hashed", ANY_DIGEST)
    assert text_of(name, ANY_DIGEST) == Finding("arrived-hashed", ANY_DIGEST)


def test_the_parameter_builders_appendix_stays_as_it_is() -> None:
    found = match_key("em", ANY_DIGEST.upper() + ".AQYCAQEA", country=None, settings=SETTINGS)
    assert found == Finding("arrived-hashed", ANY_DIGEST + ".AQYCAQEA")
    # What is passed through as it is must not be able to write JSON of its own into the event.
    broken = match_key("em", ANY_DIGEST + '."],"x":[', country=None, settings=SETTINGS)
    assert broken == Finding("em-shape")


@pytest.mark.parametrize(
    "near",
    [
        ANY_DIGEST[:-1],
        ANY_DIGEST + "0",
        ANY_DIGEST[:-1] + "g",
        ANY_DIGEST + ".AQYC",
    ],
)
def test_what_is_only_nearly_a_digest_is_text(near: str) -> None:
    assert match_key("em", near, country=None, settings=SETTINGS) == Finding("em-shape")
    assert match_key("fn", near, country=None, settings=SETTINGS) == sha(near.replace(".", "").lower())


def test_other_digests_are_dropped_save_in_an_id() -> None:
    md5, sha1 = "9e107d9d372bb6826bd81d3542a419d6", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
    assert text_of("em", md5) == Finding("hash-wrong-kind", None, "MD5")
    assert text_of("fn", sha1.upper()) == Finding("hash-wrong-kind", None, "SHA-1")
    assert match_key("external_id", md5, country=None, settings=SETTINGS) == sha(md5)
    assert match_key("external_id", sha1, country=None, settings=SETTINGS) == sha(sha1)


@pytest.mark.parametrize("nothing", ["", "null", "none", "None", "nan", "n/a", "undefined", "NULL"])
@pytest.mark.parametrize("name", ["em", "external_id", "zp"])
def test_the_digest_of_nothing_is_dropped(name: str, nothing: str) -> None:
    assert match_key(name, sha(nothing), country=None, settings=SETTINGS) == Finding("hash-of-empty")


def test_a_finding_keeps_the_digest_of_what_it_keeps() -> None:
    found = match_key("zp", "2139", country="US", settings=SETTINGS)
    assert found == Finding("zp-lost-zeros", sha("02139"))
    assert match_key("ph", "442071838750", country=None, settings=SETTINGS) == Finding(
        "ph-taken-as-international", sha("442071838750")
    )


def test_a_plain_external_id_is_sent_as_it_is_written() -> None:
    assert match_key("external_id", " cust-42 ", country=None, settings=PLAIN) == "cust-42"
    assert match_key("external_id", "jane@shop.com", country=None, settings=PLAIN) == Finding(
        "external-id-plain"
    )
    assert match_key("em", "jane@shop.com", country=None, settings=PLAIN) == sha("jane@shop.com")


@pytest.mark.parametrize(
    "cell",
    [
        *("jane@shop", "@shop.com", "jane@", "jane@shop.", "jane@.com", "a@@b.c", "jane"),
        *("jane doe@shop.com", "Jane <jane@shop.com>", "jane@sh op.com", "ja\u200bne@shop.com"),
    ],
)
def test_what_is_no_address_is_dropped(cell: str) -> None:
    assert text_of("em", cell) == Finding("em-shape")


@pytest.mark.parametrize("cell", ["a@b.com;c@d.com", "a@b.com, c@d.com", "a@b.com c@d.com"])
def test_several_addresses_are_told_as_such(cell: str) -> None:
    assert text_of("em", cell) == Finding("em-several")


def test_the_pipeline_knows_which_keys_need_a_country() -> None:
    assert {"ph", "st", "zp"} == COUNTRY_KEYS
    for name, cell in (("ct", "Paris"), ("fn", "Na"), ("external_id", "7"), ("country", "FR")):
        assert text_of(name, cell, "US") == text_of(name, cell, "JP")


def test_an_unknown_key_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="fbc"):
        match_key("fbc", "fb.1.1554763741205.x", country=None, settings=SETTINGS)


@given(st.sampled_from(MATCH_KEYS), st.text(max_size=80), st.sampled_from(["US", "CA", "DE", "IT", None]))
def test_nothing_but_digests_leaves(name: str, cell: str, country: str | None) -> None:
    found = match_key(name, cell, country=country, settings=SETTINGS)
    if isinstance(found, Finding):
        assert found.code in catalogue()
        found = found.kept
    assert found is None or (len(found) == 64 and set(found) <= set("0123456789abcdef"))


@given(st.sampled_from(["em", "fn", "ct", "st", "country", "external_id"]), st.text(max_size=40))
def test_normalizing_twice_is_normalizing_once(name: str, cell: str) -> None:
    once = text_of(name, cell)
    if isinstance(once, str):
        again = text_of(name, once)
        assert again == once or isinstance(again, Finding)  # a word for nothing may come to light


@given(st.text(max_size=30))
def test_a_name_holds_no_white_space(cell: str) -> None:
    found = text_of("fn", cell)
    assert not isinstance(found, str) or not any(c.isspace() for c in found)


def test_the_tables_of_others_are_loaded_when_they_are_needed() -> None:
    probe = (
        "import sys; import capi_cli.event.normalize.keys; "
        "print([name for name in ('phonenumbers', 'pycountry') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

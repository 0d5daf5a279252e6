"""`ct`, `st`, `zp`, `country`, from tables checked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.places import (
    country_code,
    normalize_city,
    normalize_country,
    normalize_state,
    normalize_zip,
)
from capi_cli.event.normalize.text import clean
from tests.event.tables import read_table


def _wanted(row: dict[str, str]) -> str | Finding:
    return Finding(row["finding"], row["normalized"] or None) if row["finding"] else row["normalized"]


@pytest.mark.parametrize("row", read_table("states.tsv"), ids=lambda row: f"{row['raw']}|{row['country']}")
def test_a_state(row: dict[str, str]) -> None:
    found = normalize_state(clean(row["raw"]), country=row["country"] or None)
    if isinstance(found, Finding) and found.code == "st-unknown":
        assert found.detail == row["country"]
        found = Finding(found.code, found.kept)
    assert found == _wanted(row)


@pytest.mark.parametrize("row", read_table("zips.tsv"), ids=lambda row: f"{row['raw']}|{row['country']}")
def test_a_postcode(row: dict[str, str]) -> None:
    found = normalize_zip(row["raw"], country=row["country"] or None, cut_at_dash=False)
    assert found == _wanted(row)


def test_a_postcode_ends_at_its_dash_where_the_mapping_says_so() -> None:
    assert normalize_zip("01310-100", country="BR", cut_at_dash=True) == "01310"
    assert normalize_zip("100–0001", country="JP", cut_at_dash=True) == "100"
    assert normalize_zip("SW1A 1AA", country="GB", cut_at_dash=True) == "sw1a1aa"


@pytest.mark.parametrize("row", read_table("countries.tsv"), ids=lambda row: row["raw"])
def test_a_country(row: dict[str, str]) -> None:
    if row["code"] == "-":
        assert normalize_country(row["raw"]) == Finding("country-unknown")
        assert country_code(row["raw"]) is None
    else:
        assert normalize_country(row["raw"]) == row["code"]
        assert country_code(f" {row['raw']} ") == row["code"].upper()


@pytest.mark.parametrize("cell", ["", "  ", "null", "-", "N/A"])
def test_an_empty_cell_names_no_country(cell: str) -> None:
    assert country_code(cell) is None


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("New York", "newyork"),
        ("São Paulo", "sãopaulo"),
        ("SÃO PAULO", "sãopaulo"),
        ("東京", "東京"),
        ("St. Louis", "stlouis"),
        ("Paris 75001", "paris"),
        ("L'Aquila", "laquila"),
        ("L’Aquila", "laquila"),
        ("Winston-Salem", "winstonsalem"),
        ("Санкт-Петербург", "санктпетербург"),
        ("القاهرة", "القاهرة"),
        ("मुंबई", "मुंबई"),
        ("กรุงเทพฯ", "กรุงเทพฯ"),
        ("İstanbul", "i̇stanbul"),
        ("Thành phố Hồ Chí Minh", "thànhphốhồchíminh"),
        ("Köln (Deutz)", "kölndeutz"),
        ("London ❤️", "london"),
    ],
)
def test_a_city_keeps_its_letters_and_marks(raw: str, wanted: str) -> None:
    assert normalize_city(clean(raw)) == wanted


@pytest.mark.parametrize("raw", ["123", "...", "№ 5"])
def test_a_city_without_letters_is_dropped(raw: str) -> None:
    assert normalize_city(raw) == Finding("nothing-left")


@given(st.text(max_size=30))
def test_normalizing_a_city_again_changes_nothing(text: str) -> None:
    once = normalize_city(clean(text))
    if isinstance(once, str):
        assert normalize_city(once) == once


@given(st.text(max_size=12), st.sampled_from(["US", "GB", "BR", None]))
def test_a_postcode_holds_no_white_space_or_dash(text: str, country: str | None) -> None:
    found = normalize_zip(clean(text), country=country, cut_at_dash=False)
    kept = found.kept if isinstance(found, Finding) else found
    assert kept is None or not any(c.isspace() or c in "-–—" for c in kept)

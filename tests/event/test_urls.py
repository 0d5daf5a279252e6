"""URLs and click ids: what is personal goes, the rest stays byte for byte."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.urls import fbclid_of, normalize_url


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.com",
        "http://example.com/p/shirt@2x.png?size=XL",
        "https://example.com/?order=1234567890&gclid=Cj0KCQiA5rGuBhCn",
        "https://example.com/hotels?cel=no&utm_source=fb&total=1+2",
        "https://example.com/?q=a%2Bb%20c&handle=@ana",
        "android-app://com.example.app/thanks",
        "https://example.com/?phone=&tel=no",
        "https://example.com/#top",
        "https://münchen.example/ß?x=ü",
    ],
)
def test_a_url_without_personal_data_stays(url: str) -> None:
    assert normalize_url(url) == url
    assert normalize_url(f"  {url}\n") == url


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://x.com/?email=ana@example.com&a=1", "https://x.com/?email=&a=1"),
        ("https://x.com/?a=1&e=ana%40example.com", "https://x.com/?a=1&e="),
        ("https://x.com/?e=ana%2540example.com#f=ben@example.com", "https://x.com/?e=#f="),
        ("https://x.com/?u=https%3A%2F%2Fy.com%2F%3Fe%3Dana%40example.com", "https://x.com/?u="),
        ("https://x.com/?ana@example.com", "https://x.com/?"),
        ("https://x.com/?p=%2B4915112345678", "https://x.com/?p="),
        ("https://x.com/?p=+49%20151%2012345678&b=2", "https://x.com/?p=&b=2"),
        ("https://x.com/?phone=6505551212", "https://x.com/?phone="),
        ("https://x.com/?Tel=030-123456", "https://x.com/?Tel="),
        ("https://x.com/?customer%5Bmobile%5D=(650)%20555-1212", "https://x.com/?customer%5Bmobile%5D="),
        ("https://x.com/?text=call+%2B1 (650) 555-1212 now", "https://x.com/?text="),
    ],
)
def test_personal_data_in_the_query_is_cut_out(url: str, kept: str) -> None:
    assert normalize_url(url) == Finding("url-personal-data", kept)


@pytest.mark.parametrize(
    "url", ["www.example.com/x", "example.com", "/thanks", "https://", "//example.com", "mailto:a@b.co"]
)
def test_a_scheme_and_a_host_are_needed(url: str) -> None:
    assert normalize_url(url) == Finding("url-without-scheme")


def test_nothing_is_nothing_and_spaces_are_encoded() -> None:
    assert normalize_url(" ") is None
    assert normalize_url("https://x.com/a b?c=d e") == "https://x.com/a%20b?c=d%20e"


@given(st.emails(), st.integers(0, 2))
def test_no_address_survives_in_a_query(address: str, encodings: int) -> None:
    value = address
    for _ in range(encodings):
        value = quote(value, safe="")
    if any(mark in value for mark in "&;#?"):
        value = quote(address, safe="")
    found = normalize_url(f"https://x.com/?a=1&who={value}&b=2")
    assert found == Finding("url-personal-data", "https://x.com/?a=1&who=&b=2")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://x.com/?fbclid=IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB",
            "IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB",
        ),
        ("https://x.com/?a=1&fbclid=Abc_XYZ.9#top", "Abc_XYZ.9"),
        ("fbclid=Abc_XYZ9", "Abc_XYZ9"),
        ("https://x.com/?xfbclid=no", None),
        ("https://x.com/?fbclid=", None),
        ("https://x.com/", None),
    ],
)
def test_the_click_id_of_a_landing_page(url: str, expected: str | None) -> None:
    assert fbclid_of(url) == expected

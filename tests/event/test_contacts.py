"""Contacts among other words: addresses to em, numbers to ph, nothing else to anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.normalize.contacts import email_addresses, phone_numbers


@pytest.mark.parametrize(
    ("cell", "addresses", "numbers"),
    [
        ("Jane Doe (jane@example.com)", ["jane@example.com"], []),
        (
            "Jane Doe <Jane.Doe@Example.com>; Ben <ben@example.org>",
            ["Jane.Doe@Example.com", "ben@example.org"],
            [],
        ),
        ("jane@example.com, +49 30 23125001", ["jane@example.com"], ["+49 30 23125001"]),
        ("+1 (650) 555-1212 | jane@example.com", ["jane@example.com"], ["+1 (650) 555-1212"]),
        ("Tel: 030/23125001", [], ["030/23125001"]),
        ("030 23125001 / 0171 2345678", [], ["030 23125001", "0171 2345678"]),
        ("mailto:jane@example.com", ["jane@example.com"], []),
        ("jane@example.com", ["jane@example.com"], []),
        ("o'brien@example.com", ["o'brien@example.com"], []),
        ("'jane@example.com'", ["jane@example.com"], []),
        ("Write to jane@example.com.", ["jane@example.com"], []),
        ("jane@example.com/ben@example.com", ["jane@example.com"], []),
        ("jane@example", [], []),
        ("room 12, floor 3", [], []),
        ("order 4711-0815-2026-99999", [], []),
        ("", [], []),
    ],
)
def test_each_field_takes_its_own(cell: str, addresses: list[str], numbers: list[str]) -> None:
    assert email_addresses(cell) == addresses
    assert phone_numbers(cell) == numbers


@given(st.text(max_size=60))
def test_any_text_gives_parts_of_itself(cell: str) -> None:
    for part in (*email_addresses(cell), *phone_numbers(cell)):
        assert part in cell

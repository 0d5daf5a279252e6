"""Samples on screens show enough to find the cell and too little to know the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.fields import MATCH_KEYS
from capi_cli.event.mask import mask, shorten


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("em", "john_smith@gmail.com", "j•••@g•••.com"),
        ("em", "jane@example.co.uk", "j•••@e•••.uk"),
        ("em", "jane", "j•••"),
        ("em", "a@b.com;c@d.com", "a•••"),
        ("fn", "jane@example.com", "j•••@e•••.com"),
        ("em", "jane@shop", "j•••@s•••"),
        ("ph", "+1 (650) 555-1212", "+165•••"),
        ("ph", "06 12 34 56 78", "061•••"),
        ("ph", "12345", "•••"),
        ("fn", "Mary", "M•••"),
        ("fn", "Jo", "•••"),
        ("ln", "정", "•••"),
        ("zp", "94035", "94•••"),
        ("ct", "Paris", "P•••"),
        ("external_id", "c-1042", "c•••"),
        ("db", "16/02/1997", "16/••/••••"),
        ("event_time", "13.07.2024 10:00", "13.••.•••• ••:••"),
        ("value", "1.234,56", "1.2••,••"),
        ("custom_data.value", "twelve", "tw••••"),
        ("no_such_field", "secret", "s•••"),
        ("fn", "", "•••"),
    ],
)
def test_a_cell_is_masked(name: str, value: str, wanted: str) -> None:
    assert mask(name, value) == wanted


@given(st.sampled_from(MATCH_KEYS), st.text(min_size=4, max_size=60))
def test_a_mask_never_holds_the_cell(name: str, value: str) -> None:
    shown = mask(name, value)
    letters = [c for c in value.strip() if c.isalnum()]
    assert len(letters) < 4 or value.strip() not in shown


def test_a_digest_is_shortened() -> None:
    assert shorten("62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f") == "62a14e44…"

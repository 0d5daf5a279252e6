"""What is text in UTF-8, in C and in Python."""

from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from capi_cli.readers import text
from capi_cli.readers.delimited import first_bad_line

# The first and the last of what each row of the standard's table takes, and what stands just outside.
EDGES = [0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF]
WRONG = [
    b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xf0\x8f\xbf\xbf",
    b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x99",
]  # fmt: skip
TEXTS = st.tuples(
    st.integers(0, 140).map(lambda length: b"a" * length),
    st.lists(
        st.one_of(
            st.text(max_size=20).map(str.encode),
            st.binary(max_size=4),
            st.sampled_from([chr(edge).encode() for edge in EDGES] + WRONG + [b"a" * 61]),
        )
    ).map(b"".join),
).map(b"".join)


def _end(content: bytes) -> int:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(content)


@given(TEXTS)
@example(b"a" * 62 + "é".encode() * 40 + b"\xc3")
@example(b"a" * 61 + "🙂".encode() + b"\x9f" + b"a" * 64)
def test_it_ends_where_python_says(content: bytes) -> None:
    assert text.utf8_end(content) == _end(content)
    with patch.object(text, "library", lambda: None):
        assert text.utf8_end(content) == _end(content)


@pytest.mark.parametrize("wrong", WRONG)
def test_every_wrong_one_is_found_at_every_place_of_a_step(wrong: bytes) -> None:
    for before in range(130):
        content = b"a" * before + wrong
        assert text.utf8_end(content) == before
        assert text.utf8_end(content + b"z" * 70) == before


def test_a_character_that_the_end_of_a_sample_cuts_is_not_wrong() -> None:
    assert first_bad_line("a\nb\n€".encode()[:-1]) is None
    assert first_bad_line("a\nb\n🙂".encode()[:-1]) is None
    assert first_bad_line(b"a\nb\xe9\nc") == (2, b"a\nb\xe9\nc")
    assert first_bad_line(b"a\nb\xe9") is None
    assert first_bad_line(b"a\nb\xe9a") == (2, b"a\nb\xe9a")
    assert first_bad_line(b"a\n\xff") == (2, b"a\n\xff")

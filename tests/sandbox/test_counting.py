"""Counting in C is counting as Python does it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from capi_cli.sandbox.counting import count

WORDS = st.text("ab_", min_size=1, max_size=20).map(str.encode)
TEXTS = st.text("ab_", max_size=200).map(str.encode)


@given(text=TEXTS, word=WORDS)
@example(text=b"", word=b"a")
@example(text=b"aaaaa" * 20, word=b"aa")
@example(text=b"ab" * 8, word=b"ab" * 8)
def test_both_count_alike(text: bytes, word: bytes) -> None:
    assert count(text, word) == count(bytearray(text), word) == text.count(word)


@given(before=st.binary(max_size=40), between=st.lists(st.binary(max_size=40), max_size=20))
def test_every_place_is_found(before: bytes, between: list[bytes]) -> None:
    text = before + b"".join(b'"user_data"' + part for part in between)
    assert count(bytearray(text), b'"user_data"') == text.count(b'"user_data"') >= len(between)


def test_a_body_can_change_its_length_afterwards() -> None:
    body = bytearray(b"ab" * 100)
    assert count(body, b"ab") == 100
    del body[50:]
    assert count(body, b"ab") == 25


def test_without_the_library_python_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capi_cli.native.library.library", lambda: None)
    assert count(b"aaab" * 10, b"aa") == 10

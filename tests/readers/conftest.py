"""Closes what a test of this room opened."""

from collections.abc import Iterator

import pytest

from tests.readers.reading import OPENED


@pytest.fixture(autouse=True)
def _close_readers() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()

"""A full name falls into first and last name; what can't be told is left out."""

import pytest

from capi_cli.event.normalize.full_name import split_full_name


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("Anna Berg", "Anna", "Berg"),
        ("  Anna   Berg ", "Anna", "Berg"),
        ("Anna Maria Berg", "Anna", "Berg"),
        ("Jan van der Berg", "Jan", "van der Berg"),
        ("Berg, Anna", "Anna", "Berg"),
        ("van der Berg, Jan Willem", "Jan", "van der Berg"),
        ("Dr. Anna Berg", "Anna", "Berg"),
        ("Mr. John Smith Jr.", "John", "Smith"),
        ("John Smith, Jr.", "John", "Smith"),
        ("María José García", "María", "García"),
        ("Cher", "Cher", None),
        ("", None, None),
        ("Leonardo da Vinci", "Leonardo", "da Vinci"),
        ("王 芳", "王", "芳"),
    ],
)
def test_a_full_name_is_split(value: str, first: str | None, last: str | None) -> None:
    assert split_full_name(value) == (first, last)

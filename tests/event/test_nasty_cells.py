"""No cell, whatever field it fills, is more than a value, nothing or a finding: never an exception.

The words are those that broke something once, or that break other programs; JSON lines can carry all of them.
"""

import random
from datetime import date

import pytest

from capi_cli.event.fields import FIELDS, Field, Kind
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.keys import KeySettings, match_key
from capi_cli.event.rules import catalogue

WORDS = [
    *(
        "1e999",
        "-1e999",
        "9" * 40,
        "9" * 5000,
        "4.4E+" + "9" * 5000,
        "0." + "0" * 50 + "1",
        "NaN",
        "-0",
        "1_000",
    ),
    *("٣", "１２", "½", "²", "Ⅷ", "0x1F", "1,234.56", "1.234,56", "€ 5", "$", "#REF!", "null", "true"),
    *(
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        ";",
        "|",
        '"',
        "'",
        "\\",
        "\\u0000",
        "\\ud800",
        "\x00",
        "\x1b[31m",
        "\r\n",
    ),
    *(
        "\u200b",
        "\u00a0",
        "é",
        "東京",
        "🙂",
        "@",
        "a@b.co",
        "+49 171 2345678",
        "%40",
        "%zz",
        "=" * 50,
        "x" * 300,
    ),
    *("http://", "https://[::1", "https://x/?em=a%40b.co#f", "2a02::\x005", "::ffff:1.2.3.4%eth0"),
    *(
        "fb.1.1795000000.abc",
        "fb.1.99999999999999999.x",
        "l:",
        "p:",
        "tel:",
        "mailto:",
        "id:",
        "sku:|quantity:",
    ),
    *(
        "2026-02-30T25:61:61+99:99",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00Z",
        "1795000000000000000000",
    ),
    *(
        "253402300800",
        "-62135596801",
        "46000.5",
        "31.08.2026",
        "12/31/26",
        "1970-01-01",
        "a2",
        '["i2",1e999]',
    ),
    *(
        '[{"id":1e999,"quantity":NaN}]',
        '{"a":{"b":[1e999]}}',
        "[{id:1e999}]",
        "[" * 5000,
        '[{"id":' + "9" * 5000,
    ),
]
SETTINGS = (
    CellSettings(),
    CellSettings(decimal=","),
    CellSettings(separator=";"),
    CellSettings(currency="USD"),
)


def words() -> list[str]:
    """Return the words, and some hundred put together of two or three."""
    dice = random.Random(7)
    short = [word for word in WORDS if len(word) < 100]
    return WORDS + ["".join(dice.choices(short, k=dice.choice((2, 3)))) for _ in range(250)]


def assert_outcome(outcome: object, told: str) -> None:
    assert outcome is None or isinstance(outcome, str | Finding), told
    if isinstance(outcome, Finding):
        assert outcome.code in catalogue(), told


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.path)
def test_any_cell_in_any_field(field: Field) -> None:
    settings = KeySettings(today=date(2026, 9, 1))
    for number, word in enumerate(words()):
        told = f"{field.path}: {word[:60]!r}"
        if field.kind is Kind.MATCH_KEY:
            country = (None, "US", "DE")[number % 3]
            assert_outcome(match_key(field.name, word, country=country, settings=settings), told)
        elif field.kind is not Kind.INPUT:
            assert_outcome(wire_value(field, word, SETTINGS[number % len(SETTINGS)]), told)

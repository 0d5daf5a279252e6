"""Meta's own test vectors (its documentation, SDKs and parameter builder). Our rules contradict none of them."""

import json
from datetime import date

import pytest

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.keys import KeySettings, match_key, normalized
from tests.event.tables import read_table

SETTINGS = KeySettings(today=date(2026, 9, 30))
RAW = "raw (JSON escapes)"
WANTED = "normalized, or ABSENT"


def _decode(text: str) -> str:
    return str(json.loads('"' + text.replace('"', '\\"') + '"'))


VECTORS = read_table("vectors.tsv")


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['key']}|{row[RAW]}")
def test_a_vector_of_metas(row: dict[str, str]) -> None:
    wanted = None if row[WANTED] == "ABSENT" else _decode(row[WANTED])
    found = normalized(row["key"], _decode(row[RAW]), country=None, settings=SETTINGS)
    text = found.kept if isinstance(found, Finding) else found
    assert text == wanted


@pytest.mark.parametrize(
    ("key", "raw", "country", "birth_format", "printed"),
    [
        ("em", "John_Smith@gmail.com", None, None, "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
        ("ph", "(650)555-1212", "US", None, "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("fn", "Mary", None, None, "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        ("fn", "정", None, None, "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
        ("ln", "Valéry", None, None, "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
        ("db", "2/16/1997", None, "%m/%d/%Y", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
        ("country", "United States", None, None, "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
    ],
)  # fmt: skip
def test_the_digests_that_metas_page_prints(
    key: str, raw: str, country: str | None, birth_format: str | None, printed: str
) -> None:
    settings = KeySettings(today=date(2026, 9, 30), birth_format=birth_format)
    assert match_key(key, raw, country=country, settings=settings) == printed

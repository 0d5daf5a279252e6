"""The loop over match keys says what the rule of each says, of every text, and goes on saying it."""

import re
from datetime import date

import numpy as np
import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.keys import COUNTRY_KEYS, KeySettings, match_key
from capi_cli.native.library import library
from capi_cli.prepare import key_loop
from capi_cli.prepare.digit_machine import NOWHERE, Machine, machine
from capi_cli.prepare.distinct import Distinct
from capi_cli.prepare.key_loop import KeyLoop

pytestmark = pytest.mark.skipif(library() is None, reason="built without a C compiler")

SETTINGS = KeySettings(today=date(2026, 11, 23))
KEYS = ("em", "ph", "fn", "ln", "ct", "st", "zp", "country", "db", "ge", "external_id", "dobm")
COUNTRIES = "US CA GB DE FR ES IT BR MX RU AU IN JP SE AR NO CH KZ IE AT".split()

_odd = st.sampled_from(
    """null|NaN|na|n/a|-|undefined| x|x |É|a b|a  b|null null|St.Louis|a@b.c|mailto:a@b.co|a@b..c|a.@b.c|@b.c|a@|a@b
    a@b.|O'Brien|Saint Louis|New York|San Francisco Bay|1997-02-30|1997-02-16|2096-02-16|1899-12-31|2026-11-23
    2026-11-24|1900-01-01|1900-02-29|2000-02-29|1997-2-16|12345|1234|SW1A 1AA|H2X  1Y4|abcdefghi 1|abc def|1 2 3|f|Male
    _a|-a|a_|a-|N/A|None|Zürich|Köln|ΑΘΗΝΑ|California|CA|Bayern|deu|us|Germany|12|Dec""".replace(
        "\n    ", "|"
    ).split("|")
)
_long = st.sampled_from(
    ["A" * 31, "a" * 32, "0" * 32, "f" * 64, "F" * 64, "e" * 64 + ".AAAAAAAA", "a" * 300, "x" * 9]
)
_emails = st.from_regex(r"[A-Za-z0-9._%+'-]{1,12}@[A-Za-z0-9.-]{1,14}", fullmatch=True)
_words = st.text(st.sampled_from("abcXYZéß '-_.@0129"), max_size=12)
_days = st.dates(date(1890, 1, 1), date(2030, 1, 1)).map(str)
_forms = st.sampled_from(
    "{}|+1 {}|+44{}|0{}|00{}|({}) 55|0049 {}|+49 (0){}|8{}|+7 {}|{}.0|011{}|(0{})|+({}|++{}|1{}|+{}|0{} x1".split(
        "|"
    )
)
_numbers = st.from_regex(r"[0-9]{1,4}[ .()-]?[0-9]{2,9}", fullmatch=True)
_phones = st.builds(str.format, _forms, _numbers)
_examples = (
    st.sampled_from(COUNTRIES)
    .map(phonenumbers.example_number)
    .flatmap(
        lambda number: st.sampled_from([0, 1, 2, 3]).map(
            lambda form: phonenumbers.format_number(number, form)
        )
    )
)
_names = st.text(
    st.sampled_from("abzAZ '-.ÉéßÿŸİıŁÅΣσςΆЖёЁאبنʼ´·ʹøªºĿŉſǅµ\u0301\u0345\u0387\u0660\u200d")
    | st.characters(max_codepoint=0x900),
    max_size=16,
)
_cells = st.none() | _names | _odd | _long | _emails | _words | _days | _phones | _examples
_rows = st.lists(st.tuples(_cells, st.sampled_from([*COUNTRIES, None])), max_size=30)


def column(cells: list[str | None], cut: int = 0) -> pa.StringArray:
    """Return the cells as a column; with `cut`, as a slice of a longer one."""
    return pa.array(["x" * (place + 1) for place in range(cut)] + cells + ["after"], pa.string()).slice(
        cut, len(cells)
    )


def numbered(names: list[str | None], known: list[str]) -> Distinct:
    """Return countries, by their place among those that are known."""
    codes = [-1 if name is None else known.index(name) for name in names]
    return Distinct(np.array(codes, np.int64), known)


def check(
    loop: KeyLoop,
    name: str,
    rows: list[tuple[str | None, str | None]],
    cut: int = 0,
    countries: list[str] = COUNTRIES,
) -> None:
    """Hold what the loop says of some rows against the rule, asked about each of them."""
    here = numbered([country for _, country in rows], countries) if name in COUNTRY_KEYS else None
    found = loop.digests(column([cell for cell, _ in rows], cut), here, '["', '"]')
    assert found is not None
    digests, noted = found
    digests.validate(full=True)
    expected: list[str | None] = []
    findings: dict[int, tuple[str, Finding]] = {}
    for place, (cell, country) in enumerate(rows):
        outcome = None if cell is None else match_key(name, cell, country=country, settings=SETTINGS)
        if isinstance(outcome, Finding):
            assert cell is not None
            findings[place] = cell, outcome
            outcome = outcome.kept
        expected.append(None if outcome is None else f'["{outcome}"]')
    assert digests.to_pylist() == expected
    said = {}
    if noted is not None:
        for place, code in zip(noted.cells.tolist(), noted.column.codes.tolist(), strict=True):
            said[place] = noted.column.values[code], noted.findings[code]
    assert said == findings


@pytest.mark.parametrize("name", KEYS)
@settings(max_examples=80, deadline=None)
@given(blocks=st.lists(_rows, min_size=1, max_size=3), cut=st.integers(0, 9))
@example(blocks=[[("+47 00000", "NO"), ("00000", "NO"), ("", "NO")]], cut=0)
def test_the_loop_says_what_the_rule_says(
    name: str, blocks: list[list[tuple[str | None, str | None]]], cut: int
) -> None:
    loop = KeyLoop(name, SETTINGS)
    for rows in blocks:
        check(loop, name, rows, cut)


@pytest.mark.parametrize("name", ["fn", "ct"])
@pytest.mark.parametrize("form", ["{}", "Ο{}", "{}x{}", "x{}y"])
def test_every_letter_of_two_bytes(name: str, form: str) -> None:
    loop = KeyLoop(name, SETTINGS)
    texts = [form.replace("{}", chr(place)) for place in range(0x80, 0x800)]
    check(loop, name, [(text, None) for text in texts])


@settings(max_examples=40, deadline=None)
@given(rows=_rows)
def test_a_memory_that_is_full_changes_nothing(rows: list[tuple[str | None, str | None]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_loop, "_SLOTS", 64)
        loop = KeyLoop("fn", SETTINGS)
        for block in range(8):
            check(loop, "fn", [(f"{block}é{cell}", None) for cell, _ in rows])


def test_more_texts_than_any_memory_holds_are_left_to_whoever_works_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_loop, "_SLOTS", 64)
    loop = KeyLoop("fn", SETTINGS)
    assert loop.digests(column([f"é{number}" for number in range(100)]), None, "", "") is None
    check(loop, "fn", [("é", None)])


def test_countries_that_come_later_have_their_plans() -> None:
    loop = KeyLoop("ph", SETTINGS)
    for names in (["US"], ["US", "DE"], ["US", "DE", "GB"]):
        cells = column(["0171 1234567"] * len(names))
        found = loop.digests(cells, Distinct(np.arange(len(names)), names), "", "")
        assert found is not None
        wanted = [match_key("ph", "0171 1234567", country=name, settings=SETTINGS) for name in names]
        assert found[0].to_pylist() == [text if isinstance(text, str) else None for text in wanted]


@pytest.mark.parametrize("form", ["{}", "+{}", "00{}", "({}) - "])
def test_phones_behind_whatever_may_be_dialled_first(form: str) -> None:
    rows: list[tuple[str | None, str | None]] = []
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    for region in regions:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
        assert plan is not None
        found = [phonenumbers.example_number_for_type(region, kind) for kind in range(10)]
        national = {phonenumbers.national_significant_number(number) for number in found if number}
        national |= {number[:-1] for number in national} | {number + "0" for number in national}
        before = ["", "0", "1", "8", "9", "15", "021", "011", "0011", "810", "000", str(plan.country_code)]
        before += [str(plan.country_code) + digits for digits in ("0", "1", "9", "15")]
        before += [plan.national_prefix, plan.preferred_international_prefix or ""]
        rows += [(form.format(digits or "") + number, region) for digits in before for number in national]
    loop = KeyLoop("ph", SETTINGS)
    for place in range(0, len(rows), 1000):
        check(loop, "ph", rows[place : place + 1000], countries=regions)


def _ascii(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)


def _taken(table: Machine, digits: str) -> int:
    state, taken = 0, 0 if table.ends[0] == 1 else -1
    for place, digit in enumerate(digits, start=1):
        state = table.next[state][int(digit)]
        if state == NOWHERE:
            return taken
        if table.ends[state] == 1 or (table.ends[state] == 2 and place == len(digits)):
            taken = place
    return taken


_PATTERNS = sorted(
    {
        (pattern, whole)
        for region in phonenumbers.SUPPORTED_REGIONS
        if (data := phonenumbers.PhoneMetadata.metadata_for_region(region, None)) is not None
        for pattern, whole in (
            (data.general_desc.national_number_pattern, True),
            (data.international_prefix, False),
            (data.national_prefix_for_parsing, False),
        )
        if pattern
    }
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(_PATTERNS), st.data())
def test_a_table_of_digits_matches_what_its_expression_matches(
    pattern: tuple[str, bool], data: st.DataObject
) -> None:
    text, whole = pattern
    table = machine(text, whole=whole)
    assert table is not None
    digits = data.draw(_ascii(text) | st.text("0123456789", max_size=14))
    if whole:
        assert (_taken(table, digits) == len(digits)) == bool(re.fullmatch(text, digits))
    else:
        found = re.match(text, digits)
        assert _taken(table, digits) == (-1 if found is None else found.end())


@pytest.mark.parametrize("pattern", ["1$2", "(1$)", "0(?!1)", "a", "1{1001}[0-9]{1001}"])
def test_of_what_is_not_in_the_dialect_there_is_no_table(pattern: str) -> None:
    assert machine(pattern) is None

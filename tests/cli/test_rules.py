"""The words of all rules, held to the command line: what a mend names can be typed, and helps.

A person reads them on the screen, in the rejects file and on the page of all findings, and has read nothing else.
"""

import re
import tomllib
from datetime import date

import pytest

from capi_cli.cli import options, preview
from capi_cli.cli.app import COMMANDS
from capi_cli.errors import UsageError
from capi_cli.event.fields import FIELDS, Kind, find_field
from capi_cli.event.findings import Finding, Rule
from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.keys import KeySettings, normalized
from capi_cli.event.rules import catalogue
from capi_cli.event.rules import rule as find_rule
from capi_cli.mapping.config import OPTION_KEYS
from capi_cli.mapping.entry import ENTRY_KEYS, read_entry

RULES = list(catalogue().values())
FLAGS = {option.flag for option in (*options.KNOWN.values(), *preview.WHICH)}
KEYS = {*OPTION_KEYS, *ENTRY_KEYS, "by"}  # `by` of [group]
FIELD_NAMES = {field.name for field in FIELDS.values()}


def words(rule: Rule) -> str:
    return " ".join((rule.message, rule.expected, rule.why, rule.fix, rule.example))


@pytest.fixture(params=RULES, ids=lambda rule: rule.code)
def rule(request: pytest.FixtureRequest) -> Rule:
    found = request.param
    assert isinstance(found, Rule)
    return found


def test_every_rule_has_all_its_words(rule: Rule) -> None:
    for name in ("message", "expected", "why", "fix", "example"):
        text = getattr(rule, name)
        assert len(text.strip()) > 4, name
        assert text == text.strip() and "\n" not in text and "  " not in text, name
    assert rule.message.removesuffix("{detail}")[-1] in ".,}", "a sentence, or one that the detail ends"
    assert rule.why[-1] in ".)" and rule.fix[-1] in ".)"


def test_a_mend_begins_with_a_word(rule: Rule) -> None:
    """Text that begins with a dash is taken for a formula by spreadsheets, and guarded in the rejects file."""
    assert rule.fix[0].isalpha() or rule.fix[0] == "`"


def test_every_flag_that_is_named_is_one(rule: Rule) -> None:
    assert set(re.findall(r"--[a-z][a-z-]*", words(rule))) <= FLAGS


def test_every_key_that_is_named_stands_in_capi_toml(rule: Rule) -> None:
    named = set(re.findall(r"([a-z_0-9.]+) = ", words(rule)))
    assert named <= KEYS | FIELD_NAMES | set(FIELDS)


def test_every_command_that_is_named_is_one(rule: Rule) -> None:
    assert set(re.findall(r"`capi ([a-z]+)", words(rule))) <= set(COMMANDS)


def test_every_field_that_is_mapped_or_set_is_one(rule: Rule) -> None:
    for name in re.findall(r"--(?:map|set) ([A-Za-z0-9_.]+)=", words(rule)):
        assert find_field(name) is not None, name


def test_every_constant_that_is_suggested_is_taken_as_it_is(rule: Rule) -> None:
    for name, value in re.findall(r"--set ([a-z_.]+)=([^\s,;]+)", words(rule)):
        field = find_field(name)
        assert field is not None
        if field.kind is not Kind.MATCH_KEY:
            outcome = wire_value(field, value.rstrip("."), CellSettings())
            assert isinstance(outcome, str), (name, value)


def test_every_entry_that_is_suggested_can_be_written(rule: Rule) -> None:
    """Each `field = { … }` is read as an entry of capi.toml is."""
    for name, table in re.findall(r"([a-z_0-9]+) = (\{[^}]*\})", rule.fix):
        field = find_field(name)
        assert field is not None
        assert read_entry(field, tomllib.loads(f"entry = {table}")["entry"], "capi.toml").columns


EXAMPLES = [
    (rule.code, cells[0])
    for rule in RULES
    if re.match(r"(em|ph|db|doby|dobm|dobd|ge|st|zp|country)-", rule.code)
    for cells in [re.findall(r"^`([^`]+)`", rule.example)]
]


@pytest.mark.parametrize(("code", "cell"), EXAMPLES, ids=[code for code, _ in EXAMPLES])
def test_the_example_of_a_match_key_is_noticed_by_its_own_rule(code: str, cell: str) -> None:
    country = None if code in ("ph-no-country", "ph-taken-as-international") else "US"
    settings = KeySettings(today=date(2026, 11, 1))
    outcome = normalized(code.partition("-")[0], cell, country=country, settings=settings)
    assert isinstance(outcome, Finding)
    assert outcome.code == code


def test_a_token_that_was_typed_as_a_code_is_not_repeated() -> None:
    token = "EAAB" + "x9Qz7Lm2" * 6
    with pytest.raises(UsageError) as raised:
        find_rule(token)
    assert token[:12] not in raised.value.message + raised.value.hint

"""The words of the rules: complete, short, and with a mend that can be typed."""

import re
from pathlib import Path

import pytest

import capi_cli.event.normalize
from capi_cli.event.fields import find_field
from capi_cli.event.findings import Finding, Rule, Severity
from capi_cli.event.rules import catalogue, events, message

MY_FILES = (
    "app consent contents event_name fields money plain_keys processing scalars times urls".split()
)  # whose findings are about fields that are not hashed


@pytest.mark.parametrize("rule", events.RULES, ids=lambda rule: rule.code)
def test_every_rule_says_everything(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.code)
    assert 20 <= len(rule.message) <= 110
    assert rule.message.count("{") == rule.message.count("{detail}")
    for part in (rule.expected, rule.why, rule.fix, rule.example):
        assert part
        assert part == part.strip()
        assert "TODO" not in part
    assert rule.why.endswith(".")
    assert len(rule.why) <= 240


@pytest.mark.parametrize("rule", events.RULES, ids=lambda rule: rule.code)
def test_the_fields_that_a_mend_names_exist(rule: Rule) -> None:
    for name in re.findall(r"--(?:map|set) ([a-z_.]+)=", rule.fix + " " + rule.example):
        assert find_field(name) is not None, name


def test_errors_name_a_flag_an_edit_or_why_there_is_none() -> None:
    for rule in events.RULES:
        if rule.severity is Severity.ERROR:
            assert re.search(
                r"--[a-z]|capi\.toml|orrect the|Export|Fill|Find out|Nothing brings", rule.fix
            ), rule.code


def test_the_codes_that_normalizers_return_are_all_in_the_catalogue() -> None:
    folder = Path(capi_cli.event.normalize.__file__).parent
    for name in MY_FILES:
        for code in re.findall(
            r'Finding\(\s*"([a-z-]+)"', (folder / f"{name}.py").read_text(encoding="utf-8")
        ):
            assert code in catalogue(), (name, code)


def test_the_detail_fills_the_message() -> None:
    assert message(Finding("time-format-unknown", None, "%d.%m.%Y")) == (
        'This layout has to be named: format = "%d.%m.%Y".'
    )
    assert message(Finding("action-source-unknown")) == "Meta knows no such action_source."


def test_the_examples_of_extinfo_have_sixteen_parts() -> None:
    for code in ("extinfo-parts", "app-without-app-data"):
        (example,) = re.findall(r"a2\|com[^→]*$", catalogue()[code].example)
        assert len(example.split("|")) == 16

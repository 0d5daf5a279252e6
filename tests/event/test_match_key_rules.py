"""The rules of the match keys: complete, worded, and never against a row."""

import re
from pathlib import Path

import pytest

from capi_cli.event import normalize
from capi_cli.event.findings import Rule, Severity
from capi_cli.event.rules.match_keys import RULES

KEY_FILES = ("text", "email", "names", "gender", "birth", "places", "external_id", "phone", "keys")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_says_what_why_and_how_to_mend_it(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.code)
    for text in (rule.message, rule.expected, rule.why, rule.fix):
        assert text[-1] in ".…" and len(text) > 10
    assert "\n" not in rule.message


def test_a_match_key_never_rejects_a_row() -> None:
    assert {rule.severity for rule in RULES} == {Severity.WARNING, Severity.INFO}
    assert {rule.code for rule in RULES if rule.severity is Severity.INFO} == {"arrived-hashed", "ge-unknown"}


def test_every_code_that_a_normalizer_says_has_its_rule() -> None:
    folder = Path(normalize.__file__).parent
    sources = "".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in KEY_FILES)
    said = set(
        re.findall(
            r'"((?:em|ph|db|doby|dobm|dobd|ge|st|zp|country|hash|absent|arrived|nothing|external-id)-[a-z-]+)"',
            sources,
        )
    )
    assert said | {"hash-mixed"} == {rule.code for rule in RULES}

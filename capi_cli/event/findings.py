"""Findings: what a rule noticed about a value or a row.

A rule has one stable code, a severity, and the words for a person: what, what was expected, why it matters to
Meta, and one concrete fix. The rules stand as tables in `event/rules/`; `rule(code)` finds one.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does to the row."""

    ERROR = "error"  # the row is not sent
    WARNING = "warning"  # sent; matches worse, or may surprise
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One check with a stable code.

    Attributes:
        code: Lower-case words joined by dashes; never reused for another meaning.
        severity: What it does to the row.
        message: One line for screens and the rejects file. May hold `{detail}`, which is never a match key.
        expected: What a good value looks like.
        why: Why it matters to Meta, in a sentence or two.
        fix: One concrete mend: the flag, or the edit.
        example: A bad value and what it should have been, invented.
    """

    code: str
    severity: Severity
    message: str
    expected: str
    why: str
    fix: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule noticed. Normalizers return it bare; the row and the field are added on the way.

    Attributes:
        code: The rule's code.
        kept: The normalized text that is used all the same; None where the value is dropped.
        detail: Fills `{detail}` of the message: a date, a unit, a word of a closed list, never a match key.
    """

    code: str
    kept: str | None = None
    detail: str = ""

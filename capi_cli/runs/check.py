"""One check of `capi doctor`: what was looked at, what was found, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum

from capi_cli.errors import CapiError


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"  # works, but not well, or not for long
    FAILED = "failed"
    SKIPPED = "skipped"  # could not be looked at, for a reason that another check tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the doctor.

    Attributes:
        name: What was looked at: `token`, `dataset`, …
        found: What works, or what does not.
        mend: What to do; empty where nothing is.
        exit_code: What an upload would end with because of it; 0 where it would go on.
    """

    name: str
    state: State
    found: str
    mend: str = ""
    exit_code: int = 0


def failed(name: str, error: CapiError) -> Check:
    """Return the check that an error would stop an upload with."""
    return Check(
        name=name,
        state=State.FAILED,
        found=sentence(error.message),
        mend=sentence(error.hint),
        exit_code=error.exit_code,
    )


def sentence(text: str) -> str:
    """Return a message that may stand inside another as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '…')) else '.'}" if text else ""

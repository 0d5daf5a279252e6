"""What `capi init` found out, before it is written: lines of a capi.toml, and those that a person completes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from capi_cli.mapping.model import Entry, Group, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What only a person knows.

    Attributes:
        name: The field or option that the answer settles.
        text: The question, in one line.
        choices: Sensible answers.
        check: Returns a typed answer as it is used, or raises ValueError with what is expected; None where
            nothing but the choices is taken.
    """

    name: str
    text: str
    choices: tuple[str, ...]
    check: Callable[[str], str] | None = None


class Asker(Protocol):
    """Somebody at the terminal, or nobody."""

    def ask(self, question: Question) -> str | None:
        """Return the answer; None where it stays open."""
        ...


class Nobody:
    """Answers nothing."""

    def ask(self, question: Question) -> str | None:
        """Leave it open."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One line of the mapping.

    Attributes:
        entry: Which column or constant, and how it is read.
        why: Who or what said so.
        share: Of the sample's cells, how many are read; None for constants and templates.
        confidence: Where the cells alone said so.
        example: A cell and what it becomes, masked where they are a person's.
        others: Columns that look like the field too.
        note: What a person should know.
    """

    entry: Entry
    why: str
    share: float | None = None
    confidence: float | None = None
    example: tuple[str, str] | None = None
    others: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What nobody settled.

    Attributes:
        name: The field's path, or an option's name.
        why: What is missing, in a sentence.
        lines: TOML lines to choose from, written commented out.
        required: Whether no event can be sent without it.
    """

    name: str
    why: str
    lines: tuple[str, ...]
    required: bool = True


@dataclass(slots=True, kw_only=True)
class Draft:
    """A capi.toml in the making."""

    source: str
    rows: int
    export: str | None = None
    assumptions: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)
    filled: list[Filled] = field(default_factory=list)
    open: list[Open] = field(default_factory=list)
    possible: list[str] = field(default_factory=list)  # sentences about columns that may fill a field
    where: tuple[Where, ...] = ()
    group: Group | None = None
    unused: tuple[str, ...] = ()

    @property
    def incomplete(self) -> list[Open]:
        """What has to be settled before anything can be sent."""
        return [one for one in self.open if one.required]

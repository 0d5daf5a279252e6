"""What `capi init` works on: the mapping so far, the sample, the person; each step settles what it can of it."""

from dataclasses import dataclass, field
from typing import Final

from capi_cli.event.fields import FIELDS
from capi_cli.mapping.guess import guess
from capi_cli.mapping.model import Entry, Mapping, Origin
from capi_cli.prepare.cell_guess import Likely
from capi_cli.runs.init_draft import Asker, Draft, Open
from capi_cli.runs.init_sample import Sample
from capi_cli.runs.init_toml import quoted

BY_CELLS: Final = "By its cells alone"
BY_ANSWER: Final = "As answered"


@dataclass(slots=True, kw_only=True)
class Work:
    """The state between the steps.

    Attributes:
        draft: What is written in the end.
        sample: The source's first rows.
        asker: Whom to ask.
        mapping: What names, an export and options suggested.
        entries: The mapping so far, by path.
        why: Who or what said so, by path.
        notes: What a person should know of a field.
        sure: Where cells alone said so, how surely.
    """

    draft: Draft
    sample: Sample
    asker: Asker
    mapping: Mapping
    entries: dict[str, Entry] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    sure: dict[str, float] = field(default_factory=dict)

    def take(self, path: str, at: int, confidence: float | None) -> None:
        """Let a column fill a field, by its cells or by an answer."""
        self.entries[path] = Entry(
            field=FIELDS[path], columns=(self.name(at),), positions=(at,), origin=Origin.HEADER
        )
        self.why[path] = BY_CELLS
        if confidence is not None:
            self.sure[path] = confidence

    def constant(self, path: str, answer: str | None, why: str, lines: tuple[str, ...]) -> None:
        """Fill a field with what was answered, or leave it open."""
        if answer is None:
            self.leave(path, why, lines)
            return
        self.entries[path] = Entry(field=FIELDS[path], value=answer)
        self.why[path] = BY_ANSWER

    def leave(self, name: str, why: str, lines: tuple[str, ...], *, required: bool = True) -> None:
        """Leave something open, with the lines to choose from."""
        self.draft.open.append(Open(name=name, why=why, lines=lines, required=required))

    def perhaps(self, at: int, likely: Likely) -> None:
        """Tell that a column may fill a field."""
        name = quoted(self.name(at))
        path = likely.path
        self.draft.possible.append(f"{path} = {name} (confidence {likely.confidence:.0%})")

    def used(self) -> set[int]:
        """Return the columns that something reads already."""
        used = {at for entry in self.entries.values() for at in entry.positions}
        used |= {where.position for where in self.mapping.where}
        return used | ({self.mapping.group.position} if self.mapping.group else set())

    def free(self) -> list[int]:
        """Return the columns that nothing reads and that no names compete for."""
        used = self.used()
        unclear = {at for several in guess(self.sample.header, used).unclear.values() for at in several}
        return [at for at in self.sample.header.usable if at not in used | unclear]

    def doubled(self, at: int) -> bool:
        """Return whether other columns have the same name."""
        return len(self.sample.header.find(self.name(at))) > 1

    def name(self, at: int) -> str:
        """Return a column's name."""
        return self.sample.header.names[at]

    def option(self, name: str) -> str | None:
        """Return an option that is text."""
        value = self.draft.options.get(name)
        return value if isinstance(value, str) else None

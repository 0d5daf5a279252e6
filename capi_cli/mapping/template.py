"""Templates: text with `{column}` parts, such as `order-{order_id}`. `{{` and `}}` stand for the braces."""

from dataclasses import dataclass
from functools import lru_cache

from capi_cli.errors import ConfigurationError

_HINT = (
    "A template is text with column names in braces, such as order-{order_id}; {{ and }} stand for braces."
)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text, or a column's name; the other one is empty."""

    text: str = ""
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """The parts of a template in order; two stretches of text never follow each other."""

    parts: tuple[Part, ...]

    @staticmethod
    @lru_cache(maxsize=100)
    def parse(text: str) -> "Template":
        """Return the parts of a template.

        Raises:
            ConfigurationError: A brace without its partner, or nothing between two.
        """
        parts: list[Part] = []
        literal: list[str] = []
        at = 0
        while at < len(text):
            character = text[at]
            if text[at : at + 2] in ("{{", "}}"):
                literal.append(character)
                at += 2
            elif character == "{":
                column, at = _column(text, at)
                if literal:
                    parts.append(Part(text="".join(literal)))
                    literal = []
                parts.append(Part(column=column))
            elif character == "}":
                raise ConfigurationError(
                    f"The template has a }} at character {at + 1} that nothing opens.", _HINT
                )
            else:
                literal.append(character)
                at += 1
        if literal:
            parts.append(Part(text="".join(literal)))
        return Template(tuple(parts))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names, each once, in order."""
        return tuple(dict.fromkeys(part.column for part in self.parts if part.column is not None))


def _column(text: str, opened: int) -> tuple[str, int]:
    """Return the name in the braces that open there, and where to go on."""
    closed = text.find("}", opened)
    if closed < 0:
        raise ConfigurationError(
            f"The template has a {{ at character {opened + 1} that nothing closes.", _HINT
        )
    name = text[opened + 1 : closed].strip()
    if not name:
        raise ConfigurationError(
            f"The template names no column between the braces at character {opened + 1}.", _HINT
        )
    if "{" in name:
        raise ConfigurationError(
            f"The template opens a second {{ inside the braces at character {opened + 1}.", _HINT
        )
    return name, closed + 1

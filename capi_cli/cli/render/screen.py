"""Rich's console, through which nothing in a user's file can steer the terminal.

A cell, a header or a file's name may hold an escape sequence: one that clears the screen, sets the window's
title, or writes from right to left.
"""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

_STANDS_IN = "·"  # one column wide, since tables are laid out by then


class Screen(Console):
    """Rich's console; its own control codes pass, and nobody else's."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments, every character of their text printable."""
        yield from map(_printable, super().render(renderable, options))


def _printable(segment: Segment) -> Segment:
    if segment.control or segment.text.isprintable() or segment.text == "\n":
        return segment
    shown = "".join(one if one.isprintable() or one == "\n" else _STANDS_IN for one in segment.text)
    return Segment(shown, segment.style)

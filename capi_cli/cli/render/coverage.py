"""Coverage as bars: which share of the events carries each match key."""

from collections.abc import Mapping
from typing import Final

from rich.text import Text

_BAR: Final = 12
_NAME: Final = 12
_CELL: Final = _NAME + _BAR + 7  # name, bar, share, and the gap to the next
_GOOD: Final = 0.75  # the goal that Meta's Dataset Quality API names for coverage
_FAIR: Final = 0.3


def coverage_lines(coverage: Mapping[str, float], *, width: int, most: int, ascii_only: bool) -> list[Text]:
    """Return the shares as bars, several beside each other, the highest first; at most `most` lines."""
    shares = sorted(coverage.items(), key=lambda item: -item[1])
    beside = max(1, (width - 2) // _CELL)
    lines = []
    for begin in range(0, min(len(shares), beside * most), beside):
        line = Text("  ", no_wrap=True)
        for name, share in shares[begin : begin + beside]:
            _append(line, name, share, ascii_only=ascii_only)
        line.rstrip()
        lines.append(line)
    return lines


def _append(line: Text, name: str, share: float, *, ascii_only: bool) -> None:
    filled = max(round(share * _BAR), 1 if share else 0)
    full, empty = ("#", ".") if ascii_only else ("\u2588", "\u2591")
    style = "green" if share >= _GOOD else "yellow" if share >= _FAIR else "red"
    shown = name if len(name) < _NAME else name[: _NAME - 2] + "."
    line.append(f"{shown:<{_NAME}}").append(full * filled, style).append(empty * (_BAR - filled), "dim")
    percent = f"{share:.0%}" if share >= 0.01 or not share else "<1%"
    line.append(f" {percent:>4}  ")

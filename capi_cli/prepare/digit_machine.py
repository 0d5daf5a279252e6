"""Numbering plans' expressions as tables that a loop in C walks through: a state and a digit give the next state.

The dialect is that of libphonenumber's metadata for prefixes and national numbers: digits, sets, groups, alternatives,
bounded repetition, the end of the text. Of what is not in it (looking ahead) there is no machine. A state is the list
of places in the expression that are still open. For the beginning of a text they stand in order of preference, since
the first alternative wins, as in Python's `re`, and what stands behind an end is cut off.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Final

NOWHERE: Final = 0xFFFF
_MAX_STATES: Final = 2_000  # of all regions' expressions the largest has some hundreds
_TOKEN: Final = re.compile(r"\(\?:|\[[0-9-]+\]|\{\d+(?:,\d+)?\}|\\d|[0-9()|?]|\$(?=\||$)")
_DIGITS: Final = "0123456789"
_END, _END_OF_TEXT = 0, -1  # places: a match, and one where the text ends there

Build = Callable[["_Graph", int], int]  # of a part of an expression: where it begins, if a place follows it


@dataclass(frozen=True, slots=True)
class Machine:
    """A table of states; the first is where it begins.

    Attributes:
        next: For each state the state after each of ten digits, or NOWHERE.
        ends: For each state, whether what was read is a match: 1 where it is, 2 where it is at the end of a text.
    """

    next: tuple[tuple[int, ...], ...]
    ends: tuple[int, ...]


@dataclass(slots=True)
class _Graph:
    """Places in an expression: a digit of some set leads to another place, or they fork, the preferred first."""

    steps: dict[int, tuple[str, int]] = field(default_factory=dict)
    forks: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def step(self, digits: str, then: int) -> int:
        place = len(self.steps) + len(self.forks) + 1
        self.steps[place] = (digits, then)
        return place

    def fork(self, places: tuple[int, ...]) -> int:
        place = len(self.steps) + len(self.forks) + 1
        self.forks[place] = places
        return place

    def reach(self, starts: Iterable[int], *, whole: bool) -> tuple[int, ...]:
        """Return the places that wait for a digit: all of them, or in order of preference up to an end."""
        found: dict[int, None] = {}
        waiting = list(starts)[::-1]
        while waiting and (whole or _END not in found):
            place = waiting.pop()
            if place in self.forks:
                waiting.extend(reversed(self.forks[place]))
            else:
                found[place] = None
        return tuple(sorted(found) if whole else found)


@cache
def machine(pattern: str, *, whole: bool = False) -> Machine | None:
    """Return the machine of an expression; None where it is not in the dialect, or too large.

    Args:
        pattern: The expression.
        whole: Whether it is to match whole texts, or else their beginnings.
    """
    tokens = _TOKEN.findall(pattern)
    if "".join(tokens) != pattern:
        return None
    graph = _Graph()
    tokens.reverse()
    start = _alternatives(tokens)(graph, _END)
    return None if tokens else _table(graph, start, whole=whole)


def _table(graph: _Graph, start: int, *, whole: bool) -> Machine | None:
    states = {graph.reach([start], whole=whole): 0}
    waiting, rows = list(states), []
    for state in waiting:
        row = []
        for digit in _DIGITS:
            after = [graph.steps[place][1] for place in state if place > 0 and digit in graph.steps[place][0]]
            reached = graph.reach(after, whole=whole)
            if reached and reached not in states:
                states[reached] = len(states)
                waiting.append(reached)
            row.append(states[reached] if reached else NOWHERE)
        rows.append(tuple(row))
        if len(states) > _MAX_STATES:
            return None
    ends = tuple([1 if _END in state else 2 if _END_OF_TEXT in state else 0 for state in states])
    return Machine(tuple(rows), ends)


def _alternatives(tokens: list[str]) -> Build:
    """Read alternatives up to the end or a closing bracket; tokens stand in reverse."""
    branches = [_sequence(tokens)]
    while tokens and tokens[-1] == "|":
        tokens.pop()
        branches.append(_sequence(tokens))
    if len(branches) == 1:
        return branches[0]
    return lambda graph, then: graph.fork(tuple([branch(graph, then) for branch in branches]))


def _sequence(tokens: list[str]) -> Build:
    parts: list[Build] = []
    while tokens and tokens[-1] not in "|)":
        parts.append(_repeated(_atom(tokens), tokens))

    def build(graph: _Graph, then: int) -> int:
        for part in reversed(parts):
            then = part(graph, then)
        return then

    return build


def _atom(tokens: list[str]) -> Build:
    token = tokens.pop()
    if token in ("(", "(?:"):
        inner = _alternatives(tokens)
        tokens.pop()  # the bracket that closes
        return inner
    if token == "$":
        return lambda graph, then: _END_OF_TEXT
    digits = "".join(re.findall(token, _DIGITS))
    return lambda graph, then: graph.step(digits, then)


def _repeated(part: Build, tokens: list[str]) -> Build:
    if not tokens or (tokens[-1] != "?" and tokens[-1][0] != "{"):
        return part
    token = tokens.pop()
    least, _, most = ("0", ",", "1") if token == "?" else token[1:-1].partition(",")
    optional = int(most or least) - int(least)

    def build(graph: _Graph, then: int) -> int:
        last = then
        for _ in range(optional):  # more is preferred to less
            then = graph.fork((part(graph, then), last))
        for _ in range(int(least)):
            then = part(graph, then)
        return then

    return build

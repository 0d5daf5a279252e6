"""What the loop over lines of JSON looks for: the members of an object in their usual order, and the wanted ones.

See `capi_cli/native/lines.c`.
"""

import ctypes
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from capi_cli.readers.json_values import Path

ODD_NAME: Final = re.compile(r'["\\\x00-\x1f]')  # one that stands in no line as it is


class _Member(ctypes.Structure):
    """`member_t` of lines.c."""

    _fields_ = (
        ("name", ctypes.c_int64),
        ("length", ctypes.c_int32),
        ("slot", ctypes.c_int32),
        ("below", ctypes.c_int32),
        ("line", ctypes.c_int32),
    )


class _Group(ctypes.Structure):
    """`group_t` of lines.c."""

    _fields_ = (("first", ctypes.c_int32), ("count", ctypes.c_int32))


class Form(ctypes.Structure):
    """`form_t` of lines.c; keeps what it points to, and marks of the loop, so it is for one thread."""

    _fields_ = (
        ("names", ctypes.c_char_p),
        ("members", ctypes.POINTER(_Member)),
        ("groups", ctypes.POINTER(_Group)),
        ("count", ctypes.c_int32),
        ("slots", ctypes.c_int32),
        ("known", ctypes.c_int32),
        ("most_lines", ctypes.c_int64),
        ("first_line", ctypes.c_int64),
    )


@dataclass(slots=True, eq=False)
class _Node:
    """A member: where its value goes, and its own members where they matter."""

    slot: int = -1
    below: dict[str, "_Node"] | None = None


def form_of(paths: Iterable[Path], wanted: Sequence[Path], most_lines: int) -> Form:
    """Return what finds the values at those paths; a slot for each.

    Args:
        paths: All that are known, in their order in a line.
        wanted: Some of them, each once.
        most_lines: To read in one go.
    """
    top: dict[str, _Node] = {}
    for path in paths:
        if not ODD_NAME.search(path[0]):
            top.setdefault(path[0], _Node())
    for slot, path in enumerate(wanted):
        _add(top, path).slot = slot
    return _written(top, len(wanted), most_lines, known=False)


def form_of_known(leaves: Iterable[Path], wholes: Iterable[Path], most_lines: int) -> Form:
    """Return what finds the lines that have other members than those, or objects where those have none."""
    top: dict[str, _Node] = {}
    for path in leaves:
        _add(top, path)
    for path in wholes:
        node = _add(top, path)
        node.below = node.below or {}
    return _written(top, 0, most_lines, known=True)


def _add(top: dict[str, _Node], path: Path) -> _Node:
    """Return the member at that path; one that is not looked for where a name can't stand in a line as it is."""
    if any(map(ODD_NAME.search, path)):
        return _Node()
    node = _Node(below=top)
    for name in path:
        if node.below is None:
            node.below = {}
        node = node.below.setdefault(name, _Node())
    return node


def _written(top: dict[str, _Node], slots: int, most_lines: int, *, known: bool) -> Form:
    names = bytearray()
    members: list[_Member] = []
    groups: list[_Group] = []
    waiting = [top]
    while len(groups) < len(waiting):
        group = waiting[len(groups)]
        groups.append(_Group(len(members), len(group)))
        for name, node in group.items():
            text = b'"' + name.encode() + b'"'
            below = -1
            if node.below is not None:
                below = len(waiting)
                waiting.append(node.below)
            members.append(_Member(len(names), len(text), node.slot, below, -1))
            names += text
    form = Form(count=len(members), slots=slots, known=known, most_lines=most_lines)
    form.names = bytes(names)
    form.members = (_Member * max(1, len(members)))(*members)
    form.groups = (_Group * len(groups))(*groups)
    return form

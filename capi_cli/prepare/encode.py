"""Join columns of JSON text into events: one pass per object, no dictionary per row.

A member is a path with its JSON text: a column (null where the row lacks it) or one text for all rows.
Members stand on the wire in the order of the field table, so the same input gives the same bytes.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeAlias

import pyarrow as pa

from capi_cli.event.fields import FIELDS, GROUPS
from capi_cli.prepare.kernels import Piece, objects

Member: TypeAlias = pa.StringArray | str
Members: TypeAlias = dict[str, pa.StringArray | str]
Pieces: TypeAlias = list[Piece]

_PLACE = {path: place for place, path in enumerate(FIELDS)}


def in_wire_order(paths: Iterable[str]) -> list[str]:
    """Sort paths by the field table; custom properties last, by name."""
    return sorted(paths, key=lambda path: (_PLACE.get(path, len(_PLACE)), path))


def encode_object(members: list[tuple[str, Member]], length: int) -> Member | None:
    """Return JSON objects with these members by name; null for rows that have none."""
    return _encoded(_with_literals(members), length)


def _encoded(pieces: Pieces, length: int, after: str = "") -> Member | None:
    """Return the objects; one text where all rows have the same."""
    if not pieces:
        return None
    return objects(pieces, length, after=after) if _vary(pieces) else _constant(pieces) + after


def _vary(pieces: Pieces) -> bool:
    return len(pieces) > 1 or pieces[0][1] is not None


def _constant(pieces: Pieces) -> str:
    return f"{{{pieces[0][0][1:]}}}"


def _with_literals(members: Sequence[tuple[str, Member | Pieces]]) -> Pieces:
    """Return members as they stand on the wire, neighbours that never change as one."""
    pieces: Pieces = []
    for name, text in members:
        if isinstance(text, list) and not _vary(text):
            text = _constant(text)
        if not isinstance(text, str):
            pieces.append((f',"{name}":', text))
        elif pieces and pieces[-1][1] is None:
            pieces[-1] = (f'{pieces[-1][0]},"{name}":{text}', None)
        else:
            pieces.append((f',"{name}":{text}', None))
    return pieces


def _group(members: Members, group: str) -> Pieces:
    """Return the members of one group, with nested groups inside."""
    prefix = f"{group}." if group else ""
    found: dict[str, Member | Pieces] = {}
    nested: dict[str, None] = {}
    for path, text in members.items():
        if path.startswith(prefix):
            rest = path[len(prefix) :]
            head, dot, _ = rest.partition(".")
            if not dot:
                found[path] = text
            elif prefix + head not in members:
                nested[prefix + head] = None
    for path in nested:
        if inner := _group(members, path):
            found[path] = inner
    return _with_literals([(path[len(prefix) :], found[path]) for path in _wire_order(found)])


def _wire_order(found: Collection[str]) -> list[str]:
    groups = [path for path in GROUPS if path in found]
    return [path for path in in_wire_order(found) if path not in groups] + groups


def encode_events(members: Members, length: int) -> pa.StringArray:
    """Return each row's event as a JSON object followed by a comma, in one contiguous buffer."""
    event = _encoded(_group(members, ""), length, ",")
    assert event is not None, "an event has at least its name"
    return pa.array([event] * length, pa.string()) if isinstance(event, str) else event


def take_rows(members: Members, keep: pa.BooleanArray) -> Members:
    """Return the members of the rows where `keep` holds."""
    return {path: text if isinstance(text, str) else text.filter(keep) for path, text in members.items()}

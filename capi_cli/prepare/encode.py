"""Join columns of JSON text into events: one pass per object, no dictionary per row.

A member is a path with its JSON text: a column (null where the row lacks it) or one text for all rows.
Members stand on the wire in the order of the field table, so the same input gives the same bytes.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import pyarrow as pa

from capi_cli.event.fields import FIELDS, GROUPS
from capi_cli.prepare.kernels import objects

Member: TypeAlias = pa.StringArray | str
Members: TypeAlias = dict[str, pa.StringArray | str]

_PLACE = {path: place for place, path in enumerate(FIELDS)}


def in_wire_order(paths: Iterable[str]) -> list[str]:
    """Sort paths by the field table; custom properties last, by name."""
    return sorted(paths, key=lambda path: (_PLACE.get(path, len(_PLACE)), path))


def encode_object(members: list[tuple[str, Member]], length: int, after: str = "") -> Member | None:
    """Return JSON objects with these members by name, each followed by `after`; null for rows that have none."""
    if all(isinstance(text, str) for _, text in members):
        always = ",".join(f'"{name}":{text}' for name, text in members)
        return f"{{{always}}}{after}" if always else None
    pieces: list[tuple[str, Any]] = []
    for name, text in members:
        if not isinstance(text, str):
            pieces.append((f',"{name}":', text))
        elif pieces and pieces[-1][1] is None:
            pieces[-1] = (f'{pieces[-1][0]},"{name}":{text}', None)
        else:
            pieces.append((f',"{name}":{text}', None))
    return objects(pieces, length, after=after)


def encode_group(members: Members, group: str, length: int, after: str = "") -> Member | None:
    """Return the JSON object of one group, with nested groups inside, followed by `after`."""
    prefix = f"{group}." if group else ""
    found: Members = {}
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
        inner = encode_group(members, path, length)
        if inner is not None:
            found[path] = inner
    named = [(path[len(prefix) :], found[path]) for path in _wire_order(found)]
    return encode_object(named, length, after)


def _wire_order(found: Members) -> list[str]:
    groups = [path for path in GROUPS if path in found]
    return [path for path in in_wire_order(found) if path not in groups] + groups


def encode_events(members: Members, length: int) -> pa.StringArray:
    """Return each row's event as a JSON object followed by a comma, in one contiguous buffer."""
    event = encode_group(members, "", length, after=",")
    assert event is not None, "an event has at least its name"
    return pa.array([event] * length, pa.string()) if isinstance(event, str) else event


def take_rows(members: Members, keep: pa.BooleanArray) -> Members:
    """Return the members of the rows where `keep` holds."""
    return {path: text if isinstance(text, str) else text.filter(keep) for path, text in members.items()}

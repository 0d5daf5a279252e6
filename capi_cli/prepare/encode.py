"""Join columns of JSON text into events: one C++ pass per object, no dictionary per row.

A member is a path with its JSON text: a column (null where the row lacks it) or one text for all rows.
Members stand on the wire in the order of the field table, so the same input gives the same bytes.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.fields import FIELDS, GROUPS

Member: TypeAlias = pa.StringArray | str
Members: TypeAlias = dict[str, pa.StringArray | str]

_PLACE = {path: place for place, path in enumerate(FIELDS)}


def in_wire_order(paths: Iterable[str]) -> list[str]:
    """Sort paths by the field table; custom properties last, by name."""
    return sorted(paths, key=lambda path: (_PLACE.get(path, len(_PLACE)), path))


def encode_object(members: list[tuple[str, Member]]) -> Member | None:
    """Return JSON objects with these members by name; null for rows that have none of them."""
    always = [f'"{name}":{text}' for name, text in members if isinstance(text, str)]
    if len(always) == len(members):
        return "{" + ",".join(always) + "}" if always else None
    pieces: list[pa.StringArray | str] = []
    optional: list[Any] = []
    for name, text in members:
        if isinstance(text, str):
            pieces.append(f',"{name}":{text}')
        elif not text.null_count:
            pieces += [f',"{name}":', text]
        else:
            optional.append(text)
            pieces.append(pc.fill_null(pc.binary_join_element_wise(f',"{name}":', text, ""), ""))
    joined = pc.binary_join_element_wise(*_merge_literals(pieces), "}", "")
    encoded: Any = pc.binary_replace_slice(joined.cast(pa.binary()), 0, 1, b"{").cast(pa.string(), safe=False)
    if len(optional) == len(members):
        present = pc.is_valid(optional[0])
        for text in optional[1:]:
            present = pc.or_(present, pc.is_valid(text))
        encoded = pc.if_else(present, encoded, pa.scalar(None, pa.string()))
    return encoded


def _merge_literals(pieces: list[pa.StringArray | str]) -> list[pa.StringArray | str]:
    merged: list[pa.StringArray | str] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged


def encode_group(members: Members, group: str) -> Member | None:
    """Return the JSON object of one group, with nested groups inside."""
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
        inner = encode_group(members, path)
        if inner is not None:
            found[path] = inner
    return encode_object([(path[len(prefix) :], found[path]) for path in _wire_order(found)])


def _wire_order(found: Members) -> list[str]:
    groups = [path for path in GROUPS if path in found]
    return [path for path in in_wire_order(found) if path not in groups] + groups


def encode_events(members: Members, length: int) -> pa.StringArray:
    """Return each row's event as a JSON object followed by a comma, in one contiguous buffer."""
    event = encode_group(members, "")
    assert event is not None, "an event has at least its name"
    if isinstance(event, str):
        return pa.array([event + ","] * length, pa.string())
    return pc.binary_join_element_wise(event, ",", "")


def take_rows(members: Members, keep: pa.BooleanArray) -> Members:
    """Return the members of the rows where `keep` holds."""
    return {path: text if isinstance(text, str) else text.filter(keep) for path, text in members.items()}

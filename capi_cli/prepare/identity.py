"""event_id, always: from the source, from a template, or derived from the row, the same on every run.

A derived id is the first 32 hex digits of SHA-256 over a compact JSON object. With an order_id its members
are event_name, order_id, item_number, so that it stays when the order is exported again. Without one it is
recipe 1, frozen and held by golden tests: event_name, event_time, item_number, value, currency, and what is
sent of the match keys that say who it was. Members that the event lacks are left out.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.prepare.checks import Bits, is_present
from capi_cli.prepare.encode import Member, Members, encode_object
from capi_cli.prepare.hashes import hash_column, hash_stretches
from capi_cli.prepare.kernels import digests

ID_HEX_DIGITS: Final = 32
_ORDER: Final = ("event_name", "custom_data.order_id", "custom_data.item_number")
_EVENT: Final = (
    "event_name",
    "event_time",
    "custom_data.item_number",
    "custom_data.value",
    "custom_data.currency",
)
_WHO: Final = tuple(
    f"user_data.{name}" for name in "em ph external_id lead_id madid fbc fbp client_ip_address".split()
)
_WHO_ELSE: Final = tuple(f"user_data.{name}" for name in "fn ln db zp".split())


def derive_ids(members: Members, length: int) -> Member:
    """Return event_ids as JSON text, derived from what each row's event holds."""
    by_order = _digests(members, _ORDER, length)
    ordered = is_present(members.get("custom_data.order_id"), length)
    if ordered.all():
        return by_order
    known = np.zeros(length, np.bool_)
    for path in _WHO:
        known |= is_present(members.get(path), length)
    by_content = _digests(members, _EVENT + _WHO, length)
    if not known.all():
        everything = _digests(members, _EVENT + _WHO + _WHO_ELSE, length)
        by_content = pc.if_else(pa.array(known), by_content, everything)
    return pc.if_else(pa.array(ordered), by_order, by_content)


def _digests(members: Members, paths: Sequence[str], length: int) -> pa.StringArray:
    found = [(path.rpartition(".")[2], members[path]) for path in paths if path in members]
    texts = encode_object(found, length)
    if texts is None or isinstance(texts, str):
        texts = pa.array([texts or "{}"] * length, pa.string())
    return digests(texts, before='"', after='"', digits=ID_HEX_DIGITS)


def fill_ids(given: Member | None, derived: Member) -> Member:
    """Return the source's ids, and derived ones where it has none."""
    if given is None or isinstance(given, str):
        return derived if given is None else given
    return pc.coalesce(given, derived) if given.null_count else given


def event_keys(members: Members, length: int) -> npt.NDArray[np.uint64]:
    """Return a 64-bit key of (event_name, event_id) for each event."""
    names, ids = members["event_name"], members["event_id"]
    texts = pc.binary_join_element_wise(names, ids, "")
    if not isinstance(texts, pa.Array):
        texts = pa.array([texts.as_py()] * length, pa.string())
    return hash_column(texts)


def content_keys(joined: memoryview, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return a 64-bit hash of each event's bytes, a comma standing between them."""
    return hash_stretches(joined, starts, 1)


def looks_like_email(ids: Member, length: int) -> Bits:
    """Return which event_ids look like an e-mail address."""
    if isinstance(ids, str):
        return np.full(length, "@" in ids and "." in ids.partition("@")[2], np.bool_)
    hit = pc.match_substring_regex(ids, r"[^@\s]@[^@\s]+\.[^@\s]")
    return np.asarray(pc.fill_null(hit, False).to_numpy(zero_copy_only=False))

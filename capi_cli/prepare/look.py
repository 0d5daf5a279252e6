"""Look at a block for what it tells about its whole file; cheap, since every block of every run is looked at."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.enrichment import ENRICHMENTS
from capi_cli.mapping.model import Mapping
from capi_cli.prepare.checks import Bits, Rows
from capi_cli.prepare.encode import Member, Members
from capi_cli.prepare.facts import KIND_BITS, PEOPLE, BlockFacts, ColumnFacts, Keys, Lacking
from capi_cli.prepare.hashes import hash_column, hash_text

# Fields in which two rows of a file rarely agree. Of the others (a city, a currency, a shop's postcode) one value
# for all rows is nothing odd.
_KEYS = "em ph fn ln db external_id client_ip_address fbc fbp lead_id madid anon_id".split()
MOSTLY_DIFFERENT: Final = frozenset(
    {*(f"user_data.{name}" for name in _KEYS), "event_time", "custom_data.order_id", "custom_data.value"}
)
_ORDER = "custom_data.order_id"
_PROBES = 8  # cells that are looked at before a whole column is compared
_DIGEST_BEGINS = 2  # `["` stands before the first digest of a list
_FINGERPRINT_DIGITS = 8
_ODD = np.uint64(0x9E3779B97F4A7C15)  # spreads the digits over all bits


@dataclass(frozen=True, slots=True)
class Watch:
    """What is worth a look under one mapping.

    Attributes:
        paths: Filled from columns, without a default that would make cells alike.
        orders: Whether an order may come twice with different content. Where ids are derived from the order_id
            alone, a second event of an order is a repetition or an error on its row, and told as that.
    """

    paths: tuple[str, ...]
    orders: bool


def watch(mapping: Mapping) -> Watch:
    """Return what is worth a look under this mapping."""
    found = [entry.field.path for entry in mapping.entries if entry.value is None and entry.default is None]
    filled = {entry.field.path for entry in mapping.entries}
    return Watch(
        tuple(path for path in found if path.startswith("user_data.") or path in MOSTLY_DIFFERENT),
        _ORDER in found and not filled.isdisjoint({"event_id", "custom_data.item_number"}),
    )


def block_facts(members: Members, rows: Rows, watch: Watch, good: Bits) -> BlockFacts:
    """Look at the members of all judged rows; `good` marks those that became events."""
    columns, nobody = {}, np.zeros(0, np.uint64)
    for path in watch.paths:
        column = members.get(path)
        if column is not None and not isinstance(column, str):
            constant = _constant(column) if path in MOSTLY_DIFFERENT else None
            columns[path] = ColumnFacts(len(column) - column.null_count, constant)
    sale = rows.is_word("event_name", ("Purchase",)) & ~rows.is_word("action_source", ("physical_store",))
    orders = members.get(_ORDER) if watch.orders else None
    keyed = orders is not None and not isinstance(orders, str)
    return BlockFacts(
        rows=rows.length,
        columns=columns,
        sales=int(np.count_nonzero(sale)),
        sales_without_order=int(np.count_nonzero(sale & ~rows.has(_ORDER))),
        lacking=_lacking(members, rows, good),
        order_keys=_order_keys(members, orders)[good] if keyed else nobody,
        people=_people(members, rows.length)[good] if keyed else nobody,
    )


def _lacking(members: Members, rows: Rows, good: Bits) -> Lacking:
    website = rows.is_word("action_source", ("website",)) & good
    found = Lacking(events=int(np.count_nonzero(good)), website=int(np.count_nonzero(website)))
    for one in ENRICHMENTS:
        concerned = website if one.website else good
        if concerned.any() and (number := int(np.count_nonzero(concerned & ~rows.has(one.path)))):
            found.of[one.path] = number
    if "user_data.fbc" in found.of:
        pages = members.get("event_source_url")
        if isinstance(pages, pa.Array):
            clicked = pc.fill_null(pc.match_substring(pages, "fbclid="), False)
            clicked = np.asarray(clicked.to_numpy(zero_copy_only=False))
            found.clicks = int(np.count_nonzero(website & ~rows.has("user_data.fbc") & clicked))
    return found


def _constant(column: pa.StringArray) -> int | None:
    """Return a key of the text that stands in every row; None where rows differ or one is empty."""
    length = len(column)
    if column.null_count or not length:
        return None
    first = column[0]
    if any(column[length * probe // _PROBES] != first for probe in range(1, _PROBES)):
        return None
    if not pc.all(pc.equal(column, first)).as_py():
        return None
    return hash_text(first.as_py().encode())


def _order_keys(members: Members, orders: pa.StringArray) -> Keys:
    names = members.get("event_name")
    if isinstance(names, pa.Array):
        orders = pc.binary_join_element_wise(names, orders, "")
    return hash_column(orders)


def _people(members: Members, length: int) -> Keys:
    found = np.zeros(length, np.uint64)
    for kind, path in enumerate(PEOPLE, start=1):
        digests = _fingerprints(members.get(path), length)
        named = (found == 0) & (digests != 0)
        found[named] = (digests[named] * _ODD) & ~KIND_BITS | np.uint64(kind)
    return found


def _fingerprints(member: Member | None, length: int) -> Keys:
    """Return the beginning of each row's first digest as a number; 0 where the row has none."""
    found = np.zeros(length, np.uint64)
    if member is None or isinstance(member, str) or not length:
        return found
    _, offsets, data = member.buffers()
    if data is None:
        return found
    starts = np.frombuffer(offsets, np.int32)[member.offset : member.offset + length + 1].astype(np.int64)
    lengths, letters = np.diff(starts), np.frombuffer(data, np.uint8)
    long_enough = lengths > _DIGEST_BEGINS + _FINGERPRINT_DIGITS
    if member.null_count:
        long_enough &= np.asarray(pc.is_valid(member).to_numpy(zero_copy_only=False))
    end = _DIGEST_BEGINS + _FINGERPRINT_DIGITS
    if long_enough.all() and (lengths == lengths[0]).all():  # one digest in every row: a table of letters
        digits = letters[starts[0] : starts[-1]].reshape(length, -1)[:, _DIGEST_BEGINS:end]
    else:
        digits = letters[starts[:-1][long_enough, None] + np.arange(_DIGEST_BEGINS, end)]
    found[long_enough] = np.ascontiguousarray(digits).view(np.uint64)[:, 0]
    return found

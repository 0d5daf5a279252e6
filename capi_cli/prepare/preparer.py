"""From a block of rows to encoded events: select → normalize and hash → check → identify → encode. No I/O.

A Preparer is built from a Plan in every process that prepares; what it remembers between blocks (digests of
distinct texts) changes how fast it is, never what it yields.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event import limits
from capi_cli.event.fields import Kind
from capi_cli.event.normalize.fields import CellSettings
from capi_cli.event.normalize.keys import KeySettings
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.cells import CellField, ClickField, TimeField
from capi_cli.prepare.checks import Bits, Rows, check_rows, presence
from capi_cli.prepare.columns import Table
from capi_cli.prepare.consent import ConsentField
from capi_cli.prepare.contents import ContentsField
from capi_cli.prepare.distinct import Distinct
from capi_cli.prepare.encode import encode_events, take_rows
from capi_cli.prepare.hashed import HashedKey, RowCountry
from capi_cli.prepare.identity import content_keys, derive_ids, event_keys, fill_ids, looks_like_email
from capi_cli.prepare.items import ItemRows, item_positions
from capi_cli.prepare.lead import LEAD_TIME, LeadTime
from capi_cli.prepare.limited_use import PLACES, PlaceField, limit_data_use
from capi_cli.prepare.look import block_facts, watch
from capi_cli.prepare.noticed import Noticed
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.prepared import PreparedBlock, Tally
from capi_cli.prepare.selection import Selection
from capi_cli.prepare.suppression import CODE as SUPPRESSED
from capi_cli.prepare.suppression import Suppression
from capi_cli.prepare.times import as_integers
from capi_cli.prepare.value import ValueField

Number = TypeVar("Number", np.int32, np.int64)
_ONLINE = ("website", "app")


class Fills(Protocol):
    """Fills one field of a block, or one that it feeds."""

    def fill(self, block: Block) -> None:
        """Put the members and what was noticed into the block."""
        ...


class Preparer:
    """Prepares the blocks of one source."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        mapping = plan.mapping
        self._slots = plan.slots
        self._item_positions = item_positions(mapping)
        self._selection = Selection(mapping.where)
        self._country = RowCountry(mapping.entry("user_data.country"), mapping.default_country)
        consent = mapping.entry("consent")
        self._consent = ConsentField(consent) if consent else None
        time = mapping.entry("event_time")
        self._time = TimeField(time, plan.readings["event_time"]) if time else None
        self._fields = _fields(plan)
        self._suppression = Suppression(plan.suppressed, self._fields) if plan.suppressed else None
        self._watch = watch(mapping)

    def prepare(self, columns: pa.RecordBatch, rows: npt.NDArray[np.int64], now: int) -> PreparedBlock:
        """Prepare one block.

        Args:
            columns: `plan.wanted`, in that order; where the mapping joins rows, as `group.join_rows` returns them.
            rows: int64[n], physical lines.
            now: Unix seconds; ages are judged against it.
        """
        table = Table(columns, self._slots)
        index = np.arange(len(table), dtype=np.int64)
        block = self._open(table, rows)
        told = Noticed(rows, np.zeros(len(table), np.bool_))
        keep = self._selection.keep(table) & self._in_time(block)
        keep, denied = self._allowed(block, keep, told)
        if not keep.all():
            table, index = table.filter(pa.array(keep)), index[keep]
            block = self._open(table, rows[index])
            self._in_time(block)
        block.denied = None if denied is None else denied[keep]
        block.noticed.counts |= told.counts
        for field in self._fields:
            field.fill(block)
        limit_data_use(block)
        self._check_times(block, now)
        keys = presence(block.members, len(block))
        check_rows(Rows(block.members, len(block), block.noticed), keys)
        self._identify(block)
        return self._encode(block, index, keys, filtered=len(rows) - len(index))

    def is_suppressed(self, table: Table) -> bool:
        """Return whether a row names somebody who is left out."""
        block = self._open(table, np.zeros(len(table), np.int64))
        return self._suppression is not None and bool(self._suppression.hits(block).any())

    def _open(self, table: Table, rows: npt.NDArray[np.int64]) -> Block:
        noticed = Noticed(rows, np.zeros(len(table), np.bool_))
        items = ItemRows.of(table, self._item_positions)
        return Block(table, noticed, self._country.of(table), items)

    def _in_time(self, block: Block) -> Bits:
        """Read event_time, and return which rows are not older than what was asked for."""
        keep = np.ones(len(block), np.bool_)
        if self._time is not None:
            texts = self._time.texts(block)
            block.put("event_time", texts)
            block.times, known = as_integers(texts, len(block))
            if self.plan.since_at is not None:
                keep &= ~known | (block.times >= self.plan.since_at)
        return keep

    def _allowed(self, block: Block, wanted: Bits, told: Noticed) -> tuple[Bits, Bits | None]:
        """Return which of the wanted rows may be sent, and which with limited data use; told is who may not."""
        if self._suppression is not None:
            named = wanted & self._suppression.hits(block)
            told.rows_where(SUPPRESSED, "user_data", named)
            wanted &= ~named
        if self._consent is None:
            return wanted, None
        granted, denied = self._consent.judge(block, wanted, told)
        return wanted & granted, denied

    def _check_times(self, block: Block, now: int) -> None:
        known = block.times != 0
        rows = Rows(block.members, len(block), block.noticed)
        missing = ~rows.has("event_time") & ~block.noticed.failed("event_time")
        rows.where("event-time-missing", "event_time", missing)
        for path, code in (("event_name", "event-name-missing"), ("action_source", "action-source-missing")):
            rows.where(code, path, ~rows.has(path) & ~block.noticed.failed(path))
        ahead = block.times - now
        rows.where("event-in-future", "event_time", known & (ahead > limits.MAX_FUTURE_S))
        rows.where(
            "event-slightly-future", "event_time", known & (ahead > 0) & (ahead <= limits.MAX_FUTURE_S)
        )
        left = _expires_at(block) - now
        rows.where("event-expires-soon", "event_time", known & (left > 0) & (left <= limits.AGE_MARGIN_S))
        store = rows.is_word("action_source", ("physical_store",))
        rows.where(
            "event-old-for-store", "event_time", known & store & (-ahead > limits.MAX_AGE_S) & (left > 0)
        )

    def _identify(self, block: Block) -> None:
        length = len(block)
        rows = Rows(block.members, length, block.noticed)
        given = block.members.get("event_id")
        has_given = rows.has("event_id")
        if given is not None:
            rows.where("event-id-email", "event_id", looks_like_email(given, length))
        entry = self.plan.mapping.entry("event_id")
        if entry is not None and entry.template is not None:
            rows.where("template-column-empty", "event_id", ~has_given & ~block.noticed.failed("event_id"))
        elif not has_given.all():
            online = rows.is_word("action_source", _ONLINE)
            rows.where("event-id-derived-online", "event_id", online & ~has_given)
            if "event_name" in block.members:
                given = fill_ids(given, derive_ids(block.members, length))
        if given is not None:
            block.members["event_id"] = given

    def _encode(
        self, block: Block, index: npt.NDArray[np.int64], keys: npt.NDArray[np.uint64], filtered: int
    ) -> PreparedBlock:
        good = ~block.noticed.error
        count = int(good.sum())
        members = block.members
        facts = block_facts(members, Rows(members, len(good), block.noticed), self._watch, good)
        if count < len(good):
            members = take_rows(members, pa.array(good))
        if count:
            texts = encode_events(members, count)
            joined, starts = _buffer(texts)
            event_key, content_key = event_keys(members, count), content_keys(joined, starts)
        else:
            joined, starts = memoryview(b""), np.zeros(1, np.int64)
            event_key = content_key = np.zeros(0, np.uint64)
        kept = Rows(members, count, block.noticed)
        currencies, names = kept.words("custom_data.currency"), kept.words("event_name")
        rejected = block.noticed.rejected(index)
        return PreparedBlock(
            joined=joined,
            starts=starts,
            index=index[good].astype(np.int32),
            event_keys=event_key,
            content_keys=content_key,
            event_times=block.times[good],
            expires_at=_expires_at(block)[good],
            windows_s=_by_source(block, limits.deduplication_s, np.int32)[good],
            presence=keys[good],
            values=_numbers(members, count),
            currencies=currencies.codes,
            currency_names=tuple(currencies.values),
            event_names=names.codes,
            name_names=tuple(names.values),
            rejected=tuple(rejected),
            filtered=filtered,
            tally=Tally(findings=block.noticed.counts),
            facts=facts,
        )


def _fields(plan: Plan) -> list[Fills]:
    """Return what fills each mapped field, in an order in which nothing is needed before it stands."""
    mapping = plan.mapping
    found: list[Fills] = []
    contents: dict[str, Entry] = {}
    late: list[Fills] = []
    for entry in mapping.entries:
        path, kind = entry.field.path, entry.field.kind
        match kind:
            case Kind.MATCH_KEY:
                found.append(HashedKey(entry, key_settings(plan, entry)))
            case Kind.TIME if path == "event_time":
                continue
            case Kind.TIME if path == LEAD_TIME:
                found.append(LeadTime(entry, plan.readings[path]))
            case Kind.INPUT:
                if path == "user_data.fbclid":
                    late.append(ClickField(entry))
                elif path.startswith("custom_data.contents."):
                    contents[entry.field.name] = entry
            case _ if path in PLACES:
                found.append(PlaceField(entry))
            case _ if path == "custom_data.value":
                late.append(ValueField(entry, mapping.decimal, mapping.group))
            case _:
                found.append(CellField(entry, cell_settings(plan, entry)))
    if contents and mapping.entry("custom_data.contents") is None:
        late.append(ContentsField(contents, mapping.decimal))
    return found + late


def cell_settings(plan: Plan, entry: Entry) -> CellSettings:
    """Return how the cells of a field that is not hashed are read."""
    return CellSettings(
        decimal=entry.decimal or plan.mapping.decimal,
        reading=plan.readings.get(entry.field.path),
        separator=entry.separator,
    )


def key_settings(plan: Plan, entry: Entry) -> KeySettings:
    """Return how the cells of a hashed match key are read."""
    return KeySettings(
        today=plan.today,
        birth_format=plan.birth_formats.get(entry.field.path, entry.format),
        cut_zip_at_dash=entry.zip_dash == "cut",
        plain=entry.plain,
    )


def _expires_at(block: Block) -> npt.NDArray[np.int64]:
    return block.times + _by_source(block, limits.max_age_s, np.int64)


def _by_source(block: Block, function: Callable[[str], int], kind: type[Number]) -> npt.NDArray[Number]:
    """Return for each row what a function says of its action_source; rows without one count as website."""
    sources: Distinct = Rows(block.members, len(block), block.noticed).words("action_source")
    known = [function(source) for source in (*sources.values, "website")]
    return np.array(known, kind)[sources.codes]


def _buffer(texts: pa.StringArray) -> tuple[memoryview, npt.NDArray[np.int64]]:
    """Return the events' bytes without the last comma, and where each begins."""
    starts = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    begin, end = int(starts[0]), int(starts[-1])
    joined = memoryview(texts.buffers()[2])[begin : end - 1]
    return joined, starts.astype(np.int64) - begin


def _numbers(members: dict[str, pa.StringArray | str], length: int) -> npt.NDArray[np.float64]:
    value = members.get("custom_data.value")
    if value is None:
        return np.zeros(length)
    if isinstance(value, str):
        return np.full(length, float(value))
    return np.asarray(pc.fill_null(value.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False))

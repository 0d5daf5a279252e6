"""`capi preview`: the first rows, or one row, as they would be sent. Nothing is sent and no token is needed.

The rows go through the code of an upload: opened, settled, prepared and judged. A row's event is the very one of
the block that it stands in; its findings are those of the row prepared once more alone. The rows before it are
judged too, so that an event_id that an earlier row has is told here as it would be in an upload.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import orjson

from capi_cli.errors import UsageError
from capi_cli.event.fields import FIELDS
from capi_cli.event.findings import Severity
from capi_cli.event.mask import mask, shorten
from capi_cli.event.rules import rule
from capi_cli.event.rules.mending import mend, with_names
from capi_cli.ledger.fates import NullLedger
from capi_cli.ledger.run_index import RunIndex
from capi_cli.mapping.show import OwnNames, own_names
from capi_cli.prepare.columns import Table
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.prepare.preparer import Preparer
from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.runs.account import Account
from capi_cli.runs.clock import Clock, system_clock
from capi_cli.runs.grouping import GroupedBlock, Grouping
from capi_cli.runs.judge import Judge, Judgement
from capi_cli.runs.opening import Opened, is_prepared, open_sources
from capi_cli.runs.preview_cells import Cell, RowCells
from capi_cli.runs.preview_filters import OLDER_THAN_SINCE, why_filtered
from capi_cli.runs.progress import Progress, SourceView
from capi_cli.runs.request import RunRequest
from capi_cli.runs.stepping import first_rows
from capi_cli.runs.work import ready_block

Fate = Literal["sent", "rejected", "filtered", "skipped"]
_SHOWN_LINES = 10
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRequest:
    """Which rows to look at.

    Attributes:
        run: Sources and mapping; what concerns sending is not looked at.
        count: How many of the first rows.
        row: One row instead, by the number that findings show: its first line, or its number in Parquet.
        show_values: Whether values and digests are shown in full.
    """

    run: RunRequest
    count: int = 3
    row: int | None = None
    show_values: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing to say about a row. `code` is empty for the reason of a filtered row, and for the rows of an order."""

    code: str
    severity: str
    field: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPreview:
    """One row: what its cells became, what was noticed, and its event where there is one."""

    row: int
    fate: Fate
    cells: tuple[Cell, ...] = ()
    notes: tuple[Note, ...] = ()
    event: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What was looked at."""

    source: SourceView
    remarks: tuple[str, ...]  # what was settled on the first rows
    other_sources: int  # opened as well, and not looked at
    masked: bool
    rows: tuple[RowPreview, ...]


def preview(request: PreviewRequest, clock: Clock | None = None) -> Preview:
    """Return the rows that were asked for, of the first source.

    Raises:
        UsageError: No row begins on the line that was named.
        ConfigurationError, SourceError: As in an upload.
    """
    clock = clock or system_clock()
    sources = open_sources(request.run)
    try:
        source = sources[0]
        plan = source.settle(request.run, clock)
        with RunIndex() as index, RunIndex() as closed:
            judge = Judge(index, NullLedger(), Account(Progress()))
            blocks: Iterable[RowBlock] = source.blocks()
            if plan.mapping.group is not None:
                blocks = Grouping(plan, closed).blocks(blocks)
            rows = tuple(_Looking(request, source, blocks, plan, judge, int(clock.now())).rows())
    finally:
        for opened in sources:
            opened.close()
    return Preview(
        source=source.view,
        remarks=plan.remarks,
        other_sources=len(sources) - 1,
        masked=not request.show_values,
        rows=rows,
    )


class _Looking:
    """Goes through a source until it has seen the rows that were asked for."""

    def __init__(
        self,
        request: PreviewRequest,
        source: Opened,
        blocks: Iterable[RowBlock],
        plan: Plan,
        judge: Judge,
        now: int,
    ) -> None:
        self._request = request
        self._source = source
        self._blocks = blocks
        self._plan = plan
        self._judge = judge
        self._now = now
        self._preparer = None if is_prepared(source) else Preparer(plan)

    def rows(self) -> Iterator[RowPreview]:
        """Yield the rows in file order; where rows are joined, the orders by their first rows."""
        if self._request.row is not None:
            yield self._one(self._request.row)
            return
        left = self._request.count
        for block in self._blocks:
            part = _first(block, left)
            lines = sorted([*part.rows.tolist(), *(bad.row for bad in part.bad)])[:left]
            left -= len(lines)
            yield from self._block(part, lines)
            if not left:
                return

    def _one(self, line: int) -> RowPreview:
        before = after = 0
        for block in self._blocks:
            lines = _lines(block)
            if line in lines:
                part = _first(block, lines.index(line) + 1)
                (found,) = self._block(part, [line])
                return found
            before = max((one for one in lines if before < one < line), default=before)
            after = min((one for one in lines if line < one < (after or one + 1)), default=after)
            if after and not isinstance(block, GroupedBlock):
                break
            self._prepare(block)
        raise self._no_row(line, before, after)

    def _no_row(self, line: int, before: int, after: int) -> UsageError:
        unit = "row" if self._source.reader.format == "parquet" else "line"
        if before and after:
            where = f"Rows begin on {unit}s {before} and {after}; a row of several lines goes by its first."
        elif after:
            where = f"The first row is {unit} {after}."
        else:
            where = f"The last row is {unit} {before}." if before else "The source has no rows."
        return UsageError(f"No row begins on {unit} {line}.", where)

    def _prepare(self, block: RowBlock) -> tuple[PreparedBlock, Judgement]:
        if self._preparer is None:
            prepared = ready_block(block, self._plan)
        else:
            prepared = self._preparer.prepare(block.columns, block.rows, self._now)
        return prepared, self._judge.judge(block, prepared, self._now)

    def _block(self, block: RowBlock, lines: Sequence[int]) -> Iterator[RowPreview]:
        prepared, judgement = self._prepare(block)
        bad = {one.row: one for one in block.bad}
        for line in lines:
            if line in bad:
                yield _unreadable(bad[line])
            else:
                yield self._row(block, _place(block, line), prepared, judgement)

    def _row(self, block: RowBlock, index: int, prepared: PreparedBlock, judgement: Judgement) -> RowPreview:
        place = np.flatnonzero(prepared.index == index)
        look = self._of_folder if self._preparer is None else self._of_source
        cells, notes = look(block, index, prepared)
        fate: Fate = "rejected"
        event = None
        for late in judgement.rejected:
            if late.index == index:
                notes.append(_note(late.code, late.field, ""))
        if any(one.index == index for one in (*prepared.rejected, *judgement.rejected)):
            fate = "rejected"
        elif not len(place):
            fate = "filtered"
        elif int(place[0]) not in judgement.keep:
            fate = "skipped"
            notes.append(_note("event-id-duplicate", "event_id", ""))
        else:
            fate, event = "sent", self._event(prepared, int(place[0]))
        lines = [line for line, _ in block.records(index)]
        if len(lines) > 1:
            notes.append(_joined(lines))
        return RowPreview(
            row=lines[0],
            fate=fate,
            cells=cells,
            notes=tuple(sorted(notes, key=lambda note: _ORDER[Severity(note.severity)])),
            event=event,
        )

    def _of_source(
        self, block: RowBlock, index: int, prepared: PreparedBlock
    ) -> tuple[tuple[Cell, ...], list[Note]]:
        """Return a row's cells, and what is said of them; of a row that is no event, why."""
        assert self._preparer is not None
        columns = block.columns.slice(index, 1)
        table = Table(columns, self._plan.slots)
        cells = RowCells(self._plan, self._source.reader.header, table, show_values=self._request.show_values)
        alone = self._preparer.prepare(columns, block.rows[index : index + 1], self._now)
        if alone.filtered:
            reasons = why_filtered(self._plan, table, cells, show_values=self._request.show_values)
            return tuple(cells.all()), [_reason(message, fix) for message, fix in reasons]
        notes = [
            _note(code, path, count.detail, own_names(self._plan.mapping, path))
            for (code, path), count in alone.tally.findings.items()
        ]
        return tuple(cells.all()), notes

    def _of_folder(
        self, block: RowBlock, index: int, prepared: PreparedBlock
    ) -> tuple[tuple[Cell, ...], list[Note]]:
        """Return what is said of an event that was prepared before: it has no cells."""
        if index in prepared.index:
            return (), []
        alone = ready_block(block, self._plan, slice(index, index + 1))
        return (), [_note(code, path, "") for code, path in alone.tally.findings] or [
            _reason(*OLDER_THAN_SINCE)
        ]

    def _event(self, prepared: PreparedBlock, place: int) -> dict[str, Any]:
        text = prepared.joined[int(prepared.starts[place]) : int(prepared.starts[place + 1]) - 1]
        event: dict[str, Any] = orjson.loads(text)
        return event if self._request.show_values else _masked_event(event)


def _lines(block: RowBlock) -> list[int]:
    """Return the lines of all rows of a block, readable or not, in file order."""
    rows = block.lines if isinstance(block, GroupedBlock) else block.rows
    return sorted([*rows.tolist(), *(bad.row for bad in block.bad)])


def _first(block: RowBlock, count: int) -> RowBlock:
    """Return the first rows of a block; a block of orders whole: they lie across each other."""
    return block if isinstance(block, GroupedBlock) else first_rows(block, count)


def _place(block: RowBlock, line: int) -> int:
    """Return the place of the row, or of the order, that has a line."""
    if not isinstance(block, GroupedBlock):
        return int(np.searchsorted(block.rows, line))
    (member,) = np.flatnonzero(block.lines == line)
    return int(np.searchsorted(block.firsts, member, side="right")) - 1


def _unreadable(bad: BadRow) -> RowPreview:
    return RowPreview(row=bad.row, fate="rejected", notes=(_note(bad.code, "", bad.detail),))


def _note(code: str, path: str, detail: str, names: OwnNames | None = None) -> Note:
    found = rule(code)
    message = found.message.replace("{detail}", detail)
    fix = mend(code, detail)
    if names is not None:
        fix = with_names(fix, column=names.column, timezone=names.timezone)
    return Note(code=code, severity=str(found.severity), field=path, message=message, fix=fix)


def _reason(message: str, fix: str) -> Note:
    return Note(code="", severity=str(Severity.INFO), field="", message=message, fix=fix)


def _joined(lines: Sequence[int]) -> Note:
    some = ", ".join(map(str, lines[:_SHOWN_LINES])) + (", …" if len(lines) > _SHOWN_LINES else "")
    return _reason(f"One order of {len(lines)} rows: {some}.", "")


def _masked_event(event: dict[str, Any]) -> dict[str, Any]:
    """Shorten digests, and mask the match keys that are sent plain."""
    keys = {}
    for name, value in event.get("user_data", {}).items():
        hashed = FIELDS[f"user_data.{name}"].hashed
        keys[name] = (
            [_masked_key(name, text, hashed=hashed) for text in value]
            if isinstance(value, list)
            else _masked_key(name, str(value), hashed=hashed)
        )
    return event | ({"user_data": keys} if keys else {})


def _masked_key(name: str, text: str, *, hashed: bool) -> str:
    is_digest = hashed and len(text) >= 64  # an external_id may be sent plain
    return shorten(text) if is_digest else mask(name, text)

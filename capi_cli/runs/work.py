"""The middle of every run: read, prepare, judge, and cut into batches. Upload, validate and prepare share it."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.delivery.batch import Batch
from capi_cli.errors import SourceError
from capi_cli.event.rules import rule
from capi_cli.ledger.fates import Ledger
from capi_cli.ledger.run_index import RunIndex
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.prepared import PreparedBlock, as_slice
from capi_cli.prepare.preparer import Preparer
from capi_cli.prepare.ready import ready_events
from capi_cli.readers.block import BadRow, RowBlock
from capi_cli.rejects.reject import Reject
from capi_cli.runs.account import Account
from capi_cli.runs.batching import Batcher, NoBatcher
from capi_cli.runs.clock import Clock
from capi_cli.runs.grouping import GroupedBlock, Grouping
from capi_cli.runs.judge import Judge
from capi_cli.runs.memory import ALONE_BYTES, keep_small
from capi_cli.runs.opening import Opened, is_prepared
from capi_cli.runs.pool import MANY_BYTES, Pool, default_workers, open_pool
from capi_cli.runs.progress import Observer
from capi_cli.runs.request import RunRequest
from capi_cli.runs.stepping import first_rows, stepped

ORDERS_LEFT = (
    "The source broke off: orders whose rows may go on there were not judged; run again once it is whole."
)
RESEND_HINT = "Meta refused this event before, and the row is the same. Mend it, or add --resend."
Task = tuple[RowBlock, pa.RecordBatch, npt.NDArray[np.int64], int]


class TakesRejects(Protocol):
    """Where rejected rows go."""

    def add(self, place: int, reject: Reject) -> None:
        """Take one row of the source at that place."""
        ...


class Work:
    """Takes the sources through to batches, and keeps the books on the way."""

    def __init__(
        self,
        request: RunRequest,
        sources: Sequence[Opened],
        account: Account,
        judge: Judge,
        ledger: Ledger,
        rejects: TakesRejects,
        observer: Observer,
        clock: Clock,
    ) -> None:
        self._request = request
        self._sources = sources
        self._account = account
        self._judge = judge
        self._ledger = ledger
        self._rejects = rejects
        self._observer = observer
        self._clock = clock
        self._batcher = (NoBatcher if request.command == "validate" else Batcher)(request.batch_size)
        self._left = request.limit
        self._pool: Pool | None = None

    def blocks(self) -> Iterator[list[Batch]]:
        """Yield for each block of rows the batches that became full with it; at last the rest.

        Raises:
            SourceError: A source could not be read to its end. What came before, and the other sources, are through.
        """
        broken: list[SourceError] = []
        try:
            for source in self._sources:
                self._account.progress.source = source.reader.path
                plan = source.settle(self._request, self._clock)
                for remark in plan.remarks:
                    self._observer.note("info", remark, source=source.reader.path)
                for block, prepared in self._prepared(source, plan):
                    yield self._take(source, block, prepared)
                self._account.end_source()
                if source.broken is not None:
                    broken.append(source.broken)
                    if len(self._sources) > 1:
                        self._observer.note("warning", source.broken.message, source=source.reader.path)
                if self._left == 0:
                    break
            yield list(self._batcher.rest())
            if broken:
                raise _together(broken)
        finally:
            if self._pool is not None:
                self._pool.close()

    def rest(self) -> list[Batch]:
        """Return what waits for a full batch: for a run that ends early but must not lose what it read."""
        return list(self._batcher.rest())

    def _prepared(self, source: Opened, plan: Plan) -> Iterator[tuple[RowBlock, PreparedBlock]]:
        if is_prepared(source):
            for block in self._limited(source):
                yield block, ready_block(block, plan)
            return
        tasks: Iterable[Task] = (
            (block, block.columns, block.rows, int(self._clock.now()))
            for block in self._readable(source, plan)
        )
        count = self._worker_count(source)
        if count:
            if self._pool is None:
                self._pool = open_pool(count)
            yield from self._pool.prepare(source.place, plan, tasks)
            return
        keep_small(ALONE_BYTES)
        preparer = Preparer(plan)
        for block, columns, rows, now in tasks:
            yield block, preparer.prepare(columns, rows, now)

    def _worker_count(self, source: Opened) -> int:
        if self._request.workers is not None:
            return 0 if self._request.workers == 1 else self._request.workers
        if self._pool is None and (source.reader.total_bytes or MANY_BYTES) < MANY_BYTES:
            return 0
        return default_workers()

    def _readable(self, source: Opened, plan: Plan) -> Iterator[RowBlock]:
        """Yield the rows up to where the source breaks, so that those under way in workers are judged too."""
        try:
            yield from self._rows(source, plan)
        except SourceError as error:
            source.broken = error
            if plan.mapping.group is not None:
                self._observer.note("warning", ORDERS_LEFT, source=source.reader.path)

    def _rows(self, source: Opened, plan: Plan) -> Iterator[RowBlock]:
        if plan.mapping.group is None:
            yield from self._limited(source)
            return
        with RunIndex() as closed:
            grouping = Grouping(plan, closed, left=self._left)
            yield from grouping.blocks(self._stepped(source))
            self._left = grouping.left

    def _stepped(self, source: Opened) -> Iterator[RowBlock]:
        return stepped(source.blocks(), lambda: self._pool.most_rows if self._pool else sys.maxsize)

    def _limited(self, source: Opened) -> Iterator[RowBlock]:
        for block in self._stepped(source):
            if self._left is None:
                yield block
                continue
            if self._left == 0:
                return
            cut = first_rows(block, self._left)
            self._left -= len(cut.rows) + len(cut.bad)
            yield cut

    def _take(self, source: Opened, block: RowBlock, prepared: PreparedBlock) -> list[Batch]:
        account, place = self._account, source.place
        rows = block.count() + len(block.bad)
        rejected_here = np.array([rejected.index for rejected in prepared.rejected], np.int64)
        account.read(rows, block.count() - block.count(prepared.index) - block.count(rejected_here))
        source.count(rows, block.bytes_read)
        account.progress.bytes_read = sum(other.bytes_read for other in self._sources)
        account.tally.add(prepared.tally.findings)
        for bad in block.bad:
            self._reject_bad(place, bad)
        now = int(self._clock.now())
        judgement = self._judge.judge(block, prepared, now)
        account.whole_file.add(prepared, block.rows, judgement.keep)
        account.ages.add(prepared.expires_at[as_slice(judgement.keep)], now)
        for rejected in (*prepared.rejected, *judgement.rejected):
            for row, raw in block.records(rejected.index):
                account.reject(rejected.code, rejected.reason)
                self._rejects.add(
                    place,
                    Reject(
                        row=row,
                        raw=raw,
                        code=rejected.code,
                        field=rejected.field,
                        reason=rejected.reason,
                        hint=rejected.hint,
                    ),
                )
        if isinstance(block, GroupedBlock) and len(lines := block.contradicting):
            account.notice("order-contradicts", "custom_data.order_id", len(lines), lines[:5].tolist())
        self._tell_refused(source, block, prepared, judgement.refused)
        told = [judgement.unknown]
        if not self._request.dry_run:  # there every event is unsent
            account.progress.events_unknown += len(judgement.unknown)
            told.append(judgement.refused)
        ready = judgement.keep
        account.prepare(prepared, np.sort(np.concatenate([ready, *told])) if any(map(len, told)) else ready)
        return list(self._batcher.add(place, block, prepared, judgement.keep))

    def _tell_refused(
        self, source: Opened, block: RowBlock, prepared: PreparedBlock, refused: npt.NDArray[np.int64]
    ) -> None:
        """Tell again what Meta said about events whose content is still what it refused.

        They are prepared and rejected; in a dry run, where no event is rejected, their rows are.
        """
        if not len(refused):
            return
        said = self._ledger.refusals(prepared.event_keys[refused].tolist())
        for place in refused.tolist():
            refusal, index = said[int(prepared.event_keys[place])], int(prepared.index[place])
            records = list(block.records(index))
            if not self._request.dry_run:
                self._account.refuse(refusal.code, 1, len(records))
            for row, raw in records:
                if self._request.dry_run:
                    self._account.reject(refusal.code, refusal.reason)
                reject = Reject(
                    row=row,
                    raw=raw,
                    code=refusal.code,
                    field="",
                    reason=refusal.reason,
                    hint=refusal.hint or RESEND_HINT,
                )
                self._rejects.add(source.place, reject)

    def _reject_bad(self, place: int, bad: BadRow) -> None:
        found = rule(bad.code)
        reason = found.message.replace("{detail}", bad.detail)
        self._account.reject(bad.code, reason)
        self._account.notice(bad.code, "", 1, [bad.row], detail=bad.detail)
        self._rejects.add(
            place, Reject(row=bad.row, raw=bad.raw, code=bad.code, field="", reason=reason, hint=found.fix)
        )


def ready_block(block: RowBlock, plan: Plan, places: slice = slice(None)) -> PreparedBlock:
    """Return the events of a block of a prepared folder, or of some of its lines."""
    assert block.starts is not None and block.ends is not None
    return ready_events(
        bytes(block.data),
        block.starts[places],
        block.ends[places],
        rows=block.rows[places],
        since_at=plan.since_at,
        suppressed=plan.suppressed,
    )


def _together(broken: Sequence[SourceError]) -> SourceError:
    """Return one error for the sources that could not be read to their ends."""
    if len(broken) == 1:
        return broken[0]
    return SourceError(
        f"{len(broken)} sources could not be read to their ends. The first: {broken[0].message}",
        broken[0].hint,
    )

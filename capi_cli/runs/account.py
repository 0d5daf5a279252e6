"""The run's books: what happened to every row, adding up to the contract's two equations."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.event.rules import catalogue
from capi_cli.event.rules.mending import mend
from capi_cli.prepare.checks import KEY_NAMES
from capi_cli.prepare.facts import Lacking
from capi_cli.prepare.prepared import FindingCount, PreparedBlock, Tally, as_slice
from capi_cli.runs.ages import Ages
from capi_cli.runs.amounts import Amounts
from capi_cli.runs.kept_receipts import KeptReceipts
from capi_cli.runs.origins import count_rows
from capi_cli.runs.progress import Progress
from capi_cli.runs.summary import FindingFacts, Summary
from capi_cli.runs.whole_file import WholeFile

# Rows that are not the file's fault: too old, refunds. They do not count towards --max-error-rate.
NOT_COUNTED = frozenset({"event-too-old", "event-expired", "purchase-negative"})
ALL_FILTERED = "all-filtered"
WITHOUT_KEYS = "user-data-empty"  # has a limit of its own
MOST_NAMES = 1000  # counted one by one; a column of free text taken for event_name must not fill the memory
MOST_HOURS = 1 << 16  # between the first and the last up to which counting is cheaper than sorting
SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(slots=True)
class Account:
    """Counts rows and events. Receipts may come from other threads."""

    progress: Progress
    tally: Tally = field(default_factory=Tally)
    counted_rejects: int = 0  # towards --max-error-rate
    keyless_rejects: int = 0
    coverage: dict[str, int] = field(default_factory=dict)
    event_names: dict[str, int] = field(default_factory=dict)
    other_names: int = 0  # events of names beyond MOST_NAMES
    amounts: dict[str, Amounts] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)
    oldest_event_time: int | None = None
    newest_event_time: int | None = None
    receipts: KeptReceipts = field(default_factory=KeptReceipts)
    ages: Ages = field(default_factory=Ages)
    lacking: Lacking = field(default_factory=Lacking)
    whole_file: WholeFile = field(default_factory=WholeFile)  # of the source being read
    first_codes: Counter[str] = field(default_factory=Counter)  # of rows rejected here
    first_reasons: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, rows: int, filtered: int) -> None:
        """Count rows read, and those of them that were filtered."""
        self.progress.rows_read += rows
        self.progress.rows_filtered += filtered

    def reject(self, code: str, reason: str, rows: int = 1) -> None:
        """Count rows rejected here, by their first error."""
        self.progress.rows_rejected += rows
        self.first_codes[code] += rows
        self.first_reasons.setdefault(code, reason)
        with self._lock:
            self._count_towards_rate(code, rows)

    def notice(
        self,
        code: str,
        path: str,
        count: int,
        rows: Sequence[int] = (),
        samples: Sequence[str] = (),
        detail: str = "",
    ) -> None:
        """Count a finding made outside of preparing."""
        if count:
            self.tally.add({(code, path): FindingCount(count, list(rows)[:5], list(samples)[:3], detail)})

    def end_source(self) -> None:
        """Take what the source shows as a whole; the next one begins afresh."""
        whole_file, self.whole_file = self.whole_file, WholeFile()
        for found in whole_file.findings():
            self.notice(found.code, found.field, found.count, found.rows, detail=found.detail)

    def prepare(self, prepared: PreparedBlock, keep: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> None:
        """Count the events that go on, with what they carry."""
        self.progress.events_prepared += len(keep)
        self.lacking.add(prepared.facts.lacking)
        places = as_slice(keep)
        self._count_keys(prepared.presence[places])
        self._count_names(prepared.name_names, prepared.event_names[places])
        currencies, values = prepared.currencies[places], prepared.values[places]
        for code, currency in enumerate(prepared.currency_names):
            self.amounts.setdefault(currency, Amounts()).add(values[currencies == code])
        times = prepared.event_times[places]
        if len(times):
            oldest, newest = int(times.min()), int(times.max())
            self.oldest_event_time = min(oldest, self.oldest_event_time or oldest)
            self.newest_event_time = max(newest, self.newest_event_time or newest)
            self._count_hours(times // 3600, oldest // 3600, newest // 3600)

    def _count_keys(self, presence: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> None:
        some, every = int(np.bitwise_or.reduce(presence)), int(np.bitwise_and.reduce(presence))
        for place, name in enumerate(KEY_NAMES):
            bit = 1 << place
            if some & bit:
                in_all = bool(every & bit)
                carried = len(presence) if in_all else int(np.count_nonzero(presence & np.uint64(bit)))
                self.coverage[name] = self.coverage.get(name, 0) + carried

    def _count_hours(
        self, hours: "np.ndarray[tuple[int], np.dtype[np.int64]]", first: int, last: int
    ) -> None:
        if last - first < MOST_HOURS:
            counts = np.bincount(hours - first)
            found = np.flatnonzero(counts)
            counts, found = counts[found], found + first
        else:
            found, counts = np.unique(hours, return_counts=True)
        for hour, count in zip(found.tolist(), counts.tolist(), strict=True):
            self.hours[hour] = self.hours.get(hour, 0) + count

    def _count_names(self, names: Sequence[str], codes: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> None:
        for name, count in zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=False):
            if name in self.event_names or len(self.event_names) < MOST_NAMES:
                self.event_names[name] = self.event_names.get(name, 0) + count
            else:
                self.other_names += count

    def refuse(self, code: str, events: int, rows: int) -> None:
        """Count events that Meta refused, and the rows that they are."""
        with self._lock:
            self.progress.events_rejected += events
            self._count_towards_rate(code, rows)

    def take(self, receipts: Sequence[Receipt]) -> None:
        """Count what came back for a batch."""
        with self._lock:
            for receipt in receipts:
                self.receipts.add(receipt)
                events = len(receipt.batch)
                match receipt.outcome:
                    case Outcome.ACCEPTED:
                        self.progress.events_accepted += events
                    case Outcome.REJECTED:
                        self.progress.events_rejected += events
                        self._count_towards_rate(receipt.code, count_rows(receipt.batch))
                    case Outcome.UNKNOWN:
                        self.progress.events_unknown += events
                    case Outcome.UNSENT:
                        self.progress.events_unsent += events

    def _count_towards_rate(self, code: str, rows: int) -> None:
        if code == WITHOUT_KEYS:
            self.keyless_rejects += rows
        elif code not in NOT_COUNTED:
            self.counted_rejects += rows

    @property
    def sums(self) -> dict[str, float]:
        """The sum of the values per currency."""
        return {currency: amounts.total for currency, amounts in self.amounts.items()}

    def error_rate(self) -> float:
        """Return counted rejects over rows read less filtered."""
        return self.counted_rejects / max(1, self.judged())

    def keyless_rate(self) -> float:
        """Return rows without any match key over rows read less filtered."""
        return self.keyless_rejects / max(1, self.judged())

    def judged(self) -> int:
        """Return rows read less filtered."""
        return self.progress.rows_read - self.progress.rows_filtered

    def fill(self, summary: Summary) -> None:
        """Write the counts into the summary."""
        self.end_source()
        progress = self.progress
        for name in (
            "rows_read rows_filtered rows_rejected rows_skipped events_prepared events_accepted "
            "events_rejected events_unknown requests retries"
        ).split():
            setattr(summary, name, getattr(progress, name))
        summary.rows_prepared = (
            progress.rows_read - progress.rows_filtered - progress.rows_rejected - progress.rows_skipped
        )
        summary.events_unsent = (
            progress.events_prepared
            - progress.events_accepted
            - progress.events_rejected
            - progress.events_unknown
        )
        progress.events_unsent = summary.events_unsent
        events = max(1, progress.events_prepared)
        summary.coverage = {
            name: round(self.coverage[name] / events, 4) for name in KEY_NAMES if self.coverage.get(name)
        }
        if progress.rows_read and progress.rows_filtered == progress.rows_read:
            self.tally.findings[ALL_FILTERED, ""] = FindingCount(progress.rows_read)
        summary.findings = self.findings()
        summary.ages = self.ages.facts()

    def findings(self) -> list[FindingFacts]:
        """Return the findings, errors first, then by count."""
        rules = catalogue()
        found = [
            FindingFacts(
                code=code,
                severity=str(rules[code].severity) if code in rules else "error",
                field=path,
                count=counted.count,
                example_rows=counted.rows,
                samples=counted.samples,
                detail=counted.detail,
                fix=mend(code, counted.detail) if code in rules else "",
            )
            for (code, path), counted in self.tally.findings.items()
        ]
        return sorted(found, key=lambda f: (SEVERITY_ORDER[f.severity], -f.count, f.code, f.field))

"""A large file whose every row arrived in a run before: it is known by its bytes, and is not judged row by row again.

1. The same bytes under the same mapping and the same capi make the same events, and the ledger holds them all as
   accepted: the outcome is known. What the run before noticed is told again, and every row counts as skipped.
2. It is remembered only where that run ended 0: a row that was rejected, refused, unsent or unknown has to be looked
   at again.
3. Whatever looks at rows otherwise (`--since`, `--suppress`, `--limit`, `--report`, a dry run) reads them.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from capi_cli import __version__
from capi_cli.event import limits
from capi_cli.ledger.fates import FinishedRun, Ledger
from capi_cli.runs.account import Account
from capi_cli.runs.opening import Opened, is_prepared
from capi_cli.runs.pool import MANY_BYTES
from capi_cli.runs.progress import Observer
from capi_cli.runs.request import RunRequest

_BELIEVED_S: Final = 30 * limits.DAY_S  # well inside the time for which the ledger keeps what was accepted
# About the age of events at that time.
_OF_ITS_TIME: Final = ("event-expires-soon", "event-old-for-store", "event-slightly-future")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeatable:
    """A source as it is now: under which key the ledger remembers it, and how to see that nobody wrote to it."""

    source: Opened
    path: Path
    key: bytes
    written: tuple[int, int, int]  # inode, size, time

    @property
    def is_unchanged(self) -> bool:
        """Whether the file is still the one whose bytes make the key."""
        return _written(self.path) == self.written


def repeatable(request: RunRequest, sources: list[Opened]) -> Repeatable | None:
    """Return the run's source where its outcome may be known, or may be remembered; None where not."""
    special = request.since_s or request.suppress or request.limit or request.report_path
    marks = request.command == "upload" and not (
        request.dry_run or request.sandbox or request.test_event_code
    )
    if special or not marks or len(sources) != 1:
        return None
    source = sources[0]
    if source.path is None or is_prepared(source) or not source.reader.rewindable:
        return None
    if (source.reader.total_bytes or 0) < MANY_BYTES:
        return None
    written = _written(source.path)
    if written is None:
        return None
    try:
        with source.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError:
        return None  # whoever reads it tells
    asked = (__version__, source.reader.format, replace(request.source, sources=()), request.mapping)
    digest.update(repr(asked).encode())
    return Repeatable(source=source, path=source.path, key=digest.digest(), written=written)


def known_outcome(
    found: Repeatable | None, request: RunRequest, ledger: Ledger, now: float
) -> FinishedRun | None:
    """Return the run in which every row of the source arrived; None where there was none, or it is too long ago."""
    if found is None or request.resend:
        return None
    before = ledger.finished(found.key)
    if before is None or not 0 <= now - before.at < min(_BELIEVED_S, request.keep_for_s):
        return None
    return before


def tell_again(before: FinishedRun, found: Repeatable, account: Account, observer: Observer) -> None:
    """Account for every row as the run before did, now that all of them are skipped."""
    said: dict[str, Any] = before.summary
    rows, filtered = int(said["rows_read"]), int(said["rows_filtered"])
    account.read(rows, filtered)
    account.progress.rows_skipped += rows - filtered
    account.progress.bytes_read = found.source.reader.total_bytes or 0
    found.source.count(rows, account.progress.bytes_read)
    for finding in said["findings"]:
        if finding["code"] not in _OF_ITS_TIME:
            account.notice(finding["code"], finding["field"], finding["count"], finding["example_rows"])
    observer.note(
        "info",
        f"It is byte for byte the file of run {before.run_id}, in which every row arrived, under the same "
        "mapping. Nothing is sent; --resend sends it again.",
        source=found.source.reader.path,
    )


def _written(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns

"""The ledger's database: SQLite in WAL mode, opened with care, written by one transaction at a time.

What lasts: a change is in the log when `change` returns, so a killed process loses nothing. A power cut can take the
last second: the log is synced with the first change of every second, and with each that asks to be `durable`. That
asks whoever sends events that Meta never de-duplicates, and whoever is about to remove a file.
"""

import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from capi_cli.errors import LedgerError
from capi_cli.ledger.mend import damaged, translated

SCHEMA_VERSION: Final = 2
_APPLICATION_ID: Final = 0x63617069  # "capi"
_SYNC_EVERY_S: Final = 1.0
# Before it is folded into the database, which is done once more at the end: by then most of its pages have been given
# back, as their events stand on a shelf.
_LOG_PAGES: Final = 8192
_BUSY_S: Final = 10.0  # readers hold it for moments only
_WHAT: Final = "the ledger"

_VERSION_1: Final = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, command TEXT NOT NULL, sources TEXT NOT NULL,
    mapping TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER, exit_code INTEGER, summary TEXT);
CREATE TABLE texts (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL, reason TEXT NOT NULL, hint TEXT NOT NULL, UNIQUE (code, reason, hint));
CREATE TABLE receipts (
    id INTEGER PRIMARY KEY, run INTEGER, batch INTEGER NOT NULL, first INTEGER NOT NULL, events INTEGER NOT NULL,
    outcome TEXT NOT NULL, text INTEGER, fbtrace_id TEXT NOT NULL, status INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX receipts_by_run ON receipts (run);
-- In flight; or accepted (with its receipt) and not yet on a shelf. The events stand apart, to be written once.
CREATE TABLE flights (
    id INTEGER PRIMARY KEY, run INTEGER, batch INTEGER NOT NULL, first INTEGER NOT NULL, sent_at INTEGER NOT NULL,
    receipt INTEGER);
CREATE TABLE cargo (flight INTEGER PRIMARY KEY, events BLOB NOT NULL);
CREATE TABLE shelves (
    place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rows INTEGER NOT NULL, checksum TEXT NOT NULL,
    oldest INTEGER NOT NULL, newest INTEGER NOT NULL);
CREATE TABLE unknown (
    event_key INTEGER PRIMARY KEY, content_key INTEGER NOT NULL, sent_at INTEGER NOT NULL, window_s INTEGER NOT NULL,
    told INTEGER NOT NULL, receipt INTEGER NOT NULL);
CREATE TABLE refused (event_key INTEGER PRIMARY KEY, content_key INTEGER NOT NULL, receipt INTEGER NOT NULL);
"""
_VERSION_2: Final = """
-- Sources of which every row arrived, by a digest of their bytes and of what was asked.
CREATE TABLE finished (source BLOB PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL);
"""
# MIGRATIONS[n] turns version n into n + 1; an empty file is version 0.
MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2)

# What a batch does to the tables on its way, each as one statement: the connection's own, nothing of it is in the file.
# A statement is a transaction by itself, and the interpreter changes hands at every one of them.
_IN_ONE: Final = """
CREATE TEMP VIEW departures AS
    SELECT 0 AS flight, 0 AS run, 0 AS batch, 0 AS first, 0 AS sent_at, x'' AS events;
CREATE TEMP TRIGGER depart INSTEAD OF INSERT ON departures BEGIN
    INSERT INTO flights VALUES (new.flight, new.run, new.batch, new.first, new.sent_at, NULL);
    INSERT INTO cargo VALUES (new.flight, new.events);
END;
CREATE TEMP VIEW arrivals AS
    SELECT 0 AS flight, 0 AS receipt, 0 AS run, 0 AS batch, 0 AS first, 0 AS events, '' AS outcome, '' AS fbtrace_id,
        0 AS status, 0 AS at;
CREATE TEMP TRIGGER arrive INSTEAD OF INSERT ON arrivals BEGIN
    INSERT INTO receipts VALUES (
        new.receipt, new.run, new.batch, new.first, new.events, new.outcome, NULL, new.fbtrace_id, new.status, new.at);
    UPDATE flights SET receipt = new.receipt WHERE id = new.flight;
END;
"""

Step = Callable[[sqlite3.Connection], None]


@dataclass(slots=True)
class _Change:
    step: Step
    after: Callable[[], None]
    durable: bool
    is_one: bool
    done: bool = False
    failed: LedgerError | None = None


class Database:
    """One connection, shared by the run's threads: whoever uses it holds `lock`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self.lock = threading.RLock()
        self._waiting: list[_Change] = []
        self._queue = threading.Lock()
        self._closed = False
        self._full = False
        self._synced_at = float("-inf")

    def change(
        self,
        step: Step,
        *,
        after: Callable[[], None] = lambda: None,
        durable: bool = False,
        is_one: bool = False,
    ) -> None:
        """Make one change, whole or not at all; changes that wait at the same time share a transaction.

        Args:
            step: Writes rows; called inside the transaction.
            after: Brings memory up to date; called once the transaction stands, before any other change.
            durable: Whether the change must be on the disk when this returns.
            is_one: Whether `step` is a single statement, which needs no transaction around it.

        Raises:
            LedgerError: It could not be written; nothing of it was.
        """
        change = _Change(step, after, durable, is_one)
        with self._queue:
            self._waiting.append(change)
        with self.lock:
            if not change.done and self._closed:  # a sender that nobody waited for; its events stay in flight
                raise LedgerError("the ledger is closed", "run the same command again")
            if not change.done:
                with self._queue:
                    changes, self._waiting = self._waiting, []
                self._commit(changes)
        if change.failed is not None:
            raise LedgerError(change.failed.message, change.failed.hint) from change.failed

    def _commit(self, changes: list[_Change]) -> None:
        try:
            with translated(_WHAT, self.path.parent):
                due = time.monotonic() - self._synced_at >= _SYNC_EVERY_S
                self._set_durable(due or any(change.durable for change in changes))
                alone = len(changes) == 1 and changes[0].is_one
                try:
                    if not alone:
                        self.connection.execute("BEGIN IMMEDIATE")
                    for change in changes:
                        change.step(self.connection)
                    if not alone:
                        self.connection.execute("COMMIT")
                    if self._full:
                        self._synced_at = time.monotonic()
                except BaseException:
                    if self.connection.in_transaction:
                        self.connection.execute("ROLLBACK")
                    raise
            for change in changes:
                change.after()
        except LedgerError as error:
            for change in changes:
                change.failed = error
        finally:
            for change in changes:
                change.done = True

    def _set_durable(self, full: bool) -> None:
        if full is not self._full:
            self.connection.execute("PRAGMA synchronous = FULL" if full else "PRAGMA synchronous = NORMAL")
            self._full = full

    def close(self) -> None:
        """Give back unused pages, and fold the log into the database."""
        with self.lock, translated(_WHAT, self.path.parent):
            self._closed = True
            try:
                # as a script: `execute` stops after the first step, which frees a single page
                self.connection.executescript("PRAGMA incremental_vacuum;")
            finally:
                self.connection.close()


def open_to_write(path: Path) -> Database:
    """Open the database, made or migrated where needed. The run's lock is held.

    Raises:
        LedgerError: Damaged, not writable, or written by a newer capi.
    """
    with translated(_WHAT, path.parent):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its log the same mode
        connection = _connect(path, "rw")
        try:
            version = _checked_version(connection, path)
            if version == 0:
                if any(path.parent.glob("*.keys")):
                    raise damaged(
                        f"{_WHAT} ({path.parent})", "its database is empty, though events were recorded"
                    )
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
            # What was removed may stay in pages that nothing uses until they are given back; `compact` leaves none.
            connection.execute("PRAGMA secure_delete = FAST")
            _migrate(connection, version)
            connection.executescript(_IN_ONE)
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise damaged(f"{_WHAT} ({path.parent})", str(found))
        except BaseException:
            connection.close()
            raise
    return Database(connection, path)


def open_to_read(path: Path) -> Database | None:
    """Open the database without writing anything; None where there is none yet.

    Raises:
        LedgerError: Damaged, or written by another version.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    with translated(_WHAT, path.parent):
        connection = _connect(path, "ro")
        try:
            try:
                version = _checked_version(connection, path)
            except (
                sqlite3.OperationalError
            ):  # a folder that can't be written has no place for the log's index
                connection.close()
                if path.with_name(path.name + "-wal").exists():
                    raise
                connection = _connect(path, "ro&immutable=1")
                version = _checked_version(connection, path)
            if version == 0:
                connection.close()
                return None
            connection.execute("PRAGMA temp_store = MEMORY")
        except BaseException:
            connection.close()
            raise
    return Database(connection, path)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # immutable only where nobody writes: the folder is not writable, and no log stands beside the database
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if version > SCHEMA_VERSION and application == _APPLICATION_ID:
        raise LedgerError(
            f"the ledger ({path.parent}) was written by a newer capi (its version {version}, this one knows "
            f"{SCHEMA_VERSION})",
            "upgrade capi here: pip install --upgrade capi-cli",
        )
    if application not in (0, _APPLICATION_ID) or (tables and application == 0):
        raise damaged(f"{_WHAT} ({path.parent})", "this is no database of capi")
    return version if tables else 0


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    for number in range(version, SCHEMA_VERSION):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{MIGRATIONS[number]}\nPRAGMA application_id = {_APPLICATION_ID};\n"
            f"PRAGMA user_version = {number + 1};\nCOMMIT;"
        )


def folder_bytes(folder: Path) -> int:
    """Return how many bytes the ledger takes on disk, holes not counted."""
    total = 0
    for path in folder.iterdir():
        facts = path.stat()
        total += facts.st_size if sys.platform == "win32" else facts.st_blocks * 512
    return total

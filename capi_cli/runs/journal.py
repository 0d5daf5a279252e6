"""Which ledger a run keeps: one for each Graph host and dataset, a throw-away one for the sandbox, or none."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from capi_cli.ledger.fates import Ledger, NullLedger
from capi_cli.ledger.opening import open_ledger, read_ledger
from capi_cli.own_files import keep_to_owner
from capi_cli.runs.clock import Clock
from capi_cli.runs.request import RunRequest
from capi_cli.runs.state import state_folder

SANDBOX_DATASET = "1000000000000001"


def graph_host(graph_url: str) -> str:
    """Return host, and port where it is not the usual one: what a ledger is named after."""
    parts = urlsplit(graph_url)
    host = parts.hostname or "unknown"
    return host if parts.port is None else f"{host}-{parts.port}"


def keeps_ledger(request: RunRequest) -> bool:
    """Return whether the run writes what it sends into a ledger that stays."""
    return request.command == "upload" and not (request.dry_run or request.sandbox)


@contextmanager
def run_ledger(request: RunRequest, clock: Clock) -> Iterator[Ledger]:
    """Open the ledger that fits the run, and close it at the end.

    Raises:
        LedgerError: It is locked, damaged, or can't be written: nothing is sent that could not be recorded.
    """
    if request.command != "upload" or (request.dry_run and request.dataset_id is None):
        yield NullLedger()
        return
    host, dataset = graph_host(request.graph_url), request.dataset_id
    if request.sandbox:
        with _throw_away() as folder:
            ledger: Ledger = open_ledger(folder, "sandbox", SANDBOX_DATASET, now=clock.now)
            try:
                yield ledger
            finally:
                ledger.close()
        return
    assert dataset is not None, "the command line asks for a dataset first"
    folder = state_folder(request)
    if request.dry_run:
        ledger = read_ledger(folder, host, dataset, now=clock.now, kept_s=request.keep_for_s)
    else:
        if request.state_dir is None and folder.exists():
            keep_to_owner(folder)  # it is capi's by its name; one that somebody named keeps its mode
        ledger = open_ledger(
            folder,
            host,
            dataset,
            command=f"capi upload {' '.join(request.source.sources)}",
            lock_wait_s=request.lock_wait_s,
            now=clock.now,
            marks=request.test_event_code is None,
            kept_s=request.keep_for_s,
        )
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def _throw_away() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="capi-sandbox-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""What the tests of the delivery promise share: an orders file, a request to a sandbox, and the promise itself."""

import csv
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.request import MappingRequest, RunRequest, SourceRequest
from capi_cli.runs.summary import Summary
from capi_cli.runs.upload import upload
from capi_cli.sandbox.server import Sandbox

DATASET = "1234567890123456"
TOKEN = "a-token-for-the-sandbox"
SETS = (("event_name", "Purchase"), ("action_source", "physical_store"), ("currency", "EUR"))


def write_orders(path: Path, rows: int, *, first: int = 0) -> Path:
    """Write orders of the last hours, each with an order_id and an e-mail address of its own."""
    start = datetime.now(UTC) - timedelta(hours=20)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", "email", "total", "created_at"])
        for number in range(first, first + rows):
            at = start + timedelta(seconds=number)
            writer.writerow(
                [f"A-{number}", f"buyer{number}@example.org", "12.50", at.isoformat(timespec="seconds")]
            )
    return path


def request_for(source: Path, url: str, state_dir: Path, **more: object) -> RunRequest:
    """Return an upload of the orders to a sandbox, with a ledger in `state_dir`."""
    options: dict[str, object] = {
        "batch_size": 50,
        "concurrency": 4,
        "retry_for_s": 3.0,
        "workers": 1,
        **more,
    }
    return RunRequest(
        command="upload",
        source=SourceRequest(sources=(str(source),)),
        mapping=MappingRequest(sets=SETS),
        dataset_id=DATASET,
        graph_url=url,
        state_dir=state_dir,
        **options,  # type: ignore[arg-type]
    )


def run_once(source: Path, sandbox: Sandbox, state_dir: Path, **more: object) -> Summary:
    """Upload once, and hold the summary to the contract's two equations."""
    request = request_for(source, sandbox.url, state_dir, **more)
    summary = upload(request, TOKEN, SilentObserver(), threading.Event())
    assert_adds_up(summary)
    return summary


def assert_adds_up(summary: Summary) -> None:
    """Hold a summary to the contract's two equations."""
    rows = summary.rows_filtered + summary.rows_rejected + summary.rows_skipped + summary.rows_prepared
    assert summary.rows_read == rows
    events = (
        summary.events_accepted + summary.events_rejected + summary.events_unknown + summary.events_unsent
    )
    assert summary.events_prepared == events

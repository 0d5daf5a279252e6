"""`capi` with a run that is played, slowly, so that signals and the live display can be looked at.

python tests/cli/slow_run.py upload o.csv --dataset-id 1234567
"""

import sys
import threading
import time
from types import ModuleType

from capi_cli.__main__ import main
from capi_cli.runs.progress import Confirmation, MappingLine, Observer, Progress, SourceView
from capi_cli.runs.request import RunRequest
from capi_cli.runs.summary import Summary

STEPS = 400
VIEW = SourceView(
    path="exports/orders.csv",
    format="csv",
    notes=("delimiter ','", "utf-8"),
    mapping=(
        MappingLine(field="event_name", filled_by='"Purchase"', origin="option", remark=""),
        MappingLine(field="event_time", filled_by="created_at", origin="header", remark="Europe/Berlin"),
        MappingLine(field="user_data.em", filled_by="email, email_2", origin="header", remark=""),
    ),
    unmapped=("note", "salesperson"),
    export=None,
    assumptions=(),
)
ASKED = Confirmation(
    events=('{"event_name":"Purchase","user_data":{"em":["3f2a90…"]}}',),
    sums=(("EUR", 1234.5),),
    rows_judged=10_000,
    dataset_id="1234567",
)


def upload(request: RunRequest, token: str | None, observer: Observer, stop: threading.Event) -> Summary:
    """Move the counters for a while; `--set stubborn=yes` does not listen to signals."""
    stubborn = ("stubborn", "yes") in request.mapping.sets
    progress = Progress(bytes_total=26_100_000, source="exports/orders.csv", allowed_in_flight=2)
    summary = Summary(run_id="r1", command="upload", dataset_id=request.dataset_id, dry_run=False)
    observer.started("r1", progress)
    observer.opened(VIEW)
    if not observer.confirm(ASKED):
        summary.exit_code = 10
        return summary
    observer.note("info", "under way")
    for step in range(STEPS):
        if stop.is_set() and not stubborn:
            time.sleep(1)
            summary.exit_code = 4
            break
        time.sleep(0.05)
        progress.rows_read += 750
        progress.bytes_read += 26_100_000 // STEPS
        progress.events_prepared += 745
        progress.rows_rejected += 1
        progress.events_accepted = max(0, progress.events_prepared - 4_000)
        progress.allowed_in_flight = min(8, 2 + step // 20)
        progress.in_flight = progress.allowed_in_flight - step % 2
        waits = step > STEPS // 8
        progress.waiting_for = "Meta asks to wait 60 s (code 80004)" if waits else ""
        progress.retry_at = time.time() + 60 if waits else 0.0
    summary.rows_read = progress.rows_read
    summary.rows_rejected = progress.rows_rejected
    summary.events_prepared = progress.events_prepared
    summary.events_accepted = progress.events_accepted
    summary.events_unsent = progress.events_prepared - progress.events_accepted
    observer.finished(summary)
    return summary


if __name__ == "__main__":
    module = ModuleType("capi_cli.runs.upload")
    module.upload = upload  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    main()

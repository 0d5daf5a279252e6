"""`capi validate`: the same up to the door. Every row is judged, nothing is sent, no token is needed."""

import threading
from collections.abc import Callable

from capi_cli.runs.gate import check_mendable, check_rates
from capi_cli.runs.progress import Observer
from capi_cli.runs.report_facts import ReportFacts
from capi_cli.runs.request import RunRequest
from capi_cli.runs.run import Run
from capi_cli.runs.summary import Summary
from capi_cli.runs.work import Work


def validate(
    request: RunRequest,
    observer: Observer,
    stop: threading.Event,
    *,
    facts_to: Callable[[ReportFacts], None] | None = None,
) -> Summary:
    """Judge the whole file, write the rejects file, and say what an upload would do."""

    def judge_all(run: Run, work: Work) -> None:
        for _ in work.blocks():
            if run.stop.is_set():
                return
        check_mendable(run.account, run.sources)
        check_rates(run.account, request.max_error_rate, "an upload would stop")

    return Run(request, observer, stop, facts_to=facts_to).carry_out(judge_all)

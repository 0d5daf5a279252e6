"""`capi upload`: judge, and send what is good; know at the end what happened to every row."""

import threading
from collections.abc import Callable, Sequence

from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import CapiError, SourceError, TooManyBadRowsError
from capi_cli.runs.destination import Destination, open_destination
from capi_cli.runs.gate import Gate, check_rates
from capi_cli.runs.preflight import judge_everything
from capi_cli.runs.progress import Observer
from capi_cli.runs.report_facts import ReportFacts
from capi_cli.runs.request import RunRequest
from capi_cli.runs.run import Run
from capi_cli.runs.stdin_copy import twice_readable
from capi_cli.runs.summary import Summary
from capi_cli.runs.work import Work


def upload(
    request: RunRequest,
    token: str | None,
    observer: Observer,
    stop: threading.Event,
    *,
    facts_to: Callable[[ReportFacts], None] | None = None,
) -> Summary:
    """Send the events of all sources, and return what happened to every row.

    Args:
        request: What was asked.
        token: Meta's access token; None for the sandbox and for dry runs.
        observer: Told of the run's moments.
        stop: Set by whoever takes signals; batches in flight are waited for, no other is begun.
        facts_to: Told what a report shows, once the books are closed and any row was read.
    """

    def send_all(run: Run, work: Work) -> None:
        def take(receipts: Sequence[Receipt]) -> None:
            run.account.take(receipts)
            assert run.rejects is not None
            run.rejects.take(receipts)
            _watch_refusals(run, receipts)

        error = None
        if request.preflight_full:
            people = run.sources[0].suppressed if run.sources else None
            error = judge_everything(request, run.ledger, observer, run.clock, people)
        if error is not None:
            for _ in work.blocks():
                if stop.is_set():
                    break
            raise error
        with open_destination(
            request,
            token,
            stop=stop,
            take=take,
            ledger=run.ledger,
            progress=run.progress,
            observer=observer,
            clock=run.clock,
        ) as destination:
            _send(run, work, destination)

    if not request.preflight_full:
        return Run(request, observer, stop, facts_to=facts_to).carry_out(send_all)
    with twice_readable(request) as request:
        return Run(request, observer, stop, facts_to=facts_to).carry_out(send_all)


def _watch_refusals(run: Run, receipts: Sequence[Receipt]) -> None:
    """Stop the run where Meta's refusals bring it above `--max-error-rate`; told one batch at a time."""
    if not any(receipt.outcome is Outcome.REJECTED for receipt in receipts):
        return
    try:
        check_rates(run.account, run.request.max_error_rate, "the run stopped")
    except TooManyBadRowsError as error:
        if not any(isinstance(problem, TooManyBadRowsError) for problem in run.problems):
            run.problems.append(error)
        run.stop.set()


def _send(run: Run, work: Work, destination: Destination) -> None:
    gate = Gate(run.request, run.sources, run.account, run.observer, destination.submit)
    try:
        try:
            for batches in work.blocks():
                gate.offer(batches)
                if run.stop.is_set():  # by a signal, or by an answer that ends the run
                    break
            else:
                gate.finish()
        except SourceError as error:  # what was readable of a damaged file is judged and sent
            run.problems.append(error)
            gate.offer(work.rest())
            gate.finish()
    except CapiError as error:
        run.problems.append(error)
    destination.drain()
    if destination.error is not None:
        run.problems.append(destination.error)

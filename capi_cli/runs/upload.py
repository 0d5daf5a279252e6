"""`capi upload`: judge, and send what is good; know at the end what happened to every row."""

import threading
from collections.abc import Sequence

from capi_cli.delivery.receipt import Receipt
from capi_cli.errors import CapiError
from capi_cli.runs.destination import Destination, open_destination
from capi_cli.runs.gate import Gate
from capi_cli.runs.progress import Observer
from capi_cli.runs.request import RunRequest
from capi_cli.runs.run import Run
from capi_cli.runs.summary import Summary
from capi_cli.runs.work import Work

DRAIN_S = 20.0  # how long batches in flight may take once the run was told to stop


def upload(request: RunRequest, token: str | None, observer: Observer, stop: threading.Event) -> Summary:
    """Send the events of all sources, and return what happened to every row."""

    def send_all(run: Run, work: Work) -> None:
        def take(receipts: Sequence[Receipt]) -> None:
            run.account.take(receipts)
            assert run.rejects is not None
            run.rejects.take(receipts)

        with open_destination(request, token, run, take) as destination:
            _send(run, work, destination)

    return Run(request, observer, stop).carry_out(send_all)


def _send(run: Run, work: Work, destination: Destination) -> None:
    gate = Gate(run.request, run.sources, run.account, run.observer, destination.submit)
    try:
        for batches in work.blocks():
            if run.stop.is_set() or destination.stopped:
                break
            gate.offer(batches)
        else:
            gate.finish()
    except CapiError as error:
        run.problems.append(error)
        if error.exit_code == 11 and gate.open:  # what was readable of a damaged file is judged and sent
            gate.offer(work.rest())
    destination.drain(DRAIN_S if run.stop.is_set() else None)

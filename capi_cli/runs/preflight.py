"""`--preflight full`: every row is judged before the first POST, by a pass of its own over the sources."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from capi_cli.errors import TooManyBadRowsError
from capi_cli.ledger.columns import U64
from capi_cli.ledger.fates import Ledger, NullLedger, Refusal
from capi_cli.ledger.run_index import RunIndex
from capi_cli.prepare.suppression import Suppressed
from capi_cli.rejects.reject import Reject
from capi_cli.runs.account import Account
from capi_cli.runs.clock import Clock
from capi_cli.runs.gate import check_mendable, check_rates
from capi_cli.runs.judge import Judge
from capi_cli.runs.opening import open_sources
from capi_cli.runs.progress import Observer, Progress
from capi_cli.runs.request import RunRequest
from capi_cli.runs.work import Work


class _Looking(NullLedger):
    """Answers as the run's ledger does, and writes nothing."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def classify(self, event_keys: U64, content_keys: U64) -> npt.NDArray[np.int8]:
        """Return each event's fate."""
        return self._ledger.classify(event_keys, content_keys)

    def refusals(self, event_keys: Sequence[int]) -> dict[int, Refusal]:
        """Return what Meta said about refused events."""
        return self._ledger.refusals(event_keys)


class Dropped:
    """Takes rejects and drops them: the run itself writes them."""

    def add(self, place: int, reject: Reject) -> None:
        """Drop one."""


def judge_everything(
    request: RunRequest, ledger: Ledger, observer: Observer, clock: Clock, suppressed: Suppressed | None
) -> TooManyBadRowsError | None:
    """Judge every row of every source. Nothing is sent or written.

    Returns:
        The error where more rows are bad than `--max-error-rate` allows: the run then goes over the rows once more,
        for its own books and the rejects file, and sends nothing.

    Raises:
        ConfigurationError: Every row fails by one finding that an option would mend.
    """
    account = Account(Progress())
    sources = open_sources(request, suppressed)
    try:
        with RunIndex() as index:
            judge = Judge(index, _Looking(ledger), account, resend=request.resend)
            work = Work(request, sources, account, judge, _Looking(ledger), Dropped(), observer, clock)
            for _ in work.blocks():
                pass
    finally:
        for source in sources:
            source.close()
    check_mendable(account, sources)
    try:
        check_rates(account, request.max_error_rate, "nothing was sent")
    except TooManyBadRowsError as error:
        return error
    observer.note("info", f"All {account.progress.rows_read:,} rows were judged; sending begins.")
    return None

"""The first 10,000 rows, on the driver: they bind and settle the mapping, and are the preflight of every run."""

from dataclasses import replace

from capi_cli.ledger.fates import NullLedger
from capi_cli.ledger.run_index import RunIndex
from capi_cli.prepare.plan import Plan
from capi_cli.runs.account import Account
from capi_cli.runs.clock import Clock
from capi_cli.runs.constants import check_constants
from capi_cli.runs.gate import Gate
from capi_cli.runs.judge import Judge
from capi_cli.runs.opening import Opened, bind_mapping, view_of
from capi_cli.runs.preflight import Dropped
from capi_cli.runs.progress import Observer
from capi_cli.runs.request import RunRequest
from capi_cli.runs.spark.frame import Frame, SampleReader
from capi_cli.runs.suppress_list import load_suppressed
from capi_cli.runs.work import Work


def open_sample(frame: Frame, request: RunRequest) -> Opened:
    """Bind the mapping to the table's columns.

    Raises:
        ConfigurationError: The mapping does not fit, or a constant of it can't be sent.
    """
    reader = SampleReader(frame)
    mapping = bind_mapping(reader.header, request.mapping)
    check_constants(mapping)
    opened = Opened(0, None, reader, mapping, view_of(reader, mapping))
    opened.suppressed = load_suppressed(request)
    return opened


def settle_and_judge(
    opened: Opened, request: RunRequest, account: Account, observer: Observer, clock: Clock
) -> Plan:
    """Settle the column questions, and judge the sample as a run of its own that sends nothing.

    Args:
        opened: From `open_sample`.
        request: The run's.
        account: Books of the sample alone.
        observer: Told what was settled, and asked where the mapping was guessed.
        clock: The run's.

    Raises:
        ConfigurationError: Every row fails by one finding that an option would mend, or a person said no.
        TooManyBadRowsError: More of these rows are bad than `--max-error-rate` allows.
    """
    alone = replace(request, workers=1, limit=None)
    gate = Gate(request, [opened], account, observer, lambda batch: None)
    with RunIndex() as index:
        ledger = NullLedger()
        judge = Judge(index, ledger, account)
        work = Work(alone, [opened], account, judge, ledger, Dropped(), observer, clock)
        for batches in work.blocks():
            gate.offer(batches)
    gate.finish()
    return opened.settle(request, clock)

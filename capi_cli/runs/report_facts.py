"""What the report of a run is made from: everything counted and masked already, and nothing of a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import capi_cli
from capi_cli.delivery.receipt import Outcome
from capi_cli.runs.account import Account
from capi_cli.runs.amounts import AmountFacts
from capi_cli.runs.kept_receipts import ReceiptFacts
from capi_cli.runs.opening import Opened
from capi_cli.runs.progress import SourceView
from capi_cli.runs.request import RunRequest
from capi_cli.runs.summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """The facts of one run.

    Attributes:
        summary: As printed, with the findings; whoever writes the page may still change how it ended.
        views: Each source with its mapping; the assumptions hold what its first rows settled.
        hours: Events by hour of `event_time`: (hours since 1970 in UTC, events), ascending.
        event_names: (event_name, events), the most frequent first.
        other_names: Events of names beyond those that are counted one by one.
        amounts: The values of each currency, that of most events first.
        receipts: At most 500, those that were not accepted first.
        receipt_counts: How many receipts there were in all.
        sandbox: Whether the bundled sandbox stood in for Meta.
        test_events: Whether a test event code was set.
        api_version: Of the Graph API.
        capi_version: Of this program.
    """

    summary: Summary
    views: tuple[SourceView, ...] = ()
    hours: tuple[tuple[int, int], ...] = ()
    event_names: tuple[tuple[str, int], ...] = ()
    other_names: int = 0
    amounts: tuple[AmountFacts, ...] = ()
    receipts: tuple[ReceiptFacts, ...] = ()
    receipt_counts: Mapping[Outcome, int] = field(default_factory=dict)
    sandbox: bool = False
    test_events: bool = False
    api_version: str
    capi_version: str = capi_cli.__version__


def gather(request: RunRequest, summary: Summary, account: Account, sources: Sequence[Opened]) -> ReportFacts:
    """Return the facts of a run whose books are closed."""
    amounts = [counted.facts(currency) for currency, counted in account.amounts.items()]
    return ReportFacts(
        summary=summary,
        views=tuple(
            replace(source.view, assumptions=(*source.remarks, *source.view.assumptions))
            for source in sources
        ),
        hours=tuple(sorted(account.hours.items())),
        event_names=tuple(sorted(account.event_names.items(), key=lambda item: (-item[1], item[0]))),
        other_names=account.other_names,
        amounts=tuple(sorted(amounts, key=lambda one: (-one.events, one.currency))),
        receipts=account.receipts.kept(),
        receipt_counts=dict(account.receipts.counts),
        sandbox=request.sandbox,
        test_events=request.test_event_code is not None,
        api_version=request.api_version,
    )

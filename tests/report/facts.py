"""Facts of invented runs."""

from datetime import UTC, datetime
from typing import Any

from capi_cli.delivery.receipt import Outcome
from capi_cli.mapping.show import MappingLine
from capi_cli.runs.amounts import AmountFacts
from capi_cli.runs.kept_receipts import ReceiptFacts
from capi_cli.runs.progress import SourceView
from capi_cli.runs.report_facts import ReportFacts
from capi_cli.runs.summary import ErrorFacts, FindingFacts, SourceFacts, Summary

HOUR = 497_000  # hours since 1970: 12 September 2026, 08:00 UTC


def summary(**more: Any) -> Summary:
    """An upload of 1,000 rows in which everything happened."""
    given: dict[str, Any] = {
        "run_id": "20260912T090000Z-abc123",
        "command": "upload",
        "dataset_id": "1234567890",
        "dry_run": False,
        "exit_code": 4,
        "started_at": datetime(2026, 9, 12, 9, tzinfo=UTC),
        "finished_at": datetime(2026, 9, 12, 9, 0, 2, tzinfo=UTC),
        "duration_s": 2.0,
        "sources": [SourceFacts("orders.csv", "csv", 1000, 120_000, "orders.rejects.csv")],
        "rows_read": 1000,
        "rows_filtered": 41,
        "rows_rejected": 37,
        "rows_skipped": 119,
        "rows_prepared": 803,
        "events_prepared": 803,
        "events_accepted": 701,
        "events_rejected": 2,
        "events_unknown": 47,
        "events_unsent": 53,
        "requests": 9,
        "retries": 1,
        "findings": [
            FindingFacts("em-shape", "warning", "user_data.em", 1234, [2, 3], ["j•••@e•••.com"]),
            FindingFacts("user-data-empty", "error", "user_data", 37, [7, 11]),
            FindingFacts("event-name-custom", "info", "event_name", 5, [9]),
        ],
        "coverage": {"em": 0.9821, "ct": 0.313},
        "rejects_path": "orders.rejects.csv",
        "error": ErrorFacts("delivery", "Meta can't be reached.", "Run the same command again."),
    }
    return Summary(**given | more)


def receipt(batch: int = 1, outcome: Outcome = Outcome.ACCEPTED, **more: Any) -> ReceiptFacts:
    given: dict[str, Any] = {
        "batch": batch,
        "first": 0,
        "last": 100,
        "outcome": outcome,
        "code": "",
        "reason": "",
        "fbtrace_id": f"Atrace{batch}",
    }
    return ReceiptFacts(**given | more)


def amounts(currency: str = "EUR", **more: Any) -> AmountFacts:
    given: dict[str, Any] = {
        "currency": currency,
        "events": 700,
        "without": 3,
        "negative": 0,
        "total": 12_345.6,
        "median": 15.25,
        "least": 1.5,
        "most": 99.0,
        "columns": ((1.0, 10.0, 300), (10.0, 100.0, 400)),
    }
    return AmountFacts(**given | more)


def facts(said: Summary | None = None, **more: Any) -> ReportFacts:
    given: dict[str, Any] = {
        "summary": said or summary(),
        "views": (
            SourceView(
                path="orders.csv",
                format="csv",
                notes=("delimiter ';'",),
                mapping=(
                    MappingLine("event_time", '"created"', "--map", "zone Europe/Berlin"),
                    MappingLine("user_data.em", '"email"', "header", "hashed"),
                ),
                unmapped=("note",),
                export=None,
                assumptions=("event_time: day before month",),
            ),
        ),
        "hours": ((HOUR, 500), (HOUR + 30, 303)),
        "event_names": (("Purchase", 700), ("Lead", 103)),
        "amounts": (amounts(),),
        "receipts": (
            receipt(3, Outcome.REJECTED, code="meta-100-2804003", reason="Too old", first=0, last=1),
            receipt(3, Outcome.UNKNOWN, first=1),
            receipt(1),
        ),
        "receipt_counts": {Outcome.REJECTED: 1, Outcome.UNKNOWN: 1, Outcome.ACCEPTED: 1},
        "api_version": "v26.0",
    }
    return ReportFacts(**given | more)

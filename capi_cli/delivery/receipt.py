"""What came back for a batch, or for a part of one."""

from dataclasses import dataclass
from enum import StrEnum

from capi_cli.delivery.batch import Batch
from capi_cli.errors import CapiError


class Outcome(StrEnum):
    """What happened to the events of a receipt, all of them alike."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  # by Meta, for their content; or too old by the time of the POST
    UNKNOWN = "unknown"  # sent, and no answer that says
    UNSENT = "unsent"  # never left, or was refused unprocessed for a passing reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Meta refused the whole request, processing none of it; its parts may still be taken.

    Attributes:
        sure: The code says that the content of an event is at fault; otherwise it may be the request itself.
        index: Which event the reply names, counted within the request; None mostly.
    """

    sure: bool
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The last word about the events of `batch`.

    Attributes:
        batch: The events it speaks of: a whole batch, or a part.
        outcome: What happened to all of them.
        code: `meta-<code>-<subcode>` for Meta's refusals, a rule's code for ours, empty when accepted.
        reason: Meta's own words for people, redacted of values; empty when accepted.
        hint: What the person should do.
        fbtrace_id: Meta's trace of the request; may be missing.
        status: HTTP status of the deciding reply; 0 where none came.
        messages: Meta's non-fatal remarks, redacted.
        requests: POSTs begun for these events that no other receipt counts.
        refused: Set on an unsent part that was refused for its content as a whole: it can be split.
        stop: What this answer means for the whole run: no further batch may be claimed.
    """

    batch: Batch
    outcome: Outcome
    code: str = ""
    reason: str = ""
    hint: str = ""
    fbtrace_id: str = ""
    status: int = 0
    messages: tuple[str, ...] = ()
    requests: int = 0
    refused: Refusal | None = None
    stop: CapiError | None = None

"""A rejected row, on its way to the rejects file."""

from dataclasses import dataclass

from capi_cli.event.rules.cells import REJECT_COLUMNS

__all__ = ["REJECT_COLUMNS", "Reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One row that was not sent, or that Meta refused.

    Attributes:
        row: Physical line, or the row number from 1 in Parquet.
        raw: The record's bytes as they stood in the source; empty for Parquet.
        code: The first error's code, or `meta-<code>-<subcode>`.
        field: The field it is about; empty for the whole row.
        reason: What is wrong, further errors after it.
        hint: The exact flag or edit that mends it.
    """

    row: int
    raw: bytes
    code: str
    field: str
    reason: str
    hint: str

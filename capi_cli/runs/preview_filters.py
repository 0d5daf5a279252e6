"""Why a row is no event: each condition asked alone, in words for the person who meant the row to be one."""

from capi_cli.event.mask import mask
from capi_cli.event.rules import rule
from capi_cli.mapping.header import shown
from capi_cli.mapping.model import Where
from capi_cli.mapping.show import wanted_cells
from capi_cli.prepare.columns import Table
from capi_cli.prepare.plan import Plan
from capi_cli.prepare.preparer import Preparer
from capi_cli.prepare.selection import Selection
from capi_cli.private import private_kind
from capi_cli.runs.preview_cells import RowCells

_WHERE_FIX = "Nothing to mend if it is no event. Else change --where, or [where] in capi.toml."
OLDER_THAN_SINCE = (
    "The event is older than --since allows.",
    "Nothing to mend if it was sent by an earlier run. Else take a longer --since, or none.",
)
_CONSENT_FIX = (
    'Nothing to mend if it is so. consent_denied = "ldu" in capi.toml sends such rows with limited data use.'
)


def why_filtered(plan: Plan, table: Table, cells: RowCells, *, show_values: bool) -> list[tuple[str, str]]:
    """Return each reason for which a row is filtered, with what mends it.

    Args:
        plan: By which the source is prepared.
        table: The one row.
        cells: The same row, for its time and its consent.
        show_values: Whether a person's cell is shown in full.
    """
    mapping = plan.mapping
    reasons = [
        (_not_wanted(plan, where, table, show_values=show_values), _WHERE_FIX)
        for where in mapping.where
        if not Selection((where,)).keep(table)[0]
    ]
    at = cells.event_time()
    if plan.since_at is not None and at is not None and at < plan.since_at:
        reasons.append(OLDER_THAN_SINCE)
    if plan.suppressed and Preparer(plan).is_suppressed(table):
        suppressed = rule("person-suppressed")
        reasons.append((suppressed.message, suppressed.fix))
    consent = mapping.entry("consent")
    if consent is not None and consent.consent_denied != "ldu":
        word = cells.wire_text("consent")
        if word == "denied":
            reasons.append(("The person did not consent, so the row is not sent.", _CONSENT_FIX))
        elif word != "granted":
            unclear = rule("consent-unclear")
            reasons.append((unclear.message, unclear.fix))
    return reasons


def _not_wanted(plan: Plan, where: Where, table: Table, *, show_values: bool) -> str:
    cell = table.text(where.position)[0].as_py() or ""
    about_a_person = any(
        where.position in entry.positions and entry.field.group == "user_data"
        for entry in plan.mapping.entries
    )
    if cell.strip() and (about_a_person or private_kind(cell)) and not show_values:
        cell = mask("", cell)
    said = f'"{cell}"' if cell.strip() else "empty"
    return f"{shown(where.column)} is {said}; only rows where it is {wanted_cells(where, plan.mapping)} are events."

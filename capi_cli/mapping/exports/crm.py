"""What exports of CRMs share: Meta's way of saying that an event is a CRM's record of a lead or a deal.

Source: Meta, "Conversion leads integration", payload: action_source `system_generated`, custom_data.event_source `crm`,
lead_event_source the CRM's name; the event's name is the stage's, in the CRM's own words.
"""

from capi_cli.mapping.exports.table import Filled

ASSUMED_SOURCE = (
    "action_source",
    "Events are a CRM's own records: action_source is system_generated, event_source is crm, as Meta asks of CRMs.",
)


def from_crm(name: str) -> tuple[Filled, ...]:
    """Return what every event of that CRM carries."""
    return (
        Filled(field="action_source", value="system_generated"),
        Filled(field="event_source", value="crm"),
        Filled(field="lead_event_source", value=name),
    )

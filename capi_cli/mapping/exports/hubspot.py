"""HubSpot, Contacts or Deals → Export, with labels or with internal names. Times are the account's, without a zone.

A deal names its contacts as `Jane Doe (jane@example.com)`, several between semicolons; a stage carries its pipeline in
brackets: `Closed won (Sales Pipeline)`.
"""

from capi_cli.mapping.exports.crm import ASSUMED_SOURCE, from_crm
from capi_cli.mapping.exports.table import Export, Filled, Filter

_WON = ("Closed won", "closedwon", "Closed won (Sales Pipeline)")
_YES = ("true", "yes", "1")
_ZONE = "it carries no zone, so --timezone says the account's."

HUBSPOT_CONTACTS = Export(
    name="HubSpot contacts",
    fingerprints=(
        *(
            ("Record ID", "Email", "Create Date", telling)
            for telling in ("Lifecycle Stage", "Lead Status", "Contact owner", "Original Source")
        ),
        ("hs_object_id", "email", "createdate", "lifecyclestage"),
    ),
    filled=(
        *from_crm("HubSpot"),
        Filled(field="event_name", value="Lead"),
        Filled(field="event_time", columns=("Create Date",)),
        Filled(
            field="em",
            columns=("Email", "Work email", "Additional email addresses"),
            several=True,
            separator=";",
        ),
        Filled(
            field="ph", columns=("Phone Number", "Mobile Phone Number", "phone", "mobilephone"), several=True
        ),
        Filled(field="fn", columns=("First Name",)),
        Filled(field="ln", columns=("Last Name",)),
        Filled(field="ct", columns=("City",)),
        Filled(field="st", columns=("State/Region Code", "State/Region", "State")),
        Filled(field="zp", columns=("Postal Code", "zip")),
        Filled(field="country", columns=("Country/Region Code", "Country/Region", "Country")),
        Filled(field="db", columns=("Date of birth",)),
        Filled(field="ge", columns=("Gender",)),
        Filled(field="fbclid", columns=("Facebook click id", "hs_facebook_click_id")),
    ),
    unread=("Record ID", "IP Country", "IP City", "IP State/Region"),
    assumptions=(
        (
            None,
            "All contacts are taken, whatever their Lifecycle Stage; --where 'Lifecycle Stage=Lead' picks some.",
        ),
        ("event_name", "Every contact is a Lead."),
        ("event_time", f"A lead's time is its Create Date; {_ZONE}"),
        ASSUMED_SOURCE,
    ),
)
HUBSPOT_DEALS = Export(
    name="HubSpot deals",
    fingerprints=(("Deal Name", "Deal Stage", "Close Date", "Amount"),),
    filled=(
        *from_crm("HubSpot"),
        Filled(field="event_name", value="Purchase"),
        Filled(field="event_time", columns=("Close Date",)),
        Filled(
            field="em",
            columns=("Email", "Associated Contact", "Associated Contacts", "Contact email"),
            several=True,
            split="contacts",
        ),
        Filled(field="ph", columns=("Phone Number", "Mobile Phone Number"), several=True),
        Filled(field="value", columns=("Amount",)),
        Filled(field="currency", columns=("Currency", "deal_currency_code")),
        Filled(field="order_id", columns=("Record ID", "Deal ID", "hs_object_id")),
    ),
    filters=(
        Filter(column="Is Closed Won", values=_YES),
        Filter(column="hs_is_closed_won", values=_YES, instead_of=("Is Closed Won",)),
        Filter(column="Deal Stage", values=_WON, instead_of=("Is Closed Won", "hs_is_closed_won")),
    ),
    assumptions=(
        (
            None,
            "Deals are those that are won; a pipeline of your own needs --where 'Deal Stage=…' with its stage.",
        ),
        ("event_name", "Every won deal is a Purchase."),
        ("event_time", f"A deal's time is its Close Date; {_ZONE}"),
        ("user_data.em", "E-mail addresses are looked for beside the names of a deal's contacts."),
        ("custom_data.value", "The value is Amount, in the deal's currency."),
        ASSUMED_SOURCE,
    ),
)

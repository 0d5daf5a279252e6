"""Salesforce, by API names (Data Loader, queries) or by labels (reports): leads and contacts, won opportunities.

Its `Lead ID` is Salesforce's own, never Meta's lead_id. API times are ISO with an offset; reports write dates as the
user's locale has them, without a zone. An opportunity carries its person only where the query or report joined one.
"""

from capi_cli.mapping.exports.crm import ASSUMED_SOURCE, from_crm
from capi_cli.mapping.exports.table import Export, Filled, Filter

_YES = ("true", "1")
_LAYOUT = "a report's dates carry no zone (--timezone), and capi init writes their layout into capi.toml."

SALESFORCE_LEADS = Export(
    name="Salesforce leads or contacts",
    fingerprints=(
        *(
            ("Id", "LastName", "Email", "CreatedDate", telling)
            for telling in (
                "LeadSource",
                "IsConverted",
                "OwnerId",
                "AccountId",
                "MailingCity",
                "SystemModstamp",
            )
        ),
        *(
            ("Last Name", "Email", created, telling)
            for created in ("Create Date", "Created Date")
            for telling in ("Lead Owner", "Contact Owner", "Lead Source", "Account Name", "Company / Account")
        ),
    ),
    unlike=("Record ID", "hs_object_id", "Opportunity Name", "StageName", "Deal Name"),
    filled=(
        *from_crm("Salesforce"),
        Filled(field="event_name", value="Lead"),
        Filled(field="event_time", columns=("CreatedDate", "Create Date")),
        Filled(field="em", columns=("Email",)),
        Filled(field="ph", columns=("Phone", "Mobile", "MobilePhone"), several=True),
        Filled(field="fn", columns=("First Name",)),
        Filled(field="ln", columns=("Last Name",)),
        Filled(field="db", columns=("Birthdate",)),
        Filled(field="ct", columns=("Mailing City", "City")),
        Filled(
            field="st",
            columns=(
                *("Mailing State Code", "Mailing State/Province", "Mailing State", "State Code"),
                *("State/Province", "State"),
            ),
        ),
        Filled(
            field="zp",
            columns=("Mailing Zip/Postal Code", "Mailing Postal Code", "Zip/Postal Code", "Postal Code"),
        ),
        Filled(
            field="country", columns=("Mailing Country Code", "Mailing Country", "Country Code", "Country")
        ),
    ),
    filters=(Filter(column="IsDeleted", values=_YES, without=True),),
    unread=("Lead ID", "Contact ID", "Account ID", "Id", "Last Modified Date", "Converted Date"),
    assumptions=(
        (None, "All leads or contacts are taken, whatever their status; --where 'Lead Status=…' picks some."),
        ("event_name", "Every lead or contact is a Lead."),
        ("event_time", f"A lead's time is its Created Date; {_LAYOUT}"),
        ASSUMED_SOURCE,
    ),
)
SALESFORCE_OPPORTUNITIES = Export(
    name="Salesforce opportunities",
    fingerprints=(
        *(
            ("Id", "StageName", "CloseDate", "Amount", telling)
            for telling in ("IsWon", "OwnerId", "AccountId", "Probability", "LeadSource", "SystemModstamp")
        ),
        ("Opportunity Name", "Stage", "Amount", "Close Date"),
    ),
    unlike=("Deal Name",),
    filled=(
        *from_crm("Salesforce"),
        Filled(field="event_name", value="Purchase"),
        Filled(field="event_time", columns=("Last Stage Change Date", "Close Date")),
        Filled(
            field="em",
            columns=(
                "Email",
                "Contact.Email",
                "Primary Contact: Email",
                "Account.PersonEmail",
                "PersonEmail",
            ),
        ),
        Filled(
            field="ph",
            columns=("Phone", "Contact.Phone", "Contact.MobilePhone", "Mobile", "Account.PersonMobilePhone"),
            several=True,
        ),
        Filled(field="fn", columns=("First Name", "Contact.FirstName", "Account.FirstName")),
        Filled(field="ln", columns=("Last Name", "Contact.LastName", "Account.LastName")),
        Filled(field="value", columns=("Amount",)),
        Filled(
            field="currency",
            columns=("CurrencyIsoCode", "Amount Currency", "Opportunity Currency", "Currency"),
        ),
        Filled(field="order_id", columns=("Opportunity ID", "Id")),
    ),
    filters=(
        Filter(column="IsWon", values=_YES),
        Filter(column="Won", values=_YES, instead_of=("IsWon",)),
        Filter(column="StageName", values=("Closed Won",), instead_of=("IsWon", "Won")),
        Filter(column="Stage", values=("Closed Won",), instead_of=("IsWon", "Won")),
        Filter(column="IsDeleted", values=_YES, without=True),
    ),
    unread=("Account ID", "Created Date", "Last Modified Date", "Lead ID", "Contact ID"),
    assumptions=(
        (None, "Opportunities are those that are won."),
        ("event_name", "Every won opportunity is a Purchase."),
        ("event_time", f"Its time is Last Stage Change Date, else Close Date, which is a day; {_LAYOUT}"),
        ("custom_data.value", "The value is Amount."),
        ASSUMED_SOURCE,
    ),
)

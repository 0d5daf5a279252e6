"""Google Ads, offline conversions: the template for conversions from clicks, with enhanced conversions' columns.

The click id is Google's and fills nothing. Times may carry an offset or the zone's name behind them; the zone of others
stands in the template's first line, `Parameters:TimeZone=America/New_York`, a title to readers.
"""

from capi_cli.mapping.exports.table import Export, Filled, Filter

GOOGLE_ADS = Export(
    name="Google Ads offline conversions",
    fingerprints=(
        ("Google Click ID", "Conversion Name", "Conversion Time"),
        ("Conversion Name", "Conversion Time", "Conversion Value", "Conversion Currency"),
    ),
    unlike=("Adjustment Type",),
    filled=(
        Filled(field="event_name", columns=("Conversion Name",)),
        Filled(field="event_time", columns=("Conversion Time",)),
        Filled(field="em", columns=("Email",)),
        Filled(field="ph", columns=("Phone Number", "Phone")),
        Filled(field="fn", columns=("First Name",)),
        Filled(field="ln", columns=("Last Name",)),
        Filled(field="ct", columns=("City",)),
        Filled(field="st", columns=("State", "Region")),
        Filled(field="zp", columns=("Zip", "Postal Code", "Zip Code")),
        Filled(field="country", columns=("Country", "Country Code", "Region Code")),
        Filled(field="value", columns=("Conversion Value",)),
        Filled(field="currency", columns=("Conversion Currency",)),
        Filled(field="order_id", columns=("Order ID", "Transaction ID")),
    ),
    filters=(Filter(column="Ad User Data", values=("Denied",), without=True),),
    assumptions=(
        ("event_name", "An event's name is its Conversion Name; --set event_name=Purchase says one for all."),
        (
            "event_time",
            "Its time is Conversion Time; without an offset in it, --timezone says the zone of the Parameters line.",
        ),
        (None, "Rows whose Ad User Data is Denied are left out. Google's click ids fill nothing."),
    ),
)

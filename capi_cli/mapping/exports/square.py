"""Square, Items → Export, Items detail: one row for each item of a sale; date, time and zone in three columns.

Square sells in shops, on the web and by invoice, and its export does not always say which: where the sales took place
stays open. Customers stand there by name alone.
"""

from capi_cli.mapping.exports.table import Export, Filled, Filter

SQUARE_ITEMS = Export(
    name="Square items",
    fingerprints=(("Date", "Time", "Time Zone", "Item", "Qty", "Net Sales", "Transaction ID", "Event Type"),),
    filled=(
        Filled(field="event_name", value="Purchase"),
        Filled(field="event_time", columns=("Date", "Time", "Time Zone"), several=True),
        Filled(field="fn", columns=("Customer Name",), split="full_name"),
        Filled(field="value", columns=("Net Sales",)),
        Filled(field="order_id", columns=("Transaction ID",)),
        Filled(field="custom_data.contents.id", columns=("SKU",)),
        Filled(field="custom_data.contents.quantity", columns=("Qty",)),
    ),
    filters=(
        Filter(column="Event Type", values=("Payment",)),
        Filter(column="Customer Name", values=("",), without=True, field="user_data.fn"),
    ),
    group="Transaction ID",
    group_value="sum",
    unread=("Customer ID", "Customer Reference ID"),
    assumptions=(
        (None, "Sales are rows of payments; refunds are left out."),
        (
            "user_data.fn",
            "Customers stand there by name alone; sales without one are left out: nobody could be matched.",
        ),
        ("event_name", "Every sale is a Purchase."),
        ("custom_data.value", "The value is Net Sales, added up: after discounts, before tax and tip."),
        ("custom_data.currency", "No column names the currency: say --set currency=USD, or yours."),
        (
            "action_source",
            "Square sells in shops and online: say --set action_source=physical_store where these are shop sales.",
        ),
    ),
)

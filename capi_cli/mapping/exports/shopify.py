"""Shopify, Orders → Export: one row for each line item, the order's cells on its first row only."""

from capi_cli.mapping.exports.table import Export, Filled, Filter

_TEST_GATEWAYS = ("bogus", "Bogus Gateway", "(for testing) Bogus Gateway")

SHOPIFY_ORDERS = Export(
    name="Shopify orders",
    fingerprints=(("Name", "Email", "Financial Status", "Total", "Created at", "Lineitem name"),),
    filled=(
        Filled(field="event_name", value="Purchase"),
        Filled(field="event_time", columns=("Created at",)),
        Filled(
            field="action_source",
            columns=("Location",),
            words=(("*", "physical_store"),),
            default="website",
        ),
        Filled(field="action_source", value="website"),
        Filled(field="em", columns=("Email",)),
        Filled(field="ph", columns=("Phone", "Billing Phone"), several=True),
        Filled(field="fn", columns=("Billing Name",), split="full_name"),
        Filled(field="ct", columns=("Billing City",)),
        Filled(field="st", columns=("Billing Province",)),
        Filled(field="zp", columns=("Billing Zip",)),
        Filled(field="country", columns=("Billing Country",)),
        Filled(field="value", columns=("Total",)),
        Filled(field="currency", columns=("Currency",)),
        Filled(field="order_id", columns=("Name",)),
        Filled(field="custom_data.contents.id", columns=("Lineitem sku",)),
        Filled(field="custom_data.contents.quantity", columns=("Lineitem quantity",)),
        Filled(field="custom_data.contents.item_price", columns=("Lineitem price",)),
    ),
    filters=(
        Filter(column="Financial Status", values=("paid", "partially_refunded")),
        Filter(column="Cancelled at", values=("",)),
        Filter(column="Payment Method", values=_TEST_GATEWAYS, without=True),
    ),
    group="Name",
    assumptions=(
        (
            None,
            "Orders are those whose Financial Status is paid or partially_refunded and that are not cancelled.",
        ),
        ("event_name", "Every order is a Purchase."),
        ("event_time", "An order's time is its Created at."),
        (
            "action_source",
            "Orders are from the website; those with a Location are store sales.",
        ),
        ("custom_data.value", "The value is Total, with shipping and taxes."),
        ("custom_data.order_id", "The order's id is Name (#1001)."),
    ),
)

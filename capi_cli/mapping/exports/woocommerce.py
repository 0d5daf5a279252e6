"""WooCommerce orders, in the headers of its three widespread export plugins. Times are the site's, without a zone."""

from capi_cli.mapping.exports.table import Export, Filled, Filter

_DONE = ("completed", "processing", "wc-completed", "wc-processing")
_ASSUMPTIONS: tuple[tuple[str | None, str], ...] = (
    (None, "Orders are those whose status is completed or processing."),
    ("event_name", "Every order is a Purchase."),
    ("action_source", "Orders are from the website."),
    ("event_time", "An order's time is its order date; it carries no zone, so --timezone says the site's."),
    ("custom_data.value", "The value is the order's total, with shipping and taxes."),
)
# One column for each item, or one for all, each `name:Mug|sku:MUG-1|quantity:2|…`; else a row for each item.
_LINE_ITEMS = ("line_items", *(f"line_item_{number}" for number in range(1, 100)))
_ALWAYS = (Filled(field="event_name", value="Purchase"), Filled(field="action_source", value="website"))

WOOCOMMERCE_SNAKE_CASE = Export(
    name="WooCommerce orders (WebToffee or SkyVerge)",
    fingerprints=(
        ("order_id", "order_date", "status", "order_total", "order_currency", "billing_first_name"),
        ("order_id", "order_date", "status", "order_total", "billing_first_name", "billing_postcode"),
        ("order_id", "order_number_formatted", "status", "order_total"),
    ),
    filled=(
        *_ALWAYS,
        Filled(field="event_time", columns=("order_date", "date")),
        Filled(field="em", columns=("billing_email", "customer_email"), several=True),
        Filled(field="ph", columns=("billing_phone",)),
        Filled(field="fn", columns=("billing_first_name",)),
        Filled(field="ln", columns=("billing_last_name",)),
        Filled(field="ct", columns=("billing_city",)),
        Filled(field="st", columns=("billing_state",)),
        Filled(field="zp", columns=("billing_postcode",)),
        Filled(field="country", columns=("billing_country",)),
        Filled(field="client_ip_address", columns=("customer_ip_address",)),
        Filled(field="client_user_agent", columns=("customer_user_agent",)),
        Filled(field="value", columns=("order_total",)),
        Filled(field="currency", columns=("order_currency",)),
        Filled(field="order_id", columns=("order_number", "order_number_formatted", "order_id")),
        Filled(field="custom_data.contents", columns=_LINE_ITEMS, several=True),
        Filled(field="custom_data.contents.id", columns=("item_sku",)),
        Filled(field="custom_data.contents.quantity", columns=("item_quantity",)),
    ),
    filters=(Filter(column="status", values=_DONE),),
    group="order_id",  # both can write one row for each line item, the order's cells repeated
    assumptions=_ASSUMPTIONS,
)

WOOCOMMERCE_TITLES = Export(
    name="WooCommerce orders (Advanced Order Export)",
    fingerprints=(("Order Number", "Order Status", "Order Date", "Email (Billing)"),),
    filled=(
        *_ALWAYS,
        Filled(field="event_time", columns=("Order Date",)),
        Filled(field="em", columns=("Email (Billing)",)),
        Filled(field="ph", columns=("Phone (Billing)",)),
        Filled(field="fn", columns=("First Name (Billing)",)),
        Filled(field="ln", columns=("Last Name (Billing)",)),
        Filled(field="ct", columns=("City (Billing)",)),
        Filled(field="st", columns=("State Code (Billing)", "State Name (Billing)")),
        Filled(field="zp", columns=("Postcode (Billing)",)),
        Filled(field="country", columns=("Country Code (Billing)", "Country Name (Billing)")),
        Filled(field="value", columns=("Order Total Amount",)),
        Filled(field="currency", columns=("Order Currency", "Currency")),
        Filled(field="order_id", columns=("Order Number",)),
        Filled(field="custom_data.contents.id", columns=("SKU",)),
        Filled(field="custom_data.contents.quantity", columns=("Quantity (- Refund)", "Quantity")),
        Filled(field="custom_data.contents.item_price", columns=("Item Cost",)),
    ),
    filters=(Filter(column="Order Status", values=_DONE),),
    group="Order Number",
    assumptions=_ASSUMPTIONS,
)

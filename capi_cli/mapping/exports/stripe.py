"""Stripe, Payments → Export. Metadata columns may hold what the shop keeps there: order ids, click ids, event ids."""

from capi_cli.mapping.exports.table import Export, Filled, Filter


def _metadata(*keys: str) -> tuple[str, ...]:
    return tuple(f"{key} (metadata)" for key in keys)


STRIPE_PAYMENTS = Export(
    name="Stripe payments",
    fingerprints=tuple(
        ("id", created, "Amount", "Currency", "Status", telling)
        for created in ("Created (UTC)", "Created date (UTC)")
        for telling in ("Captured", "Amount Refunded", "Seller Message", "PaymentIntent ID")
    ),
    unlike=("Arrival Date (UTC)", "Current Period Start (UTC)"),  # payouts, subscriptions
    filled=(
        Filled(field="event_name", value="Purchase"),
        Filled(field="event_time", columns=("Created (UTC)", "Created date (UTC)"), timezone="UTC"),
        Filled(field="event_id", columns=_metadata("event_id", "eventID", "fb_event_id")),
        Filled(field="em", columns=("Customer Email", *_metadata("email", "customer_email")), several=True),
        Filled(field="ph", columns=("Customer Phone", *_metadata("phone", "customer_phone")), several=True),
        Filled(field="fn", columns=("Card Name",), split="full_name"),
        Filled(field="ct", columns=("Card Address City",)),
        Filled(field="st", columns=("Card Address State",)),
        Filled(field="zp", columns=("Card Address Zip",)),
        Filled(field="country", columns=("Card Address Country",)),
        Filled(field="fbc", columns=_metadata("fbc", "_fbc")),
        Filled(field="fbp", columns=_metadata("fbp", "_fbp")),
        Filled(field="client_ip_address", columns=_metadata("client_ip_address", "ip_address", "ip")),
        Filled(field="client_user_agent", columns=_metadata("client_user_agent", "user_agent")),
        Filled(field="external_id", columns=_metadata("external_id")),
        Filled(field="fbclid", columns=_metadata("fbclid", "landing_page", "landing_url")),
        Filled(field="value", columns=("Amount",)),
        Filled(field="currency", columns=("Currency",)),
        Filled(field="order_id", columns=(*_metadata("order_id", "order_number", "orderId"), "id")),
    ),
    filters=(
        Filter(column="Status", values=("Paid", "Succeeded")),
        Filter(column="Captured", values=("true",)),
        Filter(column="Mode", values=("Live",)),
    ),
    assumptions=(
        (None, "Payments are those that are paid, captured and made in live mode."),
        ("event_name", "Every payment is a Purchase; renewals of subscriptions are payments too."),
        ("custom_data.value", "The value is Amount; what was refunded later is not taken off."),
    ),
)

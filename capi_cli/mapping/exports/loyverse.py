"""Loyverse, Reports → Receipts → Export: one row for each receipt, or for each item of a receipt.

Loyverse is a till: every receipt is a sale in a store. Its dates are written as the account's language has them.
"""

from capi_cli.mapping.exports.table import Export, Filled, Filter

_FILLED = (
    Filled(field="event_name", value="Purchase"),
    Filled(field="event_time", columns=("Date",)),
    Filled(field="action_source", value="physical_store"),
    Filled(field="em", columns=("Customer contacts",), split="contacts"),
    Filled(field="ph", columns=("Customer contacts",), split="contacts"),
    Filled(field="fn", columns=("Customer name",), split="full_name"),
    Filled(field="order_id", columns=("Receipt number",)),
)
_FILTERS = (
    Filter(column="Receipt type", values=("Sale",)),
    Filter(column="Status", values=("Cancelled", "Canceled"), without=True),
    Filter(column="Customer name", values=("",), without=True, field="user_data.fn"),
)
_ASSUMPTIONS: tuple[tuple[str | None, str], ...] = (
    (None, "Receipts are sales that were not cancelled; refunds are left out."),
    ("user_data.fn", "Receipts without a customer are left out: nobody could be matched."),
    ("event_name", "Every receipt is a Purchase."),
    ("action_source", "Loyverse is a till: every receipt is a sale in a store."),
    (
        "event_time",
        "Its dates carry no zone: --timezone says the store's. capi init writes their layout into capi.toml.",
    ),
    ("custom_data.currency", "No column names the currency: say --set currency=EUR, or yours."),
)

LOYVERSE_RECEIPTS = Export(
    name="Loyverse receipts",
    fingerprints=(("Date", "Receipt number", "Receipt type", "Total collected", "Payment type"),),
    filled=(*_FILLED, Filled(field="value", columns=("Total collected",))),
    filters=_FILTERS,
    assumptions=(*_ASSUMPTIONS, ("custom_data.value", "The value is Total collected, with taxes.")),
)
LOYVERSE_ITEMS = Export(
    name="Loyverse receipts by item",
    fingerprints=(("Date", "Receipt number", "Receipt type", "SKU", "Item", "Quantity", "Net sales"),),
    filled=(
        *_FILLED,
        Filled(field="value", columns=("Net sales",)),
        Filled(field="custom_data.contents.id", columns=("SKU",)),
        Filled(field="custom_data.contents.quantity", columns=("Quantity",)),
    ),
    filters=_FILTERS,
    group="Receipt number",
    group_value="sum",
    assumptions=(*_ASSUMPTIONS, ("custom_data.value", "The value is Net sales, added up: after discounts.")),
)

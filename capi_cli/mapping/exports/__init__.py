"""Exports that are recognised by their header. Each is a table; a field mapped by hand takes nothing from it."""

from collections.abc import Sequence

from capi_cli.mapping.exports.google_ads import GOOGLE_ADS
from capi_cli.mapping.exports.hubspot import HUBSPOT_CONTACTS, HUBSPOT_DEALS
from capi_cli.mapping.exports.lead_forms import META_LEADS
from capi_cli.mapping.exports.loyverse import LOYVERSE_ITEMS, LOYVERSE_RECEIPTS
from capi_cli.mapping.exports.meta import META_EVENTS
from capi_cli.mapping.exports.salesforce import SALESFORCE_LEADS, SALESFORCE_OPPORTUNITIES
from capi_cli.mapping.exports.shopify import SHOPIFY_ORDERS
from capi_cli.mapping.exports.square import SQUARE_ITEMS
from capi_cli.mapping.exports.stripe import STRIPE_PAYMENTS
from capi_cli.mapping.exports.table import Export, Filled, Filter
from capi_cli.mapping.exports.woocommerce import WOOCOMMERCE_SNAKE_CASE, WOOCOMMERCE_TITLES

EXPORTS = (
    SHOPIFY_ORDERS,
    STRIPE_PAYMENTS,
    WOOCOMMERCE_SNAKE_CASE,
    WOOCOMMERCE_TITLES,
    SQUARE_ITEMS,
    LOYVERSE_RECEIPTS,
    LOYVERSE_ITEMS,
    HUBSPOT_CONTACTS,
    HUBSPOT_DEALS,
    SALESFORCE_LEADS,
    SALESFORCE_OPPORTUNITIES,
    GOOGLE_ADS,
    META_EVENTS,
    META_LEADS,
)

__all__ = ["EXPORTS", "Export", "Filled", "Filter", "recognise"]


def recognise(header: Sequence[str]) -> Export | None:
    """Return the export that a header is of, None for a header that nobody knows."""
    return next((export for export in EXPORTS if export.matches(header)), None)

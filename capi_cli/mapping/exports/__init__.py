"""Exports that are recognised by their header. Each is a table; a field mapped by hand takes nothing from it."""

from collections.abc import Sequence

from capi_cli.mapping.exports.meta import META_EVENTS
from capi_cli.mapping.exports.shopify import SHOPIFY_ORDERS
from capi_cli.mapping.exports.stripe import STRIPE_PAYMENTS
from capi_cli.mapping.exports.table import Export, Filled, Filter
from capi_cli.mapping.exports.woocommerce import WOOCOMMERCE_SNAKE_CASE, WOOCOMMERCE_TITLES

EXPORTS = (SHOPIFY_ORDERS, STRIPE_PAYMENTS, WOOCOMMERCE_SNAKE_CASE, WOOCOMMERCE_TITLES, META_EVENTS)

__all__ = ["EXPORTS", "Export", "Filled", "Filter", "recognise"]


def recognise(header: Sequence[str]) -> Export | None:
    """Return the export that a header is of, None for a header that nobody knows."""
    return next((export for export in EXPORTS if export.matches(header)), None)

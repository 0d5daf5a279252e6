"""Items as WooCommerce's export plugins write them: `name:Mug|sku:MUG-1|quantity:2|total:40.00;name:…`.

A bar ends a member only before the name of another one, and a semicolon an item only before its first member's name,
since names of products hold bars, colons and semicolons too.
"""

import re
from collections.abc import Mapping
from typing import Final

_IDS: Final[tuple[str, ...]] = (
    "sku",
    "product_id",
    "id",
)  # `id` is the line's own number where the item says more
_KEPT: Final[tuple[str, ...]] = ("quantity", "item_price", "price", "brand", "category")
_NAMES: Final = (
    "id|name|title|product_id|variation_id|sku|quantity|qty|item_price|price|subtotal|sub_total|subtotal_tax|total|"
    "total_tax|tax|taxes|refunded|refunded_qty|meta|tax_class|brand|category"
)
_BETWEEN_ITEMS = re.compile(r";\s*(?=(?:id|name|product_id|sku):)").split
_BETWEEN_MEMBERS = re.compile(rf"\|\s*(?=(?:{_NAMES}):)").split
_IS_ITEM = re.compile(rf"\s*(?:{_NAMES}):").match


def read_piped_items(text: str) -> list[Mapping[str, str]] | None:
    """Return the items, with `id` and what Meta takes of the rest; None for a text of another form.

    Source: WebToffee, `line_item_1`; SkyVerge, `line_items` of the format of one row for each order.
    """
    if not _IS_ITEM(text):
        return None
    return [_item(one) for one in _BETWEEN_ITEMS(text) if one.strip("; ")]


def _item(text: str) -> Mapping[str, str]:
    members: dict[str, str] = {}
    for member in _BETWEEN_MEMBERS(text):
        name, _, value = member.partition(":")
        if value.strip():
            members.setdefault(name.strip(), value.strip())
    if "qty" in members:
        members.setdefault("quantity", members["qty"])
    kept: dict[str, str] = {name: members[name] for name in _KEPT if name in members}
    ids = [members[name] for name in _IDS if name in members]
    return kept | {"id": ids[0]} if ids else kept

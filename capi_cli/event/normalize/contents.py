"""`contents`, the items of an order, and other nested values: whatever form they arrive in, JSON text leaves.

Rules of this file:

- An item needs an `id`; one without is left out with a warning, since Meta refuses the event for it.
- `price` is `item_price`. Ids are texts, quantities and prices numbers. Members stand in the table's order.
- Nothing is invented: no `num_items`, no `content_ids`, no quantity of one.

Source: Meta, "Standard parameters", contents; error 2804008 for an item without id.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from capi_cli.event.fields import CONTENT_KEYS, DELIVERY_CATEGORIES
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.event_name import normalize_choice
from capi_cli.event.normalize.json_text import Json, quote, read_json, scalar_text, write_json
from capi_cli.event.normalize.money import normalize_number
from capi_cli.event.normalize.piped_items import read_piped_items
from capi_cli.event.normalize.scalars import normalize_integer
from capi_cli.event.normalize.text import clean

_NUMBERS: Final = frozenset({"quantity", "item_price"})
_RENAMED: Final = {"price": "item_price"}
_KNOWN: Final = frozenset({*CONTENT_KEYS, *_RENAMED})
_ORDER: Final = tuple(  # a renamed member stands behind the one whose name it gets, and fills in for it
    name for key in CONTENT_KEYS for name in (key, *(old for old, new in _RENAMED.items() if new == key))
)

Item = Mapping[str, Json]


def normalize_contents(text: str, *, decimal: str | None = None) -> str | Finding | None:
    """Return `contents` as compact JSON text, from JSON text, text that is nearly JSON, or `name:…|sku:…` items.

    Args:
        text: A list of objects, or one object; or as WooCommerce's plugins write items.
        decimal: `,` or `.` in prices that are texts.
    """
    text = clean(text)
    if not text:
        return None
    if (piped := read_piped_items(text)) is not None:
        return contents_from_items(piped, decimal=decimal)
    try:
        found = read_json(text)
    except ValueError:
        return Finding("contents-unreadable")
    items = found if isinstance(found, list) else [found]
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) < len(items):
        return Finding("contents-unreadable")
    return contents_from_items(objects, decimal=decimal)


def contents_from_lists(
    lists: Mapping[str, str | Sequence[str | None]], *, decimal: str | None = None, separator: str = ";"
) -> str | Finding | None:
    """Return `contents` from parallel lists: one for each member, one place for each item.

    Args:
        lists: By member (`id`, `quantity`, `item_price` or `price`, …): a cell such as `SKU-1;SKU-2`, or its
            parts, or the cells of an order's rows. A list of another length than
            the ids can't be lined up with them; it goes.
        decimal: `,` or `.` in prices.
        separator: Between the parts of a cell.
    """
    parts = {name: _parts(cell, separator) for name, cell in lists.items()}
    ids = parts.get("id", ())
    fitting = {name: values for name, values in parts.items() if len(values) == len(ids)}
    others = [values for name, values in parts.items() if name not in fitting and any(values)]
    if not ids:
        return Finding("contents-item-without-id", None, str(max(map(len, others)))) if others else None
    items = [dict(zip(fitting, row, strict=True)) for row in zip(*fitting.values(), strict=True)]
    found = contents_from_items(items, decimal=decimal)
    if others:
        return Finding(
            "contents-lists-differ", found.kept if isinstance(found, Finding) else found, str(len(ids))
        )
    return found


def _parts(cell: str | Sequence[str | None], separator: str) -> Sequence[str | None]:
    if not isinstance(cell, str):
        return cell
    text = clean(cell)
    return text.split(separator) if text else ()


def contents_from_items(items: Iterable[Item], *, decimal: str | None = None) -> str | Finding | None:
    """Return `contents` from items; one without id is left out, and so is a member that can't be read."""
    written: list[str] = []
    lost_items, lost_members = 0, 0
    for item in items:
        members, lost = _members(item, decimal)
        if "id" in members:
            written.append("{" + ",".join(members.values()) + "}")
            lost_members += lost
        elif members or lost:
            lost_items += 1
    kept = f"[{','.join(written)}]" if written else None
    if lost_items:
        return Finding("contents-item-without-id", kept, str(lost_items))
    return Finding("contents-member-unreadable", kept, str(lost_members)) if lost_members else kept


def _members(item: Item, decimal: str | None) -> tuple[dict[str, str], int]:
    """Return an item's members as JSON `"name":value`, in the order of the field table, and how many were lost."""
    found: dict[str, str] = {}
    lost = 0
    for name in (
        _ORDER if _KNOWN.issuperset(item) else (*_ORDER, *(name for name in item if name not in _KNOWN))
    ):
        value = item.get(name)
        if isinstance(value, str):
            value = clean(value)
        if value is None or value == "":
            continue
        wire_name = _RENAMED.get(name, name)
        if wire_name in found:
            continue
        text = _member(wire_name, value, decimal)
        if text is None:
            lost += 1
        else:
            found[wire_name] = f"{quote(wire_name)}:{text}"
    return found, lost


def _member(name: str, value: Json, decimal: str | None) -> str | None:
    """Return a member's value as JSON text; None where it can't be read."""
    if name in _NUMBERS:
        number = _number(value, decimal)
        return _whole(number) if number is not None and name == "quantity" else number
    if name == "delivery_category":
        choice = normalize_choice(_scalar(value) or "", DELIVERY_CATEGORIES, "choice-unknown")
        return quote(choice) if isinstance(choice, str) else None
    if name in _KNOWN:
        text = _scalar(value)
        return quote(text) if text else None
    return _written(value)


def _number(value: Json, decimal: str | None) -> str | None:
    if isinstance(value, str):
        number = normalize_number(value, decimal=decimal)
        return number.kept if isinstance(number, Finding) else number
    return None if isinstance(value, bool | list | dict) else _written(value)


def _whole(number: str) -> str | None:
    """Return a number as JSON integer; None where it has a fraction, which Meta refuses in a quantity."""
    whole = normalize_integer(number)
    return whole.kept if isinstance(whole, Finding) else whole


def _scalar(value: Json) -> str | None:
    """Return a scalar as text; None for another value, and for a number of absurd size."""
    try:
        return scalar_text(value)
    except ValueError:
        return None


def _written(value: Json) -> str | None:
    try:
        return write_json(value)
    except ValueError:
        return None


def normalize_json(text: str, kind: str) -> str | Finding | None:
    """Return a nested value as compact JSON text.

    Args:
        text: JSON text, or nearly.
        kind: The field's name: `store_data` and `attribution_setting` are objects.
    """
    text = clean(text)
    if not text:
        return None
    try:
        found = read_json(text)
        if not isinstance(found, dict):
            return Finding("json-unreadable", detail=kind)
        said: dict[str, Json] = {
            name: value for name, value in found.items() if value is not None and value != ""
        }
        if kind == "store_data":  # ids, which are texts
            said = {name: member for name, value in said.items() if (member := scalar_text(value))}
        return write_json(said) if said else None
    except ValueError:
        return Finding("json-unreadable", detail=kind)

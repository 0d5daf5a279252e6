"""A table with types of its own, and with everything that can be wrong with a row."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ITEM = pa.struct({"id": pa.string(), "quantity": pa.int32(), "price": pa.decimal128(9, 2)})
CUSTOMER = pa.struct({"mails": pa.list_(pa.string()), "phone": pa.int64(), "born": pa.date32()})
SCHEMA = pa.schema(
    {
        "sale": pa.int64(),
        "sold.at": pa.timestamp("us", tz="UTC"),
        "customer": CUSTOMER,
        "zip": pa.string(),
        "amount": pa.decimal128(12, 4),
        "items": pa.list_(ITEM),
        "points": pa.float64(),
        "status": pa.string(),
        "note": pa.string(),  # mapped to nothing; rejects repeat it all the same
    }
)
MAPPING = """
[event]
event_name    = { value = "Purchase" }
event_time    = "sold.at"
event_id      = { template = "sale-{sale}" }
action_source = { value = "physical_store" }
[event.user_data]
em = "customer.mails"
ph = "customer.phone"
zp = "zip"
db = "customer.born"
[event.custom_data]
order_id = "sale"
value    = "amount"
currency = { value = "EUR" }
contents = "items"
points   = "points"
[where]
status = ["paid"]
"""
LINE_ITEMS = """
[event]
event_name    = { value = "Purchase" }
event_time    = "sold.at"
action_source = { value = "physical_store" }
[event.user_data]
em = "customer.mails"
[event.custom_data]
order_id = "sale"
value    = "amount"
currency = { value = "EUR" }
contents = { id = "note", quantity = "points" }
[group]
by = "sale"
value = "sum"
"""
_NOW = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)


def sales(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Return sales; some are late, some unpaid, without a person, doubled, or contradict one before."""
    dice = Random(seed)
    rows = [_sale(number, dice) for number in range(count)]
    for place in range(60, count, 60):
        rows[place] = dict(rows[place - 50])  # the same again
    for place in range(90, count, 90):
        rows[place] = {**rows[place - 70], "amount": Decimal("1.5")}  # the same order, another amount
    return rows


def _sale(number: int, dice: Random) -> dict[str, Any]:
    at = _NOW - dt.timedelta(days=90 if number % 41 == 0 else 1, seconds=number)
    mails = [f"Buyer{number}@Example.com", f"b{number}@work.example"][: dice.randint(1, 2)]
    known = number % 23 != 0
    customer = {
        "mails": mails if known else None,
        "phone": 4930225012340 + number if dice.random() < 0.5 and known else None,
        "born": dt.date(1950 + number % 50, 2, 16) if dice.random() < 0.3 else None,
    }
    items = [
        {"id": f"S{n}", "quantity": n or None, "price": Decimal("2.50")} for n in range(dice.randint(0, 3))
    ]
    return {
        "sale": number,
        "sold.at": at,
        "customer": customer if known or number % 2 else None,
        "zip": dice.choice(["01067", "10115", None]),
        "amount": Decimal(dice.randint(-100, 999_999)).scaleb(-4),
        "items": items,
        "points": dice.choice([12.0, 0.5, None]),
        "status": "open" if number % 17 == 0 else "paid",
        "note": f"order of {number}, «ü»",
    }


def write_sales(path: Path, rows: list[dict[str, Any]], *, group_rows: int = 300) -> Path:
    """Write one Parquet file of several row groups, so that Spark cuts it into partitions."""
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, row_group_size=group_rows)
    return path


def line_items(count: int) -> list[dict[str, Any]]:
    """Return rows of which some are one order, as far apart in the file as an order's rows may be."""
    rows = sales(count)
    for place, row in enumerate(rows):
        row["sale"] = None if place % 97 == 0 else place % 250
        row["sold.at"] = _NOW - dt.timedelta(hours=1, seconds=place % 250)
        row["note"] = f"S{place % 7}"
        row["points"] = float(place % 3 + 1)
        row["customer"] = {**(row["customer"] or {}), "mails": [f"o{place % 250}@example.com"]}
        if place % 250 == 40:
            row["customer"] = None  # an order without a person: all its rows are rejected
    return rows

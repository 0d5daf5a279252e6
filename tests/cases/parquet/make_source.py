"""Write sales.parquet: what a warehouse exports, with types of its own. `python make_source.py` beside it."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

BERLIN = "Europe/Berlin"
item = pa.struct({"id": pa.string(), "quantity": pa.int32(), "price": pa.decimal128(9, 2)})
schema = pa.schema(
    {
        "sale": pa.int64(),
        "sold_at": pa.timestamp("us", tz=BERLIN),
        "mails": pa.list_(pa.string()),
        "phone": pa.uint64(),
        "zip": pa.dictionary(pa.int32(), pa.string()),
        "born": pa.date32(),
        "amount": pa.decimal128(12, 4),
        "items": pa.list_(item),
        "points": pa.float64(),
        "member": pa.bool_(),
    }
)


def at(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 8 if day > 9 else 9, day, hour, tzinfo=dt.UTC)


rows = [
    (1, at(31, 8), ["Ana@Example.com", "ana@work.example"], 4930225012340, "01067", dt.date(1997, 2, 16),
     Decimal("1234.5600"), [{"id": "S1", "quantity": 2, "price": Decimal("617.28")}], 12.0, True),
    (2, at(31, 9), [], 4930225012341, None, None, Decimal("0.1000"), [], None, None),
    (3, at(31, 10), None, None, "10115", dt.date(1850, 1, 1), Decimal("5"), None, 0.5, False),
    (4, at(1, 10), ["dan@example.com"], None, None, None, Decimal("7.5"),
     [{"id": "S2", "quantity": None, "price": None}, {"id": None, "quantity": 1, "price": None}], None, None),
]  # fmt: skip
table = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
pq.write_table(table, Path(__file__).with_name("sales.parquet"), compression="zstd", row_group_size=3)

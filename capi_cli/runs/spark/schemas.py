"""The columns of every table that Spark keeps for a run. Types are Spark's; Arrow's follow from them."""

from typing import Final

import pyarrow as pa

_ARROW: Final = {
    "string": pa.string(),
    "long": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "binary": pa.binary(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def _columns(text: str) -> dict[str, str]:
    return dict(pair.split() for pair in text.split(",") if pair.strip())


# What preparing yields: a row for each event, one for each rejected row, and one tally for each partition.
PREPARED: Final = _columns(
    "kind string, _source string, _row long, rows int, event_name string, event_id string, event_key long, "
    "content_key long, event binary, event_time long, expires_at long, window_s int, presence long, "
    "value double, currency string, code string, field string, reason string, hint string, tally binary"
)
# One row for each event that was sent, or about whose fate something was learnt.
RECEIPTS: Final = _columns(
    "run_id string, wave int, event_name string, event_id string, event_key long, content_key long, "
    "outcome string, code string, reason string, hint string, fbtrace_id string, status int, "
    "sent_at timestamp, at timestamp, window_s int, told boolean, test boolean, requests int, retries int, "
    "stop string"
)
RUNS: Final = _columns("run_id string, at timestamp, moment string, number int, files string, note string")


def ddl(columns: dict[str, str]) -> str:
    """Return the columns as Spark reads them."""
    return ", ".join(f"`{name}` {kind}" for name, kind in columns.items())


def arrow_schema(columns: dict[str, str]) -> pa.Schema:
    """Return the columns as Arrow has them."""
    return pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])


def record_batch(columns: dict[str, str], filled: dict[str, object], count: int) -> pa.RecordBatch:
    """Return rows; a column that is not filled is null, a single value is that of every row."""
    arrays = []
    for name, kind in columns.items():
        value, arrow = filled.get(name), _ARROW[kind]
        if isinstance(value, pa.Array):
            arrays.append(value.cast(arrow))
        elif isinstance(value, list):
            arrays.append(pa.array(value, arrow))
        elif value is None:
            arrays.append(pa.nulls(count, arrow))
        else:
            arrays.append(pa.repeat(pa.scalar(value, arrow), count))
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(columns))

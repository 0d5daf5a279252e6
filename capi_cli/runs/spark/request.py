"""What a run on Spark was asked beyond what every run is asked."""

from dataclasses import dataclass, field
from typing import Final

from capi_cli.runs.spark.secrets import TokenPlace

STORE_FORMATS: Final = ("parquet", "delta")
WAVE_BATCHES: Final = 250  # for each request in flight: about a minute's work between two looks


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkRequest:
    """Where the run keeps its tables, and how it spreads over the cluster.

    Attributes:
        store: A folder that every executor can reach; one run at a time uses it.
        format: Of receipts and rejects: `parquet` or `delta`.
        token: Where executors find the token.
        tasks: Most tasks that send at once; None: as many as there are slots.
        wave_events: Events that are sent between two looks of the driver; None: 250 batches for each request in flight.
    """

    store: str
    format: str = "parquet"
    token: TokenPlace = field(default_factory=TokenPlace)
    tasks: int | None = None
    wave_events: int | None = None

"""An export's rows as dictionaries of text: how the two hand-written contestants read all three formats."""

import csv
from collections.abc import Iterator
from pathlib import Path

CALLING = {"US": "1", "CA": "1", "GB": "44", "DE": "49", "FR": "33", "ES": "34", "BR": "55"}


def rows(path: Path) -> Iterator[dict[str, str]]:
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)
    elif path.suffix == ".jsonl":
        import orjson

        with path.open("rb") as file:
            yield from map(orjson.loads, file)
    else:
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(path).iter_batches(10_000):
            yield from batch.to_pylist()

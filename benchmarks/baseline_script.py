"""A good engineer's hand-written script: csv + hashlib + orjson + httpx, no rules beyond the documented ones.

python benchmarks/baseline_script.py orders.csv [URL]      # also .jsonl and .parquet

It prints the events and the seconds without its own start.
"""

import hashlib
import sys
import time
from datetime import datetime
from pathlib import Path

import httpx
import orjson
from rows import CALLING, rows


def sha(value: str) -> list[str]:
    return [hashlib.sha256(value.encode()).hexdigest()]


def event(row: dict[str, str]) -> dict[str, object]:
    at = int(datetime.fromisoformat(row["created_at"]).timestamp())
    country = row["country"]
    digits = "".join(filter(str.isdigit, row["phone"]))
    if not row["phone"].startswith(("+", "00")):
        digits = CALLING[country] + digits.lstrip("0")
    user = {
        "em": sha(row["email"].strip().lower()),
        "ph": sha(digits.lstrip("0")),
        "fn": sha(row["first_name"].strip().lower()),
        "ln": sha(row["last_name"].strip().lower()),
        "ct": sha("".join(filter(str.isalpha, row["city"].lower()))),
        "st": sha("".join(filter(str.isalpha, row["state"].lower()))),
        "zp": sha(row["zip"].lower().replace(" ", "").partition("-")[0]),
        "country": sha(country.lower()),
        "db": sha(row["birthday"].replace("-", "")),
        "external_id": sha(row["customer_id"].lower()),
    }
    return {
        "event_name": "Purchase",
        "event_time": at,
        "event_id": sha(f"{row['customer_id']}{at}{row['total']}")[0][:32],
        "action_source": "physical_store",
        "user_data": user,
        "custom_data": {"value": float(row["total"]), "currency": row["currency"]},
    }


def main(path: str, url: str | None) -> None:
    batch: list[dict[str, object]] = []
    total = 0
    begun = time.perf_counter()
    with httpx.Client(timeout=60) as client:

        def flush() -> None:
            nonlocal total
            body = orjson.dumps({"data": batch})
            if url:
                client.post(
                    url, content=body, headers={"Content-Type": "application/json"}
                ).raise_for_status()
            total += len(batch)
            batch.clear()

        for row in rows(Path(path)):
            batch.append(event(row))
            if len(batch) == 1000:
                flush()
        if batch:
            flush()
    print(total, time.perf_counter() - begun)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)

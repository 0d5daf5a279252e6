"""The official SDK, used carefully: objects built from rows, normalized and hashed by it, 1000 to a request.

python benchmarks/baseline_sdk.py orders.csv [URL]      # without a URL it only prepares the bodies

It prints the events and the seconds without its own start.
"""

import hashlib
import json
import sys
import time
from datetime import datetime
from pathlib import Path

import requests
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.user_data import UserData
from rows import CALLING, rows


def digits(phone: str, country: str) -> str:
    """Return a phone number with its calling code, as careful users of the SDK must make it themselves."""
    only = "".join(c for c in phone if c.isdigit())
    return only if phone.startswith(("+", "00")) else CALLING[country] + only.lstrip("0")


def event(row: dict[str, str]) -> Event:
    """Return one row as the SDK's event."""
    at = int(datetime.fromisoformat(row["created_at"]).timestamp())
    user = UserData(
        emails=[row["email"]],
        phones=[digits(row["phone"], row["country"])],
        first_names=[row["first_name"]],
        last_names=[row["last_name"]],
        cities=[row["city"]],
        states=[row["state"]] if row["state"] else None,
        zip_codes=[row["zip"]],
        country_codes=[row["country"]],
        dates_of_birth=[row["birthday"].replace("-", "")],
        external_ids=[hashlib.sha256(row["customer_id"].lower().encode()).hexdigest()],
    )
    return Event(
        event_name="Purchase",
        event_time=at,
        event_id=hashlib.sha256(f"{row['customer_id']}{at}".encode()).hexdigest()[:32],
        action_source=ActionSource.PHYSICAL_STORE,
        user_data=user,
        custom_data=CustomData(value=float(row["total"]), currency=row["currency"]),
    )


def main(path: str, url: str | None) -> None:
    session = requests.Session()
    batch: list[dict[str, object]] = []
    total = 0
    begun = time.perf_counter()

    def flush() -> None:
        nonlocal total
        body = json.dumps({"data": batch})
        if url:
            reply = session.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=60)
            reply.raise_for_status()
        total += len(batch)
        batch.clear()

    for row in rows(Path(path)):
        batch.append(event(row).normalize())
        if len(batch) == 1000:
            flush()
    if batch:
        flush()
    print(total, time.perf_counter() - begun)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)

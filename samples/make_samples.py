"""Write the sample exports, dated so that Meta still takes them: `python samples/make_samples.py FOLDER`.

Meta refuses most events older than seven days, so a sample that lies in a repository goes stale. The rows are
always the same; only their times move. People, addresses and numbers are invented: example domains, and
phone numbers set aside for films.

    orders.csv      a shop's till: local times without a zone, phones as people type them
    orders.jsonl    a web shop: Meta's own field names, browser ids, one line of JSON each
    orders.parquet  a warehouse table: typed columns, decimals, times with a zone
"""

import argparse
import csv
import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROWS = 400
SEED = 20261116
COMMITTED_AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)  # of the files beside this one
SPAN_S = 6 * 86_400  # Meta takes seven days; one is left for whoever starts the demo in the evening
BERLIN = ZoneInfo("Europe/Berlin")

FIRST = "Anna Ben Chloé David Elif François Greta Hans Ines Jürgen Katharina Liam Mia Noah Olga Zoë".split()
LAST = "Müller O’Brien García Schmidt Nowak Rossi Smith Dubois Öztürk Hoffmann Jones Meyer Novák Lee".split()
PLACES = (  # city, state, postcode, country, phone
    ("Berlin", "Berlin", "10115", "DE", "030 23125 {:03}"),
    ("München", "Bayern", "80331", "Germany", "+49 89 99998 {:03}"),
    ("Hamburg", "Hamburg", "20095", "DE", "040/66969-{:03}"),
    ("London", "England", "SW1A 1AA", "GB", "020 7946 0{:03}"),
    ("Manchester", "England", "M1 1AE", "United Kingdom", "+44 161 496 0{:03}"),
    ("New York", "NY", "10001", "US", "(212) 555-0{:03}"),
    ("San José", "California", "95112", "USA", "+1 408 555 0{:03}"),
    ("Boston", "MA", "02139", "US", "617.555.0{:03}"),
)
DOMAINS = ("example.com", "example.org", "example.net")
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Mobile Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
)


def people(dice: random.Random, until: datetime) -> list[dict[str, Any]]:
    """Return one order each, oldest first; a third of the people come back."""
    known: list[dict[str, Any]] = []
    orders = []
    for number in range(ROWS):
        if known and dice.random() < 0.33:
            person = dice.choice(known)
        else:
            person = one_person(dice, number)
            known.append(person)
        at = until - timedelta(seconds=round(SPAN_S * (ROWS - number) / ROWS) + dice.randrange(600))
        total = Decimal(dice.randrange(499, 24_999)) / 100
        orders.append({**person, "number": 10_001 + number, "at": at.replace(microsecond=0), "total": total})
    return orders


def one_person(dice: random.Random, number: int) -> dict[str, Any]:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    city, state, postcode, country, phone = dice.choice(PLACES)
    email = f"{first}.{last}{number}@{dice.choice(DOMAINS)}".replace("’", "")
    plain = email.translate(str.maketrans("éçüößíáÖÜë", "ecuosiaOUe"))
    return {
        "first": first,
        "last": last,
        "city": city,
        "state": state,
        "postcode": postcode,
        "country": country,
        "email": plain if dice.random() < 0.3 else plain.lower(),
        "phone": phone.format(100 + dice.randrange(100)) if dice.random() < 0.8 else "",
    }


def write_csv(path: Path, orders: list[dict[str, Any]], dice: random.Random) -> None:
    header = (
        "order_id created_at status email phone first_name last_name city state zip country total currency"
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file, lineterminator="\n")
        sheet.writerow(header.split())
        for order in orders:
            status = "cancelled" if dice.random() < 0.03 else "paid"
            at = order["at"].astimezone(BERLIN).strftime("%Y-%m-%d %H:%M:%S")
            sheet.writerow(
                [
                    order["number"],
                    at,
                    status,
                    order["email"],
                    order["phone"],
                    order["first"],
                    order["last"],
                    order["city"],
                    order["state"],
                    order["postcode"],
                    order["country"],
                    f"{order['total']:.2f}",
                    "EUR",
                ]
            )


def write_jsonl(path: Path, orders: list[dict[str, Any]], dice: random.Random) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for order in orders:
            seconds = int(order["at"].timestamp())
            line = {
                "event_name": "Purchase",
                "event_time": seconds,
                "event_id": f"web-{order['number']}",
                "action_source": "website",
                "event_source_url": "https://shop.example.com/checkout/thanks",
                "email": order["email"],
                "phone": order["phone"] or None,
                "fn": order["first"],
                "ln": order["last"],
                "country": order["country"],
                "client_ip_address": f"81.2.69.{dice.randrange(142, 194)}",
                "client_user_agent": dice.choice(BROWSERS),
                "fbp": f"fb.1.{seconds - 86_400}123.{dice.randrange(10**9, 10**10)}",
                "value": float(order["total"]),
                "currency": "EUR",
                "order_id": f"W{order['number']}",
                "content_ids": [f"SKU-{dice.randrange(100, 999)}" for _ in range(dice.randrange(1, 4))],
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def write_parquet(path: Path, orders: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "ticket": pa.array([f"T-{o['number']}" for o in orders]),
        "sold_at": pa.array([o["at"] for o in orders], pa.timestamp("us", tz="UTC")),
        "kind": pa.array(["refund" if o["number"] % 50 == 0 else "sale" for o in orders]).dictionary_encode(),
        "mail": pa.array([o["email"] for o in orders]),
        "mobile": pa.array([o["phone"] or None for o in orders]),
        "given_name": pa.array([o["first"] for o in orders]),
        "family_name": pa.array([o["last"] for o in orders]),
        "town": pa.array([o["city"] for o in orders]).dictionary_encode(),
        "postcode": pa.array([o["postcode"] for o in orders]),
        "nation": pa.array([o["country"] for o in orders]).dictionary_encode(),
        "amount": pa.array([o["total"] for o in orders], pa.decimal128(10, 2)),
        "loyalty_points": pa.array([int(o["total"]) for o in orders], pa.int32()),
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def make(folder: Path, until: datetime) -> None:
    """Write the three files; their newest order is minutes older than `until`."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(SEED)
    write_csv(folder / "orders.csv", people(dice, until), dice)
    write_jsonl(folder / "orders.jsonl", people(dice, until), dice)
    write_parquet(folder / "orders.parquet", people(dice, until))


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def main() -> None:
    """Write the samples, dated for today unless told otherwise."""
    parser = argparse.ArgumentParser(
        description="Write the sample exports, dated so that Meta still takes them."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--committed", action="store_true", help="with the dates of the committed files")
    asked = parser.parse_args()
    until = COMMITTED_AT if asked.committed else now()
    make(asked.folder, until)
    print(f"Wrote orders.csv, orders.jsonl and orders.parquet to {asked.folder}")


if __name__ == "__main__":
    main()

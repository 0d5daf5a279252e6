"""Realistic exports of any size: repeat customers, skewed cities, national phone formats, unicode names. Seeded.

    python benchmarks/exports.py 300000 orders.csv orders.jsonl orders.parquet

13 columns, 10 of them match keys: email, phone, first and last name, city, state, zip, country, birthday,
customer_id; and created_at, total, currency.
"""

import csv
import random
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

PART = 250_000  # rows made at once: bounded memory, whatever the size
COLUMNS = (
    "email phone first_name last_name city state zip country birthday customer_id created_at total currency"
).split()
FIRST = (
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph "
    "Jessica Thomas Sarah Charles Karen José María Jürgen Zoë François Siân Øystein Łukasz Chloé Björn Ana Inês "
    "Søren Noémie Andrés Lucía Renée Mathéo Ángel Beatriz Günther Jörg Märta Håkon Žofia Ömer Ayşe"
).split()
LAST = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodríguez Martínez Hernández Lopez Gonzalez Wilson "
    "Anderson O'Brien O’Neill Müller Schröder Weiß Dubois Lefèvre D'Angelo Nuñez Nowak Kowalczyk Smith-Jones Åberg"
).split()
PLACES = [
    ("New York", "NY", "10001", "US"), ("Los Angeles", "California", "90012", "US"),
    ("Chicago", "IL", "60601-1234", "US"), ("St. Louis", "Missouri", "63101", "US"),
    ("Toronto", "ON", "M5V 3A8", "CA"), ("Montréal", "Québec", "H2X 1Y4", "CA"),
    ("London", "Greater London", "SW1A 1AA", "GB"), ("Manchester", "", "M1 1AE", "GB"),
    ("Berlin", "Berlin", "10115", "DE"), ("München", "Bayern", "80331", "DE"),
    ("Paris", "Île-de-France", "75001", "FR"), ("Lyon", "", "69001", "FR"),
    ("Madrid", "", "28001", "ES"), ("São Paulo", "SP", "01310-100", "BR"),
]  # fmt: skip


def phone(country: str, dice: random.Random) -> str:
    """Return a phone number in a form that people of that country type."""
    n = "".join(str(dice.randrange(10)) for _ in range(9))
    match country:
        case "US" | "CA":
            area, middle = (
                dice.choice(("212", "310", "415", "646", "773", "416")),
                f"{dice.randrange(200, 999)}",
            )
            forms = ("({0}) {1}-{2}", "{0}-{1}-{2}", "+1 {0} {1} {2}", "{0}{1}{2}")
            return dice.choice(forms).format(area, middle, n[:4])
        case "GB":
            mobile = f"7{dice.randrange(400, 600)} {n[:6]}"
            return dice.choice((f"0{mobile}", f"+44 {mobile}", f"020 7{n[:3]} {n[3:7]}"))
        case "DE":
            return dice.choice(("0171 {}", "+49 171 {}", "030 {}", "0049 171 {}")).format(n[:7])
        case "FR":
            return dice.choice(("06", "+33 6")) + f" {n[:2]} {n[2:4]} {n[4:6]} {n[6:8]}"
        case "ES":
            return f"6{n[:2]} {n[2:5]} {n[5:8]}"
        case _:
            return f"(11) 9{n[:4]}-{n[4:8]}"


def customer(number: int, dice: random.Random) -> list[str]:
    """Return a customer's ten match-key cells."""
    first, last = dice.choice(FIRST), dice.choice(LAST)
    city, state, postcode, country = PLACES[min(int(dice.expovariate(0.35)), len(PLACES) - 1)]
    zip_code = postcode if dice.random() < 0.3 else postcode[:-2] + f"{dice.randrange(100):02d}"
    if country in ("US", "DE", "FR", "ES"):
        zip_code = f"{dice.randrange(10000, 99999)}"
    name = first if dice.random() < 0.85 else f"{first} {dice.choice(FIRST)}"
    ascii_name = first.encode("ascii", "ignore").decode().lower() or "kunde"
    domain = dice.choice(("gmail.com", "gmail.com", "Hotmail.com", "yahoo.co.uk", "web.de", "example.org"))
    email = f"{dice.choice((ascii_name, ascii_name.title()))}.{number}@{domain}"
    born = f"{dice.randrange(1940, 2006)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
    return [email, phone(country, dice), name, last, city, state, zip_code, country, born, f"C{number:08d}"]


def columns(rows: int, seed: int = 7, now: datetime | None = None) -> dict[str, list[str]]:
    """Return the export column by column: about 1.6 orders for each customer, regulars far more often."""
    dice = random.Random(seed)
    now = now or datetime.now(UTC)
    known: list[list[str]] = []
    table: list[list[str]] = []
    for number in range(rows):
        if known and dice.random() < 0.38:
            who = known[int(len(known) * dice.random() ** 2)]
        else:
            who = customer(number, dice)
            known.append(who)
        at = now - timedelta(seconds=dice.randrange(3600, 6 * 86_400))
        table.append([*who, at.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{dice.lognormvariate(3.6, 0.8):.2f}", "EUR"])
    return {name: [row[place] for row in table] for place, name in enumerate(COLUMNS)}


def write(rows: int, *paths: Path, seed: int = 7, group_rows: int | None = None) -> None:
    """Write the same export in the format of each path's ending.

    Args:
        rows: How many.
        paths: `.csv`, `.jsonl` or `.parquet`.
        seed: Of the dice.
        group_rows: Rows of a Parquet row group; None for those that are made at once.
    """
    with ExitStack() as opened:
        takers = [_TAKERS[path.suffix](path, opened, group_rows) for path in paths]
        for begin in range(0, rows, PART):
            table = pa.table(columns(min(PART, rows - begin), seed + begin))
            for take in takers:
                take(table)


def _csv(path: Path, opened: ExitStack, group_rows: int | None) -> Callable[[pa.Table], object]:
    writer = csv.writer(
        opened.enter_context(path.open("w", encoding="utf-8", newline="")), lineterminator="\n"
    )
    writer.writerow(COLUMNS)
    return lambda table: writer.writerows(zip(*table.to_pydict().values(), strict=True))


def _jsonl(path: Path, opened: ExitStack, group_rows: int | None) -> Callable[[pa.Table], object]:
    file = opened.enter_context(path.open("wb"))
    return lambda table: file.writelines(orjson.dumps(row) + b"\n" for row in table.to_pylist())


def _parquet(path: Path, opened: ExitStack, group_rows: int | None) -> Callable[[pa.Table], object]:
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    writer = opened.enter_context(pq.ParquetWriter(path, schema))
    if group_rows is None:
        return writer.write_table
    held: list[pa.Table] = []
    opened.callback(lambda: writer.write_table(pa.concat_tables(held), row_group_size=group_rows))
    return held.append


_TAKERS = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}


if __name__ == "__main__":
    write(int(sys.argv[1]), *map(Path, sys.argv[2:]))

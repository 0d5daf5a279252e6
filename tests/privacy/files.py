"""Files whose cells are marked: good rows, and rows that go wrong in every field."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

from capi_cli.event.fields import FIELDS, Kind
from tests.privacy.markers import PERSON

EVENT = ("--set", "event_name=Purchase", "--set", "action_source=physical_store", "--set", "currency=EUR")
COUNTRY = ("--default-country", "DE")
MAPPED = ("--map", "external_id=customer_id", "--map", "db=birthday")
_CELLS = [raw for raw, _ in PERSON.values()]


def instant(hours: float = 3) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="seconds")


def rows(number: int) -> list[dict[str, str]]:
    """Return orders of the marked person, each at a time of its own."""
    person = {name: raw for name, (raw, _) in PERSON.items()}
    return [
        {"order_id": f"A-{at}", "created_at": instant(3 + at / 60), "total": "12.50", **person}
        for at in range(number)
    ]


def delimited(records: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def orders(good: int = 20, bad: int = 1) -> str:
    """Return a CSV of good orders, then bad ones: an amount that is an e-mail address."""
    found = rows(good + bad)
    for record in found[good:]:
        record["total"] = PERSON["email"][0]
    return delimited(found)


NAMES = [field.path for field in FIELDS.values() if field.path not in ("event_time", "event_id")]
MAP_ALL = [word for path in NAMES for word in ("--map", f"{path}=in_{path.replace('.', '_')}")]
MAP_ALL += ["--map", "event_time=created_at", "--map", "event_id=id"]
_GOOD = {
    "in_event_name": "Purchase",
    "in_action_source": "physical_store",
    "in_user_data_em": "a@b.example",
    "in_consent": "granted",
    "in_custom_data_value": "12.50",
    "in_custom_data_currency": "EUR",
}


def wrong_one_by_one() -> str:
    """Return JSON lines with one row for each field and marked cell; all else in it is right."""
    lines: list[dict[str, object]] = [{_column(path): "" for path in NAMES} | {"id": "", "created_at": ""}]
    for path in NAMES:
        for number, cell in enumerate(_wrong_cells(path)):
            lines.append({"id": f"{path}-{number}", "created_at": instant(), **_GOOD, _column(path): cell})
    lines += [{"id": "time", **_GOOD, "created_at": cell} for cell in _CELLS]
    return "\n".join(map(json.dumps, lines)) + "\n"


def wrong_all_at_once() -> str:
    """Return JSON lines whose rows are wrong in every field."""
    lines = [
        {"id": f"all-{number}", "created_at": instant()}
        | {
            _column(path): cells[(number + at) % len(cells)]
            for at, path in enumerate(NAMES)
            for cells in [_wrong_cells(path)]
        }
        for number in range(6)
    ]
    return "\n".join(map(json.dumps, lines)) + "\n"


def _column(path: str) -> str:
    return f"in_{path.replace('.', '_')}"


def _wrong_cells(path: str) -> list[object]:
    """Return marked cells, and marked cells inside what the field could be.

    A text that is sent as it is may be anything, so that no name or city can be told from it: there the cells are
    what can be told, addresses and numbers.
    """
    email, phone, name = (PERSON[key][0] for key in ("email", "phone", "last_name"))
    kind = FIELDS[path].kind
    is_text = kind in (Kind.TEXT, Kind.TEXTS, Kind.JSON) or "contents" in path
    cells: list[object] = [email, phone] if is_text else list(_CELLS)
    cells += [f"{email};{phone}", f"<{email}>", f"{email}@", f"x {phone}", f"{phone}/{phone}"]
    if kind is Kind.JSON or "contents" in path:
        cells += [f'[{{"id":"{email}"', [{"name": name, "email": email}], {"phone": phone}, f"x;{email}"]
    if kind is Kind.URL:
        cells += [
            f"https://shop.example/?email={email}&p={phone}",
            f"https://{name}@shop.example",
            f"//{email}",
        ]
    if kind in (Kind.NUMBER, Kind.INTEGER):
        cells += [f"12,5 {name}", f"1 {email}", f"{name} 12.50"]
    return cells

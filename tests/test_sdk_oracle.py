"""Meta's own Python SDK as an oracle for whole events: the same rows go through it and through `capi upload`.

What must be alike is compared member by member. Where docs/normalization.md decides otherwise than the SDK, the
member stands in `DIFFER` with both answers, so that a change on either side is seen. Of every event:

- `currency` leaves the SDK in lower case, ours in upper case as ISO 4217 has it;
- the SDK sends `external_id` as it came, so ours is marked `plain` here;
- the SDK's lists have no order.
"""

import hashlib
import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.content import Content
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.gender import Gender
from facebook_business.adobjects.serverside.user_data import UserData

from capi_cli.cli.app import main
from capi_cli.sandbox.saving import saved_events
from capi_cli.sandbox.server import Sandbox

Row = dict[str, Any]
NOW = "2026-09-01T12:00:00+00:00"
NOW_S = int(datetime.fromisoformat(NOW).timestamp())
TOML = """
[event]
event_name       = "name"
event_time       = { column = "time", format = "s" }
event_id         = "id"
action_source    = "source"
event_source_url = "url"

[event.user_data]
em                = "emails"
ph                = "phones"
fn                = "first"
ln                = "last"
ge                = "gender"
db                = "born"
ct                = "city"
st                = "state"
zp                = "zip"
country           = "country"
external_id       = { column = "ids", plain = true }
client_ip_address = "ip"
client_user_agent = "agent"
fbc               = "fbc"
fbp               = "fbp"
subscription_id   = "subscription"
lead_id           = "lead"
madid             = "madid"

[event.custom_data]
value            = "value"
currency         = "currency"
order_id         = "order"
content_name     = "title"
content_category = "category"
content_type     = "type"
content_ids      = "content_ids"
contents         = "items"
num_items        = "count"
status           = "status"
search_string    = "search"
predicted_ltv    = "ltv"
shelf            = "shelf"
"""
NAMES = "Jane JOHN Valéry Иван María Søren Zoë 정 Ömer Łukasz Ana".split()
CITIES = "Berlin|New York|São Paulo|St. Louis|東京|Paris 75001|Menlo Park|København".split("|")
PLACES = {
    "US": ("CA", "94035-1234"),
    "GB": (None, "SW1A 1AA"),
    "DE": (None, "10115"),
    "CA": ("ON", "K1A 0B1"),
}
EVENTS = ("Purchase", "Lead", "Subscribe", "AddToCart", "Sampled a cheese")


def words(dice: random.Random, letters: str, low: int, high: int) -> str:
    return "".join(dice.choices(letters, k=dice.randint(low, high)))


def make_phone(dice: random.Random, country: str) -> str:
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    text = phonenumbers.format_number(number, international)
    return dice.choice([text, text.replace(" ", ""), text.replace(" ", "-"), "00" + text[1:]])


def make_row(dice: random.Random, number: int) -> Row:
    """Return a row of everyday values; each optional one is there half of the time."""
    country = dice.choice(list(PLACES))
    state, zip_code = PLACES[country]
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    addresses = [
        f" {words(dice, letters, 3, 9)}.{number}@{words(dice, letters, 3, 9)}.com " for _ in range(3)
    ]
    optional = {
        "emails": addresses[: dice.randint(1, 3)],
        "first": dice.choice(NAMES),
        "last": dice.choice(NAMES),
        "gender": dice.choice("fm"),
        "born": f"{dice.randint(1930, 2007)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}",
        "city": dice.choice(CITIES),
        "state": state,
        "zip": zip_code,
        "ids": [f"customer-{number}", f"card-{number}"][: dice.randint(1, 2)],
        "ip": dice.choice(["81.2.69.142", "2a02:2e0:3fe:1001:302::"]),
        "agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "fbc": f"fb.1.{NOW_S}000.{words(dice, letters, 20, 60)}",
        "fbp": f"fb.1.{NOW_S}000.{dice.randint(10**8, 10**10)}",
        "subscription": f"sub-{number}",
        "lead": str(dice.randint(10**14, 10**17 - 1)),
        "madid": "38400000-8cf0-11bd-b23e-10b96e40000d",
        "order": f"A-{number}",
        "title": "Cheese & more",
        "category": "Food > Cheese",
        "type": "product",
        "content_ids": ["sku-1", "sku-2"],
        "items": [{"id": f"sku-{n}", "quantity": n, "item_price": 9.5 * n} for n in range(1, 3)],
        "count": dice.randint(1, 9),
        "status": "done",
        "search": "blue cheese",
        "ltv": dice.randint(1, 10_000) / 100,
        "shelf": "A7",
    }
    kept = {name: value for name, value in optional.items() if dice.random() < 0.5}
    return {
        "name": dice.choice(EVENTS),
        "time": NOW_S - dice.randint(60, 6 * 86_400),
        "id": f"event-{number}",
        "source": dice.choice(["website", "physical_store", "email", "system_generated", "other"]),
        "url": f"https://shop.example/orders/{number}",
        "phones": [make_phone(dice, country)],
        "country": dice.choice([country, country.lower()]),
        "value": dice.randint(1, 100_000) / 100,
        "currency": dice.choice(["EUR", "usd", "Gbp"]),
        **kept,
    }


def in_sdk(row: Row) -> dict[str, Any]:
    """Return the event that the SDK would send; lists sorted."""

    def one(name: str) -> list[str] | None:
        return None if row.get(name) is None else [row[name]]

    user_data = UserData(
        emails=row.get("emails"),
        phones=row.get("phones"),
        first_names=one("first"),
        last_names=one("last"),
        genders=None if row.get("gender") is None else [Gender(row["gender"])],
        dates_of_birth=one("born"),
        cities=one("city"),
        states=one("state"),
        zip_codes=one("zip"),
        country_codes=one("country"),
        external_ids=row.get("ids"),
        client_ip_address=row.get("ip"),
        client_user_agent=row.get("agent"),
        fbc=row.get("fbc"),
        fbp=row.get("fbp"),
        subscription_id=row.get("subscription"),
        lead_id=row.get("lead"),
        madid=row.get("madid"),
    )
    items = row.get("items")
    custom_data = CustomData(
        value=row.get("value"),
        currency=row.get("currency"),
        order_id=row.get("order"),
        content_name=row.get("title"),
        content_category=row.get("category"),
        content_type=row.get("type"),
        content_ids=row.get("content_ids"),
        contents=items and [Content(i["id"], i["quantity"], i["item_price"]) for i in items],
        num_items=row.get("count"),
        status=row.get("status"),
        search_string=row.get("search"),
        predicted_ltv=row.get("ltv"),
        custom_properties={"shelf": row["shelf"]} if row.get("shelf") else {},
    )
    event = Event(
        event_name=row["name"],
        event_time=row["time"],
        event_id=row["id"],
        action_source=ActionSource(row["source"]),
        event_source_url=row["url"],
        user_data=user_data,
        custom_data=custom_data,
    )
    found: dict[str, Any] = json.loads(json.dumps(event.normalize()))
    found["custom_data"]["currency"] = found["custom_data"]["currency"].upper()
    return sorted_keys(found)


def sorted_keys(event: dict[str, Any]) -> dict[str, Any]:
    for name, value in event["user_data"].items():
        if isinstance(value, list):
            event["user_data"][name] = sorted(value)
    return event


@pytest.fixture
def upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that uploads rows as JSON lines and returns the events that were received."""
    (tmp_path / "capi.toml").write_text(TOML, encoding="utf-8")

    def call(rows: list[Row]) -> list[dict[str, Any]]:
        source = tmp_path / "rows.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        with Sandbox(save_dir=tmp_path / "saved", now=lambda: NOW_S) as sandbox:
            monkeypatch.chdir(tmp_path)
            monkeypatch.setenv("CAPI_NOW", NOW)
            monkeypatch.setenv("CAPI_STATE_DIR", str(tmp_path / "state"))
            monkeypatch.setenv("META_ACCESS_TOKEN", "a-token-for-the-sandbox")
            argv = ["upload", str(source), "--dataset-id", "1234567890", "--graph-url", sandbox.url]
            code = main([*argv, "--concurrency", "1", "--output", "json"])
        out, err = capsys.readouterr()
        assert code == 0, f"{err}\n{out}"
        return [sorted_keys(event) for event in saved_events(tmp_path / "saved")]

    return call


def test_everyday_rows_become_the_sdks_events(upload: Any) -> None:
    seed = 20260901
    dice = random.Random(seed)
    rows = [make_row(dice, number) for number in range(300)]
    ours = upload(rows)
    assert len(ours) == len(rows)
    for row, event in zip(rows, ours, strict=True):
        assert event == in_sdk(row), f"seed {seed}, row {row['id']}"
    members = {
        f"{group}.{name}" for event in ours for group in ("user_data", "custom_data") for name in event[group]
    }
    assert len(members) == 31, "every member of the mapping was compared"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# cells, member, ours, theirs; digests are told by their text
DIFFER: list[tuple[Row, str, object, object]] = [
    ({"first": "Mary Jane"}, "user_data.fn", "#maryjane", "#mary jane"),
    ({"last": "O’Brien"}, "user_data.ln", "#obrien", "#o’brien"),
    ({"city": "L'Aquila"}, "user_data.ct", "#laquila", "#l'aquila"),
    ({"country": "US", "state": "California"}, "user_data.st", "#ca", "#california"),
    ({"country": "BR", "zip": "01310-100"}, "user_data.zp", "#01310100", "#01310"),
    ({"country": "US", "zip": "2139"}, "user_data.zp", "#02139", "#2139"),
    ({"country": "GB", "phones": ["020 7183 8750"]}, "user_data.ph", "#442071838750", "#2071838750"),
    ({"phones": ["+44 (0)20 7183 8750"]}, "user_data.ph", "#442071838750", "#4402071838750"),
    ({"born": "1997-02-16"}, "user_data.db", "#19970216", "#1997-02-16"),
    ({"emails": ["mailto:a@b.example"]}, "user_data.em", "#a@b.example", "#mailto:a@b.example"),
    ({"emails": ["a@b.example;c@d.example"]}, "user_data.em", None, "#a@b.example;c@d.example"),
    ({"first": "null"}, "user_data.fn", None, "#null"),
    ({"ids": ["User 42"]}, "user_data.external_id", ["user42"], ["User 42"]),
    ({"ip": "192.168.0.1"}, "user_data.client_ip_address", None, "192.168.0.1"),
    ({"fbc": "IwAR0"}, "user_data.fbc", None, "IwAR0"),
    ({"lead": "l:123456789012345"}, "user_data.lead_id", "123456789012345", "l:123456789012345"),
    ({"shelf": "ask bob@example.org"}, "custom_data.shelf", None, "ask bob@example.org"),
    (
        {"url": "https://shop.example/?e=a%40b.example"},
        "event_source_url",
        "https://shop.example/?e=",
        "https://shop.example/?e=a%40b.example",
    ),
    ({"name": "purchase"}, "event_name", "Purchase", "purchase"),
]


def part(event: dict[str, Any], path: str) -> tuple[object, dict[str, Any]]:
    """Return a member of an event, and the event without it."""
    rest = json.loads(json.dumps(event))
    group, _, name = path.rpartition(".")
    member = (rest[group] if group else rest).pop(name, None)
    return member, rest


def test_where_our_rules_decide_otherwise(upload: Any) -> None:
    columns = dict.fromkeys(
        name for row in (make_row(random.Random(n), n) for n in range(20)) for name in row
    )
    plain = {"time": NOW_S - 60, "source": "email", "url": "https://shop.example/", "value": 10}
    person = {"name": "Purchase", "currency": "EUR", "phones": ["+493022501234"], "emails": ["x@example.org"]}
    rows = [
        {**columns, **plain, **person, "country": "DE", "id": f"event-{number}", **case[0]}
        for number, case in enumerate(DIFFER)
    ]
    for row, event, (_, path, here, there) in zip(rows, upload(rows), DIFFER, strict=True):
        ours, our_rest = part(event, path)
        theirs, their_rest = part(in_sdk(row), path)
        for found, expected in ((ours, here), (theirs, there)):
            is_digest = isinstance(expected, str) and expected.startswith("#")
            assert found == ([sha256(str(expected)[1:])] if is_digest else expected), path
        assert ours != theirs
        assert our_rest == their_rest, f"{path} is the only difference"

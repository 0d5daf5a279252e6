"""A capi.toml that `capi init` writes is read back whole, and holds what the file says and nothing more."""

import json
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capi_cli.errors import ConfigurationError, SourceError
from capi_cli.mapping.config import load_config
from capi_cli.runs.init import Initialised, InitRequest, init
from capi_cli.runs.init_draft import Question
from capi_cli.runs.opening import bind_mapping
from capi_cli.runs.request import MappingRequest, RunRequest, SourceRequest

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SALE = (("event_name", "Purchase"), ("action_source", "physical_store"))
ENGLISH = (
    "created_at,email,phone,first_name,total,currency,order_id\n"
    "2026-11-20T10:12:13Z,anna@example.com,+49 171 2345678,Anna,19.90,EUR,A-1\n"
    "2026-11-21T10:12:13Z,ben@example.com,+49 171 2345679,Ben,1234.50,EUR,A-2\n"
)
GERMAN = (
    "Bestelldatum;E-Mail;Telefon;Vorname;Nachname;PLZ;Gesamtbetrag;Währung;Bestellnummer;Geburtsdatum\n"
    "20.11.2026 10:12;anna@example.com;0171 2345678;Anna;Berg;80331;1.234,50;EUR;B-1;13.02.1980\n"
    "21.11.2026 10:12;ben@example.com;0171 2345679;Ben;Tal;10115;12,50;EUR;B-2;01.02.1970\n"
)
SPANISH = (
    "Fecha de compra,Correo electrónico,Teléfono,Apellidos,Código postal,Importe,Moneda\n"
    "2026-11-20 10:12:13,ana@example.com,612 345 678,Ruiz,28001,19.90,EUR\n"
    "2026-11-21 10:12:13,luis@example.com,612 345 679,Gil,28002,29.90,EUR\n"
)
SHOPIFY = (
    "Name,Email,Financial Status,Total,Currency,Created at,Lineitem name,Lineitem quantity,Lineitem price,"
    "Lineitem sku,Billing Name,Billing City,Billing Zip,Billing Country,Phone,Cancelled at,Location\n"
    "#1001,anna@example.com,paid,19.90,EUR,2026-11-20 10:12:13 +0100,Mug,1,19.90,M-1,Anna Berg,Wien,1010,AT,,,\n"
)
WOO = (
    "order_id,order_date,status,order_total,order_currency,billing_first_name,billing_email,billing_phone,"
    "billing_postcode,billing_country\n"
    "77,2026-11-20 10:12:13,completed,19.90,EUR,Anna,anna@example.com,0664 1234567,1010,AT\n"
)
STRIPE = (
    "id,Created (UTC),Amount,Currency,Captured,Status,Mode,Customer Email\n"
    "ch_1,2026-11-20 10:12:13,19.90,eur,true,Paid,Live,anna@example.com\n"
)
META = (
    "event_time,event_name,match_keys.email,match_keys.phone,value,currency\n"
    "1795000000,Purchase,anna@example.com,+49 171 2345678,19.90,EUR\n"
)
CELLS = (
    "col1,col2,col3,col4,col5,col6,col7\n"
    "2026-11-20T10:12:13Z,anna@example.com,+49 171 2345678,EUR,19.90,DE,93.184.216.34\n"
    "2026-11-21T10:12:13Z,ben@example.com,+43 664 1234567,EUR,29.95,AT,93.184.216.35\n"
    "2026-11-22T10:12:13Z,cleo@example.com,+49 171 2345670,EUR,119.00,DE,93.184.216.36\n"
)


class _Noon:
    def now(self) -> float:
        return NOW.timestamp()

    def today(self) -> date:
        return NOW.date()


class Person:
    """Answers by the question's name, and keeps what was asked."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.asked: list[Question] = []

    def ask(self, question: Question) -> str | None:
        self.asked.append(question)
        return self.answers.get(question.name)


def write(folder: Path, text: str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def look(path: Path, person: Person | None = None, *, sets: Any = (), **more: Any) -> Initialised:
    run = RunRequest(
        command="init",
        source=SourceRequest(sources=(str(path),)),
        mapping=MappingRequest(sets=sets, **more),
    )
    return init(InitRequest(run=run, path=path.with_name("capi.toml")), person, _Noon())


def read_back(found: Initialised, header: str) -> dict[str, Any]:
    """Load the written file, bind it to the header by itself, and return its [event] table."""
    assert found.path is not None
    config = load_config(found.path)
    bind_mapping(
        header.splitlines()[0].split(";" if ";" in header else ","),
        MappingRequest(event_config=config.event, where_config=config.where, group_config=config.group),
    )
    assert config.event is not None
    return config.event


def test_plain_headers_become_a_mapping_that_is_complete(tmp_path: Path) -> None:
    found = look(write(tmp_path, ENGLISH), sets=SALE)
    assert found.draft.incomplete == []
    assert read_back(found, ENGLISH) == {
        "event_name": {"value": "Purchase"},
        "event_time": "created_at",
        "action_source": {"value": "physical_store"},
        "user_data": {"em": "email", "ph": "phone", "fn": "first_name"},
        "custom_data": {"value": "total", "currency": "currency", "order_id": "order_id"},
    }


def test_german_dates_amounts_and_birthdays_are_settled_by_their_columns(tmp_path: Path) -> None:
    person = Person(timezone="Europe/Berlin", default_country="DE", event_name="Lead", action_source="chat")
    found = look(write(tmp_path, GERMAN), person)
    assert [question.name for question in person.asked] == [
        "timezone",
        "default_country",
        "event_name",
        "action_source",
    ]
    assert "DE" in person.asked[1].choices
    event = read_back(found, GERMAN)
    assert event["event_time"] == {"column": "Bestelldatum", "format": "%d.%m.%Y %H:%M"}
    assert event["custom_data"]["value"] == {"column": "Gesamtbetrag", "decimal": ","}
    assert event["user_data"]["db"] == {"column": "Geburtsdatum", "format": "%d/%m/%Y"}
    assert event["event_name"] == {"value": "Lead"}
    assert found.path is not None
    options = load_config(found.path).options
    assert options == {"timezone": "Europe/Berlin", "default_country": "DE"}


def test_nobody_there_leaves_lines_to_complete_and_the_file_is_still_read(tmp_path: Path) -> None:
    found = look(write(tmp_path, SPANISH))
    assert [one.name for one in found.draft.incomplete] == ["timezone", "event_name", "action_source"]
    assert found.path is not None
    assert load_config(found.path).event == {
        "event_time": "Fecha de compra",
        "user_data": {
            "em": "Correo electrónico",
            "ph": "Teléfono",
            "ln": "Apellidos",
            "zp": "Código postal",
        },
        "custom_data": {"value": "Importe", "currency": "Moneda"},
    }
    lines = found.text.splitlines()
    for one in found.draft.open:
        for line in one.lines:
            assert f"# {line}" in lines, "what to write stands there, commented out"
    completed = found.text
    for line in (
        'timezone = "Europe/Berlin"',
        'event_name = { value = "Purchase" }',
        'action_source = { value = "website" }',
    ):
        completed = completed.replace(f"# {line}", line, 1)
    found.path.write_text(completed, encoding="utf-8")
    read_back(found, SPANISH)
    assert load_config(found.path).options == {"timezone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("text", "export", "lacking", "where"),
    [
        (
            SHOPIFY,
            "Shopify orders",
            ["event_source_url"],
            {"Financial Status": ["paid", "partially_refunded"], "Cancelled at": [""]},
        ),
        (
            WOO,
            "WooCommerce orders (WebToffee or SkyVerge)",
            ["timezone", "event_source_url"],
            {"status": ["completed", "processing", "wc-completed", "wc-processing"]},
        ),
        (
            STRIPE,
            "Stripe payments",
            ["action_source"],
            {"Status": ["Paid", "Succeeded"], "Captured": ["true"], "Mode": ["Live"]},
        ),
        (META, "Meta's own event file", ["action_source"], None),
    ],
)
def test_recognised_exports_are_written_down_with_their_filters(
    tmp_path: Path, text: str, export: str, lacking: list[str], where: dict[str, list[str]] | None
) -> None:
    found = look(write(tmp_path, text))
    assert found.draft.export == export
    assert [one.name for one in found.draft.incomplete] == lacking
    assert found.path is not None
    config = load_config(found.path)
    assert config.where == where
    assert f"# Recognised: {export}." in found.text
    for assumption in found.draft.assumptions:
        assert assumption in found.text


def test_shopify_line_items_and_names_are_kept(tmp_path: Path) -> None:
    found = look(write(tmp_path, SHOPIFY))
    event = read_back(found, SHOPIFY)
    assert event["custom_data"]["contents"]["id"] == "Lineitem sku"
    assert event["user_data"]["fn"] == {"column": "Billing Name", "split": "full_name"}
    assert event["action_source"] == {
        "column": "Location",
        "default": "website",
        "words": {"*": "physical_store"},
    }
    assert found.path is not None
    assert load_config(found.path).group == {"by": "Name", "value": "once"}


def test_events_of_a_website_are_asked_for_its_page(tmp_path: Path) -> None:
    person = Person(event_source_url="https://shop.example.com/")
    found = look(write(tmp_path, SHOPIFY), person)
    assert [question.name for question in person.asked] == ["event_source_url"]
    check = person.asked[0].check
    assert check is not None
    with pytest.raises(ValueError, match="https://"):
        check("shop.example.com")
    assert read_back(found, SHOPIFY)["event_source_url"] == {"value": "https://shop.example.com/"}
    assert found.draft.incomplete == []


def test_meaningless_headers_are_recognised_by_their_cells(tmp_path: Path) -> None:
    found = look(write(tmp_path, CELLS), sets=SALE)
    assert read_back(found, CELLS) == {
        "event_name": {"value": "Purchase"},
        "event_time": "col1",
        "action_source": {"value": "physical_store"},
        "user_data": {"em": "col2", "ph": "col3", "country": "col6", "client_ip_address": "col7"},
        "custom_data": {"value": "col5", "currency": "col4"},
    }
    for one in found.draft.filled:
        if one.entry.columns:
            assert one.confidence is not None
            assert one.confidence >= 0.8


def test_columns_that_compete_fill_nothing(tmp_path: Path) -> None:
    text = "".join(
        f"{line},{extra}\n"
        for line, extra in zip(
            CELLS.splitlines(), ["col8", "x@example.com", "y@example.com", "z@example.com"], strict=True
        )
    )
    found = look(write(tmp_path, text), sets=SALE)
    event = read_back(found, text)
    assert "em" not in event["user_data"]
    assert 'user_data.em = "col8" (confidence 100%)' in found.text


def test_two_columns_of_times_are_asked_about(tmp_path: Path) -> None:
    text = ENGLISH.replace("order_id", "paid_at").replace("A-1", "2026-11-20T11:00:00Z")
    text = text.replace("A-2", "2026-11-21T11:00:00Z")
    path = write(tmp_path, text)
    person = Person(event_time="paid_at")
    event = read_back(look(path, person, sets=SALE), text)
    assert person.asked[0].choices == ("created_at", "paid_at")
    assert event["event_time"] == "paid_at"


@pytest.mark.parametrize("sign", ["/", ".", "-"])
def test_a_date_order_that_the_column_does_not_settle_is_never_guessed(tmp_path: Path, sign: str) -> None:
    day = f"03{sign}11{sign}2026 10:12"
    text = ENGLISH.replace("2026-11-20T10:12:13Z", day).replace("2026-11-21T10:12:13Z", day)
    found = look(write(tmp_path, text), sets=SALE, timezone="UTC")
    (open_time,) = found.draft.incomplete
    assert (open_time.name, len(open_time.lines)) == ("event_time", 2)
    assert "event_time" not in tomllib.loads(found.text)["event"]
    for format in (f"%d{sign}%m{sign}%Y %H:%M", f"%m{sign}%d{sign}%Y %H:%M"):
        assert f'# event_time = {{ column = "created_at", format = "{format}" }}' in found.text


def test_action_source_is_asked_even_where_everything_else_is_known(tmp_path: Path) -> None:
    found = look(write(tmp_path, ENGLISH), sets=(("event_name", "Purchase"),))
    assert [one.name for one in found.draft.incomplete] == ["action_source"]
    assert "action_source" not in tomllib.loads(found.text)["event"]


def test_nested_json_lines(tmp_path: Path) -> None:
    rows = [
        {
            "created_at": "2026-11-20T10:12:13Z",
            "user": {"email": "anna@example.com"},
            "total": 19.9,
            "currency": "EUR",
        },
        {
            "created_at": "2026-11-21T10:12:13Z",
            "user": {"email": "ben@example.com"},
            "total": 9.5,
            "currency": "EUR",
        },
    ]
    path = write(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), "orders.jsonl")
    event = read_back(look(path, sets=SALE), "created_at,user.email,total,currency")
    assert event["user_data"] == {"em": "user.email"}
    assert event["custom_data"]["value"] == "total"


def test_parquet_with_lists(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    at = datetime(2026, 11, 20, 10, 12, 13, tzinfo=UTC)
    pq.write_table(
        pa.table(
            {"a": [at, at.replace(day=21)], "b": [["anna@example.com"], ["ben@example.com", "b@example.com"]]}
        ),
        path,
    )
    event = read_back(look(path, sets=SALE), "a,b")
    assert (event["event_time"], event["user_data"]) == ("a", {"em": "b"})


def test_names_that_toml_and_comments_must_survive(tmp_path: Path) -> None:
    header = '"E-Mail ""work"" #1\\n","created_at","col ""x"" = [1]"'
    text = header + '\nanna@example.com,2026-11-20T10:12:13Z,"+49 171 2345678"\n'
    text += 'ben@example.com,2026-11-21T10:12:13Z,"+49 171 2345679"\n'
    found = look(write(tmp_path, text), sets=SALE)
    assert found.path is not None
    event = load_config(found.path).event
    assert event is not None
    assert event["user_data"] == {"em": 'E-Mail "work" #1\\n', "ph": 'col "x" = [1]'}


def test_no_match_key_stands_in_the_file(tmp_path: Path) -> None:
    for text in (ENGLISH, GERMAN, SPANISH, CELLS):
        path = tmp_path / "capi.toml"
        path.unlink(missing_ok=True)
        found = look(write(tmp_path, text))
        for secret in ("anna@", "ben@", "ana@", "2345678", "345 678", "Berg", "Ruiz", "80331", "1980"):
            assert secret not in found.text, secret


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path, ENGLISH)
    mine = tmp_path / "capi.toml"
    mine.write_text("# mine\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="overwrites nothing") as caught:
        look(path)
    assert "-o" in caught.value.hint
    assert mine.read_text(encoding="utf-8") == "# mine\n"


def test_a_source_without_header_or_without_rows(tmp_path: Path) -> None:
    headless = write(tmp_path, CELLS.partition("\n")[2], "headless.csv")
    with pytest.raises((ConfigurationError, SourceError)) as caught:
        look(headless)
    assert "anna" not in caught.value.message + caught.value.hint
    assert "--columns" in caught.value.hint
    empty = look(write(tmp_path, ENGLISH.splitlines()[0] + "\n", "empty.csv"), sets=SALE)
    assert read_back(empty, ENGLISH)["user_data"]["em"] == "email"


def test_options_that_read_the_source_are_written_down(tmp_path: Path) -> None:
    path = write(tmp_path, GERMAN)
    run = RunRequest(
        command="init",
        source=SourceRequest(sources=(str(path),), delimiter=";", encoding="utf-8"),
        mapping=MappingRequest(sets=SALE, timezone="Europe/Berlin"),
    )
    target = tmp_path / "capi.toml"
    init(InitRequest(run=replace(run), path=target), None, _Noon())
    options = load_config(target).options
    assert options == {"encoding": "utf-8", "delimiter": ";", "timezone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("text", "expected", "zone_open"),
    [
        (
            """Day,Clock,TZ,Mail
11/24/2026,10:15 AM,Eastern Time (US & Canada),a@example.com
11/24/2026,1:15 PM,Eastern Time (US & Canada),b@example.com
""",
            {"columns": ["Day", "Clock", "TZ"], "format": "%m/%d/%Y %I:%M %p %Z"},
            False,
        ),
        (
            "Fecha;Hora;Correo\n24/11/2026;10:15:00;a@example.com\n23/11/2026;11:15:00;b@example.com\n",
            {"columns": ["Fecha", "Hora"], "format": "%d/%m/%Y %H:%M:%S"},
            True,
        ),
        (
            """created_at,zone,email
2026-11-24 10:15:00,Europe/Paris,a@example.com
2026-11-24 11:15:00,Europe/Paris,b@example.com
""",
            ["created_at", "zone"],
            False,
        ),
        (  # two columns of clock times: which of them is not guessed
            "Day,In,Out,Mail\n2026-11-24,10:15,11:15,a@example.com\n2026-11-23,10:15,11:15,b@example.com\n",
            "Day",
            True,
        ),
    ],
)
def test_date_time_and_zone_in_columns_of_their_own_are_put_together(
    tmp_path: Path, text: str, expected: Any, zone_open: bool
) -> None:
    found = look(write(tmp_path, text), sets=SALE)
    assert read_back(found, text)["event_time"] == expected
    assert ("timezone" in [one.name for one in found.draft.incomplete]) is zone_open


def test_a_member_that_becomes_a_list_further_down(tmp_path: Path) -> None:
    one = '{"when": "2026-11-20T10:12:13Z", "email": "anna@example.com", "phone": "+491712345678"}\n'
    one = one.replace("{", '{"note": "' + "x" * 900 + '", ', 1)
    several = one.replace('"+491712345678"', '["+491712345678", "+491712345679"]')
    found = look(write(tmp_path, one * 900 + several * 100, "orders.jsonl"), sets=SALE)
    assert "phone" in found.text
    assert found.draft.rows == 1000


def test_a_purchase_is_asked_for_its_value(tmp_path: Path) -> None:
    text = (
        "created_at,email,total_net,total_gross\n"
        "2026-11-20T10:12:13Z,a@example.com,10.00,11.90\n2026-11-21T10:12:13Z,b@example.com,20.00,23.80\n"
    )
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    found = look(write(folders[0], text), sets=SALE)
    assert [one.name for one in found.draft.incomplete] == ["custom_data.value"]
    assert found.draft.incomplete[0].lines == ('value = "total_net"', 'value = "total_gross"')
    lead = look(write(folders[1], text), sets=(("event_name", "Lead"), SALE[1]))
    assert lead.draft.incomplete == []
    person = Person(value="total_gross", currency="EUR")
    asked = look(write(folders[2], text), person, sets=SALE)
    assert [question.name for question in person.asked] == ["value", "currency"]
    assert read_back(asked, text)["custom_data"] == {"value": "total_gross", "currency": {"value": "EUR"}}

"""docs/privacy.md says of every field in which form it leaves the machine; this sends one of each and looks."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from capi_cli.event.fields import FIELDS, Kind
from tests.cli.test_pages import load
from tests.prepare.test_preparer import HOUR_AGO, prepare

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
PERSONAL = "ana.secret@example.com"
CELLS = {  # what a cell must look like to be sent; `zqx7` serves for the others
    "em": PERSONAL,
    "ph": "+4917123456789",
    "ge": "female",
    "db": "1990-01-02",
    "doby": "1990",
    "dobm": "01",
    "dobd": "02",
    "fn": "Annabella",
    "ln": "Secretowski",
    "fi": "Annabella",
    "f5first": "Annabella",
    "f5last": "Secretowski",
    "ct": "Kirchlengern",
    "st": "Westfalen",
    "zp": "32278",
    "country": "Germany",
    "client_ip_address": "8.8.4.4",
    "fbc": "fb.1.1709629872123.IwAR0abcdefgh",
    "fbp": "fb.1.1709629872123.1098115397",
    "lead_id": "123456789012345",
}
NOT_HASHED_WORDS = {"1990", "01", "02", "32278", "female", "Germany"}  # too short to search bytes for


def told() -> dict[str, str]:
    """Return what the page says, by path of the field."""
    found: dict[str, str] = {}
    for section in PAGE.split("### ")[1:]:
        title = section.partition("\n")[0]
        group = "" if title == "The event" else re.findall(r"`(\w+)`", title)[0]
        for row in re.findall(r"^\| (`.*) \|$", section, re.MULTILINE):
            cells = row.split(" | ")
            for name in re.findall(r"`([\w.]+)`", cells[0]):
                path = f"{group}.{name}" if group else name
                assert path not in found, f"{path} stands twice"
                found[path] = cells[-1]
    return found


def event(path: str, cell: str) -> tuple[dict[str, Any], bytes]:
    """Return the event of a row with that cell, and its bytes."""
    cells = {"who": ["c-17"], "at": [HOUR_AGO], "x": [cell]}
    maps = [("external_id", "who"), ("event_time", "at")]
    if path == "user_data.external_id":
        maps = maps[1:]
    prepared = prepare(cells, {"event_name": "Lead", "action_source": "other"}, [*maps, (path, "x")])
    (found,) = orjson.loads(b"[" + prepared.joined + b"]")
    return found, bytes(prepared.joined)


def test_the_page_is_written_from_the_table_of_fields_and_names_each_once() -> None:
    assert load("docs/make_privacy.py").page(PAGE) == PAGE, "run `make docs`"
    assert set(told()) == set(FIELDS)


@pytest.mark.parametrize("name", [f.name for f in FIELDS.values() if f.group == "user_data"])
def test_what_is_about_the_person_leaves_in_the_form_that_the_page_says(name: str) -> None:
    path, cell = f"user_data.{name}", CELLS.get(name, "zqx7-secret-id")
    form, (found, sent) = told()[path], event(path, cell)
    if form.startswith("SHA-256"):
        (digest,) = found["user_data"][name]
        assert re.fullmatch("[0-9a-f]{64}", digest)
        if cell not in NOT_HASHED_WORDS:
            assert cell.lower().encode() not in sent.lower()
    elif form.startswith("not sent"):
        assert name not in found["user_data"]
    else:
        assert form.startswith("as it is")
        assert found["user_data"][name] == cell


def test_texts_and_addresses_hold_nobody_where_the_page_says_so() -> None:
    for path, form in [*told().items(), ("custom_data.property_of_mine", "left out where")]:
        if "e-mail address" not in form or path == "event_id":
            continue
        url = path in FIELDS and FIELDS[path].kind is Kind.URL
        cell = f"https://www.example.org/?q={PERSONAL}" if url else f"for {PERSONAL}"
        assert PERSONAL.encode() not in event(path, cell)[1], path

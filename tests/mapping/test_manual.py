"""docs/mapping.md says what the code does."""

import re
import tomllib
from pathlib import Path

import pytest

from capi_cli.mapping.bind import bind
from capi_cli.mapping.config import read_config
from capi_cli.mapping.entry import ENTRY_KEYS
from capi_cli.mapping.exports import EXPORTS

MANUAL = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text("utf-8")


@pytest.mark.parametrize("key", ENTRY_KEYS)
def test_every_key_of_an_entry_has_its_row(key):
    assert re.search(rf"^\| `{key}` \|", MANUAL, re.MULTILINE)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_every_recognised_export_is_told(export):
    assert re.search(rf"^\| {re.escape(export.name.partition(' (')[0])}", MANUAL, re.MULTILINE)


def test_the_example_binds_to_a_header_that_has_its_columns():
    text = re.search(r"```toml\n(.*?)```", MANUAL, re.DOTALL)
    assert text is not None
    config = read_config(tomllib.loads(text[1]), text=text[1])
    header = (
        "created_at order_id email email_2 phones birthday gender customer_id total currency store_id skus "
        "quantities status"
    ).split()
    mapping = bind(header, config=config)
    assert [entry.field.path for entry in mapping.entries] == [
        "event_name",
        "event_time",
        "event_id",
        "action_source",
        "user_data.em",
        "user_data.ph",
        "user_data.db",
        "user_data.external_id",
        "custom_data.value",
        "custom_data.currency",
        "custom_data.order_id",
        "custom_data.contents.id",
        "custom_data.contents.quantity",
        "custom_data.store",
    ]
    assert mapping.entry("user_data.ge") is None


def test_the_example_of_leads_binds_to_a_crms_header():
    text = re.search(r"## Leads\n.*?```toml\n(.*?)```", MANUAL, re.DOTALL)
    assert text is not None
    config = read_config(tomllib.loads(text[1]), text=text[1])
    mapping = bind("lead_id stage stage_changed_at created_time".split(), config=config)
    assert [entry.field.path for entry in mapping.entries] == [
        "event_name",
        "event_time",
        "action_source",
        "lead_created_at",
        "user_data.lead_id",
        "custom_data.lead_event_source",
        "custom_data.event_source",
    ]


@pytest.mark.parametrize("entry", re.findall(r"`(event_time = [\[{].*?[\]}])`", MANUAL))
def test_every_way_to_write_a_time_is_taken(entry):
    config = read_config(tomllib.loads(f"[event]\n{entry}\n"), text=entry)
    header = [*"Datum Uhrzeit Date Time".split(), "Time Zone"]
    mapping = bind(header, config=config, complete=False)
    assert mapping.entry("event_time").columns

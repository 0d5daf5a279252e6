"""The front door: every field's cell → JSON text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.fields import FIELDS, Kind, parse_field
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.times import TimeReading
from capi_cli.event.rules import catalogue, is_error

SETTINGS = CellSettings(reading=TimeReading(timezone="UTC"))
WIRE_FIELDS = [field for field in FIELDS.values() if field.kind not in (Kind.MATCH_KEY, Kind.INPUT)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("event_name", "Purchase", '"Purchase"'),
        ("event_name", "purchase", Finding("event-name-case", '"Purchase"', "Purchase")),
        ("event_time", "2024-03-05T00:00:00Z", "1709596800"),
        ("event_time", "2024-03-05", Finding("time-date-only", "1709596800", "UTC")),
        ("event_time", "05/03/2024", Finding("time-day-or-month", None, "%d/%m/%Y or %m/%d/%Y")),
        ("original_event_data.event_time", "05/03/2024", Finding("time-dropped", None, "time-day-or-month")),
        ("original_event_data.event_time", "2024-03-05", Finding("time-date-only", "1709596800", "UTC")),
        ("original_event_data.event_name", "Purchase", '"Purchase"'),
        ("event_id", " order-1 ", '"order-1"'),
        ("action_source", "Website", '"website"'),
        ("action_source", "shop", Finding("action-source-unknown")),
        ("messaging_channel", "sms", Finding("choice-unknown")),
        ("event_source_url", "https://x.com/?e=a@b.co", Finding("url-personal-data", '"https://x.com/?e="')),
        ("opt_out", "false", "false"),
        ("data_processing_options", "LDU", '["LDU"]'),
        ("data_processing_options_country", "0", "0"),
        ("data_processing_options_state", "CA", "1000"),
        ("user_data.client_ip_address", "8.8.8.8", '"8.8.8.8"'),
        ("user_data.lead_id", "l:123456789012345", '"123456789012345"'),
        ("value", "19.90", "19.9"),
        ("value", "€ 19.90", Finding("number-symbol", "19.9")),
        ("value", "19,90", Finding("number-comma")),
        ("predicted_ltv", "19,90", Finding("number-dropped", None, "number-comma")),
        ("currency", "eur", '"EUR"'),
        ("num_items", "3.0", "3"),
        ("content_ids", '["A", "B"]', '["A","B"]'),
        ("contents", "{id: A, price: 5}", '[{"id":"A","item_price":5}]'),
        ("order_id", 'say "hi"\t\u2028ü', '"say \\"hi\\"\\t\u2028ü"'),
        ("order_id", "ana@example.com", Finding("text-personal")),
        ("custom_data.store", "Berlin", '"Berlin"'),
        ("custom_data.contact", "ana@example.com", Finding("custom-property-personal")),
        ("custom_data.contact", "+4915112345678", Finding("custom-property-personal")),
        ("custom_data.amount", "12.50", '"12.50"'),
        ("custom_data.store_data", '{"store_code": 1}', '{"store_code":"1"}'),
        ("app_data.extinfo", "a2", Finding("extinfo-parts", None, "1")),
        ("order_id", "#REF!", Finding("formula-error", None, "#REF!")),
        ("order_id", "#1001", '"#1001"'),
        ("order_id", "", None),
    ],
)
def test_wire_values(name: str, text: str, expected: object) -> None:
    assert wire_value(parse_field(name), text, SETTINGS) == expected


def test_settings_reach_their_fields() -> None:
    assert wire_value(FIELDS["custom_data.value"], "1.234,56", CellSettings(decimal=",")) == "1234.56"
    assert wire_value(FIELDS["custom_data.content_ids"], "A|B", CellSettings(separator="|")) == '["A","B"]'
    contradicting = wire_value(FIELDS["custom_data.value"], "$5", CellSettings(currency="EUR"))
    assert contradicting == Finding("value-currency-contradicts", None, " (EUR)")


@given(
    st.sampled_from(WIRE_FIELDS),
    st.text(max_size=20) | st.sampled_from(["1", "true", "2024-03-05", "[]", "{}"]),
)
def test_any_cell_gives_json_of_its_kind_or_a_known_finding(field, text: str) -> None:  # type: ignore[no-untyped-def]
    found = wire_value(field, text, SETTINGS)
    if isinstance(found, Finding):
        assert found.code in catalogue()
        assert not (is_error(found.code) and found.kept is not None)
        found = found.kept
    if found is None:
        return
    value = json.loads(found)
    expected: dict[Kind, type | tuple[type, ...]] = {
        Kind.INTEGER: int,
        Kind.TIME: int,
        Kind.NUMBER: (int, float),
        Kind.BOOLEAN: bool,
        Kind.TEXTS: list,
        Kind.JSON: (list, dict),
    }
    assert isinstance(value, expected.get(field.kind, str))
    assert value != ""


REQUIRED = {"event_name", "event_time", "action_source", "custom_data.value", "custom_data.currency"}
LIMITED_USE = {"data_processing_options", "data_processing_options_country", "data_processing_options_state"}


@given(st.sampled_from(WIRE_FIELDS), st.text(max_size=20))
def test_a_bad_optional_value_never_rejects_its_row(field, text: str) -> None:  # type: ignore[no-untyped-def]
    found = wire_value(field, text, SETTINGS)
    if isinstance(found, Finding) and is_error(found.code):
        assert field.path in REQUIRED | LIMITED_USE | {"original_event_data.event_name"}

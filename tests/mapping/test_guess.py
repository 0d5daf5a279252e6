"""Headers as exports have them, and the fields that their names fill."""

from pathlib import Path

import pytest

from capi_cli.event.fields import FIELDS
from capi_cli.mapping.guess import guess, likely_columns, looks_like_match_key, match_name
from capi_cli.mapping.header import Header


def filled(columns):
    header = list(columns)
    found = guess(Header.of(header))
    return {
        FIELDS[path].name if path in FIELDS else path: [header[at] for at in one.positions]
        for path, one in found.filled.items()
    }


def unclear(columns):
    header = list(columns)
    return {
        FIELDS[path].name: [header[at] for at in positions]
        for path, positions in guess(Header.of(header)).unclear.items()
    }


HEADERS = [
    line.split("\t")
    for line in (Path(__file__).parent / "headers.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("columns", "fields"), [case[1:] for case in HEADERS], ids=[c[0] for c in HEADERS])
def test_real_headers(columns, fields):
    wanted = dict(pair.split("=", 1) for pair in fields.split())
    found = {
        name: "+".join(columns).replace(" ", "_") for name, columns in filled(columns.split(";")).items()
    }
    assert found == wanted


@pytest.mark.parametrize(
    "word",
    "name id date time status type state estado stato land region nombre nom nome cap client_id customer_id "
    "title description category quantity price subtotal tax shipping company username vendor_id page_id "
    "shipping_total customer_since billing_date lead_source price_list account_id gclid client_name".split(),
)
def test_words_that_may_mean_two_things_are_left_to_a_person(word):
    assert filled([word]) == {}


def test_state_counts_beside_an_address_alone():
    assert filled(["state", "order_id"]) == {"order_id": ["order_id"]}
    assert filled(["state", "city"]) == {"ct": ["city"], "st": ["state"]}
    assert filled(["billing_state"]) == {"st": ["billing_state"]}


def test_metas_own_name_goes_before_a_synonym():
    assert filled(["total", "value"])["value"] == ["value"]
    assert filled(["gender", "ge"])["ge"] == ["ge"]
    assert filled(["order_number", "order_id"])["order_id"] == ["order_id"]


def test_an_order_number_goes_before_an_invoice_number():
    assert filled(["invoice_number", "Order #"]) == {"order_id": ["Order #"]}


def test_two_columns_for_one_value_are_told_and_neither_taken():
    header = ["created_at", "paid_at", "total", "amount", "email"]
    assert filled(header) == {"em": ["email"]}
    assert unclear(header) == {"event_time": ["created_at", "paid_at"], "value": ["total", "amount"]}


def test_billing_goes_before_customer_before_bare_before_shipping():
    header = ["shipping_city", "city", "customer_city", "billing_city"]
    for place in (3, 2, 1, 0):
        assert filled(header[: place + 1]) == {"ct": [header[place]]}


def test_a_person_may_have_several_addresses_and_phones_but_a_parcel_is_anothers():
    assert filled(["email", "billing_email", "shipping_email"]) == {"em": ["email", "billing_email"]}
    assert filled(["shipping_phone"]) == {"ph": ["shipping_phone"]}
    assert filled(["Email (Billing)", "Phone (Shipping)"]) == {
        "em": ["Email (Billing)"],
        "ph": ["Phone (Shipping)"],
    }


def test_numbered_and_doubled_columns_are_several_values():
    assert filled(["email", "email", "email_2", "Email 3"]) == {
        "em": ["email", "email", "email_2", "Email 3"]
    }
    assert filled(["value2"]) == {}


@pytest.mark.parametrize(
    "name",
    ["match_keys.email", "[match_keys.email]", "user.email", "user_email", "user_data.em", "USER_DATA.EMAIL"],
)
def test_prefixes_of_the_person(name):
    assert filled([name]) == {"em": [name]}


@pytest.mark.parametrize("name", ["custom.value", "custom_value", "custom_data.value", "[custom_data.value]"])
def test_prefixes_of_the_purchase(name):
    assert filled([name]) == {"value": [name]}


def test_a_prefix_of_one_object_takes_no_field_of_another():
    assert filled(["user.value", "custom.email"]) == {}


def test_a_property_of_ones_own_needs_its_object_spelled_out():
    assert filled(["custom_data.loyalty_level"]) == {
        "custom_data.loyalty_level": ["custom_data.loyalty_level"]
    }
    assert filled(["custom.loyalty_level", "loyalty_level"]) == {}


def test_parts_of_contents_count_only_with_an_id():
    assert filled(["contents.quantity", "contents.price"]) == {}
    assert filled(["Item ID", "Item Price", "Item Quantity"]) == {
        "id": ["Item ID"],
        "item_price": ["Item Price"],
        "quantity": ["Item Quantity"],
    }


def test_a_full_name_is_split_where_no_column_holds_a_part():
    found = guess(Header.of(["full_name", "email"])).filled["user_data.fn"]
    assert (found.positions, found.split) == ((0,), "full_name")
    assert filled(["full_name", "first_name"]) == {"fn": ["first_name"]}


def test_columns_given_to_a_field_are_not_guessed_for_another():
    assert guess(Header.of(["email", "phone"]), taken=[0]).filled.keys() == {"user_data.ph"}


def test_neither_event_name_nor_action_source_is_made_up():
    assert not filled(["email", "order_date", "total", "source", "event"]).keys() & {
        "event_name",
        "action_source",
    }


def test_the_columns_of_a_rejects_file_are_not_guessed():
    assert filled(["_row", "_code", "_field", "_reason", "_hint", "email"]) == {"em": ["email"]}


def test_likely_columns_are_only_named():
    header = Header.of(["email", "Date", "Uhrzeit", "total"])
    assert likely_columns("event_time", header) == ["Date", "Uhrzeit"]
    assert likely_columns("action_source", header) == []


@pytest.mark.parametrize(
    ("name", "path"),
    [("Customer Email", "user_data.em"), ("order_id", None), ("lead_id", None), ("phone2", "user_data.ph")],
)
def test_columns_that_hold_a_match_key(name, path):
    assert looks_like_match_key(name) == path


def test_every_field_is_found_by_its_full_path():
    for path in FIELDS:
        match = match_name(path)
        assert match is not None, path
        assert match.field.path == path

import pytest

from capi_cli.errors import ConfigurationError
from capi_cli.mapping import parse
from capi_cli.mapping.config import Config


def tree(**event):
    return parse.entries_from_tree(event, Config().place)


def refused(**event):
    with pytest.raises(ConfigurationError) as caught:
        tree(**event)
    return caught.value


def test_text_is_a_column_and_a_list_is_several():
    entries = tree(event_time="when", user_data={"em": ["a", "b"]})
    assert entries["event_time"].columns == ("when",)
    assert entries["user_data.em"].columns == ("a", "b")


def test_a_table_spells_it_out():
    entry = tree(user_data={"ph": {"columns": ["p", "q"], "separator": ";", "default": "0"}})["user_data.ph"]
    assert (entry.columns, entry.separator, entry.default) == (("p", "q"), ";", "0")
    entry = tree(event_time={"column": "t", "format": "ms", "timezone": "Europe/Berlin"})["event_time"]
    assert (entry.format, entry.timezone) == ("ms", "Europe/Berlin")
    entry = tree(user_data={"external_id": {"column": "c", "plain": True}})["user_data.external_id"]
    assert entry.plain is True
    entry = tree(user_data={"zp": {"column": "z", "zip_dash": "cut"}})["user_data.zp"]
    assert entry.zip_dash == "cut"
    entry = tree(user_data={"fn": {"column": "n", "split": "full_name"}})["user_data.fn"]
    assert entry.split == "full_name"
    entry = tree(event_name={"column": "s", "words": {"Won": "Purchase", "*": "Lead"}})["event_name"]
    assert entry.words == (("Won", "Purchase"), ("*", "Lead"))
    entry = tree(consent={"column": "c", "consent_denied": "ldu"})["consent"]
    assert entry.consent_denied == "ldu"
    entry = tree(custom_data={"value": {"column": "v", "decimal": ","}})["custom_data.value"]
    assert entry.decimal == ","
    entry = tree(event_id={"template": "o-{a}-{b}"})["event_id"]
    assert (entry.template, entry.columns) == ("o-{a}-{b}", ("a", "b"))


@pytest.mark.parametrize(
    ("raw", "text", "is_json"),
    [
        ("Purchase", "Purchase", False),
        (True, "true", True),
        (7, "7", True),
        (19.5, "19.5", True),
        (["a", "ü"], '["a", "ü"]', True),
        ([{"id": "x", "quantity": 2}], '[{"id": "x", "quantity": 2}]', True),
        ([], "[]", True),
    ],
)
def test_a_constant_may_be_any_value(raw, text, is_json):
    entry = tree(custom_data={"x": {"value": raw}})["custom_data.x"]
    assert (entry.value, entry.value_is_json) == (text, is_json)


def test_fields_within_fields():
    entries = tree(
        custom_data={"store_data": {"store_code": "s"}, "contents": {"id": "sku", "quantity": "n"}}
    )
    assert entries.keys() == {
        "custom_data.store_data.store_code",
        "custom_data.contents.id",
        "custom_data.contents.quantity",
    }
    assert tree(custom_data={"contents": {"column": "items"}}).keys() == {"custom_data.contents"}


def test_every_object_of_the_event_has_its_table():
    entries = tree(
        app_data={"extinfo": "e"},
        original_event_data={"event_time": "t"},
        attribution_data={"ad_id": "a"},
        custom_data={"My Own": "m"},
    )
    assert entries.keys() == {
        "app_data.extinfo",
        "original_event_data.event_time",
        "attribution_data.ad_id",
        "custom_data.My Own",
    }


def test_an_empty_list_switches_a_field_off():
    assert parse.is_off(tree(user_data={"ge": []})["user_data.ge"])
    assert not parse.is_off(tree(user_data={"ge": "sex"})["user_data.ge"])


@pytest.mark.parametrize(
    ("event", "message", "hint"),
    [
        ({"event_tme": "x"}, "unknown field 'event_tme' in [event]", "event_time"),
        ({"user_dta": {"em": "x"}}, "unknown field 'user_dta'", "user_data"),
        ({"em": "x"}, "em is not a field of [event]", "[event.user_data]"),
        ({"user_data": {"value": "x"}}, "value is not a field of [event.user_data]", "[event.custom_data]"),
        ({"custom_data": {"a.b": "x"}}, "unknown field 'a.b'", "[event.custom_data] takes"),
        ({"user_data": {"emial": "x"}}, "unknown field 'emial' in [event.user_data]", "Did you mean em?"),
        ({"user_data": {"phone": "x"}}, "unknown field 'phone' in [event.user_data]", "Did you mean ph?"),
        ({"email": "x"}, "unknown field 'email' in [event]", "Did you mean em under [event.user_data]?"),
        ({"user_data": "email"}, "user_data holds fields", "[event.user_data]"),
        ({"custom_data": {"store_data": {"shop": "x"}}}, "unknown field 'shop'", "store_code"),
        ({"event_time": {"colum": "x"}}, "unknown key 'colum'", "Did you mean column?"),
        ({"event_time": {"format": "s"}}, "nothing says what fills event_time", "column ="),
        ({"event_time": {"column": "a", "value": 1}}, "column and value contradict", "one of them"),
        ({"event_time": 5}, "event_time needs a column's name", "{ value = 5 }"),
        ({"opt_out": True}, "opt_out needs a column's name", "{ value = true }"),
        ({"event_name": ["a", "b"]}, "event_name takes one column, not 2", "template"),
        ({"event_name": {"columns": ["a", "b"]}}, "event_name takes one column, not 2", "template"),
        ({"event_name": ""}, "named by text", 'event_name = "COLUMN"'),
        ({"event_name": [3]}, "named by text", 'event_name = "COLUMN"'),
        ({"event_name": {"value": "a", "default": "b"}}, "default goes with columns", "Take out"),
        ({"event_name": {"column": "a", "separator": ";"}}, "takes one value", "Take out separator"),
        ({"event_name": {"column": "a", "format": "%Y"}}, "no time and no date", "Take out format"),
        ({"event_time": {"column": "a", "format": "dd.mm.yyyy"}}, "is no layout", "%d.%m.%Y"),
        ({"event_time": {"column": "a", "timezone": "Europe/Berln"}}, "unknown timezone", "Europe/Berlin"),
        ({"event_name": {"column": "a", "timezone": "UTC"}}, "is no time", "event_time"),
        ({"user_data": {"db": {"column": "a", "format": "ms"}}}, "is no layout", "%d/%m/%Y"),
        ({"user_data": {"em": {"column": "a", "plain": True}}}, "plain is for external_id alone", "plain"),
        ({"user_data": {"external_id": {"column": "a", "plain": "yes"}}}, "true or false", "plain = true"),
        ({"user_data": {"ct": {"column": "a", "split": "full_name"}}}, "ct is no name", "fn"),
        ({"user_data": {"fn": {"column": "a", "split": "words"}}}, "split can't be", "full_name"),
        ({"user_data": {"fn": {"column": "a", "split": "contacts"}}}, "fn is no contact", "em and ph"),
        ({"user_data": {"fn": {"column": "a", "words": {"x": "y"}}}}, "cells as they are", "event_name"),
        ({"event_name": {"column": "a", "words": {"x": 1}}}, "words is a table of texts", "Closed Won"),
        ({"event_name": {"column": "a", "words": {}}}, "words is a table of texts", "Closed Won"),
        ({"event_name": {"value": "a", "words": {"x": "y"}}}, "words goes with columns", "Take out words"),
        ({"user_data": {"ct": {"column": "a", "zip_dash": "cut"}}}, "for zp alone", "dash"),
        ({"user_data": {"ct": {"column": "a", "consent_denied": "ldu"}}}, "for consent alone", "filtered"),
        ({"custom_data": {"value": {"column": "a", "decimal": ";"}}}, "decimal sign can't be", '","'),
        ({"event_name": {"column": "a", "decimal": ","}}, "is no amount", "value"),
        ({"custom_data": {"value": {"value": float("nan")}}}, "finite number", "digits"),
        ({"event_id": {"template": "order"}}, "names no column", "order-{order_id}"),
        ({"event_id": {"template": "o-{x"}}, "nothing closes", "order-{order_id}"),
        ({"event_id": {"template": 5}}, "template is text", "template ="),
    ],
)
def test_an_entry_that_its_field_does_not_take(event, message, hint):
    error = refused(**event)
    assert message in error.message
    assert hint in error.hint
    assert error.message.startswith("capi.toml")


def test_times_may_stand_in_two_columns():
    assert tree(event_time=["Date", "Time"])["event_time"].columns == ("Date", "Time")


def test_the_same_field_again_adds_a_column_where_several_are_taken():
    entries = parse.entries_from_options([("em", "a"), ("user_data.em", "b")], [], None)
    assert entries["user_data.em"].columns == ("a", "b")


@pytest.mark.parametrize(
    ("maps", "sets", "event_id", "message"),
    [
        ([("value", "a"), ("custom_data.value", "b")], [], None, "--map value is given twice"),
        ([("event_time", "a"), ("event_time", "b")], [], None, "--map event_time is given twice"),
        ([], [("event_name", "a"), ("event_name", "b")], None, "--set event_name is given twice"),
        ([("event_name", "a")], [("event_name", "b")], None, "--map and --set both fill event_name"),
        ([("event_id", "a")], [], "x-{b}", "--map and --event-id both fill event_id"),
        ([], [("event_id", "a")], "x-{b}", "--set and --event-id both fill event_id"),
        ([], [], "order_id", "names no column"),
        ([("emial", "a")], [], None, "Unknown field 'emial'"),
        ([], [("curency", "a")], None, "Unknown field 'curency'"),
    ],
)
def test_options_that_contradict(maps, sets, event_id, message):
    with pytest.raises(ConfigurationError) as caught:
        parse.entries_from_options(maps, sets, event_id)
    assert message in caught.value.message
    assert caught.value.hint


def test_the_nearest_field_is_named():
    with pytest.raises(ConfigurationError) as caught:
        parse.entries_from_options([], [("curency", "EUR")], None)
    assert "currency" in caught.value.hint


def test_filters_take_texts_numbers_and_switches():
    said = {"status": ["paid", ""], "n": 3, "live": True, "mail": {"not": ["x"]}, "id": {"not": ""}}
    wheres = parse.wheres_from_tree(said, Config().place)
    assert [(one.column, one.values, one.without) for one in wheres] == [
        ("status", ("paid", ""), False),
        ("n", ("3",), False),
        ("live", ("true",), False),
        ("mail", ("x",), True),
        ("id", ("",), True),
    ]


@pytest.mark.parametrize("raw", [[], [["paid"]], {"is": "paid"}, {"not": []}, {"not": "x", "is": "y"}])
def test_a_filter_without_values_is_refused(raw):
    with pytest.raises(ConfigurationError, match=r"\[where\] takes a text"):
        parse.wheres_from_tree({"status": raw}, Config().place)


def test_line_items():
    group = parse.group_from_tree({"by": "order_id", "value": "sum"}, Config().place)
    assert group is not None
    assert (group.by, group.value) == ("order_id", "sum")
    assert parse.group_from_tree({}, Config().place) is None


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"by": "x", "vaule": "sum"}, "unknown key 'vaule'"),
        ({"value": "sum"}, "needs the column"),
        ({"by": "x", "value": "max"}, "once or sum"),
    ],
)
def test_line_items_that_are_refused(raw, message):
    with pytest.raises(ConfigurationError) as caught:
        parse.group_from_tree(raw, Config().place)
    assert message in caught.value.message
    assert caught.value.hint

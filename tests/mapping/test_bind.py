import pytest

from capi_cli.errors import ConfigurationError
from capi_cli.mapping.bind import bind
from capi_cli.mapping.config import Config
from capi_cli.mapping.exports import recognise
from capi_cli.mapping.model import Origin
from capi_cli.mapping.show import filter_lines, mapping_lines

REQUIRED = [("event_name", "Purchase"), ("action_source", "website")]
HEADER = ["email", "phone", "event_time", "total", "currency", "order_id", "status"]


def refused(header, **said):
    with pytest.raises(ConfigurationError) as caught:
        bind(header, **said)
    return caught.value


def test_header_names_fill_what_nobody_mapped():
    mapping = bind(HEADER, sets=REQUIRED)
    assert [(entry.field.path, entry.columns, entry.origin) for entry in mapping.entries] == [
        ("event_name", (), Origin.OPTION),
        ("event_time", ("event_time",), Origin.HEADER),
        ("action_source", (), Origin.OPTION),
        ("user_data.em", ("email",), Origin.HEADER),
        ("user_data.ph", ("phone",), Origin.HEADER),
        ("custom_data.value", ("total",), Origin.HEADER),
        ("custom_data.currency", ("currency",), Origin.HEADER),
        ("custom_data.order_id", ("order_id",), Origin.HEADER),
    ]
    assert mapping.guessed


def test_positions_are_those_of_the_header():
    mapping = bind(
        [" E-Mail ", "EVENT TIME", "x", "email"], sets=REQUIRED, maps=[("em", "email"), ("em", "e mail ")]
    )
    entry = mapping.entry("user_data.em")
    assert entry is not None
    assert (entry.columns, entry.positions) == (("email", " E-Mail "), (3, 0))


def test_a_mapping_by_hand_alone_is_no_guess():
    maps = [("em", "email"), ("event_time", "event_time")]
    assert not bind(["email", "event_time", "note"], sets=REQUIRED, maps=maps).guessed


def test_options_replace_the_whole_entry_of_the_file():
    config = Config(
        event={
            "event_time": {"column": "when", "format": "%d.%m.%Y"},
            "user_data": {"em": ["a", "b"]},
            "custom_data": {"value": {"column": "a", "decimal": ","}},
        }
    )
    mapping = bind(
        ["a", "b", "when", "late"],
        config=config,
        sets=[*REQUIRED, ("value", "9.99")],
        maps=[("event_time", "late"), ("em", "b")],
    )
    time, email, value = (mapping.entry(p) for p in ("event_time", "user_data.em", "custom_data.value"))
    assert time is not None and email is not None and value is not None
    assert (time.columns, time.format) == (("late",), None)
    assert email.columns == ("b",)
    assert (value.columns, value.value, value.decimal) == ((), "9.99", None)


def test_an_empty_list_keeps_a_field_empty():
    config = Config(event={"user_data": {"ph": []}})
    mapping = bind(HEADER, config=config, sets=REQUIRED)
    assert mapping.entry("user_data.ph") is None
    assert mapping.entry("user_data.em") is not None


def test_a_constant_stands_over_a_header_and_says_so():
    mapping = bind([*HEADER, "event_name"], sets=REQUIRED)
    entry = mapping.entry("event_name")
    assert entry is not None
    assert (entry.value, entry.columns) == ("Purchase", ())
    assert mapping.assumptions == ('event_name: the constant of --set stands over the column "event_name".',)


def test_two_columns_for_one_value_are_told():
    mapping = bind(["email", "event_time", "total", "amount"], sets=REQUIRED)
    assert mapping.entry("custom_data.value") is None
    assert mapping.assumptions == (
        'value is not filled: "total" and "amount" both look like it; choose with --map value=COLUMN.',
    )


def test_a_column_that_is_mapped_by_hand_is_not_guessed_for_another_field():
    mapping = bind(HEADER, sets=REQUIRED, maps=[("external_id", "phone")])
    assert mapping.entry("user_data.ph") is None


def test_a_column_in_a_template_still_fills_its_field():
    mapping = bind(HEADER, sets=REQUIRED, event_id="order-{Order ID}")
    template, order = mapping.entry("event_id"), mapping.entry("custom_data.order_id")
    assert template is not None and order is not None
    assert (template.template, template.columns, template.positions) == (
        "order-{Order ID}",
        ("Order ID",),
        (5,),
    )
    assert order.positions == (5,)


def test_the_event_id_of_the_file_yields_to_an_option_for_the_field():
    config = Config(options={"event_id": "o-{order_id}"})
    assert bind(HEADER, config=config, sets=REQUIRED).entry("event_id").template == "o-{order_id}"  # type: ignore[union-attr]
    for given in (None, "o-{order_id}"):
        mapping = bind(HEADER, config=config, sets=REQUIRED, maps=[("event_id", "status")], event_id=given)
        assert mapping.entry("event_id").columns == ("status",)  # type: ignore[union-attr]


def test_everything_that_lacks_is_told_at_once_with_its_flag():
    error = refused(["a", "Datum", "Kanal"])
    assert error.message == (
        "Nothing fills event_time, event_name and action_source, which every event needs. "
        "No column fills a match key (e-mail, phone, …), so Meta could match nobody."
    )
    assert '--map event_time=COLUMN (perhaps "Datum")' in error.hint
    assert "--set event_name=Purchase" in error.hint
    assert "--set action_source=physical_store" in error.hint
    assert "--map em=COLUMN" in error.hint
    assert 'Columns here: "a", "Datum", "Kanal".' in error.hint


@pytest.mark.parametrize(
    ("lacks", "flag"),
    [
        ("event_time", "--map event_time=COLUMN"),
        ("event_name", "--set event_name=Purchase"),
        ("action_source", "--set action_source=physical_store"),
    ],
)
def test_one_that_lacks_is_told_alone(lacks, flag):
    header = [name for name in ["email", "event_time", "event_name", "action_source"] if name != lacks]
    error = refused(header)
    assert error.message == f"Nothing fills {lacks}, which every event needs."
    assert flag in error.hint
    assert error.exit_code == 10


def test_no_match_key_is_told_with_columns_that_may_be_one():
    error = refused(["event_time", "Kontakt-Mail-Feld"], sets=REQUIRED)
    assert "match key" in error.message
    assert 'perhaps "Kontakt-Mail-Feld"' in error.hint


@pytest.mark.parametrize(
    ("given", "sent"),
    [("physical_store", "physical_store"), ("Physical Store", "physical_store"), ("WEBSITE", "website")],
)
def test_closed_lists_take_metas_spelling(given, sent):
    mapping = bind(HEADER, sets=[("event_name", "Purchase"), ("action_source", given)])
    assert mapping.entry("action_source").value == sent  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("field", "value", "message", "hint"),
    [
        ("action_source", "store", "action_source can't be", "Did you mean physical_store?"),
        ("action_source", "web", "action_source can't be", "website"),
        ("action_source", "zzz", "action_source can't be", "Meta takes email, website"),
        ("messaging_channel", "whatsap", "messaging_channel can't be", "Did you mean whatsapp?"),
        ("currency", "Euro", "currency can't be", "EUR"),
        ("event_source_url", " ", "the constant is empty", "Give it a value"),
    ],
)
def test_constants_that_are_not_in_their_list(field, value, message, hint):
    sets = [pair for pair in REQUIRED if pair[0] != field]
    error = refused(HEADER, sets=[*sets, (field, value)])
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize("column", ["email", "E-MAIL", "phone", "Customer Mail"])
def test_a_template_does_not_carry_a_match_key(column):
    header = [*HEADER, "Customer Mail"]
    error = refused(header, sets=REQUIRED, event_id="x-{" + column + "}")
    assert "match key" in error.message
    assert "unhashed" in error.message
    assert "order number" in error.hint


def test_a_template_does_not_carry_a_column_that_was_mapped_to_a_match_key():
    error = refused(HEADER, sets=REQUIRED, maps=[("external_id", "order_id")], event_id="x-{order_id}")
    assert "external_id" in error.message
    config = Config(event={"user_data": {"external_id": {"column": "order_id", "plain": True}}})
    assert bind(HEADER, config=config, sets=REQUIRED, event_id="x-{order_id}").entry("event_id") is not None


def test_a_match_key_may_be_made_by_a_template():
    config = Config(event={"user_data": {"external_id": {"template": "{status}-{email}"}}})
    assert bind(HEADER, config=config, sets=REQUIRED).entry("user_data.external_id") is not None


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ({"maps": [("em", "emial")]}, '--map em: the source has no column "emial".', 'Did you mean "email"?'),
        ({"event_id": "x-{ordre_id}"}, '--event-id: the source has no column "ordre_id".', '"order_id"'),
        ({"where": [("statsu", ("paid",))]}, '--where: the source has no column "statsu".', '"status"'),
        ({"config": Config(where={"statsu": "paid"})}, "capi.toml, [where]: the source has no", '"status"'),
        ({"config": Config(group={"by": "order"})}, "[group] by: the source has no", '"order_id"'),
        (
            {"config": Config(event={"user_data": {"em": "mial"}})},
            "capi.toml, em: the source has no",
            '"email"',
        ),
        ({"default_country": "UK"}, 'The default country can\'t be "UK".', "Did you mean GB?"),
        ({"default_country": "XX"}, "The default country can't be", "ISO 3166"),
        ({"decimal": ";"}, "--decimal: the decimal sign can't be ';'.", '","'),
    ],
)
def test_names_that_are_not_there(said, message, hint):
    error = refused(HEADER, sets=REQUIRED, **said)
    assert message in error.message
    assert hint in error.hint


def test_an_unknown_column_of_the_file_says_its_line():
    text = '[event.user_data]\n\nem = "mial"\n'
    error = refused(HEADER, sets=REQUIRED, config=Config(event={"user_data": {"em": "mial"}}, text=text))
    assert error.message.startswith("capi.toml, line 3, em:")


def test_doubled_names_fill_a_field_of_several_values_and_no_other():
    mapping = bind(["email", "event_time", "email"], sets=REQUIRED)
    assert mapping.entry("user_data.em").positions == (0, 2)  # type: ignore[union-attr]
    mapping = bind(["mail", "event_time", "mail"], sets=REQUIRED, maps=[("em", "mail")])
    assert mapping.entry("user_data.em").positions == (0, 2)  # type: ignore[union-attr]
    error = refused(["email", "event_time", "total", "total"], sets=REQUIRED)
    assert "columns 3 and 4" in error.message
    error = refused(["email", "event_time", "x", "x"], sets=REQUIRED, maps=[("order_id", "x")])
    assert "columns 3 and 4" in error.message
    assert bind(["email", "event_time", "note", "note"], sets=REQUIRED).entry("user_data.em") is not None


def test_filters_of_options_go_before_those_of_the_file_column_by_column():
    config = Config(where={"Status": ["paid"], "currency": "EUR"})
    mapping = bind(HEADER, config=config, sets=REQUIRED, where=[("status", ("a",)), ("status", ("b", "a"))])
    assert [(one.column, one.values, one.position) for one in mapping.where] == [
        ("currency", ("EUR",), 4),
        ("status", ("a", "b"), 6),
    ]


def test_line_items_and_settings_are_bound():
    config = Config(
        options={"timezone": "Europe/Berlin", "default_country": "de", "decimal": ","},
        group={"by": "Order-ID", "value": "sum"},
    )
    mapping = bind(HEADER, config=config, sets=REQUIRED)
    assert mapping.group is not None
    assert (mapping.group.by, mapping.group.value, mapping.group.position) == ("order_id", "sum", 5)
    assert (mapping.timezone, mapping.default_country, mapping.decimal) == ("Europe/Berlin", "DE", ",")
    mapping = bind(HEADER, config=config, sets=REQUIRED, timezone="UTC", default_country="us", decimal=".")
    assert (mapping.timezone, mapping.default_country, mapping.decimal) == ("UTC", "US", ".")


def test_entries_stand_in_the_order_of_the_field_table():
    config = Config(event={"custom_data": {"zebra": "status", "ant": "phone", "order_id": "order_id"}})
    mapping = bind(HEADER, config=config, sets=[*REQUIRED, ("app_data.vendor_id", "x")])
    assert [entry.field.path for entry in mapping.entries] == [
        "event_name",
        "event_time",
        "action_source",
        "user_data.em",
        "custom_data.value",
        "custom_data.currency",
        "custom_data.order_id",
        "custom_data.zebra",
        "custom_data.ant",
        "app_data.vendor_id",
    ]


def test_a_full_name_fills_first_and_last():
    mapping = bind(["Full Name", "event_time"], sets=REQUIRED)
    for path in ("user_data.fn", "user_data.ln"):
        entry = mapping.entry(path)
        assert entry is not None
        assert (entry.positions, entry.split) == ((0,), "full_name")
    config = Config(event={"user_data": {"fn": {"column": "n", "split": "full_name"}, "ln": []}})
    mapping = bind(["n", "event_time"], config=config, sets=REQUIRED)
    assert mapping.entry("user_data.ln") is None
    config = Config(event={"user_data": {"fn": {"column": "n", "split": "full_name"}, "ln": "surname"}})
    mapping = bind(["n", "event_time", "surname"], config=config, sets=REQUIRED)
    assert mapping.entry("user_data.ln").columns == ("surname",)  # type: ignore[union-attr]


def test_nearly_metas_words_are_told():
    sets = [("event_name", "Purchas"), ("action_source", "website"), ("custom_data.currancy", "EUR")]
    mapping = bind(HEADER, sets=sets)
    assert any("if you meant currency" in note for note in mapping.assumptions)
    assert any("--set event_name=Purchase" in note for note in mapping.assumptions)
    assert not bind(HEADER, sets=[("event_name", "PURCHASE"), ("action_source", "website")]).assumptions


def test_the_columns_of_a_rejects_file_are_passed_over():
    mapping = bind([*HEADER, "_row", "_code", "_field", "_reason", "_hint"], sets=REQUIRED)
    _, unmapped = mapping_lines(mapping, [*HEADER, "_row", "_code", "_field", "_reason", "_hint"])
    assert unmapped == ["status"]


def test_the_mapping_in_force_is_shown_without_personal_constants():
    config = Config(
        event={
            "event_time": {"column": "event_time", "format": "%d.%m.%Y", "timezone": "UTC"},
            "user_data": {"external_id": {"column": "status", "plain": True}},
        }
    )
    sets = [*REQUIRED, ("em", "mary.example@shop.test"), ("country", "DE")]
    mapping = bind(
        HEADER, config=config, sets=sets, event_id="order-{order_id}", where=[("currency", ("EUR", ""))]
    )
    lines, unmapped = mapping_lines(mapping, HEADER)
    shown = {line.field: tuple(line)[1:] for line in lines}
    assert shown["event_name"] == ('constant "Purchase"', "--set", "")
    assert shown["event_time"] == ('"event_time"', "capi.toml", "format %d.%m.%Y, zone UTC")
    assert shown["event_id"] == ('template "order-{order_id}"', "--event-id", "")
    assert shown["user_data.em"] == ("a constant", "--set", "hashed")
    assert shown["user_data.country"] == ('constant "DE"', "--set", "hashed")
    assert shown["user_data.external_id"] == ('"status"', "capi.toml", "sent unhashed")
    assert shown["user_data.ph"] == ('"phone"', "header", "hashed")
    assert unmapped == ["email"]
    assert filter_lines(mapping) == ['Only rows whose "currency" is "EUR" or empty.']


def test_a_file_without_a_header_does_not_tell_its_cells():
    error = refused(["mary.example@shop.test", "+44 20 7946 0958", "2026-01-01"])
    assert "mary" not in error.message + error.hint
    assert "7946" not in error.message + error.hint


def test_recognising_takes_nothing_from_unknown_headers():
    assert recognise(HEADER) is None


def test_a_property_of_ones_own_that_stands_twice_in_a_header_is_told() -> None:
    header = ["email", "event_time", "custom_data.store", "custom_data.store"]
    with pytest.raises(ConfigurationError, match="store takes one column") as caught:
        bind(header, complete=False)
    assert "Rename one of them" in caught.value.hint

import pytest

from capi_cli.errors import ConfigurationError
from capi_cli.mapping.config import OPTION_KEYS, load_config
from capi_cli.mapping.toml_lines import line_of

CONTRACT = """\
dataset_id = "1234567890"
default_country = "DE"
timezone = "Europe/Berlin"
concurrency = 4
token_in = "body"

[event]
event_name    = { value = "Purchase" }
event_time    = { column = "created_at", format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin" }
event_id      = { template = "order-{order_id}" }
action_source = { value = "physical_store" }

[event.user_data]
em = ["email", "email_2"]
ph = { column = "phones", separator = ";" }
db = { column = "birthday", format = "%d/%m/%Y" }
external_id = { column = "customer_id", plain = true }

[event.custom_data]
value    = { column = "total", decimal = "," }
currency = { column = "currency", default = "EUR" }
store    = "store_id"

[where]
status = ["paid", "partially_refunded"]

[group]
by = "order_id"
"""


def load(tmp_path, text):
    path = tmp_path / "capi.toml"
    path.write_text(text, "utf-8")
    return load_config(path)


def refused(tmp_path, text):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    return caught.value


def test_the_file_of_the_manual_is_read(tmp_path):
    config = load(tmp_path, CONTRACT)
    assert config.options == {
        "dataset_id": "1234567890",
        "default_country": "DE",
        "timezone": "Europe/Berlin",
        "concurrency": 4,
    }
    assert config.token_in == "body"
    assert config.event is not None
    assert config.event["user_data"]["em"] == ["email", "email_2"]
    assert config.where == {"status": ["paid", "partially_refunded"]}
    assert config.group == {"by": "order_id"}


def test_an_empty_file_says_nothing(tmp_path):
    config = load(tmp_path, "")
    assert (config.options, config.event, config.where, config.group) == ({}, None, None, None)


def test_a_bom_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "capi.toml"
    path.write_bytes(b'\xef\xbb\xbfdataset_id = "1"\r\n\r\ntimzone = "UTC"\r\n')
    with pytest.raises(ConfigurationError) as caught:
        load_config(path)
    assert "line 3" in caught.value.message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        load_config(tmp_path / "none.toml")
    assert "none.toml" in caught.value.message
    assert "--config" in caught.value.hint


def test_other_encodings_are_told(tmp_path):
    path = tmp_path / "capi.toml"
    path.write_bytes('[event.user_data]\nct = "Größe"\n'.encode("cp1252"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_config(path)


def test_bad_toml_says_the_line(tmp_path):
    error = refused(tmp_path, 'dataset_id = "1"\ntimezone = Europe/Berlin\n')
    assert "line 2" in error.message
    assert "quotes" in error.hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('datset_id = "1"', "line 1: unknown key 'datset_id'", "Did you mean dataset_id?"),
        ("\n\nbatch-size = 5", "line 3: unknown key 'batch-size'", "Did you mean batch_size?"),
        ("[events]", "unknown key 'events'", "Did you mean event?"),
        ("[filter]", "unknown key 'filter'", "tables: [event], [where], [group]"),
        ('[user_data]\nem = "email"', "user_data stands under [event]", "Write [event.user_data]."),
        ('action_source = "website"', "is a field of the event", "under [event]"),
        ('currency = "EUR"', "is a field of the event", "under [event.custom_data]"),
        ('map = ["em=email"]', "map is said as a table", "[event.user_data]"),
        ('set = "event_name=Purchase"', "set is said as a table", "[event]"),
        ('config = "other.toml"', "does not name another", "--config"),
        ('where = "status=paid"', "where is a table", "[where]"),
        ('dataset_id = ["1", "2"]', "takes one value, not a list", "dataset_id ="),
        ("[timeout]\nread = 5", "takes one value, not a table", "timeout ="),
        ('token_in = "url"', "token_in is body or header", "body"),
        ('event_id = "a-{n}"\n[event]\nevent_id = "id"', "as an option and under [event]", "one of them"),
    ],
)
def test_what_the_file_does_not_take(tmp_path, text, message, hint):
    error = refused(tmp_path, text)
    assert message in error.message
    assert hint in error.hint
    assert "capi.toml" in error.message


@pytest.mark.parametrize("key", ["token", "access_token", "META_ACCESS_TOKEN", "accessToken", "app_secret"])
def test_a_token_is_refused_and_not_repeated(tmp_path, key):
    error = refused(tmp_path, f'dataset_id = "1"\n{key} = "EAABsecret"\n')
    assert "line 2" in error.message
    assert "never holds the token" in error.message
    assert "META_ACCESS_TOKEN" in error.hint
    assert "EAAB" not in error.message + error.hint


def test_a_file_that_holds_the_token_may_be_named(tmp_path):
    assert load(tmp_path, 'token_file = "/run/secrets/meta"').options["token_file"] == "/run/secrets/meta"


@pytest.mark.parametrize(
    "url",
    [
        "https://graph.facebook.com",
        "https://graph.facebook.com:443/",
        "http://127.0.0.1:8080",
        "http://localhost:9",
        "http://[::1]:80",
    ],
)
def test_graph_urls_that_a_file_may_name(tmp_path, url):
    assert load(tmp_path, f'graph_url = "{url}"').options["graph_url"] == url


@pytest.mark.parametrize(
    "url",
    [
        "https://graph.facebook.com.evil.test",
        "http://graph.facebook.com",
        "https://graph.facebook.com@evil.test",
        "https://evil.test/graph.facebook.com",
        "http://10.0.0.1",
        "http://localhost.evil.test",
        "graph.facebook.com",
        "http://[::1",
        "",
    ],
)
def test_graph_urls_that_a_file_may_not_name(tmp_path, url):
    error = refused(tmp_path, f'graph_url = "{url}"')
    assert "token is sent there" in error.message
    assert "--graph-url" in error.hint


def test_mapping_filters_and_line_items_are_checked_at_once(tmp_path):
    assert "line 3" in refused(tmp_path, '[event]\n\nevent_tme = "x"').message
    assert "line 2" in refused(tmp_path, "[where]\nstatus = []").message
    assert "line 3" in refused(tmp_path, '[group]\nby = "x"\nvalues = "sum"').message


def test_option_names_are_those_of_the_manual():
    for (
        name
    ) in "dataset_id timezone default_country rejects max_error_rate retry_for state_dir log_format".split():
        assert name in OPTION_KEYS
    for name in "token access_token map set where config".split():
        assert name not in OPTION_KEYS


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("a",), 1),
        (("event",), 3),
        (("event", "user_data", "em"), 7),
        (("event", "user_data", "em", "inner"), 7),
        (("event", "custom_data", "a b"), 4),
        (("nowhere",), None),
        (("event", "nowhere"), 3),
    ],
)
def test_the_line_of_a_key(keys, line):
    text = (
        'a = 1\n# event = 2\n[event]\ncustom_data."a b" = "x"\n\n[event.user_data] # people\nem = "email"\n'
    )
    assert line_of(text, keys) == line

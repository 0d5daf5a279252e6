from pathlib import Path

import pytest

from capi_cli.cli import values


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("7d", 604_800),
        ("45", 45),
        ("1.5h", 5400),
        (" 15 M ", 900),
        ("0", 0),
    ],
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    assert values.duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "15 minutes", "-5s", "1h30m", "٣s", "1e3", "nan"])
def test_what_is_no_duration_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match="90s, 15m, 2h, 7d"):
        values.duration_s(text)


def test_a_timeout_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        values.some_time_s("0")


@pytest.mark.parametrize(("text", "share"), [("0.1", 0.1), ("1", 1.0), ("0", 0.0), (".5", 0.5), ("10%", 0.1)])
def test_rates_are_shares(text: str, share: float) -> None:
    assert values.rate(text) == share


@pytest.mark.parametrize("text", ["10", "-0.1", "110%", "nan", "a", ""])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        values.rate(text)


@pytest.mark.parametrize("text", ["0", "1001", "-1", "1e3", "", "²", "9" * 30])
def test_a_batch_holds_1_to_1000_events(text: str) -> None:
    with pytest.raises(ValueError, match="from 1 to 1000"):
        values.whole(1, 1000)(text)


def test_whole_numbers_at_their_ends() -> None:
    parse = values.whole(1, 1000)
    assert [parse("1"), parse("1000"), parse("1_000")] == [1, 1000, 1000]


@pytest.mark.parametrize("text", ["abc", "", "12 34", "v26", "1" * 33, "١٢٣٤٥٦"])
def test_a_dataset_id_is_digits(text: str) -> None:
    with pytest.raises(ValueError, match="Events Manager"):
        values.dataset_id(text)


@pytest.mark.parametrize("text", ["26.0", "v26", "v26.0.1", "latest"])
def test_an_api_version_has_its_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"v26\.0"):
        values.api_version(text)


def test_a_zone_in_the_wrong_case_names_the_right_one() -> None:
    with pytest.raises(ValueError, match="Did you mean Europe/Berlin"):
        values.timezone("europe/berlin")


@pytest.mark.parametrize("text", ["localtime", "Berlin", "", "../etc/passwd", "CEST+1"])
def test_a_zone_is_never_local_nor_a_path(text: str) -> None:
    with pytest.raises(ValueError, match="IANA zone"):
        values.timezone(text)


def test_countries_are_codes_of_two_letters() -> None:
    assert values.country("de") == "DE"
    with pytest.raises(ValueError, match="Did you mean GB"):
        values.country("uk")
    with pytest.raises(ValueError, match="two letters"):
        values.country("Germany")


def test_a_pair_is_cut_at_the_first_equals_sign() -> None:
    assert values.pair("FIELD", "COLUMN")("value=a=b") == ("value", "a=b")
    assert values.pair("FIELD", "COLUMN")("em=E-mail address") == ("em", "E-mail address")


@pytest.mark.parametrize("text", ["em", "em=", "=email", " =x"])
def test_half_a_pair_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="FIELD=COLUMN"):
        values.pair("FIELD", "COLUMN")(text)


def test_where_takes_several_values_and_never_none() -> None:
    assert values.where("status=paid, partially_refunded") == ("status", ("paid", "partially_refunded"))
    with pytest.raises(ValueError, match="both sides"):
        values.where("status=,")


@pytest.mark.parametrize(
    "text", ["graph.facebook.com", "ftp://x", "http://", "http://[::1", "https://h:port"]
)
def test_a_graph_url_is_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="Expected an address"):
        values.url(text)


def test_a_delimiter_is_one_character_or_the_word_tab() -> None:
    assert [values.delimiter(text) for text in ("tab", "\\t", ";", "\t")] == ["\t", "\t", ";", "\t"]
    for text in ("", ";;", '"'):
        with pytest.raises(ValueError, match="one character"):
            values.delimiter(text)


def test_an_encoding_is_one_of_text() -> None:
    assert values.encoding("windows-1252") == "cp1252"
    for text in ("base64", "utf-9", ""):
        with pytest.raises(ValueError, match="name of an encoding"):
            values.encoding(text)


def test_paths_know_home() -> None:
    assert values.path("~/t") == Path.home() / "t"

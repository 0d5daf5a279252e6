import json

import pytest

from capi_cli.delivery.redact import MAX_CHARACTERS, Secrets, plain_values, redact

DIGEST = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("The e-mail ann.lee+x@example.co.uk must be hashed", "ann"),
        ("em: ann%40example.com", "ann"),
        ("phone +1 (650) 555-1212 given", "555"),
        ("phone 16505551212", "6505"),
        ("ph '0170/1234567'", "1234567"),
        (f"em {DIGEST} unknown", DIGEST[:10]),
        (f"md5 {DIGEST[:32]}", DIGEST[:10]),
        ("Malformed access token EAAGm0PX4ZCpsBAKZC7ZCt", "EAAGm0"),
        ("access_token=abc123&x=1", "abc123"),
        ('{"access_token":"shorty"}', "shorty"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("ln 'Schmidt' is not hashed", "Schmidt"),
        ("value “Schmidt” refused", "Schmidt"),
        ("value “O’Schmidt” refused", "Schmidt"),
        ("value 'O'Schmidt' refused", "Schmidt"),
        ("value ‘O’Schmidt’ refused", "Schmidt"),
        ("value „Schmidt“ und «O'Schmidt»", "Schmidt"),
        ("client_ip_address 203.0.113.77", "203.0"),
        ("client_ip_address 2001:db8::7", "2001"),
        ("db 1997-02-16", "1997"),
        ("see https://shop.example/p?email=ann", "email=ann"),
        ("fbp fb.1.1558571054389.1098115397", "1098115397"),
        ("Object with ID '123456789012345' does not exist", "123456"),
    ],
)
def test_what_may_be_a_value_goes(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Invalid parameter",
        "$['data'][17]['custom_data']['contents'] must be an array",
        "The field 'user_data' or 'em' is missing; 'event_source_url' too",
        "L'événement est trop ancien (7 jours)",
        "(#100) Param data[0] must have business_messaging_parameter_long",
        "Error validating access token: Session has expired",
        "Unsupported version v2.8, use v26.0",
    ],
)
def test_metas_own_words_and_paths_stay(text: str) -> None:
    assert redact(text) == text


EVENTS = (
    b'{"event_name":"Lead","user_data":{"em":["aa"],"client_user_agent":"Zilla (X; O\xe2\x80\x99Neil)"},'
    b'"custom_data":{"note":"Ann Schmidt","content_type":"product","order_id":"A-17","contents":[{"id":"Lee"}]}},'
    b'{"event_name":"Lead"}'
)


def test_what_was_sent_as_it_is_goes_without_quotes_too() -> None:
    text = "The product of A-17 for Ann Schmidt by Zilla (X; O’Neil), Lee, not Leeds"
    hidden = "The product of A-17 for […] by […], […], not Leeds"
    assert redact(text, plain_values(EVENTS)) == hidden
    assert plain_values(b"{cut") == []


def test_markup_and_line_breaks_go_and_long_texts_are_shortened() -> None:
    assert redact("<p>Too\n old</p>") == "Too old"
    assert len(redact("so many words " * 200)) == MAX_CHARACTERS


SECRET = "EAAmarkedT0kenKp3Xq9ZfLw2RtYb8NcVd5Hs"


@pytest.mark.parametrize(
    "around", ["…{}", "{}…", '"{}"', "\n{}\t", "é{}é", "\\{}", "x={}&y", "{}|{}", "<{}/>"]
)
@pytest.mark.parametrize("part", [SECRET, SECRET[:8], SECRET[11:19], SECRET[-9:], SECRET.lower()])
def test_a_secret_is_cut_by_value_and_json_stays_json(around: str, part: str) -> None:
    told = {"events_received": 3, "messages": [around.format(part, part)]}
    for text in (
        json.dumps(told),
        json.dumps(told, ensure_ascii=False),
        json.dumps(told).replace("/", "\\/"),
    ):
        cut = json.loads(Secrets(SECRET).cut_bytes(text.encode()))
        assert cut["events_received"] == 3
        assert part not in cut["messages"][0]
        assert "[…]" in cut["messages"][0]


def test_what_is_no_secret_stays() -> None:
    text = '{"error":{"message":"Invalid parameter","fbtrace_id":"AbCdEfGhIjKlMnOp"}}'
    assert Secrets(SECRET, None, "").cut(text) == text
    assert Secrets("sandbox").cut("A remark of the sandbox.") == "A remark of the sandbox."


def test_a_dataset_or_a_path_that_a_token_happens_to_hold_stays() -> None:
    secrets = Secrets("EAAfaketoken1234567890", "sandbox-token")
    kept = '{"dataset_id": "1234567890123456", "path": "/tmp/sandbox-orders/faketoken.csv"}'
    assert secrets.cut(kept) == kept
    for leak in ("EAAfaketoken1234567890", "xEAAfaketx", "oken1234", "the SANDBOX-TOKEN it was"):
        assert "oken" not in secrets.cut(leak).lower().replace("[…]", ""), leak

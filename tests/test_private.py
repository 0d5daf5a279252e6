import pytest

from capi_cli.private import private_kind, shown, without_tokens

TOKEN = "EAAGm0PX4ZCpsBAKZC7ZCtXo"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"x{TOKEN}", "a token"),
        ("1234567890123|AbCdEf_GhIjKlMnOp-qr", "a token"),
        ("to jane@example.org now", "an e-mail address"),
        ("u=jane%40example.org", "an e-mail address"),
        ("+49 (0)151 1234567", "a phone number"),
        ("ab" * 32, "a digest"),
        ("Purchase", None),
        ("A-10012345678", None),
        ("2026-09-01T10:00:00+02:00", None),
        ("a@b", None),
        ("EAA tables", None),
    ],
)
def test_what_must_not_be_repeated(text: str, kind: str | None) -> None:
    assert private_kind(text) == kind
    assert (text in shown(text)) is (kind is None)


def test_a_mistyped_word_is_repeated_and_what_was_pasted_is_not() -> None:
    assert shown("dataset") == "'dataset'"
    assert shown("client_ip_address_of_the_last_order") == "'client_ip_address_of_the_last_order'"
    assert shown("E" * 180) == "a text of 180 characters"
    assert shown("5ecre7f00dba11ca5cade0ddba11b0a7") == "a text of 32 characters"


def test_a_token_in_a_path_is_cut_out_of_a_message() -> None:
    assert without_tokens(f"There is no file in/{TOKEN}.csv.") == "There is no file in/[…].csv."

from collections.abc import Callable

import pytest

from capi_cli.errors import ConfigurationError, CredentialsError
from capi_cli.sinks.settings import GraphSettings, is_loopback

Make = Callable[..., GraphSettings]


@pytest.mark.parametrize(
    "url",
    [
        "https://graph.facebook.com",
        "https://graph.facebook.com/",
        "https://gateway.example:8443/meta",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://localhost:9",
        "http://[::1]:8080",
    ],
)
def test_https_and_loopback_are_taken(settings: Make, url: str) -> None:
    assert settings(graph_url=url).root == url.rstrip("/") + "/v26.0"


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.facebook.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://0.0.0.0:80",
        "http://10.0.0.1",
        "http://user@127.0.0.1",
        "https://user:word@graph.facebook.com",
        "https://graph.facebook.com?access_token=x",
        "https://graph.facebook.com#x",
        "ftp://127.0.0.1",
        "graph.facebook.com",
        "https://",
        "https://host:port",
        "https://a b",
        "",
    ],
)
def test_every_other_address_is_a_configuration_error(settings: Make, url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(graph_url=url)
    assert caught.value.exit_code == 10
    assert caught.value.hint


@pytest.mark.parametrize("token", ["", "a b", "abc\n", "tök", "a\x00"])
def test_a_token_that_no_header_can_carry_is_refused_without_showing_it(settings: Make, token: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        settings(token=token)
    if token:
        assert token not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("change", [{"dataset_id": "my-pixel"}, {"dataset_id": "1/x"}, {"api_version": "26"}])
def test_parts_of_the_path_are_checked(settings: Make, change: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        settings(**change)


def test_secrets_are_not_in_the_repr(settings: Make) -> None:
    shown = repr(settings(token="EAAverysecret", app_secret="hushhush"))
    assert "EAAverysecret" not in shown
    assert "hushhush" not in shown


def test_only_this_machine_is_loopback() -> None:
    assert is_loopback("http://127.0.0.1:3")
    assert not is_loopback("https://graph.facebook.com")

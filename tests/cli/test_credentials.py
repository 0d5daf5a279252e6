import os
from pathlib import Path

import pytest

from tests.cli.conftest import TOKEN, Capi, FakeRun

UPLOAD = ("upload", "orders.csv", "--dataset-id", "1234567")


def write_token(text: str = TOKEN, mode: int = 0o600) -> Path:
    path = Path("token.txt")
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    "name", ["META_ACCESS_TOKEN", "META_CAPI_ACCESS_TOKEN", "FB_CAPI_ACCESS_TOKEN", "FB_ACCESS_TOKEN"]
)
def test_the_token_has_four_variables(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, f" {TOKEN}\n")
    assert capi(*UPLOAD).code == 0
    assert fake.tokens == [TOKEN]


def test_a_token_file_is_trimmed_and_stands_before_the_variables(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", "another")
    answer = capi(*UPLOAD, "--token-file", str(write_token(f"\ufeff{TOKEN}\r\n")))
    assert (answer.code, fake.tokens) == (0, [TOKEN])
    assert "chmod" not in answer.err


def test_the_variables_stand_before_a_file_that_the_configuration_names(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_token("from-the-file")
    Path("capi.toml").write_text("token_file = 'token.txt'")
    capi(*UPLOAD)
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    capi(*UPLOAD)
    assert fake.tokens == ["from-the-file", TOKEN]


@pytest.mark.skipif(os.name != "posix", reason="file modes say nothing elsewhere")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_can_read_is_told(capi: Capi, mode: int, warned: bool) -> None:
    answer = capi(*UPLOAD, "--token-file", str(write_token(mode=mode)))
    assert answer.code == 0
    assert ("chmod 600 token.txt" in answer.err) is warned


@pytest.mark.parametrize("text", ["", " \n", "two words", "line\nbreak", "'quoted'", "ключ", "tok\x00en"])
def test_what_is_no_token_ends_12_and_is_not_shown(capi: Capi, fake: FakeRun, text: str) -> None:
    answer = capi(*UPLOAD, "--token-file", str(write_token(text)))
    assert answer.code == 12
    assert "token.txt" in answer.err
    assert fake.requests == []
    assert not text.strip() or text not in answer.err


def test_a_token_file_that_is_not_there_ends_12(capi: Capi) -> None:
    answer = capi(*UPLOAD, "--token-file", "nowhere")
    assert answer.code == 12
    assert "nowhere" in answer.err
    assert "META_ACCESS_TOKEN" in answer.err


def test_without_token_12_without_dataset_10_without_both_12(
    capi: Capi, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert capi(*UPLOAD).code == 12
    assert capi("upload", "orders.csv").code == 12
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    answer = capi("upload", "orders.csv")
    assert answer.code == 10
    assert "META_DATASET_ID" in answer.err


def test_a_dry_run_and_validate_need_no_token(capi: Capi, fake: FakeRun) -> None:
    assert capi(*UPLOAD, "--dry-run").code == 0
    assert capi("validate", "orders.csv").code == 0
    assert fake.tokens == [None]


def test_a_dry_run_without_dataset_says_what_it_cannot_know(capi: Capi) -> None:
    answer = capi("upload", "orders.csv", "--dry-run")
    assert answer.code == 0
    assert "can't say what was sent before" in answer.err


def test_the_sandbox_gets_neither_token_nor_dataset(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    assert capi("upload", "orders.csv", "--sandbox").code == 0
    assert (fake.tokens, fake.request.dataset_id) == ([None], None)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://graph.facebook.com", 10),
        ("http://192.168.1.4:8080", 10),
        ("http://localhost.example.com", 10),
        ("http://127.0.0.1:8080", 0),
        ("http://[::1]:8080", 0),
        ("http://localhost:8080", 0),
        ("https://proxy.example.com/graph", 0),
        ("https://user:pass@proxy.example.com", 10),
        ("nonsense", 2),
    ],
)
def test_plain_http_goes_to_this_machine_only(
    capi: Capi, monkeypatch: pytest.MonkeyPatch, url: str, code: int
) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    assert capi(*UPLOAD, "--graph-url", url).code == code
    monkeypatch.setenv("CAPI_GRAPH_URL", url)
    assert capi(*UPLOAD).code == code


def test_the_token_stays_out_of_the_request(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    capi(*UPLOAD)
    assert TOKEN not in repr(fake.request)

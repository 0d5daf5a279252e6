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


posix = pytest.mark.skipif(os.name != "posix", reason="file modes say nothing elsewhere")


@posix
@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_can_read_is_told(
    capi: Capi, fake: FakeRun, open_folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int, warned: bool
) -> None:
    monkeypatch.chdir(open_folder)
    answer = capi(*UPLOAD, "--token-file", str(write_token(mode=mode)))
    assert (answer.code, fake.tokens) == (0, [TOKEN])
    assert ("chmod 600 token.txt" in answer.err) is warned


@posix
def test_a_folder_that_keeps_others_out_is_enough(capi: Capi, open_folder: Path) -> None:
    (open_folder / "mine").mkdir(mode=0o700)
    path = open_folder / "mine" / "token"
    path.write_text(TOKEN)
    path.chmod(0o644)
    assert "chmod" not in capi(*UPLOAD, "--token-file", str(path)).err
    link = open_folder / "link"
    link.symlink_to(path)
    assert "chmod" not in capi(*UPLOAD, "--token-file", str(link)).err
    (open_folder / "mine").chmod(0o755)
    assert "chmod" in capi(*UPLOAD, "--token-file", str(link)).err


@posix
def test_a_file_that_root_gave_to_the_groups_of_a_service_is_no_carelessness(
    capi: Capi, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(open_folder)
    monkeypatch.setattr("capi_cli.cli.token.os.geteuid", lambda: os.getuid() + 1)
    assert "chmod" not in capi(*UPLOAD, "--token-file", str(write_token(mode=0o640))).err
    assert "its owner can mend that" in capi(*UPLOAD, "--token-file", str(write_token(mode=0o644))).err


@posix
def test_mounted_secrets_are_read_without_nagging(
    capi: Capi, fake: FakeRun, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker's stand under /run/secrets, 0444; Kubernetes' behind a symlink to `..data`; systemd's have an ACL."""
    monkeypatch.chdir(open_folder)
    write_token(f"{TOKEN}\n", mode=0o444)
    volume = Path("etc")
    (volume / "..2026_11_25_02_17_19.1").mkdir(parents=True)
    (volume / "..data").symlink_to("..2026_11_25_02_17_19.1")
    (volume / "..data" / "token").write_text(f"{TOKEN}\n")
    (volume / "token").symlink_to("..data/token")
    assert (volume / "token").stat().st_mode & 0o044
    answers = [capi(*UPLOAD, "--token-file", "etc/token")]
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(open_folder))
    answers.append(capi(*UPLOAD, "--token-file", "token.txt"))
    answers.append(capi(*UPLOAD, "--token-file", "$CREDENTIALS_DIRECTORY/token.txt"))
    Path("capi.toml").write_text('token_file = "${CREDENTIALS_DIRECTORY}/token.txt"')
    answers.append(capi(*UPLOAD))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    monkeypatch.setattr("capi_cli.cli.token._MOUNTS", (str(open_folder),))
    answers.append(capi(*UPLOAD, "--token-file", "token.txt"))
    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 5
    assert fake.tokens == [TOKEN] * 5
    missing = capi(*UPLOAD)
    assert missing.code == 12
    assert "LoadCredential" in missing.err


@posix
def test_a_pipe_is_read_once(capi: Capi, fake: FakeRun) -> None:
    """As a shell's `--token-file <(pass show meta)` gives it."""
    reading, writing = os.pipe()
    os.write(writing, f"{TOKEN}\n".encode())
    os.close(writing)
    try:
        answer = capi(*UPLOAD, "--token-file", f"/dev/fd/{reading}")
    finally:
        os.close(reading)
    assert (answer.code, answer.err, fake.tokens) == (0, "", [TOKEN])


def test_a_token_in_the_place_of_its_file_and_a_file_that_is_none(capi: Capi) -> None:
    answer = capi(*UPLOAD, "--token-file", TOKEN)
    assert answer.code == 12
    assert "takes the path of a file" in answer.err
    assert "EAAB" not in answer.err
    Path("orders").write_bytes(b"a" * 5000)
    assert "holds much more than a token" in capi(*UPLOAD, "--token-file", "orders").err
    assert "can't be read" in capi(*UPLOAD, "--token-file", ".").err


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

"""`capi doctor` as it is typed: against the sandbox, for people and for programs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from capi_cli.sandbox.server import Sandbox
from tests.cli.conftest import TOKEN, Capi

DATASET = "1234567890"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(dataset_id=DATASET, token=TOKEN) as running:
        yield running


@pytest.fixture
def asked(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    return ("doctor", "--graph-url", sandbox.url, "--dataset-id", DATASET, "--state-dir", str(tmp_path))


def test_all_is_well(capi: Capi, asked: tuple[str, ...]) -> None:
    answer = capi(*asked)
    assert (answer.code, answer.err) == (0, "")
    assert "An upload can begin." in answer.out
    assert "capi sandbox" in answer.out
    assert TOKEN not in answer.out


def test_quiet_says_nothing_where_all_is_well(capi: Capi, asked: tuple[str, ...]) -> None:
    assert capi(*asked, "-q").out == ""
    assert "dataset" in capi(*asked, "-q", "--dataset-id", "99999").out


def test_a_program_reads_the_checks(capi: Capi, asked: tuple[str, ...]) -> None:
    answer = capi(*asked, "--output", "json", "--api-version", "v21.0")
    found = json.loads(answer.out)
    assert (answer.code, found["exit_code"]) == (10, 10)
    (wrong,) = [check for check in found["checks"] if check["state"] == "failed"]
    assert (wrong["name"], wrong["exit_code"]) == ("api_version", 10)
    assert "v26.0" in wrong["mend"]


def test_what_is_missing_is_said_beside_what_works(capi: Capi, tmp_path: Path) -> None:
    answer = capi("doctor", "--state-dir", str(tmp_path))
    assert answer.code == 12
    assert "META_ACCESS_TOKEN" in answer.out
    assert "--dataset-id" in answer.out
    assert "writable" in answer.out
    assert "2 things stand in the way of an upload." in answer.out


def test_the_token_may_stand_in_a_file(
    capi: Capi, asked: tuple[str, ...], open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("META_ACCESS_TOKEN")
    file = open_folder / "token"
    file.write_text(TOKEN)
    file.chmod(0o644)
    answer = capi(*asked, "--token-file", str(file))
    assert answer.code == 0
    assert "chmod 600" in " ".join(answer.out.split())
    assert capi(*asked, "--token-file", str(open_folder / "none")).code == 12

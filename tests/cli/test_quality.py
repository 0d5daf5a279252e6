"""`capi quality` as it is typed: against the sandbox, for people and for programs."""

import json
from collections.abc import Iterator

import pytest

from capi_cli.delivery.quality import FIELDS
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox
from tests.cli.conftest import TOKEN, Capi
from tests.sandbox.conftest import STORE, WEBSITE

DATASET = "1234567890"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(dataset_id=DATASET, token=TOKEN) as running:
        with_phone = WEBSITE | {"event_id": "b", "user_data": WEBSITE["user_data"] | {"ph": []}}
        running.memory.record([WEBSITE, with_phone, STORE], [b"a", b"b", b"c"], 1_790_000_000, test=False)
        yield running


@pytest.fixture
def asked(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    return ("quality", "--graph-url", sandbox.url, "--dataset-id", DATASET)


def test_a_person_reads_what_meta_says(capi: Capi, asked: tuple[str, ...]) -> None:
    answer = capi(*asked)
    assert (answer.code, answer.err) == (0, "")
    for said in (
        "Purchase",
        "6.2 / 10",
        "80%",
        "75%",
        "real_time",
        "email",
        "100%",
        "de-duplication by event_id",
    ):
        assert said in answer.out
    for said in ("Improve your match keys", "→ Send more", "Offline, 28 days", "8.6 / 10"):
        assert said in answer.out
    assert TOKEN not in answer.out


def test_a_program_reads_it_too(capi: Capi, asked: tuple[str, ...]) -> None:
    answer = capi(*asked, "--output", "json")
    found = json.loads(answer.out)
    assert (answer.code, found["command"], found["exit_code"], found["problems"]) == (0, "quality", 0, [])
    (web,) = found["web"]
    assert (web["event_name"], web["score"]) == ("Purchase", 6.2)
    assert {key["identifier"]: key["percentage"] for key in web["match_keys"]}["phone"] == 50
    assert (found["offline"][0]["email"], found["offline"][0]["phone"]) == (0, 100)


def test_what_graph_leaves_out_is_a_dash(capi: Capi, sandbox: Sandbox, asked: tuple[str, ...]) -> None:
    sandbox.faults = Faults.parse("quality-sparse")
    answer = capi(*asked)
    assert (answer.code, answer.err) == (0, "")
    assert "6.2 / 10" in answer.out
    assert "–" in answer.out


def test_where_nothing_was_sent_yet_that_is_said(capi: Capi, asked: tuple[str, ...]) -> None:
    with Sandbox(dataset_id=DATASET, token=TOKEN) as empty:
        answer = capi("quality", "--graph-url", empty.url, "--dataset-id", DATASET)
    assert answer.code == 0
    assert answer.out.count("no events of this kind yet") == 2


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("quality=200", 12, "ads_management"),
        ("quality=10", 12, "ads_read"),
        ("quality=100/2044055", 12, "--dataset-id"),
        ("quality=100/33", 12, "--dataset-id"),
        ("quality=190/463", 12, "META_ACCESS_TOKEN"),
        ("quality=2", 4, "again later"),
        ("quality=80004", 4, "again later"),
        ("quality=100", 10, "--api-version"),
        ("quality=2635", 10, "--api-version"),
    ],
)
def test_each_refusal_ends_as_the_contract_says(
    capi: Capi, sandbox: Sandbox, asked: tuple[str, ...], fault: str, code: int, said: str
) -> None:
    sandbox.faults = Faults.parse(fault)
    answer = capi(*asked, "--output", "json")
    summary = json.loads(answer.out)
    assert (answer.code, summary["exit_code"]) == (code, code)
    assert said in summary["error"]["hint"]
    assert TOKEN not in answer.out + answer.err


def test_what_is_wrong_before_meta_is_asked(
    capi: Capi, asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert capi(*asked, "--dataset-id", "999").code == 12
    assert capi("quality", "--graph-url", "http://127.0.0.1:1", "--dataset-id", DATASET).code == 4
    assert capi("quality").code == 10
    monkeypatch.delenv("META_ACCESS_TOKEN")
    assert capi(*asked).code == 12


def test_a_part_that_meta_refuses_does_not_hide_the_other(
    capi: Capi, asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FIELDS, "offline", "radio")
    answer = capi(*asked)
    assert answer.code == 0
    assert "6.2 / 10" in answer.out
    assert "Offline: Meta refused the question" in answer.out

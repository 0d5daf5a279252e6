"""Each check of the doctor, against the sandbox where Meta is asked, and its exit code."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from capi_cli.delivery.decide import Accepted, Again, Scale, Split, Stop, Unknown
from capi_cli.delivery.reply import Fault, FaultKind
from capi_cli.errors import ConfigurationError, CredentialsError
from capi_cli.ledger.opening import open_ledger
from capi_cli.ledger.place import ledger_place
from capi_cli.runs.check import Check, State
from capi_cli.runs.doctor import Diagnosis, DoctorRequest, Token, examine
from capi_cli.runs.surroundings import look_at_ledgers, look_at_network, look_at_state_folder
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox
from capi_cli.sinks.probe import Probe, TokenFacts

DATASET = "1234567890"
SECRET = "EAAsecretsecretsecret"
NOW = datetime(2026, 9, 20, 12, 0, tzinfo=UTC)
FINE = Probe(
    is_fine=True,
    decision=Split(sure=True, code="meta-100-2804003", reason="too old"),
    answer=Fault(kind=FaultKind.BROKEN, detail=""),
    latency_s=0.08,
    clock_ahead_s=0.4,
    token=TokenFacts(is_valid=True, kind="SYSTEM_USER", application="Shop", scopes=("ads_management",)),
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(dataset_id=DATASET, token=SECRET) as running:
        yield running


@pytest.fixture
def diagnose(tmp_path: Path) -> Callable[..., Diagnosis]:
    def diagnose(found: Probe = FINE, **asked: Any) -> Diagnosis:
        facts = {"dataset_id": DATASET, "state_dir": tmp_path} | asked
        return examine(
            DoctorRequest(**facts), Token(text=SECRET), ask=lambda settings: found, now=lambda: NOW
        )

    return diagnose


def check(found: Diagnosis, name: str) -> Check:
    return next(each for each in found.checks if each.name == name)


def test_all_is_well_at_the_sandbox_and_no_event_is_left_there(sandbox: Sandbox, tmp_path: Path) -> None:
    asked = DoctorRequest(dataset_id=DATASET, graph_url=sandbox.url, state_dir=tmp_path)
    found = examine(asked, Token(text=SECRET))
    assert found.exit_code == 0
    assert {each.name: str(each.state) for each in found.checks} == dict.fromkeys(
        ["network", "meta", "token", "dataset", "api_version", "clock", "state_folder", "ledger"], "ok"
    )
    assert "ads_management" in check(found, "token").found
    assert sandbox.state()["events_received"] == 0
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("facts", "name", "exit_code"),
    [
        ({"dataset_id": "999999"}, "dataset", 12),
        ({"api_version": "v21.0"}, "api_version", 10),
        ({"graph_url": "http://127.0.0.1:1"}, "meta", 4),
        ({"graph_url": "http://graph.example"}, "meta", 10),
        ({"dataset_id": None}, "dataset", 10),
    ],
)
def test_what_is_wrong_is_told_at_its_own_line(
    sandbox: Sandbox, tmp_path: Path, facts: dict[str, Any], name: str, exit_code: int
) -> None:
    usual = {"dataset_id": DATASET, "graph_url": sandbox.url, "state_dir": tmp_path}
    found = examine(DoctorRequest(**(usual | facts)), Token(text=SECRET))
    assert found.exit_code == exit_code
    assert [each.name for each in found.checks if each.state is State.FAILED] == [name]
    assert check(found, name).mend


@pytest.mark.parametrize("text", ["EAAother", "with a space"])
def test_a_wrong_token_needs_a_person(sandbox: Sandbox, tmp_path: Path, text: str) -> None:
    asked = DoctorRequest(dataset_id=DATASET, graph_url=sandbox.url, state_dir=tmp_path)
    found = examine(asked, Token(text=text))
    assert (found.exit_code, check(found, "token").state) == (12, State.FAILED)
    assert text not in repr(found)


def test_without_a_token_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    missing = CredentialsError("There is no access token.", "Set META_ACCESS_TOKEN.")
    found = examine(DoctorRequest(dataset_id=DATASET, state_dir=tmp_path), Token(problem=missing))
    assert (found.exit_code, check(found, "token").mend) == (12, "Set META_ACCESS_TOKEN.")
    assert check(found, "state_folder").state is State.OK
    assert check(found, "meta").state is State.SKIPPED


def test_a_token_file_that_others_can_read_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    asked = DoctorRequest(dataset_id=DATASET, graph_url=sandbox.url, state_dir=tmp_path)
    found = examine(asked, Token(text=SECRET, warning="Others can read it: chmod 600 token"))
    assert (found.exit_code, "chmod 600" in repr(found.checks)) == (0, True)


@pytest.mark.parametrize(
    ("decision", "name", "state", "exit_code"),
    [
        (Accepted(), "dataset", State.OK, 0),
        (Again(scale=Scale.FAULT, reason="HTTP 502"), "meta", State.FAILED, 4),
        (Split(sure=True, code="meta-100-2804050", reason="weak"), "dataset", State.WARNING, 0),
        (Unknown(reason="no count"), "dataset", State.WARNING, 0),
        (Stop(error=CredentialsError("No.", "Ask."), code="meta-200-0"), "token", State.FAILED, 12),
        (Stop(error=CredentialsError("No.", "Ask."), code="meta-100-33"), "dataset", State.FAILED, 12),
        (Stop(error=CredentialsError("No.", "Ask."), code="meta-803-0"), "dataset", State.FAILED, 12),
        (Stop(error=ConfigurationError("Old.", "New."), code="meta-2635-0"), "api_version", State.FAILED, 10),
        (Stop(error=ConfigurationError("TLS.", "CA."), code="tls"), "meta", State.FAILED, 10),
    ],
)
def test_each_answer_has_its_line_and_exit_code(
    diagnose: Callable[..., Diagnosis], decision: Any, name: str, state: State, exit_code: int
) -> None:
    found = diagnose(replace(FINE, decision=decision, is_fine=isinstance(decision, Accepted)))
    assert (check(found, name).state, found.exit_code) == (state, exit_code)


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (None, State.OK, "says no more of it"),
        (TokenFacts(is_valid=False), State.FAILED, "not valid"),
        (TokenFacts(is_valid=True), State.OK, "Valid: a token; it does not expire"),
        (TokenFacts(is_valid=True, expires_at=NOW + timedelta(days=5)), State.WARNING, "2026-09-25"),
        (TokenFacts(is_valid=True, expires_at=NOW + timedelta(days=60)), State.OK, "2026-11-19"),
    ],
)
def test_what_meta_says_of_the_token(
    diagnose: Callable[..., Diagnosis], facts: TokenFacts | None, state: State, words: str
) -> None:
    found = check(diagnose(replace(FINE, token=facts)), "token")
    assert found.state is state
    assert words in found.found


@pytest.mark.parametrize(
    ("version", "state", "words"),
    [
        ("v26.0", State.OK, "1 month ago; the newest known"),
        ("v25.0", State.OK, "v26.0 is newer"),
        ("v23.0", State.WARNING, "ended on 2026-06-09"),
        ("v24.0", State.OK, "2025-10-08"),  # it ends later than the day of this test
        ("v22.0", State.WARNING, "older than any"),
        ("v31.0", State.OK, "newer than any"),
    ],
)
def test_the_versions_age(diagnose: Callable[..., Diagnosis], version: str, state: State, words: str) -> None:
    found = check(diagnose(api_version=version), "api_version")
    assert found.state is state
    assert words in found.found


@pytest.mark.parametrize(
    ("ahead_s", "state", "exit_code", "words"),
    [
        (None, State.SKIPPED, 0, "named no time"),
        (-2.0, State.OK, 0, "Within 2 s"),
        (30.0, State.WARNING, 0, "30 s ahead of the server"),
        (-61.0, State.FAILED, 10, "61 s behind the server"),
    ],
)
def test_the_clock(
    diagnose: Callable[..., Diagnosis], ahead_s: float | None, state: State, exit_code: int, words: str
) -> None:
    found = diagnose(replace(FINE, clock_ahead_s=ahead_s))
    assert (check(found, "clock").state, found.exit_code) == (state, exit_code)
    assert words in check(found, "clock").found


def test_the_clock_is_held_against_the_servers_own(tmp_path: Path) -> None:
    early = datetime.now(UTC) - timedelta(hours=1)
    with Sandbox(now=early.timestamp) as sandbox:
        asked = DoctorRequest(dataset_id=DATASET, graph_url=sandbox.url, state_dir=tmp_path)
        found = examine(asked, Token(text=SECRET))
    assert check(found, "clock").state is State.FAILED
    assert "ahead of the server" in check(found, "clock").found


def test_the_gravest_of_several_stands(diagnose: Callable[..., Diagnosis], tmp_path: Path) -> None:
    refused = Stop(error=CredentialsError("No.", "Ask."), code="meta-190-0")
    found = diagnose(replace(FINE, decision=refused, is_fine=False, clock_ahead_s=600.0))
    assert found.exit_code == 12
    file = tmp_path / "file"
    file.touch()
    found = diagnose(replace(FINE, decision=refused, is_fine=False), state_dir=file / "below")
    assert found.exit_code == 13


def test_meta_is_down(tmp_path: Path) -> None:
    with Sandbox(faults=Faults.parse("http=503")) as sandbox:
        asked = DoctorRequest(dataset_id=DATASET, graph_url=sandbox.url, state_dir=tmp_path)
        found = examine(asked, Token(text=SECRET))
    assert (check(found, "meta").state, found.exit_code) == (State.FAILED, 4)


# --- surroundings ---------------------------------------------------------------------------------------------------


def test_the_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@proxy.example:3128")
    found = look_at_network("https://graph.facebook.com", {})
    assert "proxy.example:3128" in found.found
    assert "hunter2" not in found.found
    monkeypatch.setenv("NO_PROXY", "facebook.com")
    assert "NO_PROXY" in look_at_network("https://graph.facebook.com", {}).found
    monkeypatch.delenv("HTTPS_PROXY")
    assert look_at_network("https://graph.facebook.com", {}).found.startswith("No proxy;")


def test_a_bundle_of_certificates_must_be_there(tmp_path: Path) -> None:
    found = look_at_network("https://graph.facebook.com", {"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    assert (found.state, found.exit_code) == (State.FAILED, 10)
    assert "unset it" in found.mend
    (tmp_path / "ca.pem").touch()
    found = look_at_network("https://graph.facebook.com", {"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    assert (found.state, "SSL_CERT_FILE" in found.found) == (State.OK, True)


def test_a_state_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    found = look_at_state_folder(tmp_path / "a" / "b")
    assert (found.state, "the first upload makes it" in found.found) == (State.OK, True)
    assert list(tmp_path.iterdir()) == []


def test_a_state_folder_is_left_as_it_was(tmp_path: Path) -> None:
    assert look_at_state_folder(tmp_path).state is State.OK
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state, code in ((5 << 20, State.FAILED, 13), (100 << 20, State.WARNING, 0)):
        usage = SimpleNamespace(free=free)
        monkeypatch.setattr("capi_cli.runs.surroundings.shutil.disk_usage", lambda path, usage=usage: usage)
        found = look_at_state_folder(tmp_path)
        assert (found.state, found.exit_code) == (state, code)
        assert "MiB free" in found.found


def test_a_network_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capi_cli.ledger.place.file_system", lambda folder, mounts=None: "nfs4")
    found = look_at_state_folder(tmp_path)
    assert (found.state, found.exit_code) == (State.FAILED, 13)
    assert "network file system" in found.found


def test_every_ledger_is_read_in_full(tmp_path: Path) -> None:
    assert look_at_ledgers(tmp_path)[0].found == "None yet; the first upload makes it."
    for dataset in ("111111", "222222"):
        open_ledger(tmp_path, "graph.facebook.com", dataset).close()
    found = look_at_ledgers(tmp_path)
    assert [str(each.state) for each in found] == ["ok", "ok"]
    database = ledger_place(tmp_path, "graph.facebook.com", "222222").database
    octets = bytearray(database.read_bytes())
    octets[100:4096] = bytes(len(octets[100:4096]))
    database.write_bytes(octets)
    good, bad = look_at_ledgers(tmp_path)
    assert (good.state, bad.state, bad.exit_code) == (State.OK, State.FAILED, 13)
    assert bad.mend

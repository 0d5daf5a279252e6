from pathlib import Path

import pytest

from capi_cli.cli.options import KNOWN
from capi_cli.mapping.config import OPTION_KEYS
from tests.cli.conftest import Capi, FakeRun

UPLOAD = ("upload", "orders.csv", "--sandbox")


def users(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "config" / "capi"
    folder.mkdir(parents=True)
    (folder / "capi.toml").write_text(text)


def test_option_then_environment_then_file_then_the_users_folder(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    users(tmp_path, "concurrency = 1\nbatch_size = 1\ntimeout = 1\nretry_for = '1m'")
    Path("capi.toml").write_text("concurrency = 2\nbatch_size = 2\ntimeout = 2")
    monkeypatch.setenv("CAPI_CONCURRENCY", "3")
    monkeypatch.setenv("CAPI_BATCH_SIZE", "3")
    assert capi(*UPLOAD, "--concurrency", "4").code == 0
    request = fake.request
    assert (request.concurrency, request.batch_size, request.timeout_s, request.retry_for_s) == (4, 3, 2, 60)


def test_what_nobody_said_keeps_its_default(capi: Capi, fake: FakeRun) -> None:
    capi(*UPLOAD)
    request = fake.request
    assert (request.concurrency, request.batch_size, request.timeout_s) == (8, 1000, 60.0)
    assert (request.retry_for_s, request.max_error_rate, request.api_version) == (None, 0.1, "v26.0")
    assert request.graph_url == "https://graph.facebook.com"
    assert request.mapping.config_path is None


def test_every_option_reaches_the_request(capi: Capi, fake: FakeRun) -> None:
    answer = capi(
        *("upload", "a.csv", "b.csv", "--sandbox", "--dataset-id", "1234567", "--api-version", "v27.0"),
        *("--graph-url", "http://127.0.0.1:8080/", "--map", "em=email", "--map", "em=email_2"),
        *("--set", "event_name=Purchase", "--event-id", "order-{order_id}", "--timezone", "Europe/Berlin"),
        *(
            "--default-country",
            "de",
            "--where",
            "status=paid,open",
            "--test-event-code",
            "TEST1",
            "--dry-run",
        ),
        *(
            "--batch-size",
            "50",
            "--concurrency",
            "3",
            "--limit",
            "9",
            "--rejects",
            "r.csv",
            "--format",
            "csv",
        ),
        *("--max-error-rate", "20%", "--preflight", "full", "--retry-for", "5m", "--timeout", "30s"),
        *("--state-dir", "state", "--encoding", "cp1252", "--delimiter", ";", "--skip-lines", "2"),
        *("--no-header", "--columns", "a, b", "--decimal", ",", "--since", "7d", "--resend", "--gzip"),
        *("--lock-wait", "1m", "--workers", "2", "--keep-for", "500d"),
    )
    assert (answer.code, answer.err) == (0, "")
    request = fake.request
    assert request.source.sources == ("a.csv", "b.csv")
    source = request.source
    assert (source.format, source.encoding, source.delimiter) == ("csv", "cp1252", ";")
    assert (source.skip_lines, source.no_header, source.columns) == (2, True, ("a", "b"))
    mapping = request.mapping
    assert mapping.maps == (("em", "email"), ("em", "email_2"))
    assert mapping.sets == (("event_name", "Purchase"),)
    assert (mapping.event_id, mapping.timezone) == ("order-{order_id}", "Europe/Berlin")
    assert (mapping.default_country, mapping.decimal) == ("DE", ",")
    assert mapping.where == (("status", ("paid", "open")),)
    assert (request.dataset_id, request.api_version) == ("1234567", "v27.0")
    assert (request.graph_url, request.sandbox, request.dry_run) == ("http://127.0.0.1:8080", True, True)
    assert (request.test_event_code, request.batch_size, request.concurrency) == ("TEST1", 50, 3)
    assert (request.limit, request.rejects_path, request.state_dir) == (9, Path("r.csv"), Path("state"))
    assert (request.max_error_rate, request.preflight_full) == (0.2, True)
    assert (request.retry_for_s, request.timeout_s, request.lock_wait_s) == (300, 30, 60)
    assert request.keep_for_s == 500 * 86_400
    assert (request.since_s, request.resend, request.gzip, request.workers) == (604_800, True, True, 2)


@pytest.mark.parametrize("name", ["CAPI_DATASET_ID", "META_DATASET_ID", "META_PIXEL_ID", "FB_PIXEL_ID"])
def test_the_dataset_has_several_variables(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1234567")
    capi(*UPLOAD)
    assert fake.request.dataset_id == "1234567"


def test_metas_names_of_version_and_test_code(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("META_API_VERSION", "v25.0")
    monkeypatch.setenv("META_TEST_EVENT_CODE", "TEST9")
    capi(*UPLOAD)
    assert (fake.request.api_version, fake.request.test_event_code) == ("v25.0", "TEST9")


def test_limit_and_resend_are_not_read_from_the_environment(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPI_LIMIT", "5")
    monkeypatch.setenv("CAPI_RESEND", "1")
    capi(*UPLOAD)
    assert (fake.request.limit, fake.request.resend) == (None, False)


def test_a_variable_that_is_not_read_is_told(capi: Capi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPI_RESEND", "1")
    monkeypatch.setenv("CAPI_WHERE", "status=paid")
    err = capi(*UPLOAD).err
    assert "CAPI_RESEND is not read; say --resend in the command." in err
    assert "CAPI_WHERE is not read; say --where in the command." in err


@pytest.mark.parametrize(("word", "dry"), [("1", True), ("Yes", True), ("off", False), ("0", False)])
def test_a_switch_has_its_variable_too(
    capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch, word: str, dry: bool
) -> None:
    """Who sets CAPI_DRY_RUN must not find the events at Meta."""
    Path("capi.toml").write_text("dry_run = true")
    monkeypatch.setenv("CAPI_DRY_RUN", word)
    capi(*UPLOAD)
    assert fake.request.dry_run is dry
    capi(*UPLOAD, "--dry-run")
    assert fake.request.dry_run is True


def test_a_switch_of_the_environment_that_is_neither_yes_nor_no(
    capi: Capi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPI_DRY_RUN", "maybe")
    answer = capi(*UPLOAD)
    assert answer.code == 2
    assert "CAPI_DRY_RUN can't be 'maybe'." in answer.err


def test_an_empty_variable_says_nothing(capi: Capi, fake: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPI_TIMEOUT", "")
    capi(*UPLOAD)
    assert fake.request.timeout_s == 60.0


def test_a_mistyped_variable_is_told(capi: Capi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPI_CONCURENCY", "4")
    answer = capi(*UPLOAD)
    assert answer.code == 0
    assert "CAPI_CONCURENCY is none of ours; did you mean CAPI_CONCURRENCY?" in answer.err


def test_a_variable_that_does_not_parse_is_wrong_usage(capi: Capi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPI_RETRY_FOR", "soon")
    answer = capi(*UPLOAD)
    assert answer.code == 2
    assert "CAPI_RETRY_FOR can't be 'soon'." in answer.err
    assert "15m" in answer.err


def test_a_value_of_the_file_that_does_not_parse_is_configuration(capi: Capi) -> None:
    Path("capi.toml").write_text("timeout = 'soon'")
    answer = capi(*UPLOAD)
    assert answer.code == 10
    assert "timeout can't be 'soon'" in answer.err


def test_switches_of_the_file(capi: Capi, fake: FakeRun) -> None:
    Path("capi.toml").write_text("sandbox = true\ndry_run = true\nquiet = true")
    answer = capi("upload", "orders.csv")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert (fake.request.sandbox, fake.request.dry_run) == (True, True)
    Path("capi.toml").write_text("sandbox = 'yes'")
    assert capi("upload", "orders.csv").code == 10


def test_a_named_file_stands_instead_of_the_one_here(capi: Capi, fake: FakeRun) -> None:
    Path("capi.toml").write_text("concurrency = 2\nbatch_size = 2")
    Path("other.toml").write_text("concurrency = 3")
    capi(*UPLOAD, "--config", "other.toml")
    assert (fake.request.concurrency, fake.request.batch_size) == (3, 1000)
    assert fake.request.mapping.config_path == Path("other.toml")


def test_a_named_file_that_is_not_there(capi: Capi) -> None:
    answer = capi(*UPLOAD, "--config", "nowhere.toml")
    assert answer.code == 10
    assert "nowhere.toml" in answer.err
    assert "--config" in answer.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("concurency = 3", "concurrency"),
        ("access_token = 'EAABxyz'", "META_ACCESS_TOKEN"),
        ("map = 'em=email'", "[event]"),
        ("graph_url = 'https://evil.example'", "--graph-url"),
    ],
)
def test_what_the_file_may_not_hold(capi: Capi, text: str, said: str) -> None:
    Path("capi.toml").write_text(text)
    answer = capi(*UPLOAD)
    assert answer.code == 10
    assert said in answer.err
    assert "EAABxyz" not in answer.err


def test_every_option_that_a_file_may_hold_is_an_option_and_is_read_from_it() -> None:
    assert {name for name in OPTION_KEYS if not (name in KNOWN and KNOWN[name].from_config)} == set()


def test_lists_to_leave_people_out_by_are_one_path_or_several(capi: Capi, fake: FakeRun) -> None:
    for written, expected in (("'a.txt'", ["a.txt"]), ("['a.txt', 'b.csv']", ["a.txt", "b.csv"])):
        Path("capi.toml").write_text(f"suppress = {written}")
        assert capi(*UPLOAD).code == 0
        assert [str(path) for path in fake.requests[-1].suppress] == expected
    assert capi(*UPLOAD, "--suppress", "c.txt", "--suppress", "d.txt").code == 0
    assert [str(path) for path in fake.requests[-1].suppress] == ["c.txt", "d.txt"]

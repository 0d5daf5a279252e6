"""What a person or a cron job gets wrong: each has its exit code, and a message that names the mend."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capi_cli.cli.app import main
from tests.surroundings.conftest import DATASET, EVENT, MARKER, TOKEN

HEADER = "order_id,created_at,email,total\n"
ROW = f"A-1,2026-08-31T10:00:00Z,{MARKER}@example.org,12.50\n"
Answer = tuple[int, str, str]
Capi = Callable[..., Answer]


@pytest.fixture
def capi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Capi:
    """Return a function that runs a command in a folder with one good file, `orders.csv`, and no network."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "orders.csv").write_text(HEADER + ROW)
    monkeypatch.chdir(work)
    monkeypatch.setenv("CAPI_NOW", "2026-09-01T12:00:00+00:00")
    monkeypatch.setenv("CAPI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CAPI_GRAPH_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def call(*argv: str) -> Answer:
        code = main(argv)
        out, err = capsys.readouterr()
        for secret in ("Traceback", TOKEN, MARKER):
            assert secret not in out + err
        return code, out, err

    return call


def workbook() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"email": ["a@example.org"]}), file)
    return file.getvalue()


FILES: list[tuple[str, bytes | None, int, str]] = [
    # name, content, exit code, what the message says
    ("order.csv", None, 11, "Did you mean orders.csv?"),
    ("nothing/*.csv", None, 11, "No file matches nothing/*.csv."),
    ("orders.dat", (HEADER + ROW).encode(), 11, "--format csv"),
    ("empty.csv", b"", 11, "empty.csv is empty."),
    ("empty.jsonl", b"", 11, "is empty"),
    ("page.csv", b"<!DOCTYPE html>\n<html><title>Please log in</title></html>\n", 11, "is an HTML page"),
    ("book.csv", workbook(), 11, "Save As, 'CSV UTF-8'"),
    ("old.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), 11, "Save As, 'CSV UTF-8'"),
    ("table.csv", parquet(), 11, "Parquet"),
    ("table.parquet", (HEADER + ROW).encode(), 11, "Parquet"),
    ("cut.parquet", parquet()[:-20], 11, "again"),
    ("list.jsonl", b'[{"email": "a@example.org"}]', 11, "jq -c"),
    ("zeros.csv", bytes(64), 11, "NUL"),
    ("excel.csv", (HEADER + ROW.replace("A-1", "Köln")).encode("cp1252"), 11, "--encoding cp1252"),
    ("headless.csv", ROW.encode(), 11, "--columns"),
    ("alone.csv", b"name\nJane\n", 10, "--map event_time=COLUMN"),
]


@pytest.mark.parametrize(("name", "content", "code", "said"), FILES, ids=[case[0] for case in FILES])
def test_a_file_that_is_not_what_it_should_be(
    capi: Capi, name: str, content: bytes | None, code: int, said: str
) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    answer = capi("validate", name, *EVENT)
    assert (answer[0], said in answer[2]) == (code, True), answer[2]
    as_json = capi("validate", name, *EVENT, "--output", "json")
    summary = json.loads(as_json[1])
    assert (as_json[0], summary["exit_code"]) == (code, code)
    assert summary["error"]["hint"]
    assert summary["rejects_path"] is None


def test_a_folder_without_files_that_capi_reads(capi: Capi) -> None:
    Path("exports").mkdir()
    Path("exports/readme.md").write_text("")
    Path("exports/orders.rejects.csv").write_text(HEADER + ROW)
    code, _, err = capi("validate", "exports", *EVENT)
    assert (code, "exports holds no file that capi reads" in err) == (11, True)


@pytest.mark.parametrize("name", ["header.csv", "header.jsonl", "header.parquet"])
def test_a_file_without_rows_is_no_failure(capi: Capi, name: str) -> None:
    if name.endswith("csv"):
        Path(name).write_text(HEADER)
    elif name.endswith("jsonl"):
        Path(name).write_text("\n\n")
    else:
        pq.write_table(pa.table({n: pa.array([], pa.string()) for n in HEADER.strip().split(",")}), name)
    if name.endswith("jsonl"):
        assert capi("validate", name, *EVENT)[0] == 11, "there is no header to map by"
        return
    code, out, _ = capi("validate", name, *EVENT)
    assert (code, "no rows" in out.lower()) == (0, True), out
    code, out, _ = capi("upload", name, *EVENT, "--dry-run")
    assert (code, "no rows" in out.lower()) == (0, True), out


OPTIONS: list[tuple[tuple[str, ...], int, str]] = [
    (("--map", "em=emial"), 10, 'Did you mean "email"?'),
    (("--map", "emm=email"), 10, "Did you mean em?"),
    (("--map", "user_data.emial=email"), 10, "Did you mean em?"),
    (("--map", "email=email"), 10, "Did you mean em?"),
    (("--map", "Telefonnummer=email"), 10, "Did you mean ph?"),
    (("--map", "amount=total"), 10, "Did you mean value?"),
    (("--map", "date=created_at"), 10, "Did you mean event_time?"),
    (("--set", "event_nam=Purchase"), 10, "Did you mean event_name"),
    (("--map", "price=total"), 10, "Did you mean custom_data.contents.item_price?"),
    (("--map", "value=total", "--map", "value=order_id"), 10, "value"),
    (("--map", "value=total", "--set", "value=3"), 10, "--map and --set both fill value."),
    (("--set", "currency=EURO"), 10, "EUR"),
    (("--set", "action_source=shop"), 10, "physical_store"),
    (("--where", "emial=x"), 10, 'Did you mean "email"?'),
    (("--event-id", "order-{oder_id}"), 10, "order_id"),
    (("--event-id", "order-{email}"), 10, "email"),
    (("--timezone", "Europe/Berln"), 2, "Did you mean Europe/Berlin"),
    (("--default-country", "Germany"), 2, "DE"),
    (("--max-error-rate", "2"), 2, "between 0 and 1"),
    (("--limit", "0"), 2, "1"),
    (("--limt", "3"), 2, "Did you mean --limit"),
    (("--since", "yesterday"), 2, "7d"),
    (("--config", "missing.toml"), 10, "missing.toml"),
    (("--rejects", "no/such/folder/x.csv"), 10, "--rejects"),
    (("--report", "page.pdf"), 2, ".html"),
]


@pytest.mark.parametrize(("argv", "code", "said"), OPTIONS, ids=[" ".join(case[0]) for case in OPTIONS])
def test_an_option_that_can_not_be(capi: Capi, argv: tuple[str, ...], code: int, said: str) -> None:
    event = [] if "--set" in argv and argv[-1].startswith(("currency", "action")) else list(EVENT)
    answer = capi("validate", "orders.csv", *(event or EVENT[:2]), *argv)
    assert (answer[0], said in answer[2]) == (code, True), answer[2]


TOML: list[tuple[str, int, str]] = [
    ("datasetid = '1'", 10, "Did you mean dataset_id?"),
    ("access_token = 'x'", 10, "META_ACCESS_TOKEN"),
    ("graph_url = 'https://example.com'", 10, "graph"),
    ("[event]\nevent_nam = 'a'", 10, "Did you mean event_name"),
    ("[event.user_data]\nem = { colum = 'email' }", 10, "Did you mean column?"),
    ("[event.userdata]\nem = 'email'", 10, "user_data"),
    ("[wher]\nstatus = ['a']", 10, "where"),
    ("[event]\nevent_time = { column = 'created_at', value = 3 }", 10, "event_time"),
    ("[event.custom_data]\nvalue = { column = 'total', plain = true }", 10, "external_id"),
    ("dataset_id = ", 10, "line 1"),
]


@pytest.mark.parametrize(("text", "code", "said"), TOML, ids=[case[0] for case in TOML])
def test_a_configuration_that_can_not_be(capi: Capi, text: str, code: int, said: str) -> None:
    Path("capi.toml").write_text(text + "\n")
    answer = capi("validate", "orders.csv", *EVENT)
    assert (answer[0], said in answer[2]) == (code, True), answer[2]


def test_credentials_and_destinations(capi: Capi, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = ("upload", "orders.csv", *EVENT)
    code, _, err = capi(*upload, "--dataset-id", DATASET)
    assert (code, "META_ACCESS_TOKEN" in err, "--token-file" in err) == (12, True, True)
    code, _, err = capi(*upload, "--dataset-id", DATASET, "--token-file", "no.token")
    assert code == 12
    assert "no.token" in err
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    code, _, err = capi(*upload)
    assert (code, "--dataset-id" in err, "META_DATASET_ID" in err) == (10, True, True)
    code, _, err = capi(*upload, "--dataset-id", DATASET, "--graph-url", "http://graph.example.com")
    assert (code, "https://" in err) == (10, True)


def test_nobody_at_the_other_end(capi: Capi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    argv = (
        "upload",
        "orders.csv",
        *EVENT,
        "--dataset-id",
        DATASET,
        "--retry-for",
        "1s",
    )
    code, out, _ = capi(*argv, "--output", "json")
    summary = json.loads(out)
    assert (code, summary["events_unsent"], summary["events_unknown"]) == (4, 1, 0)
    assert "again" in summary["error"]["hint"]
    assert summary["requests"] >= 1


def test_a_file_of_broken_rows_alone(capi: Capi) -> None:
    Path("broken.csv").write_text(HEADER + "A-1,2026-08-31T10:00:00Z\n" + 'A-2,"x"y,,\n')
    code, out, _ = capi("validate", "broken.csv", *EVENT, "--output", "json")
    summary = json.loads(out)
    assert (code, summary["rows_read"], summary["rows_rejected"]) == (5, 2, 2)
    told = Path("broken.rejects.csv").read_text()
    assert "short-row" in told
    assert "stray-quote" in told


def test_a_mend_for_capi_toml_can_be_copied_as_it_stands(capi: Capi) -> None:
    """Where some rows alone need it: with the column's own name, the layout that was seen, the zone that was said."""
    rows = [
        "A-1,2026-08-31 10:00,a1@x.com,5",
        "A-2,31.08.2026 11:00:00,a2@x.com,5",
        "A-3,05/08/2026,a3@x.com,5",
    ]
    Path("o.csv").write_text("\n".join(['order_id,"Sold ""at""",email,total', *rows]) + "\n")
    said = ("o.csv", *EVENT, "--map", 'event_time=Sold "at"', "--timezone", "America/New_York")
    code, out, _ = capi("validate", *said, "--max-error-rate", "1")
    assert code == 3
    with Path("o.rejects.csv").open(newline="") as file:
        one, other = (row["_hint"] for row in csv.DictReader(file))
    written = 'event_time = { column = "Sold \\"at\\"", format = "%d.%m.%Y %H:%M:%S", timezone = "America/New_York" }'
    assert one == f"In capi.toml, under [event]: {written}."
    assert other.endswith('format = "%d/%m/%Y", timezone = "America/New_York" }.'), (
        "the other row shows the order"
    )
    screen = " ".join(out.split())
    assert written in screen
    Path("other.csv").write_text(HEADER + "A-1,05/08/2026,a1@x.com,5\n" + ROW)
    capi("validate", "other.csv", *EVENT, "--timezone", "Europe/Rome", "--max-error-rate", "1")
    with Path("other.rejects.csv").open(newline="") as file:
        (either,) = (row["_hint"] for row in csv.DictReader(file))
    assert either.endswith(
        'column = "created_at", format = "%d/%m/%Y", timezone = "Europe/Rome" }, or format = "%m/%d/%Y", whichever '
        "is true of this file."
    )
    code, out, _ = capi("preview", *said, "--row", "3")
    assert written in " ".join(out.split())
    Path("one.toml").write_text(f"[event]\n{written}\n")
    code, out, _ = capi(
        "validate", "o.csv", *EVENT, "--config", "one.toml", "--limit", "2", "--max-error-rate", "1"
    )
    assert "time-format-differs · event_time · row 2" in out, "row 3 is read by it"


def test_each_of_several_sources_has_rejects_and_complaints_of_its_own(capi: Capi) -> None:
    Path("mine.csv").write_text(HEADER + "A-1,2026-08-31T10:00:00Z,a@x.com,much\n")
    Path("more.jsonl").write_text(
        '{"order_id": "B-1", "created_at": "2026-08-31T10:00:00Z", "email": "b@x.com", "total": "much"}\n'
    )
    argv = ("validate", "mine.csv", "more.jsonl", *EVENT, "--output", "json")
    code, out, _ = capi(*argv, "--rejects", "bad.csv", "--max-error-rate", "1")
    summary = json.loads(out)
    assert [source["rejects_path"] for source in summary["sources"]] == ["bad.mine.csv", "bad.more.jsonl"]
    assert summary["rejects_path"] == "bad.mine.csv"
    assert json.loads(Path("bad.more.jsonl").read_text())["_code"] == "number-unreadable"
    Path("more.jsonl").write_text('{"when": "2026-08-31T10:00:00Z", "email": "b@x.com", "total": "5"}\n')
    code, out, _ = capi(*argv, "--map", "event_time=created_at")
    error = json.loads(out)["error"]
    assert (code, error["message"].startswith("more.jsonl: ")) == (10, True)
    assert '"when"' in error["hint"]


def test_nobodys_data_is_suggested_as_a_property_of_the_event(capi: Capi) -> None:
    for word in ("email", "phone", "first_name", "geburtsdatum"):
        assert "custom_data" not in capi("validate", "orders.csv", *EVENT, "--map", f"{word}=email")[2]
    assert "custom_data.colour" in capi("validate", "orders.csv", *EVENT, "--map", "colour=email")[2]

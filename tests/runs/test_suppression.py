"""`--suppress`: who asked to be forgotten is never sent, however the list and the file write them."""

import gzip
import threading
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import orjson
import pytest

from capi_cli.errors import SourceError
from capi_cli.runs.prepare import prepare
from capi_cli.runs.preview import PreviewRequest, preview
from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.request import MappingRequest, RunRequest, SourceRequest
from capi_cli.runs.summary import Summary
from capi_cli.runs.suppress_list import load_suppressed
from capi_cli.runs.upload import upload
from capi_cli.runs.validate import validate
from capi_cli.sandbox.server import Sandbox
from tests.runs.promise import TOKEN, assert_adds_up, request_for

HEADER = "order_id,email,email_2,phone,country,event_time,total\n"
PEOPLE = [  # email, email_2, phone, country
    (" Ana.Maria@Example.com ", "", "", "DE"),
    ("ben@example.com", "", "0171 2345678", "DE"),
    ("clara@example.com", "Old-Clara@example.com", "", "DE"),
    ("dora@example.com", "", "(650) 555-1212", "US"),
    (sha256(b"emil@example.com").hexdigest().upper(), "", "", "DE"),
    ("fritz@example.com", "", "030 9018200", "DE"),
    ("not an address", "", "", "DE"),
]
MAPPING = MappingRequest(
    maps=(("em", "email"), ("em", "email_2"), ("ph", "phone"), ("value", "total")),
    sets=(("event_name", "Purchase"), ("action_source", "phone_call"), ("currency", "EUR")),
    default_country="DE",
)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def orders(tmp_path: Path, now: str) -> Path:
    lines = [
        f"{number},{','.join(f'{cell}' for cell in person)},{now},10\n"
        for number, person in enumerate(PEOPLE, 1)
    ]
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + "".join(lines))
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    from datetime import UTC, datetime, timedelta

    return orders(tmp_path, f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")


def request(
    source: Path, tmp_path: Path, *lists: Path, url: str = "http://127.0.0.1:1", **more
) -> RunRequest:
    asked = replace(request_for(source, url, tmp_path / "state"), mapping=MAPPING, suppress=lists, workers=1)
    return replace(asked, max_error_rate=1.0, **more)


def write(tmp_path: Path, text: str | bytes, name: str = "forget.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def people(tmp_path: Path, text: str | bytes, name: str = "forget.csv", country: str | None = None) -> int:
    path = write(tmp_path, text, name)
    asked = RunRequest(
        command="validate",
        source=SourceRequest(sources=("x.csv",)),
        mapping=MappingRequest(default_country=country),
        suppress=(path,),
    )
    found = load_suppressed(asked)
    assert found is not None
    return len(found)


def suppressed(summary: Summary) -> tuple[int, list[int]]:
    (finding,) = [one for one in summary.findings if one.code == "person-suppressed"]
    assert finding.severity == "info"
    return finding.count, finding.example_rows


def test_matching_rows_are_left_out_by_every_command_that_reads_rows(source: Path, tmp_path: Path) -> None:
    plain = write(
        tmp_path, f"ANA.MARIA@example.com\n+49 171 2345678\n{digest('emil@example.com')}\n", "a.txt"
    )
    table = write(
        tmp_path, f"name;E-Mail\nClara;old-clara@example.com\nDora;{digest('16505551212')}\n", "b.csv"
    )
    lists = (plain, table)
    seen = SilentObserver(), threading.Event()
    judged = validate(request(source, tmp_path, *lists), *seen)
    assert_adds_up(judged)
    assert (judged.rows_read, judged.rows_filtered, judged.rows_rejected, judged.events_prepared) == (
        7,
        5,
        1,
        1,
    )
    assert suppressed(judged) == (5, [2, 3, 4, 5, 6])
    assert not [
        one for one in judged.findings if one.code == "arrived-hashed"
    ]  # nothing else is told of them

    folder = tmp_path / "out"
    prepare(request(source, tmp_path, *lists, out=folder), *seen)
    events = (folder / "part-00001.ndjson").read_text()
    assert [orjson.loads(line)["user_data"]["em"] for line in events.splitlines()] == [
        [digest("fritz@example.com")]
    ]
    with Sandbox() as sandbox:
        sent = upload(request(source, tmp_path, *lists, url=sandbox.url), TOKEN, *seen)
        assert (sent.events_accepted, sent.rows_filtered, suppressed(sent)[0]) == (1, 5, 5)

    looked = preview(PreviewRequest(run=request(source, tmp_path, *lists), count=7))
    assert [row.fate for row in looked.rows] == ["filtered"] * 5 + ["sent", "rejected"]
    assert "suppression list" in looked.rows[0].notes[0].message


def test_who_asks_after_a_folder_was_prepared_is_left_out_of_it(source: Path, tmp_path: Path) -> None:
    seen = SilentObserver(), threading.Event()
    folder = tmp_path / "out"
    prepare(request(source, tmp_path, out=folder), *seen)
    late = write(tmp_path, f"ben@example.com\nold-clara@example.com\n{digest('16505551212')}\n")
    with Sandbox() as sandbox:
        asked = replace(request(folder, tmp_path, late, url=sandbox.url), mapping=MappingRequest())
        sent = upload(asked, TOKEN, *seen)
        assert (sent.rows_read, sent.rows_filtered, sent.events_accepted) == (6, 3, 3)
        assert suppressed(sent) == (3, [2, 3, 4])
    assert_adds_up(sent)


@pytest.mark.parametrize(
    ("text", "country", "count"),
    [
        ("a@x.org\r\n\r\nA@X.ORG \nb@x.org", None, 2),
        ("\ufeffemail\na@x.org\n", None, 1),
        ("a@x.org\n".encode("utf-16"), None, 1),
        pytest.param(gzip.compress(b"phone\n0171 2345678\n"), "DE", 1, id="compressed"),
        ("name,email_sha256,Telefon\nAna,%s,+49 171 2345678\nBen,,\n" % ("AB" * 32), None, 2),
        ("a@x.org,+49 171 2345678\n", None, 2),
        ("email\n", None, 0),
        ("", None, 0),
        ("a@x.org\nnull\n", None, 1),
    ],
)
def test_lists_as_people_write_them(
    tmp_path: Path, text: str | bytes, country: str | None, count: int
) -> None:
    name = "forget.csv.gz" if isinstance(text, bytes) and text[:2] == b"\x1f\x8b" else "forget.csv"
    assert people(tmp_path, text, name, country) == count


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a@x.org\nsecret-ana.example.org\nb@x.org\nsecret@@x\n", "lines 2, 4"),
        ("secret-ana.example.org\n", "line 1"),
        ("a@x.org\n0171 2345678\n", "line 2"),
        ("email\n" + "d41d8cd98f00b204e9800998ecf8427e\n", "line 2"),
        (b"a@x.org\nsecret-j\xf6rg@x.org\n", "line 2"),
        ('email\n"a@x.org\n\nsecret', "line 2"),
        ("name,city\nsecret,Berlin\n", "line 1"),
    ],
)
def test_an_entry_that_cannot_be_read_stops_everything_and_is_not_repeated(
    source: Path, tmp_path: Path, text: str | bytes, lines: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SourceError) as told:
        people(tmp_path, text)
    assert lines in told.value.message and str(path) in told.value.message and told.value.hint
    assert "secret" not in told.value.message + told.value.hint
    asked = replace(request(source, tmp_path, path), mapping=replace(MAPPING, default_country=None))
    summary = validate(asked, SilentObserver(), threading.Event())
    assert (summary.exit_code, summary.rows_read) == (11, 0)


def test_a_list_that_is_missing_is_an_error(source: Path, tmp_path: Path) -> None:
    summary = validate(
        request(source, tmp_path, tmp_path / "nowhere.txt"), SilentObserver(), threading.Event()
    )
    assert summary.exit_code == 11
    assert summary.error is not None and "nowhere.txt" in summary.error.message

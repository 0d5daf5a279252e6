"""Sources at s3:// against a real S3 server (moto's), through a relay that sees and breaks what passes."""

import bz2
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capi_cli.cli.app import main
from capi_cli.readers import parquet, remote, store
from tests.stores.conftest import EVENT, KEY_ID, SECRET, Desk, csv_of, orders
from tests.stores.relay import Relay, relay

pytestmark = [
    pytest.mark.system,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of moto's and Werkzeug's own
]
BUCKET = "exports"
LATE = 42  # of some 50 requests for a Parquet file: the first block of rows is whole by then


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    moto_server = pytest.importorskip(
        "moto.server", reason="needs the extra stores; make test-all installs it"
    )
    before = dict(os.environ)
    os.environ.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET)
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield server.get_host_and_port()[1]
    finally:
        server.stop()
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def passing(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """Let S3 be the relay, and the credentials be good ones."""
    for name, value in (("AWS_ACCESS_KEY_ID", KEY_ID), ("AWS_SECRET_ACCESS_KEY", SECRET)):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    with relay(port) as seen:
        monkeypatch.setenv("AWS_ENDPOINT_URL", seen.url)
        yield seen


@pytest.fixture
def bucket(port: int) -> Iterator[Any]:
    client = pytest.importorskip("boto3").client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
    )
    client.create_bucket(Bucket=BUCKET)
    yield _Bucket(client)
    for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=item["Key"])


class _Bucket:
    def __init__(self, client: Any) -> None:
        self._client = client

    def put(self, key: str, content: bytes) -> str:
        self._client.put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"


def parquet_of(rows: list[dict[str, str]], **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out, **options)
    return out.getvalue()


def jsonl_of(rows: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.mark.parametrize(
    ("key", "pack"),
    [
        ("day/orders.csv", csv_of),
        ("orders.csv.gz", lambda rows: gzip.compress(csv_of(rows))),
        ("orders.csv.bz2", lambda rows: bz2.compress(csv_of(rows))),
        ("orders.csv.zst", lambda rows: pa.compress(csv_of(rows), codec="zstd", asbytes=True)),
        ("a b/ordörs+1.jsonl", jsonl_of),
        ("orders.parquet", parquet_of),
    ],
)
def test_each_format_is_sent_once(desk: Desk, bucket: Any, passing: Relay, key: str, pack: Any) -> None:
    url = bucket.put(key, pack(orders(30, bad=2)))
    ended = desk.upload(url, code=3)
    assert (ended.summary["rows_read"], ended.summary["events_accepted"], desk.accepted) == (30, 28, 28)
    (source,) = ended.summary["sources"]
    assert source["path"] == url
    rejects = Path(source["rejects_path"])
    assert rejects.parent == desk.state, "the source's folder is not here"
    assert rejects.name.startswith(Path(key).name.partition(".")[0] + ".rejects.")
    told = (
        pq.read_table(rejects).num_rows if rejects.suffix == ".parquet" else rejects.read_text().count("much")
    )
    assert told == 2
    assert rejects.stat().st_mode & 0o077 == 0
    again = desk.upload(url, code=3)
    assert (again.summary["rows_skipped"], desk.accepted) == (28, 28)
    assert desk.capi("validate", url, *EVENT, code=3).summary["rows_read"] == 30


def test_patterns_and_prefixes(desk: Desk, bucket: Any, passing: Relay) -> None:
    for number, key in enumerate(
        ("in/a.csv", "in/b.csv.gz", "in/deep/c.csv", "in/d.rejects.csv", "in/_tmp.csv")
    ):
        content = csv_of(orders(3, prefix=str(number)))
        bucket.put(key, gzip.compress(content) if key.endswith("gz") else content)
    bucket.put("in/notes.md", b"x")

    def names(*sources: str) -> list[str]:
        return [one["path"] for one in desk.capi("validate", *sources, *EVENT, code=0).summary["sources"]]

    direct = [f"s3://{BUCKET}/in/a.csv", f"s3://{BUCKET}/in/b.csv.gz"]
    deep = f"s3://{BUCKET}/in/deep/c.csv"
    assert names(f"s3://{BUCKET}/in/") == names(f"s3://{BUCKET}/in") == direct
    assert names(f"s3://{BUCKET}/in/*.csv*") == direct
    assert names(f"s3://{BUCKET}/in/[ab].*", direct[0]) == direct
    assert names(f"s3://{BUCKET}/**/*.csv") == [direct[0], deep]
    assert names(f"s3://{BUCKET}/in/*/c.csv") == [deep]
    bucket.put("odd/[1].csv", csv_of(orders(1)))
    assert names(f"s3://{BUCKET}/odd/[1].csv") == [f"s3://{BUCKET}/odd/[1].csv"]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"s3://{BUCKET}/none.csv", f"no object s3://{BUCKET}/none.csv"),
        ("s3://nobodys/none.csv", "no bucket s3://nobodys"),
        ("s3://nobodys/*.csv", "no bucket s3://nobodys"),
        (f"s3://{BUCKET}/*.csv", "No object matches"),
        (f"s3://{BUCKET}/", "holds no object that capi reads"),
        (f"s3://{BUCKET}/a//b.csv", "empty part"),
        ("s3:///b.csv", "names no bucket"),
        ("https://example.org/o.csv", "https:// can't be opened"),
        (f"s3://{KEY_ID}:{SECRET}@{BUCKET}/a.csv", "holds credentials"),
        (f"s3://{BUCKET}/empty.csv", "is empty"),
        (f"s3://{BUCKET}/page.csv", "HTML page"),
        (f"s3://{BUCKET}/cut.parquet", "cut short"),
        (f"s3://{BUCKET}/prepared/", "what `capi prepare` wrote"),
        (f"s3://{BUCKET}/archive.zip", "zip archive of 2 files"),
    ],
)
def test_what_can_not_be_opened_is_told(desk: Desk, bucket: Any, passing: Relay, url: str, told: str) -> None:
    for key, content in (
        ("empty.csv", b""),
        ("page.csv", b"<!doctype html><html>"),
        ("cut.parquet", parquet_of(orders(9))[:-20]),
        ("prepared/part-00001.ndjson.zst", b"x"),
        ("prepared/manifest.json", b"{}"),
    ):
        if key.split(".")[0].split("/")[0] in url:
            bucket.put(key, content)
    if "archive" in url:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.csv", "a")
            archive.writestr("b.csv", "a")
        bucket.put("archive.zip", out.getvalue())
    ended = desk.upload(url, code=11)
    assert told in ended.error
    assert ended.summary["error"]["hint"]
    assert desk.accepted == 0


def test_what_s3_refuses_ends_12(
    desk: Desk, bucket: Any, passing: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = bucket.put("orders.csv", csv_of(orders(3)))
    passing.refuse = 403
    for source in (url, f"s3://{BUCKET}/", f"s3://{BUCKET}/*.csv"):
        ended = desk.upload(source, code=12)
        assert f"refused to give {source}" in ended.error
        assert "AWS_PROFILE" in ended.error
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "AWS_ACCESS_KEY_ID" in desk.upload(url, code=12).error
    assert "" in passing.authorizations, "nobody's request is not signed"
    assert desk.accepted == 0


def test_a_store_that_is_not_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_ATTEMPTS", 2)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    ended = desk.upload(f"s3://{BUCKET}/orders.csv", code=11)
    assert "can't be reached" in ended.error
    assert "AWS_ENDPOINT_URL" in ended.error


@pytest.mark.parametrize("key", ["orders.csv", "orders.jsonl", "orders.parquet"])
def test_a_connection_that_dies_in_the_middle(
    desk: Desk, bucket: Any, passing: Relay, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """What came before is judged and sent, the run ends 11, and the same command sends the rest."""
    monkeypatch.setattr(store, "_ATTEMPTS", 2)
    monkeypatch.setattr(remote, "RANGE_BYTES", 1 << 18)
    monkeypatch.setattr(parquet, "REMOTE_BUFFER_BYTES", 1 << 15)
    rows = orders(12_000)
    pack = {"csv": csv_of, "jsonl": jsonl_of, "parquet": lambda r: parquet_of(r, row_group_size=1000)}
    url = bucket.put(key, pack[key.rpartition(".")[2]](rows))
    passing.broken_from = 4 if key != "orders.parquet" else LATE
    ended = desk.upload(url, code=11)
    assert "can't be read to its end" in ended.error
    assert 0 < ended.summary["events_accepted"] == desk.accepted < 12_000
    passing.broken_from = None
    again = desk.upload(url, code=0)
    assert again.summary["rows_skipped"] == ended.summary["events_accepted"]
    assert desk.accepted == 12_000


@pytest.mark.parametrize("key", ["orders.csv", "orders.parquet"])
def test_an_object_that_is_replaced_while_it_is_read(
    desk: Desk, bucket: Any, passing: Relay, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Nothing of the new object is mixed with the old one; the next run reads the new one as a new source."""
    monkeypatch.setattr(remote, "RANGE_BYTES", 1 << 18)
    monkeypatch.setattr(parquet, "REMOTE_BUFFER_BYTES", 1 << 15)
    pack = csv_of if key == "orders.csv" else lambda r: parquet_of(r, row_group_size=1000)
    url = bucket.put(key, pack(orders(12_000)))
    other = pack(orders(12_000, prefix="B"))
    turn = 3 if key == "orders.csv" else LATE

    def replace(number: int) -> None:
        if number == turn:
            bucket.put(key, other)

    passing.answered = replace
    ended = desk.upload(url, code=11)
    assert f"{url} was replaced or removed while it was read" in ended.error
    assert 0 < desk.accepted < 12_000
    assert not [key for key in desk.sent_orders if key.startswith("B")]
    passing.answered = lambda number: None
    assert desk.upload(url, code=0).summary["events_accepted"] == 12_000


def test_a_second_signal_leaves_while_the_store_says_nothing(desk: Desk, bucket: Any, passing: Relay) -> None:
    url = bucket.put("orders.csv", csv_of(orders(3)))
    passing.stalled = threading.Event()
    command = [sys.executable, "-m", "capi_cli", "upload", url, *EVENT]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(root)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            while not passing.ranges():
                assert process.poll() is None
                time.sleep(0.05)
            for _ in range(2):
                process.send_signal(signal.SIGINT)
                time.sleep(0.5)
            assert process.wait(10) == 130
        finally:
            passing.stalled.set()
            process.kill()
    assert desk.accepted == 0


def test_through_a_proxy(desk: Desk, bucket: Any, passing: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    url = bucket.put("orders.csv", csv_of(orders(3)))
    monkeypatch.setenv("http_proxy", passing.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")  # the sandbox
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://s3.nowhere.invalid")
    desk.upload(url, code=0)
    assert passing.asked[0][1].startswith("http://s3.nowhere.invalid/")
    assert desk.accepted == 3


def test_a_large_object_comes_in_ranges(
    desk: Desk, bucket: Any, passing: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request asks for more than one range, and each byte of a text is asked for once."""
    monkeypatch.setattr(remote, "RANGE_BYTES", 1 << 18)
    content = csv_of(orders(20_000))
    url = bucket.put("orders.csv", content)
    ended = desk.capi("validate", url, *EVENT, code=0)
    assert ended.summary["rows_read"] == 20_000
    assert max(passing.ranges()) == 1 << 18
    assert sum(passing.ranges()) == len(content)
    monkeypatch.setattr(remote, "FIRST_BYTES", 1 << 16)
    passing.asked.clear()
    full = desk.upload(url, "--preflight", "full", code=0)
    assert full.summary["events_accepted"] == desk.accepted == 20_000
    assert sum(passing.ranges()) == 2 * len(content)
    assert passing.ranges()[:3] == [1 << 16, 1 << 17, 1 << 18]


def test_of_parquet_only_the_mapped_columns_are_fetched(desk: Desk, bucket: Any, passing: Relay) -> None:
    rows = [row | {"note": os.urandom(600).hex()} for row in orders(3000)]
    content = parquet_of(rows)
    assert len(content) > 2 << 20
    desk.upload(bucket.put("orders.parquet", content), code=0)
    sniffed = passing.ranges()[0]
    assert sum(passing.ranges()) - sniffed < 1 << 20


def test_init_and_preview_look_at_objects_too(
    desk: Desk,
    bucket: Any,
    passing: Relay,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = bucket.put("orders.csv", csv_of(orders(5)))
    assert main(["preview", url, *EVENT]) == 0
    assert json.loads(capsys.readouterr().out)["source"] == url
    monkeypatch.setenv("CAPI_OUTPUT", "text")
    assert main(["init", url, "-o", "-"]) in (0, 3)
    assert "created_at" in capsys.readouterr().out

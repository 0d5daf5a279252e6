"""Sources at gs:// against a small imitation of Google Cloud Storage on loopback, in a process of its own."""

import gzip
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capi_cli.errors import SourceError
from capi_cli.readers import remote, store
from capi_cli.readers.expand import expand
from capi_cli.readers.open import open_reader
from tests.stores.conftest import Desk, csv_of, orders

HERE = Path(__file__).parent


class Bucket:
    """The objects, and what was asked for them."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self._log = log

    def put(self, key: str, content: bytes) -> str:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return f"gs://exports/{key}"

    def downloads(self) -> list[str]:
        """Return the ranges of the downloads so far."""
        lines = [line.split() for line in self._log.read_text().splitlines()[1:]]
        return [span for path, span in lines if "alt=media" in path]


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    folder = tmp_path / "gcs"
    for name in ("exports", "locked"):
        (folder / name).mkdir(parents=True)
    log = tmp_path / "gcs.log"
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, HERE / "fake_gcs.py", folder], stdout=out)
        try:
            for _ in range(200):
                if log.read_text().endswith("\n"):
                    break
                time.sleep(0.05)
            port = log.read_text().split()[0]
            monkeypatch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", f"http://127.0.0.1:{port}")
            yield Bucket(folder / "exports", log)
        finally:
            process.terminate()
            process.wait(10)


def parquet_of(rows: list[dict[str, str]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out, row_group_size=500)
    return out.getvalue()


def test_objects_patterns_and_prefixes(desk: Desk, bucket: Bucket) -> None:
    csv = bucket.put("day/a.csv", csv_of(orders(30, bad=1)))
    packed = bucket.put("day/b.csv.gz", gzip.compress(csv_of(orders(5, prefix="B"))))
    table = bucket.put("day/deep/c.parquet", parquet_of(orders(1500, prefix="C")))
    bucket.put("day/a.rejects.csv", b"x")
    ended = desk.upload(csv, table, code=3)
    assert (ended.summary["events_accepted"], desk.accepted) == (1529, 1529)
    assert [one["path"] for one in ended.summary["sources"]] == [csv, table]
    assert Path(ended.summary["rejects_path"]) == desk.state / "a.rejects.csv"
    assert bucket.downloads().count("-") < 10, (
        "Arrow begins a download of the whole object wherever it opens one"
    )
    everything = desk.upload("gs://exports/day/", "gs://exports/**/*.parquet", code=3)
    assert [one["path"] for one in everything.summary["sources"]] == [csv, packed, table]
    assert everything.summary["events_accepted"] == 5


def test_what_can_not_be_opened_is_told(
    desk: Desk, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store, "_REQUEST_S", 1)
    for url, code, told in (
        ("gs://exports/none.csv", 11, "no object gs://exports/none.csv"),
        ("gs://nobodys/none.csv", 11, "no bucket gs://nobodys"),
        ("gs://exports/*.csv", 11, "No object matches"),
        ("gs://locked/a.csv", 12, "refused to give gs://locked/a.csv"),
        ("gs://locked/*.csv", 12, "GOOGLE_APPLICATION_CREDENTIALS"),
    ):
        ended = desk.upload(url, code=code)
        assert told in ended.error
    monkeypatch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", "http://127.0.0.1:9")
    assert "can't be reached" in desk.upload("gs://exports/a.csv", code=11).error
    monkeypatch.delenv("CLOUD_STORAGE_EMULATOR_ENDPOINT")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))  # nothing is asked then
    assert "No credentials" in desk.upload("gs://exports/a.csv", code=12).error


def test_an_object_that_breaks_off_or_is_replaced(
    desk: Desk, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_REQUEST_S", 1)
    monkeypatch.setattr(remote, "RANGE_BYTES", 1 << 18)
    content = csv_of(orders(8000))
    url = bucket.put("orders.csv", content)
    cut = bucket.folder / "orders.csv.cut"
    cut.write_text(str(400_000))
    ended = desk.upload(url, code=11)
    assert "can't be read to its end" in ended.error
    assert 0 < ended.summary["events_accepted"] == desk.accepted < 8000
    cut.unlink()
    assert desk.upload(url, code=0).summary["rows_skipped"] == ended.summary["events_accepted"]
    assert desk.accepted == 8000
    url = bucket.put("again.csv", csv_of(orders(30_000, prefix="D")))
    reader = open_reader(expand([url])[0])
    blocks = reader.blocks([0])
    next(blocks)
    bucket.put("again.csv", csv_of(orders(30_000, prefix="E")))
    with pytest.raises(SourceError, match="was replaced or removed"):
        list(blocks)
    reader.close()

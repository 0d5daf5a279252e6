"""Compression, pipes, disguises, files that grow or are replaced, and which files a SOURCE names."""

import bz2
import gzip
import io
import os
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capi_cli.errors import SourceError, UsageError
from capi_cli.readers.expand import SourceKind, SourcePath, expand
from tests.readers.reading import open_text, opened, read

CSV = b"a,b\n" + b"".join(b"%d,x%d\n" % (n, n * 7919 % 10007) for n in range(50_000))
STDIN = SourcePath(name="stdin", kind=SourceKind.STDIN)


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _locked(archive: bytes) -> bytes:
    """Set the flag that says that a password is needed, in both of the member's headers."""
    found = bytearray(archive)
    found[6] |= 1
    found[found.index(b"PK\x01\x02") + 8] |= 1
    return bytes(found)


def _zstd(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("o.csv.gz", gzip.compress(CSV)),
        (
            "o.csv.gz",
            gzip.compress(CSV[:1000]) + gzip.compress(b"") + gzip.compress(CSV[1000:]) + b"\0" * 512,
        ),
        ("o.csv.bz2", bz2.compress(CSV[:1000]) + bz2.compress(CSV[1000:])),
        ("o.csv.zip", _zip(**{"o.csv": CSV})),
        ("o.zip", _zip(**{"2026/o.csv": CSV})),
        ("o.csv", gzip.compress(CSV)),
    ],
)
def test_compressed(tmp_path: Path, name: str, content: bytes) -> None:
    reader = open_text(tmp_path, content, name)
    rows, lines, bad = read(reader)
    assert len(rows) == 50_000
    assert rows[-1] == ("49999", f"x{49999 * 7919 % 10007}")
    assert (lines[-1], bad) == (50_001, [])
    assert any("compression" in note for note in reader.notes)


def test_zstd_with_several_frames(tmp_path: Path) -> None:
    frames = _zstd(CSV[:1000]) + _zstd(CSV[1000:])
    reader = open_text(tmp_path, frames, "o.csv.zst")
    assert len(read(reader)[0]) == 50_000
    assert len(read(reader)[0]) == 50_000  # a file can be read again


@pytest.mark.parametrize(("name", "pack"), [("o.csv.gz", gzip.compress), ("o.csv.bz2", bz2.compress)])
def test_what_was_readable_is_yielded_before_a_truncated_end_is_told(tmp_path: Path, name: str, pack) -> None:
    big = b"a,b\n" + b"".join(b"%d,x%d\n" % (n, n * 7919 % 10007) for n in range(300_000))
    packed = pack(big)
    reader = open_text(tmp_path, packed[: len(packed) // 2], name)
    rows = []
    with pytest.raises(SourceError, match="ends in the middle"):
        for block in reader.blocks([0, 1]):
            assert block.bad == ()
            rows += zip(*(c.to_pylist() for c in block.columns.columns), strict=True)
    assert len(rows) > 10_000
    assert all(b == f"x{int(a) * 7919 % 10007}" for a, b in rows)


def test_truncated_zstd(tmp_path: Path) -> None:
    packed = _zstd(CSV)
    with pytest.raises(SourceError, match=r"ends in the middle|damaged"):
        read(open_text(tmp_path, packed[: len(packed) // 2], "o.csv.zst"))


def test_damaged_gzip(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(CSV))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(SourceError, match=r"damaged|ends in the middle"):
        read(open_text(tmp_path, bytes(packed), "o.csv.gz"))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("o.csv", b"<!DOCTYPE html><html><body>Log in</body></html>", "HTML page"),
        ("o.csv", b"\n  <html lang='en'>", "HTML page"),
        ("o.csv", _zip(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "Excel workbook"),
        ("o.csv", _zip(**{"a.csv": CSV, "b.csv": CSV}), "zip archive of 2 files"),
        ("o.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "old Excel workbook"),
        ("o.csv", b"%PDF-1.7", "PDF"),
        ("o.csv", b'{"a": 1}\n', "holds JSON"),
        ("o.jsonl", b'[\n{"a": 1}]', "one JSON array"),
        ("o.jsonl", b'[{"a": 1}]', "one JSON array"),
        ("o.jsonl", b'{\n  "a": 1,\n  "b": 2\n}\n', "pretty-printed"),
        ("o.jsonl", b"a,b\n1,2\n", "does not begin with a JSON object"),
        ("o.parquet", b"a,b\n1,2\n", "not Parquet"),
        ("o.parquet", b"PAR1 and then nothing", "cut short"),
        ("o.dat", b"a,b\n1,2\n", "says nothing about its format"),
        ("o.json", b'[{"a": 1}]', "one JSON array"),
        ("o.jsonl", b"\n \r\n", "is empty"),
        ("o.jsonl", b'{"a": "' + b"x" * 100, "cut short"),
        ("o.csv.gz", gzip.compress(gzip.compress(CSV)), "compressed twice"),
        ("o.csv.zip", _zip(), "zip archive of 0 files"),
        ("o.csv.zip", _locked(_zip(**{"o.csv": CSV})), "is encrypted"),
        ("o.csv.zip", _zip(**{"o.csv": CSV})[:-30], "ends in the middle"),
        (
            "o.csv.gz",
            gzip.compress(b"o.csv".ljust(257, b"\0") + b"ustar" + bytes(250) + CSV),
            "a tar archive",
        ),
        ("o.csv", bytes(range(1, 32)) * 40, "binary data"),
        ("orders", b"a,b\n1,2\n", "has no ending"),
    ],
)
def test_disguises_are_named(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    with pytest.raises(SourceError, match=told) as caught:
        open_text(tmp_path, content, name)
    assert caught.value.hint
    assert caught.value.exit_code == 11


def test_parquet_named_csv(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["1"]}), tmp_path / "o.csv")
    with pytest.raises(SourceError, match="is a Parquet file"):
        opened(expand([str(tmp_path / "o.csv")])[0])
    pq.write_table(pa.table({"a": ["1"]}), tmp_path / "export")
    assert opened(expand([str(tmp_path / "export")])[0]).format == "parquet"


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(CSV)

    monkeypatch.setattr(sys, "stdin", Stdin)
    with pytest.raises(UsageError, match="stdin"):
        opened(STDIN)
    reader = opened(STDIN, format="csv")
    assert (reader.rewindable, reader.total_bytes) == (False, None)
    assert len(read(reader)[0]) == 50_000
    with pytest.raises(SourceError, match="only once"):
        read(reader)


def test_parquet_through_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    out = io.BytesIO()
    pq.write_table(pa.table({"a": ["1", "2"]}), out)

    class Stdin:
        buffer = io.BytesIO(out.getvalue())

    monkeypatch.setattr(sys, "stdin", Stdin)
    reader = opened(STDIN, format="parquet")
    (copy,) = tmp_path.iterdir()
    assert read(reader)[0] == [("1",), ("2",)]
    assert copy.stat().st_mode & 0o077 == 0
    reader.close()
    assert not copy.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(gzip.compress(CSV)))
    writer.start()
    reader = opened(expand([str(pipe)])[0])
    assert len(read(reader)[0]) == 50_000
    assert not reader.rewindable
    writer.join()


def test_a_file_that_grows_stops_at_the_size_it_had(tmp_path: Path) -> None:
    reader = open_text(tmp_path, b"a,b\n1,2\n")
    with (tmp_path / "orders.csv").open("ab") as file:
        file.write(b"3,4\n")
    assert read(reader)[0] == [("1", "2")]
    assert any("grew" in note for note in reader.notes)


def test_a_file_that_is_written_again_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    reader = open_text(tmp_path, b"a,b\n1,2\n")
    path.write_bytes(b"a,b\n9,9\n")
    os.utime(path, ns=(1, 1))
    read(reader)
    assert any("was written to" in note for note in reader.notes)
    many = b"a,b\n" + b"1,2\n" * 700_000
    reader = open_text(tmp_path, many)
    os.truncate(path, 2_000_000)
    rows = 0
    with pytest.raises(SourceError, match="became shorter"):
        for block in reader.blocks([0]):
            rows += len(block.rows)
    assert 400_000 < rows < 500_000


def test_a_parquet_file_that_was_replaced_gives_no_rejects(tmp_path: Path) -> None:
    path = tmp_path / "o.parquet"
    pq.write_table(pa.table({"a": ["1", "2"]}), path)
    reader = opened(expand([str(path)])[0])
    assert len(read(reader)[0]) == 2
    pq.write_table(pa.table({"a": ["8", "9"]}), tmp_path / "new.parquet")
    (tmp_path / "new.parquet").replace(path)
    with pytest.raises(SourceError, match="changed while it was read"):
        reader.shape.open()


def test_a_file_that_was_replaced_is_not_mixed(tmp_path: Path) -> None:
    reader = open_text(tmp_path, b"a,b\n1,2\n")
    assert read(reader)[0] == [("1", "2")]
    (tmp_path / "new.csv").write_bytes(b"a,b\n9,9\n")
    (tmp_path / "new.csv").replace(tmp_path / "orders.csv")
    with pytest.raises(SourceError, match="replaced"):
        read(reader)


def test_options_that_a_format_has_no_use_for_are_said(tmp_path: Path) -> None:
    reader = open_text(tmp_path, b'{"a": 1}\n', "o.jsonl", delimiter=";", columns=["a"], encoding="cp1252")
    assert "not used for jsonl: --delimiter, --columns" in reader.notes
    pq.write_table(pa.table({"a": ["1"]}), tmp_path / "o.parquet")
    table = opened(expand([str(tmp_path / "o.parquet")])[0], skip_lines=1, encoding="cp1252")
    assert "not used for parquet: --skip-lines, --encoding" in table.notes


def test_expand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.csv", "a.csv.gz", "c.rejects.csv", ".hidden.csv", "notes.md", "sub.parquet", "_tmp.csv"):
        Path(name).write_bytes(b"x")
    names = ["a.csv.gz", "b.csv", "sub.parquet"]
    assert [Path(s.name).name for s in expand([str(tmp_path)])] == names
    assert [s.name for s in expand(["*"])] == names
    assert [s.name for s in expand(["b.csv", "*.csv"])] == ["b.csv"]
    assert [s.name for s in expand(["c.rejects.csv"])] == ["c.rejects.csv"]
    assert [(s.kind, s.path) for s in expand(["-"])] == [(SourceKind.STDIN, None)]
    Path("link.csv").symlink_to("b.csv")
    assert [s.name for s in expand(["link.csv"])] == ["link.csv"]


def test_expand_tells_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_bytes(b"x")
    Path("empty").mkdir()
    Path("deep/er").mkdir(parents=True)
    Path("deep/er/x.csv").write_bytes(b"x")
    with pytest.raises(SourceError) as caught:
        expand(["order.csv"])
    assert "orders.csv" in caught.value.hint
    Path("latest.csv").symlink_to("gone.csv")
    with pytest.raises(SourceError, match=r"latest\.csv is a link to gone\.csv"):
        expand(["latest.csv"])
    with pytest.raises(SourceError, match="no folder"):
        expand(["nowhere/orders.csv"])
    with pytest.raises(SourceError, match="holds no file"):
        expand(["empty"])
    with pytest.raises(SourceError) as caught:
        expand(["deep"])
    assert "**" in caught.value.hint
    with pytest.raises(SourceError, match="No file matches"):
        expand(["*.parquet"])


def test_prepared_folders(tmp_path: Path) -> None:
    (tmp_path / "part-00001.ndjson").write_bytes(b"{}")
    with pytest.raises(SourceError, match=r"no manifest\.json"):
        expand([str(tmp_path)])
    (tmp_path / "manifest.json").write_bytes(b"{}")
    (found,) = expand([str(tmp_path)])
    assert found.kind is SourceKind.PREPARED

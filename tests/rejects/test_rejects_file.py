"""The rejects file: the user's own cells byte for byte, mended and uploaded again as it is."""

import codecs
import csv
import io
import json
import os
import random
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capi_cli.errors import ConfigurationError, SourceError
from capi_cli.readers.block import Reader
from capi_cli.readers.expand import expand
from capi_cli.readers.open import open_reader
from capi_cli.readers.prepared_folder import PreparedShape
from capi_cli.rejects.file import RejectsFile
from capi_cli.rejects.place import choose_path
from capi_cli.rejects.reject import REJECT_COLUMNS, Reject

OWN = list(REJECT_COLUMNS)


OPENED: list[Reader] = []


@pytest.fixture(autouse=True)
def _close_readers() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def _open(path: Path, **options) -> Reader:
    reader = open_reader(expand([str(path)])[0], **options)
    OPENED.append(reader)
    return reader


def _reject(row: int, raw: bytes = b"", reason: str = "no event time", **more: str) -> Reject:
    texts = {"code": "no-time", "field": "event_time", "hint": "map it"} | more
    return Reject(row=row, raw=raw, reason=reason, **texts)


def _reject_all(path: Path, **options) -> Path:
    """Write the rejects file of a source of which every record was refused."""
    reader = _open(path, **options)
    with_state = choose_path(path, None, path.parent / "state", format=reader.format)
    rejects = RejectsFile(reader.shape, with_state)  # type: ignore[attr-defined]
    for block in reader.blocks([0]):
        for number, row in enumerate(block.rows.tolist()):
            rejects.add(_reject(row, block.raw(number)))
        for bad in block.bad:
            rejects.add(_reject(bad.row, bad.raw, bad.code, code=bad.code))
    reader.close()
    written = rejects.close()
    assert written is not None
    return written


def _rows(path: Path, **options) -> tuple[tuple[str, ...], list[tuple], list[tuple]]:
    reader = _open(path, **options)
    rows, bad = [], []
    for block in reader.blocks(list(range(len(reader.header)))):
        rows += list(zip(*(c.to_pylist() for c in block.columns.columns), strict=True))
        bad += [(b.row, b.code) for b in block.bad]
    return reader.header, rows, bad


def _cells(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_cells_stay_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b'\xef\xbb\xbfid;note\r\n1;"a;""b""\nc"\r\n2; =SUM(1) \r\n')
    written = _reject_all(path)
    assert written == tmp_path / "orders.rejects.csv"
    tail = b";%d;no-time;event_time;no event time;map it\r\n"
    assert written.read_bytes() == (
        b"\xef\xbb\xbfid;note;_row;_code;_field;_reason;_hint\r\n"
        b'1;"a;""b""\nc"' + tail % 2 + b"2; =SUM(1) " + tail % 4
    )


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "shift_jis"])
def test_the_encoding_stays(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "orders.csv"
    text = "id,name\r\n1,ｱﾅ\r\n" if encoding == "shift_jis" else "id,name\r\n1,José\r\n"
    path.write_bytes(text.encode(encoding))
    option = {} if encoding == "utf-16" else {"encoding": encoding}
    found = _reject_all(path, **option).read_bytes()
    rows = list(csv.reader(io.StringIO(found.decode(encoding), newline="")))
    assert rows[0] == ["id", "name", *OWN]
    assert rows[1][:3] == ["1", "ｱﾅ" if encoding == "shift_jis" else "José", "2"]
    if encoding == "utf-16":
        assert found.startswith(codecs.BOM_UTF16_LE)


def test_bytes_that_are_no_text_come_out_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"id,name\n1,a\x81b\n")
    assert b"1,a\x81b,2,bad-encoding" in _reject_all(path, encoding="cp1252").read_bytes()
    path.write_bytes(b"id,name\n1,a\xffb\n")
    assert b"1,a\xffb,2,bad-encoding" in _reject_all(path, encoding="utf-8").read_bytes()


def test_what_an_encoding_lacks_in_our_words(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes("id,name\n1,José\n".encode("cp1252"))
    rejects = RejectsFile(_open(path, encoding="cp1252").shape, tmp_path / "r.csv")  # type: ignore[attr-defined]
    rejects.add(_reject(2, "1,José".encode(), "東京 is far"))
    assert rejects.close() is not None
    assert "1,José,2,no-time,event_time,?? is far" in (tmp_path / "r.csv").read_bytes().decode("cp1252")


def test_only_ours_are_guarded_against_formulas(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"id,note\n1,=1+1\n")
    rejects = RejectsFile(_open(path).shape, tmp_path / "r.csv")  # type: ignore[attr-defined]
    rejects.add(_reject(2, b"1,=1+1", '=HYPERLINK("x")\nnext', field="@x", hint="-y, z"))
    rejects.close()
    rows = _cells(tmp_path / "r.csv")
    assert rows[1] == ["1", "=1+1", "2", "no-time", "'@x", '\'=HYPERLINK("x") next', "'-y, z"]


def test_file_order_from_any_order_and_thread(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"id\n1\n")
    rejects = RejectsFile(_open(path).shape, tmp_path / "r.csv")  # type: ignore[attr-defined]
    numbers = list(range(2, 4002))
    random.Random(5).shuffle(numbers)

    def add(part: list[int]) -> None:
        for number in part:
            rejects.add(_reject(number, b"%d" % number))

    threads = [threading.Thread(target=add, args=(numbers[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rejects.count == 4000
    rejects.close()
    rows = _cells(tmp_path / "r.csv")[1:]
    assert [int(row[0]) for row in rows] == list(range(2, 4002))


def test_one_line_for_a_row_that_was_rejected_twice(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"id\n1\n")
    rejects = RejectsFile(_open(path).shape, tmp_path / "r.csv")  # type: ignore[attr-defined]
    rejects.add(_reject(2, b"1", "second", code="b"))
    rejects.add(_reject(2, b"1", "first", code="a"))
    rejects.close()
    rows = _cells(tmp_path / "r.csv")[1:]
    assert [row[2:5:2] for row in rows] == [["a", "first; second"]]


SOURCES = [
    "id,name\n1,x\n2,y\n",
    'id,name\n1,"x,y"\n2,"a\nb"\n',
    "id,name,\n1,x\n2,y,\n",
    "id,name\n1,x,\n2,y\n",
    "sep=;\nid;name\n1;x\n",
    "id\tname\r1\tx\r",
    "id,name\n1\n2,y,z\n3,x\n",
    'id,name\n1,"x\n2,y\n',
    'id,name\n1,6" x\n2,y\n',
]


@pytest.mark.parametrize("content", SOURCES)
def test_uploaded_again_it_reads_as_before_and_rejected_again_it_is_the_same(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content.encode())
    header, rows, bad = _rows(path)
    first = _reject_all(path)
    again_header, again_rows, again_bad = _rows(first)
    assert [n for n in again_header if n.strip()] == [*header, *OWN]
    assert [row[: len(header)] for row in again_rows] == rows
    assert [code for _, code in again_bad] == [code for _, code in bad]
    second = _reject_all(first)
    assert second == tmp_path / "orders.rejects.rejects.csv"
    assert len(second.read_bytes().splitlines()) == len(first.read_bytes().splitlines())
    third = _reject_all(second)
    assert [row[: len(header)] for row in _rows(third)[1]] == rows
    assert third.read_bytes() == second.read_bytes()


def test_uploaded_again_by_the_same_command(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"Orders\n\nid,name,v\n1,x,2\n")
    written = _reject_all(path, skip_lines=1)
    assert _rows(written, skip_lines=1)[1][0][:4] == ("1", "x", "2", "4")
    path.write_bytes(b"o1,x\no2,y\n")
    written = _reject_all(path, columns=("id", "name"))
    header, rows, bad = _rows(written, columns=("id", "name"))
    assert header == ("id", "name", *OWN)
    assert ([row[:3] for row in rows], bad) == ([("o1", "x", "1"), ("o2", "y", "2")], [])


def test_moved_columns_of_ours_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "orders.rejects.csv"
    path.write_bytes(b'_row,id,_code,name,_field,_reason,_hint\n9,1,old,"x,y",f,r,h\n')
    written = _reject_all(path)
    assert written.read_bytes() == (
        b'id,name,_row,_code,_field,_reason,_hint\n1,"x,y",2,no-time,event_time,no event time,map it\n'
    )


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    lines = [b'{"id": 1.10, "n": 12345678901234567890 }', b"{}", b'{"id": NaN}', b'{"id":\xff}', b"[1]"]
    path.write_bytes(b"\n".join(lines))
    written = _reject_all(path, encoding="utf-8")
    found = written.read_bytes().splitlines()
    own = b'"_code":"no-time","_field":"event_time","_reason":"no event time","_hint":"map it"}'
    assert found[0] == b'{"id": 1.10, "n": 12345678901234567890,"_row":1,' + own
    assert found[1] == b'{"_row":2,' + own
    assert [json.loads(line)["_raw"] for line in found[2:]] == ['{"id": NaN}', '{"id":\\xff}', "[1]"]
    again = _reject_all(written)
    assert again == tmp_path / "orders.rejects.rejects.jsonl"
    repeated = again.read_bytes().splitlines()
    assert repeated[:2] == found[:2]
    assert [json.loads(line)["_row"] for line in repeated] == [1, 2, 3, 4, 5]
    assert all(line.count(b'"_row"') == 1 for line in repeated)


def test_json_members_of_ours_in_other_places_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b'{"_row": 7, "id": 1.10, "_reason": "old", "x": {"_row": 1}}\n')
    found = _reject_all(path).read_bytes()
    assert found.startswith(b'{"id":1.10,"x":{"_row": 1},"_row":1,"_code"')
    assert b"old" not in found


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    table = pa.table({"id": pa.array(range(10_000), pa.int32()), "items": [[{"id": "x"}]] * 10_000})
    pq.write_table(table, path, row_group_size=3_000)
    reader = _open(path)
    rejects = RejectsFile(reader.shape, tmp_path / "orders.rejects.parquet")  # type: ignore[attr-defined]
    for row in (9_999, 3_001, 1, 3_000, 8_000):
        rejects.add(_reject(row))
    written = rejects.close()
    assert written is not None
    found = pq.read_table(written)
    assert found.column_names == ["id", "items", *OWN]
    assert found.schema.field("id").type == pa.int32()
    assert found["_row"].to_pylist() == [1, 3_000, 3_001, 8_000, 9_999]
    assert found["id"].to_pylist() == [0, 2_999, 3_000, 7_999, 9_998]
    assert found["items"].to_pylist()[0] == [{"id": "x"}]
    again = _reject_all(written)
    assert pq.read_table(again).column_names == ["id", "items", *OWN]
    assert pq.read_table(again)["_row"].to_pylist() == [1, 2, 3, 4, 5]


def test_a_parquet_source_that_shrank(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table({"id": [1, 2, 3]}), path)
    rejects = RejectsFile(_open(path).shape, tmp_path / "r.parquet")  # type: ignore[attr-defined]
    rejects.add(_reject(3))
    pq.write_table(pa.table({"id": [1]}), path)
    with pytest.raises(SourceError, match="changed"):
        rejects.close()
    assert list(tmp_path.iterdir()) == [path]


def test_prepared(tmp_path: Path) -> None:
    rejects = RejectsFile(PreparedShape(), tmp_path / "out.rejects.csv")
    rejects.add(_reject(5, b"order,1", "no"))
    rejects.close()
    assert (
        tmp_path / "out.rejects.csv"
    ).read_text() == '_row,event_id,_code,_reason\n5,"order,1",no-time,no\n'


def test_nothing_rejected_nothing_written(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"id\n1\n")
    rejects = RejectsFile(_open(path).shape, tmp_path / "r.csv")  # type: ignore[attr-defined]
    assert rejects.close() is None
    rejects = RejectsFile(_open(path).shape, tmp_path / "r.csv")  # type: ignore[attr-defined]
    rejects.add(_reject(2, b"1"))
    rejects.discard()
    assert rejects.close() is None
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="closed"):
        rejects.add(_reject(2, b"1"))


def test_private_and_an_older_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"id\nA\n")
    _reject_all(path)
    path.write_bytes(b"id\nB\n")
    _reject_all(path)
    path.write_bytes(b"id\nC\n")
    _reject_all(path)
    names = ["orders.rejects.1.csv", "orders.rejects.2.csv", "orders.rejects.csv"]
    assert [(tmp_path / name).read_bytes().split(b"\n")[1][:1] for name in names] == [b"A", b"B", b"C"]
    if os.name == "posix":
        assert all(stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600 for name in names)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["orders.csv", *names]


def test_a_place_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"id\n1\n")
    rejects = RejectsFile(_open(path).shape, tmp_path / "gone" / "r.csv")  # type: ignore[attr-defined]
    rejects.add(_reject(2, b"1"))
    with pytest.raises(ConfigurationError, match="can't be written"):
        rejects.close()


@pytest.mark.parametrize(
    ("source", "format", "name"),
    [
        ("orders.csv", "csv", "orders.rejects.csv"),
        ("orders.csv.gz", "csv", "orders.rejects.csv"),
        ("orders.2024.tsv", "csv", "orders.2024.rejects.tsv"),
        ("orders.ndjson.zst", "jsonl", "orders.rejects.ndjson"),
        ("orders.parquet", "parquet", "orders.rejects.parquet"),
        ("orders", "csv", "orders.rejects.csv"),
        ("orders.zip", "csv", "orders.rejects.csv"),
        ("orders.dat", "jsonl", "orders.dat.rejects.jsonl"),
    ],
)
def test_default_places(tmp_path: Path, source: str, format: str, name: str) -> None:
    assert choose_path(tmp_path / source, None, tmp_path / "state", format=format) == tmp_path / name


def test_other_places(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert choose_path(None, None, state) == state / "stdin.rejects.csv"
    assert choose_path(tmp_path / "gone" / "o.csv", None, state) == state / "o.rejects.csv"
    assert choose_path(None, None, state, name="s3://b/day/o.csv.gz") == state / "o.rejects.csv"
    for pipe in ("/dev/stdin", "/dev/fd/63", "/proc/self/fd/0"):
        assert choose_path(Path(pipe), None, state) == state / "stdin.rejects.csv"
    assert choose_path(tmp_path / "o.csv", tmp_path / "x.csv", state) == tmp_path / "x.csv"
    assert choose_path(tmp_path / "o.csv", tmp_path, state) == tmp_path / "o.rejects.csv"
    taken = {tmp_path / "x.csv", tmp_path / "x.2.csv"}
    assert choose_path(tmp_path / "o.csv", tmp_path / "x.csv", state, taken=taken) == tmp_path / "x.3.csv"
    for source, format, found in (
        ("o.csv", "csv", "x.o.csv"),
        ("p.jsonl.gz", "jsonl", "x.p.jsonl"),
        ("q", "parquet", "x.q.parquet"),
    ):
        asked = tmp_path / source, tmp_path / "x.csv", state
        assert choose_path(*asked, format=format, several=True) == tmp_path / found
    assert choose_path(tmp_path / "o.csv", tmp_path, state, several=True) == tmp_path / "o.rejects.csv"
    with pytest.raises(ConfigurationError, match="can't be written"):
        choose_path(tmp_path / "o.csv", tmp_path / "gone" / "x.csv", state)
    assert [p.name for p in tmp_path.iterdir()] == ["state"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "ro"
    folder.mkdir(mode=0o500)
    assert choose_path(folder / "o.csv", None, tmp_path / "state") == tmp_path / "state" / "o.rejects.csv"

"""Sources, ledgers and prepared folders that are damaged or something else, full of marked people."""

import gzip
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capi_cli.sandbox.server import Sandbox
from tests.privacy.conftest import DATASET
from tests.privacy.files import COUNTRY, EVENT, MAPPED, delimited, orders, rows
from tests.privacy.markers import PERSON, TOKEN
from tests.privacy.scene import Scene

EMAIL, PHONE, NAME = (PERSON[key][0] for key in ("email", "phone", "last_name"))
HEADER, ROW = delimited(rows(1)).splitlines()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows(3)), file)
    return file.getvalue()


def lines(*records: object) -> bytes:
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in records).encode()


RECORD = rows(1)[0]
FILES: dict[str, bytes] = {
    "page.csv": f"<!DOCTYPE html><html><title>{EMAIL}</title><p>{PHONE} {TOKEN}</p></html>".encode(),
    "headless.csv": f"{ROW}\n{ROW}\n".encode(),
    "header-of-people.csv": f"order_id,created_at,total,{EMAIL},{PHONE},{NAME}\n1,2,3,4,5,6\n".encode(),
    "one-column.csv": f"email\n{EMAIL}\n".encode(),
    "twice.csv": f"{EMAIL},{EMAIL},total,total\n1,2,3,4\n".encode(),
    "quote.csv": f'{HEADER}\n"{ROW}\n{ROW}\n'.encode(),
    "stray-quote.csv": f'{HEADER}\n"{EMAIL}"{PHONE},{ROW}\n{ROW}\n'.encode(),
    "short.csv": f"{HEADER}\n{EMAIL},{PHONE}\n{ROW},{ROW}\n".encode(),
    "nul.csv": f"{HEADER}\n{ROW}\0{EMAIL}\n".encode(),
    "wide.csv": f"{HEADER}\n{EMAIL * 30_000}{ROW[3:]}\n{ROW}\n".encode(),
    "latin.csv": f"{HEADER}\n{ROW.replace('’', '')}\n".encode("cp1252"),
    "late-latin.csv": HEADER.encode()
    + f"\n{ROW}".encode() * 3
    + f"\n{ROW.replace('’', '')}".encode("cp1252"),
    "title.csv": f"Orders of {NAME} {EMAIL}\n\n{HEADER}\n{ROW}\n".encode(),
    "not-parquet.parquet": f"{HEADER}\n{ROW}\n".encode(),
    "really-parquet.csv": parquet(),
    "cut.parquet": parquet()[:-40],
    "flipped.parquet": parquet()[:200] + b"\xff\xff\xff" + parquet()[203:],
    "cut.csv.gz": gzip.compress(f"{HEADER}\n{ROW}\n".encode() * 50)[:-30],
    "array.jsonl": lines([RECORD, RECORD]),
    "pretty.jsonl": json.dumps(RECORD, indent=2).encode(),
    "words.jsonl": lines(EMAIL, f'"{EMAIL}"', f'{{"email": "{EMAIL}", "phone": {PHONE}}}', RECORD),
    "cut.jsonl": lines(RECORD)[:-9],
    "nan.jsonl": lines(RECORD, f'{{"email": "{EMAIL}", "total": NaN}}', f'{{"email": "{EMAIL}\\ud800"}}'),
    "twice.jsonl": lines(f'{{"email": "{EMAIL}", "email": "{PHONE}", "{EMAIL}": 1, "{EMAIL}": 2}}', RECORD),
    "deep.jsonl": lines(RECORD, f'{{"email": {"[" * 500}"{EMAIL}"{"]" * 500}}}'),
    "orders.rejects.csv": f"{HEADER},_row,_code,_field,_reason,_hint\n{ROW},2,x,em,{EMAIL},{PHONE}\n".encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_a_source_that_is_something_else(scene: Scene, name: str) -> None:
    scene.write(name, FILES[name])
    for command in ("validate", "preview", "init"):
        more = ("-o", "-") if command == "init" else COUNTRY
        code = scene.run(command, name, *EVENT, *more).code
        assert code in (0, 2, 3, 5, 10, 11)
    scene.run("validate", name, "--output", "json", "-v", "--max-error-rate", "1", "--report", "page.html")
    kind = name.removesuffix(".gz").rpartition(".")[2]
    scene.run("upload", "-", "--format", kind, *EVENT, "--dry-run", "-v", stdin=FILES[name])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def scribble(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[20:200] = b"\xa5" * 180
    path.write_bytes(octets)


def foreign(path: Path) -> None:
    path.write_text(f"{EMAIL} {TOKEN}")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a database cut off": lambda place: cut(place / "ledger.sqlite"),
    "a database overwritten": lambda place: scribble(place / "ledger.sqlite"),
    "a database of somebody else's": lambda place: foreign(place / "ledger.sqlite"),
    "a database that is a folder": lambda place: (
        (place / "ledger.sqlite").unlink(),
        (place / "ledger.sqlite").mkdir(),
    ),
    "shelves cut off": lambda place: list(map(cut, place.glob("*.keys"))),
    "shelves gone": lambda place: [one.unlink() for one in place.glob("*.keys")],
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_ledger_that_is_damaged(scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    scene.write("orders.csv", orders(5, 0))
    sent = ("orders.csv", *EVENT, *COUNTRY, *MAPPED)
    with Sandbox(dataset_id=DATASET, token=TOKEN) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        assert scene.run("upload", *sent).code == 0
        (place,) = (scene.state / "ledgers").iterdir()
        DAMAGE[name](place)
        if "else's" in name:
            scene.sources.add(place / "ledger.sqlite")
        for output in ("text", "json"):
            assert scene.run("upload", *sent, "--output", output).code == 13
        looks = (
            ("runs",),
            ("doctor",),
            ("forget", "--order-id", "A-1", "--yes"),
            ("upload", *sent, "--dry-run"),
        )
        for argv in looks:
            assert scene.run(*argv).code in (0, 4, 13)


def test_a_prepared_folder_that_was_changed(scene: Scene) -> None:
    scene.write("orders.csv", orders(5, 0))
    assert scene.run("prepare", "orders.csv", *EVENT, *COUNTRY, *MAPPED, "-o", str(scene.prepared)).code == 0
    part, manifest = scene.prepared / "part-00001.ndjson", scene.prepared / "manifest.json"
    whole, seal = part.read_bytes(), manifest.read_bytes()
    for changed, sealed in (
        (whole[:-20], seal),
        (whole.replace(b'"em":["', b'"em":["0'), seal),
        (f'{{"em": "{EMAIL}"}}\n'.encode() + whole, seal),
        (whole, seal[:-30]),
        (whole, seal.replace(b"{", f'{{"{EMAIL}": "{TOKEN}",'.encode(), 1)),
        (whole, f'"{EMAIL}"'.encode()),
    ):
        part.write_bytes(changed)
        manifest.write_bytes(sealed)
        scene.sources |= {part, manifest}
        for form in ((), ("--output", "json", "-v")):
            assert scene.run("upload", str(scene.prepared), "--dry-run", *form).code == 11
    shutil.rmtree(scene.prepared)

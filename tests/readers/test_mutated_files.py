"""Whatever is done to a file, reading it ends in rows, bad rows, or one message that says what to do."""

import bz2
import gzip
import io
import random
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from capi_cli.errors import SourceError
from capi_cli.event.rules import catalogue
from tests.readers.reading import open_text, read

ROWS = [
    (f"o{n}", f"näme {n}", "two\nlines" if n % 7 == 0 else 'q"uote' if n % 5 == 0 else "") for n in range(400)
]
CSV = "id,name,note\n" + "".join(
    f"{a},{b}," + (f'"{c.replace(chr(34), chr(34) * 2)}"' if c else "") + "\n" for a, b, c in ROWS
)
JSONL = "".join(f'{{"id":"{a}","n":{{"name":"{b}"}},"v":1.50,"l":[1,"x"]}}\n' for a, b, _ in ROWS)


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("o.csv", content)
    return out.getvalue()


SOURCES = {
    "o.csv": CSV.encode(),
    "o.tsv": CSV.replace(",", "\t").encode("utf-16"),
    "o.jsonl": JSONL.encode(),
    "o.csv.gz": gzip.compress(CSV.encode()),
    "o.jsonl.zst": pa.compress(JSONL.encode(), codec="zstd", asbytes=True),
    "o.csv.bz2": bz2.compress(CSV.encode()),
    "o.csv.zip": zipped(CSV.encode()),
}


def _mutated(content: bytes, dice: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(found) + 1)
        match dice.randrange(5):
            case 0 if at < len(found):
                found[at] ^= 1 << dice.randrange(8)
            case 1:
                del found[at:]
            case 2:
                del found[at : at + dice.randrange(40)]
            case 3:
                found[at:at] = dice.choice(
                    [b'"', b"\n", b"\r", b"\0", b"\xff", b"{", b"}", b",", b"\xef\xbb\xbf"]
                )
            case _:
                found[at:at] = found[at // 2 : at // 2 + dice.randrange(60)]
    return bytes(found)


@pytest.mark.parametrize("name", SOURCES)
def test_mutated(tmp_path: Path, name: str) -> None:
    outcomes = {"read": 0, "told": 0}
    for seed in range(120):
        content = _mutated(SOURCES[name], random.Random(seed))
        renamed = name if seed % 6 else random.Random(seed).choice([*SOURCES, "o.parquet", "o.txt"])
        try:
            rows, lines, bad = read(open_text(tmp_path, content, renamed))
        except SourceError as error:
            assert error.message and error.hint, seed
            assert "näme" not in error.message, seed
            outcomes["told"] += 1
        else:
            numbers = lines + [b[0] for b in bad]
            assert len(set(numbers)) == len(numbers), seed
            assert lines == sorted(lines), seed
            assert all(code in catalogue() for _, code, _ in bad), seed
            assert len(rows) <= 500, seed
            outcomes["read"] += 1
    assert outcomes["read"] + outcomes["told"] == 120
    assert outcomes["told"] > 0

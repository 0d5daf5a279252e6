"""Golden cases with damage: whatever is done to a source or a capi.toml, `validate` ends by the contract.

Twenty seconds, one random seed a run, which a failure tells: CAPI_TEST_SEED=… repeats it, one mutation after another.
"""

import bz2
import gzip
import io
import json
import os
import random
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from capi_cli.cli.app import main
from tests.cases.test_cases import CASES, HERE, NOW, commands, is_expected

BUDGET_S = 20.0
SLOWEST_S = 15.0  # for one run of a few hundred bytes, on a busy machine
CODES = {0, 2, 3, 5, 10, 11}  # what validate may end with; 1 is a bug
ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".csv.gz", ".csv.zst", ".zip", ".dat", "")
NASTY = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b"\r",
    b"\n",
    b",;\t|",
    b"\xe2\x80\xa8",
    b"{",
    b"]",
    b"\\u0000",
)
WORDS = (
    b"NaN",
    b"1e400",
    b"9" * 400,
    b"'+-@=",
    b"%s%n",
    b"../../etc",
    b"\xed\xa0\x80",
    b"2026-02-31",
    b"0" * 64,
)
Mutation = Callable[[random.Random, bytes], bytes]


def flip(dice: random.Random, content: bytes) -> bytes:
    """Change single bytes."""
    changed = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(dice: random.Random, content: bytes) -> bytes:
    """Take a part away: the end, the beginning, or out of the middle."""
    first, last = sorted((dice.randrange(len(content) + 1), dice.randrange(len(content) + 1)))
    return dice.choice((content[:first], content[first:], content[:first] + content[last:]))


def insert(dice: random.Random, content: bytes) -> bytes:
    """Put something nasty somewhere, once or often."""
    for _ in range(dice.choice((1, 1, 3, 30))):
        at = dice.randrange(len(content) + 1)
        content = content[:at] + dice.choice(NASTY + WORDS) + content[at:]
    return content


def repeat(dice: random.Random, content: bytes) -> bytes:
    """Write a part of it again."""
    first, last = sorted((dice.randrange(len(content) + 1), dice.randrange(len(content) + 1)))
    return content[:last] + content[first:last] * dice.choice((1, 2, 50)) + content[last:]


def encode_again(dice: random.Random, content: bytes) -> bytes:
    """Write its text in another encoding."""
    text = content.decode("latin-1")
    encoding = dice.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "cp037", "utf-7"))
    return text.encode(encoding, "replace")


def compress(dice: random.Random, content: bytes) -> bytes:
    """Compress it, whatever its name says; perhaps cut short, perhaps with a byte changed."""
    packed = dice.choice((gzip.compress, bz2.compress, to_zstd, to_zip))(content)
    packed = packed[: dice.choice((len(packed), len(packed), len(packed) // 2))]
    return flip(dice, packed) if dice.random() < 0.3 else packed


def to_zstd(content: bytes) -> bytes:
    packed = pa.compress(content, codec="zstd", asbytes=True)
    assert isinstance(packed, bytes)
    return packed


def to_zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", content)
    return out.getvalue()


MUTATIONS: tuple[Mutation, ...] = (flip, flip, cut, insert, insert, repeat, encode_again, compress, compress)


def test_no_damage_makes_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("CAPI_TEST_SEED", random.randrange(10**6)))
    dice = random.Random(seed)
    names = [name for name in CASES if name != "stdin"]
    monkeypatch.setenv("CAPI_NOW", NOW)
    monkeypatch.setenv("CAPI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CAPI_OUTPUT", "json")
    ends: dict[int, int] = {}
    number, begun = 0, time.monotonic()
    while time.monotonic() - begun < BUDGET_S:
        number += 1
        work = tmp_path / str(number)
        argv = damaged_case(dice, dice.choice(names), work)
        monkeypatch.chdir(work)
        started = time.monotonic()
        code = main(argv)
        out, err = capsys.readouterr()
        told = f"CAPI_TEST_SEED={seed}, mutation {number} in {work}: {argv}\n{err}"
        assert code in CODES, told
        assert "Traceback" not in out + err, told
        assert time.monotonic() - started < SLOWEST_S, told
        assert_adds_up(json.loads(out), told)
        ends[code] = ends.get(code, 0) + 1
        shutil.rmtree(work)
    assert number > 20, ends
    assert len(ends) > 2, f"the damage was always of one kind: {ends}"


def damaged_case(dice: random.Random, name: str, work: Path) -> list[str]:
    """Copy a case, damage one of its files, and return the command line that looks at it."""
    shutil.copytree(HERE / name, work, ignore=lambda _, names: [n for n in names if is_expected(n)])
    files = sorted(path for path in work.rglob("*") if path.suffix not in (".py", ".md"))
    victim = dice.choice([path for path in files if path.is_file()])
    content = victim.read_bytes()
    for _ in range(dice.choice((1, 1, 2))):
        content = dice.choice(MUTATIONS)(dice, content)
    victim.write_bytes(content)
    argv = [word for word in commands(HERE / name)[-1] if word != "upload"]
    if dice.random() < 0.15 and victim.name in argv:
        renamed = victim.with_name("renamed" + dice.choice(ENDINGS))
        victim.rename(renamed)
        argv = [renamed.name if word == victim.name else word for word in argv]
    return ["validate", *argv]


def assert_adds_up(summary: dict[str, object], told: str) -> None:
    counts = {name: value for name, value in summary.items() if isinstance(value, int)}
    rows = ("rows_filtered", "rows_rejected", "rows_skipped", "rows_prepared")
    assert counts["rows_read"] == sum(counts[name] for name in rows), told
    assert counts["events_prepared"] == counts["events_unsent"], told
    error = summary.get("error")
    if isinstance(error, dict):
        assert error["message"], told
        assert error["code"] != "bug", told
    elif counts["exit_code"] == 3:
        assert summary["rejects_path"], told

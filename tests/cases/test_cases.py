"""Golden cases: folders that a person can open. The source and `command.txt` go in, the rest must come out.

Each folder holds, beside its source files (and a `capi.toml` where the case has one):

- `command.txt`: what is typed, below comments that say what the case shows; several lines are several runs;
- `requests.jsonl`: the events as the sandbox received them in the last run, one a line, members sorted;
- `digests.tsv`: each digest in `requests.jsonl`, and the text that it must be the SHA-256 of;
- `rejects.*`: the rejects file (of Parquet, its rows as JSON lines), absent where none may be written;
- `summary.json`: the summary's members that are the same on every run;
- `exit_code`.

All of them are written by hand from docs/normalization.md; nothing here writes an expectation. The clock
stands at noon of 2026-09-01, UTC.
"""

import hashlib
import io
import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from capi_cli.cli.app import main
from capi_cli.sandbox.saving import saved_events
from capi_cli.sandbox.server import Sandbox

NOW = "2026-09-01T12:00:00+00:00"
HERE = Path(__file__).parent
CASES = sorted(folder.name for folder in HERE.iterdir() if (folder / "command.txt").is_file())
EXPECTED = frozenset({"command.txt", "requests.jsonl", "digests.tsv", "summary.json", "exit_code"})
VOLATILE = frozenset({"run_id", "dataset_id", "started_at", "finished_at", "duration_s"})
DIGEST = re.compile(r'"([0-9a-f]{64})"')
DATASET, TOKEN = "1234567890123456", "a-token-for-the-sandbox"


@pytest.fixture
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, Sandbox]]:
    """Copy a case's sources to a folder of their own, beside a sandbox whose clock is the case's."""
    work = tmp_path / "work"
    shutil.copytree(HERE / request.param, work, ignore=lambda _, names: [n for n in names if is_expected(n)])
    now_s = datetime.fromisoformat(NOW).timestamp()
    with Sandbox(dataset_id=DATASET, token=TOKEN, save_dir=tmp_path / "saved", now=lambda: now_s) as sandbox:
        environ = {
            "CAPI_NOW": NOW,
            "CAPI_GRAPH_URL": sandbox.url,
            "CAPI_STATE_DIR": str(tmp_path / "state"),
            "CAPI_OUTPUT": "json",
            "CAPI_CONCURRENCY": "1",  # so that requests arrive in the file's order
            "META_ACCESS_TOKEN": TOKEN,
            "META_DATASET_ID": DATASET,
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(work)
        yield tmp_path, sandbox


def is_expected(name: str) -> bool:
    return name in EXPECTED or name.startswith("rejects.")


def commands(folder: Path) -> list[list[str]]:
    """Return the lines of `command.txt` as a shell would split them, without `capi` itself."""
    text = (folder / "command.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in text.splitlines()]
    for words in (found := [line for line in lines if line]):
        assert words.pop(0) == "capi"
    return found


def run(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Run one command line in this process; `< FILE` is its standard input, as in a shell."""
    if "<" in argv:
        at = argv.index("<")
        stdin = io.TextIOWrapper(io.BytesIO(Path(argv[at + 1]).read_bytes()))
        monkeypatch.setattr(sys, "stdin", stdin)
        argv = argv[:at] + argv[at + 2 :]
    return main(argv)


def read_lines(path: Path) -> list[Any]:
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


def read_rejects(path: Path) -> bytes:
    """Return a rejects file's bytes; the rows of a Parquet one as JSON lines."""
    if path.suffix != ".parquet":
        return path.read_bytes()
    rows = pq.read_table(path).to_pylist()
    return "".join(json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.mark.parametrize(("name", "place"), [(name, name) for name in CASES], indirect=["place"], ids=CASES)
def test_case(
    name: str,
    place: tuple[Path, Sandbox],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, (room, _) = HERE / name, place
    before = len(list(room.glob("*/**/*rejects*")))
    for number, argv in enumerate(commands(folder)):
        if number:
            shutil.rmtree(room / "saved")
            (room / "saved").mkdir()
        code = run(argv, monkeypatch)
        out, err = capsys.readouterr()
    summary = json.loads(out)
    told = f"\n{err}\n{json.dumps(summary['findings'])}"
    assert code == int((folder / "exit_code").read_text()), told
    assert saved_events(room / "saved") == read_lines(folder / "requests.jsonl"), told
    assert_summary(summary, json.loads((folder / "summary.json").read_text(encoding="utf-8")), room)
    expected = sorted(folder.glob("rejects.*"))
    written = sorted({one["rejects_path"] for one in summary["sources"]} - {None})
    assert [read_rejects(Path(path)) for path in written] == [path.read_bytes() for path in expected]
    after = len(list(room.glob("*/**/*rejects*")))
    assert after == before + len(expected), "older ones are kept, and nothing else is written"
    assert "Traceback" not in err
    assert TOKEN not in out + err


def assert_summary(found: dict[str, Any], expected: dict[str, Any], room: Path) -> None:
    """Hold a summary to the expected one; of an error its code alone, since its words may be bettered."""
    stable = {key: value for key, value in found.items() if key not in VOLATILE}
    if "error" in stable:
        stable["error"] = {"code": stable["error"]["code"]}
    text = json.dumps(stable).replace(str(room / "state"), "STATE")
    assert json.loads(text) == expected
    rows = ("rows_filtered", "rows_rejected", "rows_skipped", "rows_prepared")
    assert found["rows_read"] == sum(found[key] for key in rows)
    events = ("events_accepted", "events_rejected", "events_unknown", "events_unsent")
    assert found["events_prepared"] == sum(found[key] for key in events)
    assert datetime.fromisoformat(found["started_at"]).tzinfo == UTC


@pytest.mark.parametrize("name", CASES)
def test_digests_are_those_of_texts_that_a_person_can_read(name: str) -> None:
    requests = HERE / name / "requests.jsonl"
    text = requests.read_text(encoding="utf-8") if requests.exists() else ""
    for line in text.splitlines():
        assert line == json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True)
    legend = HERE / name / "digests.tsv"
    lines = legend.read_text(encoding="utf-8").splitlines() if legend.exists() else []
    told = dict(line.split("\t") for line in lines)
    assert set(told) == set(DIGEST.findall(text))
    for digest, words in told.items():
        if words != "(arrived hashed)":
            assert hashlib.sha256(words.encode()).hexdigest() == digest


def test_there_are_cases() -> None:
    assert len(CASES) >= 12

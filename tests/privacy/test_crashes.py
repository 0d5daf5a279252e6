"""Bugs in capi, with a person and the token in the exception's text: told by kind and place alone, and exit 1."""

import json
import os
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

import pytest

from capi_cli.sandbox.server import Sandbox
from tests.privacy.conftest import DATASET
from tests.privacy.files import COUNTRY, EVENT, MAPPED, orders
from tests.privacy.markers import APP_SECRET, PERSON, TOKEN
from tests.privacy.scene import Ended, Scene

SENT = ("orders.csv", *EVENT, *COUNTRY, *MAPPED)
UPLOAD = ("upload", *SENT, "--report", "page.html", "-v")
# Where it crashes, and which command goes there.
CRASHES: dict[str, tuple[str, ...]] = {
    "cli.settings.resolve": UPLOAD,
    "cli.token.read_token": UPLOAD,
    "cli.request.run_request": UPLOAD,
    "runs.run.open_sources": UPLOAD,
    "readers.open.sniff_dialect": UPLOAD,
    "readers.delimited.DelimitedReader.blocks": UPLOAD,
    "runs.opening.bind": UPLOAD,
    "mapping.config.load_config": (*UPLOAD, "--config", "capi.toml"),
    "prepare.preparer.Preparer.prepare": UPLOAD,
    "prepare.noticed.mask": UPLOAD,
    "runs.judge.Judge.judge": UPLOAD,
    "sinks.graph.Graph.post": UPLOAD,
    "sinks.graph.parse_reply": UPLOAD,
    "sinks.retrying.decide": UPLOAD,
    "ledger.recording.RecordingLedger.begin_run": UPLOAD,
    "ledger.recording.RecordingLedger.end_run": UPLOAD,
    "rejects.file.RejectsFile.add": UPLOAD,
    "rejects.file.RejectsFile.close": UPLOAD,
    "runs.run.gather": UPLOAD,
    "report.page.render": UPLOAD,
    "cli.render.plain.Plain.opened": UPLOAD,
    "cli.render.summary.print_table": UPLOAD,
    "runs.summary.Summary.as_json": (*UPLOAD, "--output", "json"),
    "cli.render.jsonlog.JsonLog.opened": (*UPLOAD, "--log-format", "json"),
    "runs.upload.judge_everything": (*UPLOAD, "--preflight", "full"),
    "runs.preview.preview": ("preview", *SENT),
    "cli.render.preview.print_preview": ("preview", *SENT),
    "cli.init.init": ("init", "orders.csv", "-o", "-"),
    "sinks.parts.PartsFolder.add": ("prepare", *SENT, "-o", "../prepared"),
    "runs.history.list_runs": ("runs",),
    "runs.doctor.examine": ("doctor",),
    "runs.doctor.look_at_network": ("doctor", "--output", "json"),
    "runs.forget.forget_all": ("forget", "--all", "--yes"),
    "event.rules.rule": ("explain", "time-unreadable"),
    "sandbox.main.serve": ("sandbox",),
}


class _Crash:
    """Stands in for what crashes: text and cause hold what must not be told."""

    def __get__(self, instance: object, owner: object) -> "_Crash":
        return self

    def __call__(self, *arguments: object, **named: object) -> None:
        person = {name: raw for name, (raw, _) in PERSON.items()}
        try:
            raise KeyError(person["email"])
        except KeyError as error:
            error.add_note(TOKEN)
            raise ValueError(f"{person} {TOKEN} {APP_SECRET}") from error


@pytest.mark.parametrize("place", CRASHES)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_tells_its_place_alone(scene: Scene, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    scene.write("orders.csv", orders(5, 1))
    scene.write("capi.toml", "default_country = 'DE'")
    with Sandbox(dataset_id=DATASET, token=TOKEN) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        if CRASHES[place][0] == "forget":
            scene.run(*UPLOAD[:-3])
        crash(monkeypatch, place)
        ended = scene.run(
            *CRASHES[place], *(("--max-error-rate", "1") if CRASHES[place][0] == "upload" else ())
        )
    assert ended.code == 1, ended.err
    assert "bug in capi" in ended.err
    assert "ValueError" in ended.err
    if CRASHES[place][-2:] == ("--output", "json") and not place.endswith("as_json"):
        assert json.loads(ended.out)["exit_code"] == 1
    assert threading.active_count() < 20


def crash(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Let the function or method of that name crash, in every module of capi that holds it."""
    import_module("capi_cli.cli.app")
    words = place.split(".")
    depth = (
        next(at for at, word in enumerate(words) if word[0].isupper()) if any(map(is_class, words)) else -1
    )
    owner = import_module(f"capi_cli.{'.'.join(words[:depth])}")
    if depth != -1:
        owner = getattr(owner, words[depth])
    monkeypatch.setattr(owner, words[-1], _Crash())


def is_class(word: str) -> bool:
    return word[0].isupper()


PATCHED = """
import os
from capi_cli.prepare.preparer import Preparer
def crash(self, *arguments):
    raise ValueError(os.environ["MARKED"])
Preparer.prepare = crash
"""


def outside(scene: Scene, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run capi in a process of its own, with a `sitecustomize` where the scene has one."""
    ended = subprocess.run(
        [sys.executable, "-m", "capi_cli", *argv],
        env={**os.environ, "PYTHONPATH": f"{scene.root / 'site'}:{Path(__file__).parents[2]}", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    scene.sources |= set((scene.root / "site").rglob("*"))
    scene.check(Ended(ended.returncode, ended.stdout, ended.stderr))
    return ended


def test_a_bug_in_a_process_that_prepares(scene: Scene) -> None:
    scene.write("orders.csv", orders(50, 0))
    (scene.root / "site").mkdir()
    (scene.root / "site" / "sitecustomize.py").write_text(PATCHED)
    marked = f"{PERSON['email'][0]} {TOKEN}"
    ended = outside(scene, "validate", *SENT, CAPI_WORKERS="2", MARKED=marked)
    assert (ended.returncode, "ValueError at" in ended.stderr) == (1, True), ended.stderr


@pytest.mark.parametrize("name", ["typer", "rich"])  # one is loaded at the start, one late
def test_a_library_that_is_missing(scene: Scene, name: str) -> None:
    (scene.root / "site").mkdir()
    (scene.root / "site" / f"{name}.py").write_text(f"import nothing_of_that_name  # {TOKEN}")
    ended = outside(scene, "doctor")
    assert (ended.returncode, "nothing_of_that_name is missing" in ended.stderr) == (1, True), ended.stderr


def test_what_no_handler_sees_tells_its_kind_alone(scene: Scene) -> None:
    """In a thread, and while objects are cleared away; then at the very top."""
    (scene.root / "site").mkdir()
    (scene.root / "site" / "sitecustomize.py").write_text(
        f"""
import threading
import capi_cli.cli.app as app
class Last:
    def __del__(self):
        raise ValueError("{TOKEN}")
def crash():
    raise KeyError("{PERSON["email"][0]}")
def invoke(*arguments):
    Last()
    thread = threading.Thread(target=crash)
    thread.start()
    thread.join()
    return 0
app._invoke = invoke
"""
    )
    ended = outside(scene, "doctor")
    assert ended.returncode == 0
    assert ended.stderr.count("This is a bug in capi: ValueError") == 1
    assert ended.stderr.count("This is a bug in capi: KeyError") == 1
    (scene.root / "site" / "sitecustomize.py").write_text(
        f"""
import capi_cli.cli.app as app
def main(argv):
    raise ValueError("{PERSON["phone"][0]}")
app.main = main
"""
    )
    ended = outside(scene, "doctor")
    assert (ended.returncode, ended.stderr.count("bug in capi: ValueError")) == (1, 1)

"""A command line whose runs are played by a fake: what is tested here is everything around the run."""

import json
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from capi_cli.cli.app import main
from capi_cli.runs.progress import Observer
from capi_cli.runs.request import RunRequest
from capi_cli.runs.summary import Summary

TOKEN = "EAABsecretTOKENsecretTOKENsecret0123456789"


@dataclass
class FakeRun:
    """Stands in for `runs.upload` and `runs.validate`; keeps what it was asked and plays what it was told."""

    requests: list[RunRequest] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    play: Callable[[RunRequest, Observer, threading.Event, Summary], None] = lambda *_: None

    def upload(
        self, request: RunRequest, token: str | None, observer: Observer, stop: threading.Event
    ) -> Summary:
        self.tokens.append(token)
        return self.validate(request, observer, stop)

    def validate(self, request: RunRequest, observer: Observer, stop: threading.Event) -> Summary:
        self.requests.append(request)
        now = datetime(2026, 11, 16, 12, 0, 0, 500_000, tzinfo=UTC)
        summary = Summary(
            run_id="20261116T120000Z-abc123",
            command=request.command,
            dataset_id=request.dataset_id,
            dry_run=request.dry_run,
            started_at=now,
            finished_at=now,
        )
        self.play(request, observer, stop, summary)
        observer.finished(summary)
        return summary

    @property
    def request(self) -> RunRequest:
        return self.requests[-1]


@dataclass(frozen=True)
class Answer:
    """What one call of `capi` left behind."""

    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Capi = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nothing of the machine's own configuration reaches a test."""
    import os

    for name in list(os.environ):
        if name.startswith(("CAPI_", "META_", "FB_")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(
        "capi_cli.cli.settings._user_file", lambda: tmp_path / "config" / "capi" / "capi.toml"
    )
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    yield


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody on this machine may enter, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    if any(not above.stat().st_mode & stat.S_IXOTH for above in folder.resolve().parents):
        pytest.skip("no folder here is open to others")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRun:
    run = FakeRun()
    for name in ("upload", "validate"):
        module = ModuleType(f"capi_cli.runs.{name}")
        setattr(module, name, getattr(run, name))
        monkeypatch.setitem(sys.modules, f"capi_cli.runs.{name}", module)
    return run


@pytest.fixture
def capi(fake: FakeRun, capsys: pytest.CaptureFixture[str]) -> Capi:
    def call(*argv: str) -> Answer:
        code = main(argv)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return call

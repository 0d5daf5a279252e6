import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.privacy.markers import APP_SECRET, TOKEN
from tests.privacy.scene import Scene

DATASET = "1234567890123456"


@pytest.fixture
def scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Scene]:
    """A machine with nothing in its environment but what is said here; no network beyond loopback."""
    for name in list(os.environ):
        if name.startswith(("CAPI_", "META_", "FB_")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    for name in ("work", "tmp", "home"):
        (tmp_path / name).mkdir()
    said = {
        "META_ACCESS_TOKEN": TOKEN,
        "META_APP_SECRET": APP_SECRET,
        "META_DATASET_ID": DATASET,
        "CAPI_GRAPH_URL": "http://127.0.0.1:9",  # nobody listens
        "CAPI_STATE_DIR": str(tmp_path / "state"),
        "CAPI_WORKERS": "1",
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "home" / "config"),
        "TMPDIR": str(tmp_path / "tmp"),
        "SQLITE_TMPDIR": str(tmp_path / "tmp"),
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(tmp_path / "work")
    yield Scene(tmp_path, lambda: tuple(capfd.readouterr()))

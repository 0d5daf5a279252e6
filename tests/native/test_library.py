"""The library is there where it can be built, and nothing depends on it."""

import hashlib
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from capi_cli.native import library as native
from capi_cli.prepare import kernels


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_where_there_is_a_compiler_there_is_a_library() -> None:
    assert native.library() is not None, "run `make .test-venv/ready` again"


@pytest.mark.parametrize("trouble", ["missing", "garbage", "off"])
def test_without_a_sound_library_python_does_it(
    trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "libkernels.so"
    if trouble == "garbage":
        path.write_bytes(b"\x7fELF and nothing more")
    if trouble == "off":
        monkeypatch.setenv(native.SWITCH, "off")
    else:
        monkeypatch.setattr(native, "PATH", path)
    native.library.cache_clear()
    try:
        assert native.library() is None
        assert kernels.digests(pa.array(["abc"])).to_pylist() == [hashlib.sha256(b"abc").hexdigest()]
    finally:
        monkeypatch.undo()
        native.library.cache_clear()

"""A machine of its own for one command: its folders, its environment, and everything that was written there."""

import gzip
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.privacy.markers import Leak, find

_watching: list[list[str]] = []
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    """Note every file that this process opens to write, while somebody watches."""
    if not _watching or event not in ("open", "sqlite3.connect"):
        return
    path, flags = arguments[0], arguments[2] if event == "open" else _WRITES
    if isinstance(path, str | bytes | os.PathLike) and isinstance(flags, int) and flags & _WRITES:
        _watching[-1].append(str(Path(os.fsdecode(path)).absolute()))


sys.addaudithook(_hear)


@dataclass(frozen=True)
class Ended:
    """What one command left: its exit code, and what stdout and stderr got."""

    code: int
    out: str
    err: str


@dataclass
class Scene:
    """Folders for work, state, configuration and temporary files; each file outside them is a finding of its own."""

    root: Path
    read: Callable[[], tuple[str, str]]  # capfd's
    heard: list[str] = field(default_factory=list)
    sources: set[Path] = field(default_factory=set)
    sent_folders: list[Path] = field(default_factory=list)  # hold bodies as they were sent
    clean: dict[Path, tuple[int, int]] = field(default_factory=dict)  # when and how long, as last searched

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def prepared(self) -> Path:
        return self.root / "prepared"

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one of the user's own files, which is not searched."""
        path = self.work / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.sources.add(path)
        return path

    def run(self, *argv: str, stdin: bytes = b"") -> Ended:
        """Run a command in this process, and hold it to what no command may ever write."""
        from capi_cli.cli.app import main

        before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        heard: list[str] = []
        _watching.append(heard)
        try:
            code = main(argv)
        finally:
            sys.stdin = before
            _watching.pop()
        self.heard += heard
        out, err = self.read()
        ended = Ended(code, out, err)
        self.check(ended)
        return ended

    def check(self, ended: Ended | None = None) -> None:
        """Fail with every place that holds a marker."""
        if leaks := self.leaks(ended):
            pytest.fail("\n".join(sorted({f"{leak.place}: {leak.what}" for leak in leaks})), pytrace=False)

    def leaks(self, ended: Ended | None = None) -> list[Leak]:
        """Return every marker in what was printed and in every file but the user's own."""
        found: list[Leak] = []
        if ended is not None:
            found += find(ended.out.encode(), place="stdout") + find(ended.err.encode(), place="stderr")
            for stream in (ended.out, ended.err):
                found += [Leak("a stream", "a traceback")] if "Traceback" in stream else []
        found += [Leak(path, "written outside") for path in self.heard if not self._is_here(Path(path))]
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root).as_posix()
            found += find(name.encode(), place=f"the name {name}")
            if path.is_file() and path not in self.sources:
                found += self._search(path, name)
        return found

    def _search(self, path: Path, name: str) -> list[Leak]:
        facts = path.stat()
        if self.clean.get(path) == (facts.st_mtime_ns, facts.st_size):
            return []
        rejects, sent = (
            ".rejects." in path.name,
            any(folder in path.parents for folder in (self.prepared, *self.sent_folders)),
        )
        parts = unpacked(path.read_bytes())
        if found := [leak for part in parts for leak in find(part, place=name, cells=rejects, sent=sent)]:
            return found
        self.clean[path] = (facts.st_mtime_ns, facts.st_size)
        return []

    def _is_here(self, path: Path) -> bool:
        return (
            path.is_relative_to(self.root) or path.name in ("null", "tty", "") or "__pycache__" in path.parts
        )


def unpacked(octets: bytes) -> list[bytes]:
    """Return the bytes, and what is packed in them."""
    if octets[:2] == b"\x1f\x8b":
        return [octets, gzip.decompress(octets)]
    if octets[:4] == b"\x28\xb5\x2f\xfd":
        return [octets, pa.CompressedInputStream(io.BytesIO(octets), "zstd").read()]
    if octets[:4] == b"PAR1":
        rows = pq.read_table(io.BytesIO(octets)).to_pylist()
        return [octets, "\n".join(str(cell) for row in rows for cell in row.values()).encode()]
    return [octets]

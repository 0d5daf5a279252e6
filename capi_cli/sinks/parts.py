"""Write events to a folder that can be sent later, elsewhere: parts of bounded size, and last a sealed manifest.

Files are readable by their owner only. Each is written under a temporary name, made durable and renamed; a folder
without its manifest is not finished, and `capi upload` refuses it.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.manifest import Manifest, Part
from capi_cli.errors import ConfigurationError
from capi_cli.own_files import keep_to_owner, make_own_folder

PART_EVENTS: Final = 100_000
MANIFEST: Final = "manifest.json"
_PARTIAL: Final = ".partial"
_NEWLINE: Final = 10


class PartsFolder:
    """A folder of prepared parts while it is written.

    Attributes:
        path: The folder; it is made where it is missing.
        parts: Those that are complete.
    """

    def __init__(self, path: Path, *, zstd: bool = False, part_events: int) -> None:
        """Take the folder.

        Raises:
            ConfigurationError: It holds something, or can't be written.
        """
        self.path = path
        self.parts: list[Part] = []
        self._zstd = zstd
        self._part_events = part_events
        self._events = 0  # of the part that is being written
        self._file: Any = None
        self._made = not path.exists()
        try:
            make_own_folder(path)
            keep_to_owner(path)
            held = sorted(entry.name for entry in path.iterdir())
        except OSError as error:
            raise self._unwritable(error) from error
        if held:
            raise ConfigurationError(
                f"{path} is not empty: it holds {held[0]}.",
                "Name a new folder with -o DIR, or empty this one.",
            )

    def add(self, batches: Sequence[Batch]) -> None:
        """Write the events of batches, in order.

        Raises:
            ConfigurationError: The folder can't be written, or is full.
        """
        try:
            for batch in batches:
                self._add(batch)
        except OSError as error:
            raise self._unwritable(error) from error

    def close_part(self) -> None:
        """Complete the last part."""
        try:
            self._close_part()
        except OSError as error:
            raise self._unwritable(error) from error

    def seal(self, manifest: Manifest) -> None:
        """Write the manifest; the folder is complete."""
        try:
            with self._create(MANIFEST) as file:
                file.write(manifest.encode())
                _make_durable(file)
            self._name(MANIFEST)
        except OSError as error:
            raise self._unwritable(error) from error

    def discard(self) -> None:
        """Take away what was written: the run did not come to its end."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError:
                pass  # a full disk was told already; what is left goes
        for name in [part.name for part in self.parts] + [self._part_name() + _PARTIAL, MANIFEST + _PARTIAL]:
            (self.path / name).unlink(missing_ok=True)
        if self._made:
            try:
                self.path.rmdir()
            except OSError:
                return  # somebody put something of their own there

    def _add(self, batch: Batch) -> None:
        begin = 0
        while begin < len(batch):
            end = min(len(batch), begin + self._part_events - self._events)
            if self._file is None:
                raw = self._create(self._part_name())
                self._file = pa.CompressedOutputStream(raw, "zstd") if self._zstd else raw
            self._file.write(_lines(batch.part(begin, end)))
            self._events += end - begin
            begin = end
            if self._events == self._part_events:
                self._close_part()

    def _close_part(self) -> None:
        if self._file is None:
            return
        self._file.close()
        self._file = None
        name = self._part_name()
        with (self.path / (name + _PARTIAL)).open("r+b") as file:
            os.fsync(file.fileno())
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        self._name(name)
        self.parts.append(Part(name=name, events=self._events, bytes=size, sha256=sha256))
        self._events = 0

    def _part_name(self) -> str:
        return f"part-{len(self.parts) + 1:05d}.ndjson{'.zst' if self._zstd else ''}"

    def _create(self, name: str) -> Any:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(self.path / (name + _PARTIAL), flags, 0o600), "wb")

    def _name(self, name: str) -> None:
        (self.path / (name + _PARTIAL)).replace(self.path / name)

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"Can't write to {self.path}: {error.strerror}.", "Name another folder, or free some space there."
        )


def _make_durable(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _lines(batch: Batch) -> bytes:
    """Return the events, one a line: the commas between them become line ends."""
    lines = bytearray(batch.joined)
    lines += b"\n"
    ends = np.frombuffer(batch.starts, np.int64)[1:] - 1
    np.frombuffer(lines, np.uint8)[ends] = _NEWLINE
    return bytes(lines)

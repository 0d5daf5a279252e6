"""A folder that `capi prepare` wrote: its seal is checked first, then its parts are read, one event a line."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from capi_cli.delivery.manifest import Manifest, Part, decode_manifest
from capi_cli.errors import SourceError
from capi_cli.readers.block import RowBlock
from capi_cli.readers.names import MANIFEST

BLOCK_BYTES: Final = 8 << 20
_AGAIN: Final = "Copy the whole folder again from where `capi prepare` wrote it, or prepare it anew."
_NO_COLUMNS: Final = pa.RecordBatch.from_arrays([pa.nulls(0)], ["event"])


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBlock(RowBlock):
    """Consecutive events of a prepared folder; `data` holds their lines, `rows` counts them from 1."""

    def raw(self, index: int) -> bytes:
        """Return the event's id: what a rejects file tells of it."""
        event = orjson.loads(RowBlock.raw(self, index))
        return str(event["event_id"]).encode()


@dataclass(frozen=True, slots=True)
class PreparedShape:
    """What a rejects file must know of a prepared folder: rows are told by event_id, in a CSV; see `rejects.shape`."""

    format: str = "prepared"
    encoding: str = "utf-8"
    mark: bytes = b""
    delimiter: str = ","
    line_end: bytes = b"\n"
    preamble: bytes = b""
    header: bytes | None = None
    names: tuple[str, ...] = ()


class PreparedFolderReader:
    """Reads a sealed folder; a `Reader`.

    Attributes:
        manifest: As it was sealed.
    """

    def __init__(self, name: str, folder: Path) -> None:
        """Check the seal.

        Raises:
            SourceError: The manifest or a part is missing or was changed, or there is a part too many.
        """
        self.path = name
        self.format = "prepared"
        self.header: tuple[str, ...] = ()
        self.shape = PreparedShape()
        self._folder = folder
        self.manifest = check_seal(name, folder)
        self.total_bytes: int | None = sum(part.bytes for part in self.manifest.parts)
        self.notes: tuple[str, ...] = (
            f"parts: {len(self.manifest.parts)}",
            f"events: {self.manifest.events}",
            f"prepared: {self.manifest.created_at} by capi {self.manifest.capi_version}",
            f"seal: {self.manifest.seal[:12]}",
        )

    @property
    def rewindable(self) -> bool:
        """Whether `blocks` can be called a second time."""
        return True

    def blocks(self, wanted: Sequence[int]) -> Iterator[RowBlock]:
        """Yield the events in order; there are no columns to want.

        Raises:
            SourceError: A part was changed since its seal was checked.
        """
        before, row = 0, 1
        for part in self.manifest.parts:
            events = 0
            for lines, at in self._pieces(part):
                block = _block(lines, row + events, before + at)
                events += len(block.rows)
                yield block
            if events != part.events:
                raise _refused(f"{self._folder / part.name} was changed while it was read.")
            before, row = before + part.bytes, row + events

    def close(self) -> None:
        """Do nothing: each part is closed once it is read."""

    def _pieces(self, part: Part) -> Iterator[tuple[bytes, int]]:
        """Yield whole lines, and how many of the file's bytes were read so far."""
        path = self._folder / part.name
        try:
            with path.open("rb") as raw:
                stream: Any = pa.CompressedInputStream(raw, "zstd") if part.name.endswith(".zst") else raw
                rest = b""
                while piece := stream.read(BLOCK_BYTES):
                    whole, _, rest = (rest + piece).rpartition(b"\n")
                    if whole:
                        yield whole + b"\n", min(part.bytes, _position(raw, part))
        except (OSError, pa.ArrowException) as error:
            raise _refused(f"{path} can't be read to its end.") from error
        if rest:
            raise _refused(f"{path} ends in the middle of an event.")


def check_seal(name: str, folder: Path) -> Manifest:
    """Return the manifest of a folder whose parts are what was sealed.

    Raises:
        SourceError: They are not; the part is named.
    """
    try:
        manifest = decode_manifest((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise _refused(f"{folder / MANIFEST} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise _refused(f"{folder / MANIFEST} {error}.") from None
    known = {part.name for part in manifest.parts}
    for part in manifest.parts:
        path = folder / part.name
        if Path(part.name).name != part.name:
            raise _refused(f"{folder / MANIFEST} names a part outside of its folder.")
        if not path.is_file():
            raise _refused(f"{path} is missing; the manifest names it.")
        try:
            with path.open("rb") as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == part.sha256
        except OSError as error:
            raise _refused(f"{path} can't be read: {error.strerror}.") from error
        if not same:
            raise _refused(f"{path} was changed after it was sealed.")
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("part-") and entry.name not in known:
            raise _refused(f"{entry} is not in the manifest of {name}.")
    return manifest


def _refused(message: str) -> SourceError:
    return SourceError(message, _AGAIN)


def _position(raw: BinaryIO, part: Part) -> int:
    return part.bytes if raw.closed else raw.tell()


def _block(lines: bytes, first_row: int, bytes_read: int) -> EventBlock:
    ends: npt.NDArray[np.int64] = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n")).astype(np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    rows = np.arange(first_row, first_row + len(ends), dtype=np.int64)
    return EventBlock(
        columns=_NO_COLUMNS, rows=rows, bytes_read=bytes_read, data=lines, starts=starts, ends=ends
    )

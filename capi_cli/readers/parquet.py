"""Parquet: only the wanted top-level columns, a few thousand rows at a time, page checksums on.

Without pre-buffering and with a small buffer, one giant row group costs no more memory than many small ones.
"""

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path as FilePath
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from capi_cli.errors import CapiError, SourceError
from capi_cli.readers.block import MAX_BLOCK_ROWS, RowBlock
from capi_cli.readers.columns import batch_of
from capi_cli.readers.json_values import dotted
from capi_cli.readers.leaves import leaf_paths, leaf_text
from capi_cli.readers.remote import RemoteFile
from capi_cli.readers.shape import ParquetShape

BUFFER_BYTES: Final = 256 << 10
REMOTE_BUFFER_BYTES: Final = 2 << 20  # for each column; a request costs as long as some 2 MiB
_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"


class ParquetReader:
    """One opened Parquet file; see `Reader`.

    Attributes:
        path: As the user named it.
        format: `parquet`.
        header: Columns, members of structs by dotted paths; structs as a whole stand after the leaves.
        total_bytes: Size on disk, or in its store.
        notes: Empty or what was noticed.
        shape: What its rejects file needs.
    """

    format = "parquet"
    rewindable = True

    def __init__(self, name: str, source: FilePath | RemoteFile, *, notes: Sequence[str] = ()) -> None:
        self._forget: Callable[[], object] | None = None
        self.path = name
        self.notes = tuple(notes)
        self._size = check_parquet(name, source)
        self.total_bytes: int | None = self._size
        with _told(name):
            self._file = open_parquet(source)
            self._schema = self._file.schema_arrow
        self._paths = leaf_paths(self._schema)
        self.header = dotted(path for _, path in self._paths)
        self.shape = ParquetShape(
            format="parquet",
            name=name,
            open=partial(_open_again, name, source, _written(source)),
            names=self.header,
        )

    def own(self, copy: FilePath) -> "ParquetReader":
        """Remove a copy of the source with the reader."""
        self._forget = weakref.finalize(self, copy.unlink, missing_ok=True)
        return self

    @property
    def row_count(self) -> int:
        """How many rows the file says it has."""
        return int(self._file.metadata.num_rows)

    def blocks(self, wanted: Sequence[int]) -> Iterator[RowBlock]:
        """Yield the rows; see `Reader.blocks`.

        Raises:
            SourceError: A page is damaged, or can't be decoded.
        """
        paths = [self._paths[position] for position in wanted]
        tops = sorted({top for top, _ in paths}) or [0]
        names = list(dict.fromkeys(self._schema.field(top).name for top in tops))
        places = {top: place for place, top in enumerate(self._named(names))}
        first_row, total = 1, max(self.row_count, 1)
        batches = self._batches(names)
        for batch in batches:
            with _told(self.path):
                arrays = [leaf_text(batch.column(places[top]), path) for top, path in paths]
            count = batch.num_rows
            done = first_row + count - 1
            yield RowBlock(
                columns=batch_of(arrays, count),
                rows=np.arange(first_row, first_row + count, dtype=np.int64),
                bytes_read=self._size * done // total,
            )
            first_row += count

    def _named(self, names: list[str]) -> list[int]:
        """Return the top-level columns that come when those names are asked for, duplicates included."""
        return [n for name in names for n, field in enumerate(self._schema) if field.name == name]

    def _batches(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        with _told(self.path):
            batches = self._file.iter_batches(batch_size=MAX_BLOCK_ROWS, columns=names, use_threads=False)
        while True:
            with _told(self.path):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        if self._forget is not None:
            self._forget()


def open_parquet(source: FilePath | RemoteFile) -> pq.ParquetFile:
    """Open a Parquet file the way that costs little memory and notices damage."""
    return pq.ParquetFile(
        source if isinstance(source, FilePath) else source.ranges(),
        pre_buffer=False,
        buffer_size=BUFFER_BYTES if isinstance(source, FilePath) else REMOTE_BUFFER_BYTES,
        page_checksum_verification=True,
        memory_map=False,
    )


def _open_again(name: str, source: FilePath | RemoteFile, written: object) -> pq.ParquetFile:
    """Open the very file that was read before, for its rejected rows."""
    if _written(source) != written:
        raise SourceError(
            f"{name} changed while it was read, so its rejected rows can't be written.",
            "Run `capi validate` on it again.",
        )
    return open_parquet(source)


def _written(source: FilePath | RemoteFile) -> object:
    """Return what tells a file from another one under its name; an object of a store proves that itself."""
    if isinstance(source, RemoteFile):
        return None
    try:
        found = source.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def check_parquet(name: str, source: FilePath | RemoteFile) -> int:
    """Refuse what is no whole, plain Parquet file, by the marks at its ends; return its size in bytes."""
    with source.open("rb") if isinstance(source, FilePath) else source.ranges() as file:
        head = file.read(4)
        size = file.seek(0, 2)
        file.seek(max(0, size - 4))
        tail = file.read(4)
    if _ENCRYPTED in (head, tail):
        raise SourceError(f"{name} is an encrypted Parquet file.", "Export it without encryption.")
    if head == _MAGIC and (tail != _MAGIC or size < 12):
        raise SourceError(
            f"{name} is a Parquet file that was cut short: its end is missing.", "Fetch or export it again."
        )
    return size


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Translate what Arrow raises about a damaged file."""
    try:
        yield
    except CapiError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError, EOFError) as error:
        text = str(error)
        if "encrypt" in text.lower() or "decrypt" in text.lower():
            raise SourceError(f"{name} has encrypted columns.", "Export it without encryption.") from None
        if "CRC" in text or "checksum" in text:
            what = f"{name} is damaged: a page of it does not match its checksum."
        elif "UTF8" in text or "UTF-8" in text or "utf-8" in text:
            what = f"{name} holds text that is not UTF-8."
        elif isinstance(error, pa.ArrowNotImplementedError):
            what = f"{name} uses a part of Parquet that can't be read here."
        else:
            what = f"{name} is a damaged Parquet file."
        raise SourceError(what, "Fetch or export the file again.") from None

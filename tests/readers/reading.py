"""Reads sources whole, for the tests of this room."""

import io
from pathlib import Path
from typing import Any

from capi_cli.readers.block import Reader
from capi_cli.readers.expand import SourcePath, expand
from capi_cli.readers.open import open_reader
from capi_cli.readers.stream import RawStream

OPENED: list[Reader] = []


def open_text(tmp_path: Path, content: bytes | str, name: str = "orders.csv", **options: Any) -> Reader:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (source,) = expand([str(path)])
    return opened(source, **options)


def opened(source: SourcePath, **options: Any) -> Reader:
    reader = open_reader(source, **options)
    OPENED.append(reader)
    return reader


def read(
    reader: Reader, wanted: list[int] | None = None
) -> tuple[list[tuple[Any, ...]], list[int], list[tuple]]:
    """Return the rows, their lines, and (line, code, raw) of the bad ones."""
    wanted = list(range(len(reader.header))) if wanted is None else wanted
    rows: list[tuple[Any, ...]] = []
    lines: list[int] = []
    bad: list[tuple] = []
    for block in reader.blocks(wanted):
        columns = [column.to_pylist() for column in block.columns.columns]
        rows += list(zip(*columns, strict=True)) if columns else [()] * block.columns.num_rows
        lines += block.rows.tolist()
        bad += [(b.row, b.code, b.raw) for b in block.bad]
        assert block.columns.num_rows == len(block.rows)
    return rows, lines, bad


def raws(reader: Reader) -> list[bytes]:
    return [block.raw(n) for block in reader.blocks([0]) for n in range(len(block.rows))]


class Trickle(RawStream):
    """A stream that gives a few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(io.BytesIO(content), "trickle", None)
        self._size = size

    def read(self, size: int = 0) -> bytes:
        return super().read(self._size)

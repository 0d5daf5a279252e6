"""What a rejects file must know of a source, so that it reads like it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow.parquet as pq  # 13 ms that other formats do without


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShape:
    """What a rejects file repeats of a text source, so that it reads like it.

    Attributes:
        format: `csv` or `jsonl`.
        encoding: Python's name of the source's encoding.
        mark: The byte order mark, empty where there was none.
        delimiter: One character; empty for JSON lines.
        line_end: Of the first line, in UTF-8.
        preamble: What stands above the header, in UTF-8: skipped lines, `sep=;`.
        header: The header record in UTF-8, without its line end; None where the file has none.
        names: The columns' names, blank ones at the end left out.
    """

    format: str
    encoding: str
    mark: bytes = b""
    delimiter: str = ""
    line_end: bytes = b"\n"
    preamble: bytes = b""
    header: bytes | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetShape:
    """Where a rejects file finds the rejected rows again.

    Attributes:
        format: `parquet`.
        name: The source, for messages.
        open: Opens it again at its beginning.
        names: Its columns as the reader's header has them.
    """

    format: str
    name: str
    open: "Callable[[], pq.ParquetFile]"
    names: tuple[str, ...]

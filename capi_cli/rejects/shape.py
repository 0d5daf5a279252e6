"""What a rejects file must know of its source, so that it reads like it. A reader's `shape` is one of these."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pyarrow.parquet as pq  # 13 ms that other formats do without


@runtime_checkable
class TextShape(Protocol):
    """A delimited text or JSON lines; see `readers.text.TextShape`."""

    @property
    def format(self) -> str:
        """`csv` or `jsonl`."""
        ...

    @property
    def encoding(self) -> str:
        """Python's name of the source's encoding."""
        ...

    @property
    def mark(self) -> bytes:
        """The byte order mark, or empty."""
        ...

    @property
    def delimiter(self) -> str:
        """One character; empty for JSON lines."""
        ...

    @property
    def line_end(self) -> bytes:
        """Of the first line, in UTF-8."""
        ...

    @property
    def preamble(self) -> bytes:
        """What stands above the header, in UTF-8."""
        ...

    @property
    def header(self) -> bytes | None:
        """The header record in UTF-8, without its line end."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        ...


class ParquetShape(Protocol):
    """A Parquet file, of which the rejected rows are read again."""

    @property
    def format(self) -> str:
        """`parquet`."""
        ...

    @property
    def name(self) -> str:
        """The source, for messages."""
        ...

    @property
    def open(self) -> "Callable[[], pq.ParquetFile]":
        """Opens it again at its beginning, so that it costs little memory."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        ...

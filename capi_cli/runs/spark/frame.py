"""A DataFrame as a source: its columns by name, where each of its rows stands, and its first rows as a sample.

Columns are renamed by their place, so that no name (a dot, a backtick, two alike) means anything to Spark. A row
stands in a file at a place from 1 where Spark can say so, else in a partition.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 -- as everybody who reads Spark calls it
from pyspark.sql.types import CalendarIntervalType, VariantType, YearMonthIntervalType

from capi_cli.errors import SourceError
from capi_cli.mapping.header import GUARDED
from capi_cli.prepare.plan import SETTLING_ROWS
from capi_cli.readers.block import RowBlock
from capi_cli.readers.columns import batch_of
from capi_cli.readers.json_values import Path, dotted
from capi_cli.readers.leaves import leaf_paths, leaf_text
from capi_cli.runs.spark.translate import unlogged

SOURCE: Final = "_source"
ROW: Final = "_row"
ADDED: Final = (SOURCE, "_event_id", *GUARDED)  # what a table of rejects has beside the user's columns
_ROW_BITS: Final = 33  # of monotonically_increasing_id: the row within its partition
_BLOCK_ROWS: Final = 2048
_AS_TEXT: Final = (CalendarIntervalType, YearMonthIntervalType, VariantType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A source on Spark.

    Attributes:
        name: As messages call it.
        data: Its columns as `c0`, `c1`, …, then `_source` (a file or partition) and `_row` (from 1 in it).
        names: What the columns are really called.
        paths: Each column of the header: which of `data`, and the path in it.
        header: Their names, members of structs dotted.
        sample: The first 10,000 rows, under their own names.
    """

    name: str
    data: DataFrame
    names: tuple[str, ...]
    paths: tuple[tuple[int, Path], ...]
    header: tuple[str, ...]
    sample: pa.Table


def open_frame(table: DataFrame, name: str, *, limit: int | None = None) -> Frame:
    """Look at a DataFrame: one small job for its first rows.

    Raises:
        SourceError: It has no columns, or Spark can't read it.
    """
    names = tuple(column for column in table.columns if column not in ADDED)
    if not names:
        raise SourceError(f"{name} has no columns.", "Check the table that should have been written.")
    placed = _placed(table)
    data = placed.toDF(*_places(table.columns), SOURCE, ROW)
    kept = [f"c{place}" for place, column in enumerate(table.columns) if column not in ADDED]
    data = _in_arrow(data.select(*kept, SOURCE, ROW).toDF(*_places(names), SOURCE, ROW))
    if limit is not None:
        data = data.limit(limit)
    sample = data.drop(SOURCE, ROW).limit(SETTLING_ROWS).toArrow().rename_columns(list(names))
    paths = tuple(leaf_paths(sample.schema))
    return Frame(
        name=name,
        data=data,
        names=names,
        paths=paths,
        header=dotted(path for _, path in paths),
        sample=sample,
    )


def _in_arrow(data: DataFrame) -> DataFrame:
    """Return the columns that Arrow does not know as text: intervals of months, and variants as their JSON."""
    unknown = [field.name for field in data.schema.fields if isinstance(field.dataType, _AS_TEXT)]
    return data.withColumns({name: F.col(name).cast("string") for name in unknown}) if unknown else data


def _places(names: Sequence[str]) -> list[str]:
    return [f"c{place}" for place in range(len(names))]


def _placed(table: DataFrame) -> DataFrame:
    """Add where each row stands: its file and number where the table is read from Parquet, else its partition."""
    file, number = F.col("_metadata.file_path"), F.col("_metadata.row_index") + 1
    try:
        with unlogged():
            found = table.select("*", file.alias(SOURCE), number.alias(ROW))
            found.schema  # noqa: B018 -- Spark Connect looks only when it is asked
            return found
    except AnalysisException:  # not read from files, or from such as don't number their rows
        number = F.monotonically_increasing_id()
        partition = F.format_string("partition %06d", F.shiftright(number, _ROW_BITS))
        row = number.bitwiseAND(F.lit((1 << _ROW_BITS) - 1)) + 1
        return table.select("*", partition.alias(SOURCE), row.alias(ROW))


@dataclass(slots=True)
class SampleReader:
    """The sample as a reader, for everything that looks at the first rows of a source."""

    frame: Frame
    path: str = ""
    format: str = "spark"
    header: tuple[str, ...] = ()
    total_bytes: int | None = None
    notes: tuple[str, ...] = ()
    shape: object = None
    rewindable: bool = field(default=True)

    def __post_init__(self) -> None:
        self.path, self.header = self.frame.name, self.frame.header

    def blocks(self, wanted: Sequence[int]) -> Iterator[RowBlock]:
        """Yield the rows of the sample."""
        paths = [self.frame.paths[position] for position in wanted]
        before = 0
        for batch in self.frame.sample.to_batches(_BLOCK_ROWS):
            cells = [leaf_text(batch.column(top), path) for top, path in paths]
            rows = np.arange(before + 1, before + batch.num_rows + 1, dtype=np.int64)
            yield RowBlock(columns=batch_of(cells, batch.num_rows), rows=rows)
            before += batch.num_rows

    def close(self) -> None:
        """Let go of nothing."""

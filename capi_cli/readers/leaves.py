"""The columns of a typed table: its leaves in order, members of structs by their paths, then structs as a whole."""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from capi_cli.readers.arrow_text import to_text
from capi_cli.readers.json_values import Path


def leaf_paths(schema: pa.Schema) -> list[tuple[int, Path]]:
    """Return the columns: leaves in order, then structs as a whole; each with its top-level column."""
    leaves: list[tuple[int, Path]] = []
    wholes: list[tuple[int, Path]] = []

    def walk(top: int, path: Path, kind: pa.DataType) -> None:
        if types.is_struct(kind) and kind.num_fields:
            wholes.append((top, path))
            for field in kind:
                walk(top, (*path, field.name), field.type)
        else:
            leaves.append((top, path))

    for number, field in enumerate(schema):
        walk(number, (field.name,), field.type)
    return leaves + wholes


def leaf_text(column: pa.Array, path: Path) -> pa.Array:
    """Return the cells of one leaf as text, given its top-level column.

    Raises:
        pa.ArrowInvalid: The column is damaged.
    """
    for name in path[1:]:
        column = pc.struct_field(column, [column.type.get_field_index(name)])
    column.validate(full=True)
    return to_text(column)

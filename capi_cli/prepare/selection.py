"""Which rows are events: `--where` and `[where]`."""

from collections.abc import Sequence

import numpy as np

from capi_cli.mapping.model import Where
from capi_cli.prepare.checks import Bits
from capi_cli.prepare.columns import Table
from capi_cli.prepare.distinct import distinct


class Selection:
    """Keeps the rows whose cells match; trimmed, upper and lower case alike. An empty cell matches an empty value."""

    def __init__(self, wheres: Sequence[Where]) -> None:
        self._wheres = [
            (where.position, {_folded(value) for value in where.values}, where.without) for where in wheres
        ]

    def keep(self, table: Table) -> Bits:
        """Return which rows match every condition."""
        keep = np.ones(len(table), np.bool_)
        for position, wanted, without in self._wheres:
            column = distinct(table.text(position))
            hit = [_folded(value) in wanted for value in column.values]
            keep &= np.array([*hit, "" in wanted], np.bool_)[column.codes] ^ without
        return keep


def _folded(value: str) -> str:
    return value.strip().casefold()

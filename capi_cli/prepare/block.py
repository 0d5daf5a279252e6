"""One block while it is being prepared: its rows, its members so far, and what was noticed."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from capi_cli.prepare.columns import Table
from capi_cli.prepare.distinct import Distinct
from capi_cli.prepare.encode import Member, Members
from capi_cli.prepare.items import ItemRows
from capi_cli.prepare.noticed import Noticed
from capi_cli.prepare.places import Place


@dataclass(slots=True)
class Block:
    """The rows of one block that are events.

    Attributes:
        table: Their cells.
        noticed: Findings so far.
        country: The country that each row's cells are read in.
        items: The rows of which each row was joined, or the rows themselves.
        times: int64[n], event_time; 0 where it is missing.
        members: JSON texts by path.
        denied: Rows without consent that are to be sent with limited data use.
        places: What the fields of country and state for limited data use say.
    """

    table: Table
    noticed: Noticed
    country: Distinct
    items: ItemRows
    times: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    members: Members = field(default_factory=dict)
    denied: npt.NDArray[np.bool_] | None = None
    places: dict[str, Place] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.table)

    def put(self, path: str, member: Member | None) -> None:
        """Keep a member, unless no row has it."""
        if member is None or (isinstance(member, pa.Array) and member.null_count == len(member) > 0):
            return
        self.members[path] = member

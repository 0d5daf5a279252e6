"""What a block tells about its whole file: columns that never change, orders and the people they name.

For warnings alone: no row's fate rests on these numbers, and no text of a cell is among them.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]

PEOPLE: Final = (
    "user_data.em",
    "user_data.ph",
    "user_data.external_id",
)  # the first that the row has names it
KIND_BITS: Final = np.uint64(3)  # of a person's key: which of PEOPLE it was made from, from 1


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One field over the rows of a block: how many carry it, and a key of its text where all carry the same."""

    present: int
    constant: int | None


@dataclass(slots=True, kw_only=True)
class Lacking:
    """How many events lack what would make them match; adds up.

    Attributes:
        events: All of them.
        website: Those of a website.
        of: Events that could carry a field and do not, by path; see `event.enrichment`.
        clicks: Website events without fbc whose page's URL carries the click id all the same.
    """

    events: int = 0
    website: int = 0
    of: dict[str, int] = field(default_factory=dict)
    clicks: int = 0

    def add(self, more: "Lacking") -> None:
        """Take the counts of further events."""
        self.events += more.events
        self.website += more.website
        self.clicks += more.clicks
        for path, number in more.of.items():
            self.of[path] = self.of.get(path, 0) + number


def _none() -> Keys:
    return np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFacts:
    """What a block tells about its file.

    Attributes:
        rows: Rows that were judged, rejected ones included.
        columns: By path, of match keys and of fields that mostly differ; constants set by hand are left out.
        sales: Purchases that happened elsewhere than in a shop.
        sales_without_order: Those of them that carry no order_id.
        order_keys: uint64[n], a key of (event_name, order_id) for each event, 0 without one; empty where no
            event of the block has an order_id.
        lacking: What the events lack.
        people: uint64[n], a key of whom the event names, 0 for nobody; see `PEOPLE`.
    """

    rows: int = 0
    columns: dict[str, ColumnFacts] = field(default_factory=dict)
    sales: int = 0
    sales_without_order: int = 0
    lacking: Lacking = field(default_factory=Lacking)
    order_keys: Keys = field(default_factory=_none)
    people: Keys = field(default_factory=_none)

"""What preparing a block of rows yields: encoded events, rejected rows, and the tally of what was noticed."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from capi_cli.prepare.facts import BlockFacts

EXAMPLE_ROWS = 5
SAMPLES = 3


@dataclass(slots=True)
class FindingCount:
    """How often a rule noticed something in a field, with the first rows and masked samples."""

    count: int = 0
    rows: list[int] = field(default_factory=list)  # the first ones, at most 5
    samples: list[str] = field(default_factory=list)  # masked, at most 3
    detail: str = ""  # the first that filled the rule's message


@dataclass(slots=True)
class Tally:
    """Counts of a stretch of rows; tallies add up."""

    findings: dict[tuple[str, str], FindingCount] = field(default_factory=dict)  # by (code, field path)

    def add(self, findings: dict[tuple[str, str], FindingCount]) -> None:
        """Add the findings of a later stretch."""
        for key, more in findings.items():
            known = self.findings.setdefault(key, FindingCount())
            known.count += more.count
            known.detail = known.detail or more.detail
            known.rows.extend(more.rows[: EXAMPLE_ROWS - len(known.rows)])
            for sample in more.samples:
                if sample not in known.samples and len(known.samples) < SAMPLES:
                    known.samples.append(sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row of the block that is not sent. `index` is its position in the block."""

    index: int
    code: str
    field: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedBlock:
    """The events of one RowBlock, in file order.

    Attributes:
        joined: Encoded events, separated by one comma each.
        starts: int64[n + 1]; the last is `len(joined) + 1`.
        index: int32[n], which row of the block each event is.
        event_keys: uint64[n], a 64-bit digest of (event_name, event_id).
        content_keys: uint64[n], a 64-bit digest of the event's bytes.
        event_times: int64[n], Unix seconds.
        expires_at: int64[n], Unix seconds. Events that are too old already are among the events: the ledger is
            asked first, since an event accepted before is skipped, however old.
        windows_s: int32[n], how long after its POST Meta de-duplicates the event; 0 for never.
        presence: uint64[n], a bit for each of `checks.KEY_NAMES` that the event carries.
        values: float64[n], custom_data.value, 0 where absent; for sums on screens only.
        currencies: Each event's currency, as codes into `currency_names`; -1 where absent.
        event_names: Each event's name, as codes into `name_names`.
        rejected: Rows that are not sent, by index.
        filtered: How many rows were filtered (where, consent, suppression, since).
        tally: What was noticed.
        facts: What it tells about the whole file.
    """

    joined: bytes | memoryview
    starts: npt.NDArray[np.int64]
    index: npt.NDArray[np.int32]
    event_keys: npt.NDArray[np.uint64]
    content_keys: npt.NDArray[np.uint64]
    event_times: npt.NDArray[np.int64]
    expires_at: npt.NDArray[np.int64]
    windows_s: npt.NDArray[np.int32]
    presence: npt.NDArray[np.uint64]
    values: npt.NDArray[np.float64]
    currencies: npt.NDArray[np.int64]
    currency_names: tuple[str, ...]
    event_names: npt.NDArray[np.int64]
    name_names: tuple[str, ...]
    rejected: tuple[RejectedRow, ...]
    filtered: int
    tally: Tally
    facts: BlockFacts = field(default_factory=BlockFacts)


Places = slice | npt.NDArray[np.int64]


def as_slice(places: npt.NDArray[np.int64]) -> Places:
    """Return the same ascending places, as a slice where they are neighbours: nearly always, and it copies nothing."""
    if not len(places):
        return slice(0, 0)
    first, last = int(places[0]), int(places[-1])
    return slice(first, last + 1) if last - first + 1 == len(places) else places

"""A batch: at most 1000 encoded events that travel in one request."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Encoded events, ready to be posted; any stretch of it is a batch again.

    Attributes:
        number: Which batch of the run, from 1. Parts keep their batch's number.
        first: Where this part begins within the whole batch, in events.
        joined: The events as JSON objects, separated by one comma each.
        starts: int64[n + 1], where each event begins in `joined`; the last is `len(joined) + 1`.
        expires_at: int64[n], Unix seconds from which Meta refuses the event as too old.
        event_keys: uint64[n], which event it is (event_name, event_id), for the ledger.
        content_keys: uint64[n], what it says, for the ledger.
        origins: Which row each event came from; opaque to sinks.
        windows_s: int32[n], how long after its POST Meta de-duplicates the event, 0 for never, for the ledger;
            empty where the 48 hours of web events hold for all.
    """

    number: int
    joined: bytes | memoryview
    starts: "array[int]"
    expires_at: "array[int]"
    event_keys: "array[int]"
    content_keys: "array[int]"
    origins: Sequence[object] = field(default=(), repr=False)
    windows_s: "array[int]" = field(default_factory=lambda: array("i"))
    first: int = 0

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def last(self) -> int:
        """Where this part ends within the whole batch, in events."""
        return self.first + len(self)

    def event(self, index: int) -> bytes:
        """Return one event's JSON."""
        return bytes(self.joined[self.starts[index] : self.starts[index + 1] - 1])

    def part(self, begin: int, end: int) -> "Batch":
        """Return the events from `begin` up to `end`, counted within this batch, as a batch of their own."""
        base = self.starts[begin]
        return Batch(
            number=self.number,
            joined=self.joined[base : self.starts[end] - 1],
            starts=array("q", [start - base for start in self.starts[begin : end + 1]]),
            expires_at=self.expires_at[begin:end],
            event_keys=self.event_keys[begin:end],
            content_keys=self.content_keys[begin:end],
            origins=self.origins[begin:end],
            windows_s=self.windows_s[begin:end],
            first=self.first + begin,
        )

    def select(self, indices: Sequence[int]) -> "Batch":
        """Return the events at `indices`, ascending, as a batch; `first` is that of the first of them."""
        chosen = [self.event(index) for index in indices]
        starts = array("q", [0])
        for event in chosen:
            starts.append(starts[-1] + len(event) + 1)
        return Batch(
            number=self.number,
            joined=b",".join(chosen),
            starts=starts,
            expires_at=array("q", [self.expires_at[index] for index in indices]),
            event_keys=array("Q", [self.event_keys[index] for index in indices]),
            content_keys=array("Q", [self.content_keys[index] for index in indices]),
            origins=[self.origins[index] for index in indices] if self.origins else (),
            windows_s=array("i", [self.windows_s[index] for index in indices] if self.windows_s else ()),
            first=self.first + (indices[0] if indices else 0),
        )

"""Events that were prepared before: lines of JSON → the same prepared block, byte for byte, without a mapping."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import xxhash

from capi_cli.errors import SourceError
from capi_cli.event import limits
from capi_cli.prepare.checks import KEY_NAMES
from capi_cli.prepare.identity import content_keys
from capi_cli.prepare.noticed import Noticed
from capi_cli.prepare.prepared import PreparedBlock, Tally
from capi_cli.prepare.suppression import CODE as SUPPRESSED
from capi_cli.prepare.suppression import KEYS as PEOPLE_KEYS
from capi_cli.prepare.suppression import Suppressed, named_events

_BITS = {name: 1 << place for place, name in enumerate(KEY_NAMES)}


@dataclass(slots=True)
class _Facts:
    """What is told of each event, in order."""

    keys: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    ages: list[int] = field(default_factory=list)
    windows: list[int] = field(default_factory=list)
    presence: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    currencies: list[int] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    known_currencies: dict[str, int] = field(default_factory=dict)
    known_names: dict[str, int] = field(default_factory=dict)
    people: list[list[str]] | None = None  # of each event its em and ph; None where nobody asks

    def add(self, event: dict[str, Any]) -> None:
        name, source = event["event_name"], event.get("action_source", "website")
        custom = event.get("custom_data") or {}
        identity = orjson.dumps(name) + orjson.dumps(event["event_id"])
        self.keys.append(xxhash.xxh3_64_intdigest(identity))
        self.times.append(event["event_time"])
        self.ages.append(limits.max_age_s(source))
        self.windows.append(limits.deduplication_s(source))
        self.presence.append(sum([_BITS.get(key, 0) for key in event.get("user_data", ())]))
        self.values.append(float(custom.get("value") or 0))
        currency = custom.get("currency")
        self.currencies.append(
            -1 if currency is None else self.known_currencies.setdefault(currency, len(self.known_currencies))
        )
        if self.people is not None:
            user_data = event.get("user_data", {})
            self.people.append([digest for key in PEOPLE_KEYS for digest in user_data.get(key, ())])
        self.names.append(self.known_names.setdefault(name, len(self.known_names)))


def ready_events(
    data: bytes,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    *,
    rows: npt.NDArray[np.int64],
    since_at: int | None = None,
    suppressed: Suppressed | None = None,
) -> PreparedBlock:
    """Return the events of consecutive lines as a prepared block.

    Args:
        data: Lines, one event each.
        starts: int64[n], where each line begins; `ends` likewise, line end excluded.
        rows: int64[n], each line's number in the folder.
        since_at: Events before it are filtered.
        suppressed: Events of these people are filtered, and told.

    Raises:
        SourceError: A line is no event.
    """
    lines = data[int(starts[0]) : int(ends[-1])] if len(starts) else b""
    facts = _read(lines, with_people=bool(suppressed))
    times = np.array(facts.times, np.int64)
    joined, places = lines.replace(b"\n", b","), np.append(starts, ends[-1:] + 1)
    places = places - places[0] if len(places) else np.zeros(1, np.int64)
    told = Noticed(rows, np.zeros(len(times), np.bool_))
    wanted = np.ones(len(times), np.bool_) if since_at is None else times >= since_at
    if suppressed and facts.people is not None:
        named = wanted & named_events(suppressed, facts.people)
        told.rows_where(SUPPRESSED, "user_data", named)
        wanted &= ~named
    keep = np.flatnonzero(wanted)
    if len(keep) < len(times):
        kept = [joined[places[at] : places[at + 1] - 1] for at in keep.tolist()]
        joined = b",".join(kept)
        places = np.cumsum([0, *(len(event) + 1 for event in kept)])
    return PreparedBlock(
        joined=joined,
        starts=places,
        index=keep.astype(np.int32),
        event_keys=np.array(facts.keys, np.uint64)[keep],
        content_keys=content_keys(memoryview(joined), places),
        event_times=times[keep],
        expires_at=(times + np.array(facts.ages, np.int64))[keep],
        windows_s=np.array(facts.windows, np.int32)[keep],
        presence=np.array(facts.presence, np.uint64)[keep],
        values=np.array(facts.values, np.float64)[keep],
        currencies=np.array(facts.currencies, np.int64)[keep],
        currency_names=tuple(facts.known_currencies),
        event_names=np.array(facts.names, np.int64)[keep],
        name_names=tuple(facts.known_names),
        rejected=(),
        filtered=len(times) - len(keep),
        tally=Tally(findings=told.counts),
    )


def _read(lines: bytes, *, with_people: bool) -> _Facts:
    """Return the facts of lines of one event each."""
    facts = _Facts(people=[] if with_people else None)
    try:
        for line in lines.split(b"\n") if lines else ():
            facts.add(orjson.loads(line))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
        number = len(facts.names) + 1
        raise SourceError(
            f"A prepared part holds a line that is no event (number {number} of its stretch).",
            "Prepare the folder anew with `capi prepare`.",
        ) from None
    return facts

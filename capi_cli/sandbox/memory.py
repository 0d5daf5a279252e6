"""What the sandbox remembers of the events it accepted: counts, and de-duplication as Meta documents it.

- web, app and other sources: same `event_name` and `event_id` within 48 hours of the first; the first stays;
- physical_store: same dataset, `event_time`, `event_name`, `item_number` and `order_id`, or the same `user_data`
  where there is no `order_id`; 7 days; `event_id` plays no part;
- business_messaging, and events without an `event_id`: never.

Source: Meta, "Deduplicate pixel and server events", "Offline events", "Business messaging".
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from threading import Lock
from typing import Any

import orjson

from capi_cli.event import limits

_MAX_KEYS = 1_000_000  # ours: two generations of that many keys, about 250 MB, then the oldest are forgotten
_MAX_DUPLICATES = 100_000  # ours: how many duplicated keys are told one by one
EVENTS, WITH_EVENT_ID = (
    "(events)",
    "(event_id)",
)  # beside the match keys in `Counts.quality`; no match key's names
_DIGEST_BITS = 64
_DIGEST_MASK = (1 << _DIGEST_BITS) - 1


@dataclass(slots=True)
class Counts:
    """What happened so far. `received` counts accepted requests' events, `processed` those that were no duplicates."""

    requests: int = 0
    accepted_requests: int = 0
    refused_requests: int = 0
    faults: int = 0
    received: int = 0
    processed: int = 0
    duplicates: int = 0
    duplicates_same_bytes: int = 0
    duplicates_other_bytes: int = 0
    test_events: int = 0
    bytes: int = 0
    by_name: Counter[str] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    quality: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # by action_source and name

    def note_quality(self, event: dict[str, Any]) -> None:
        """Count an event and the match keys that it carries: coverage is told for each event name."""
        counts = self.quality.setdefault((event["action_source"], event["event_name"]), Counter())
        counts[EVENTS] += 1
        counts.update(event["user_data"].keys())
        if event.get("event_id"):
            counts[WITH_EVENT_ID] += 1


def event_key(event: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return what two events must share to be one at Meta; None where Meta does no de-duplication."""
    source = event["action_source"]
    if source == "physical_store":
        custom_data = event.get("custom_data") or {}
        order = custom_data.get("order_id")
        who = order if order else orjson.dumps(event["user_data"], option=orjson.OPT_SORT_KEYS)
        return (
            "physical_store",
            event["event_time"],
            event["event_name"],
            custom_data.get("item_number"),
            who,
        )
    event_id = event.get("event_id")
    if not event_id or source == "business_messaging":
        return None
    return event["event_name"], event_id


class Memory:
    """The accepted events of one dataset. Safe for several threads."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.lock = Lock()
        # hash of the key → first seen at (s) and the hash of its bytes, in one integer: 3 times smaller than a tuple
        self._young: dict[int, int] = {}
        self._old: dict[int, int] = {}
        self._repeats: dict[int, list[int]] = {}

    def record(
        self, events: list[dict[str, Any]], spellings: list[bytes], now_s: float, *, test: bool
    ) -> int:
        """Process an accepted request's events; return how many were no duplicates."""
        processed = 0
        at_s = max(0, int(now_s))
        counts = self.counts
        with self.lock:
            counts.by_name.update(event["event_name"] for event in events)
            counts.by_source.update(event["action_source"] for event in events)
            counts.keys.update(chain.from_iterable(event["user_data"] for event in events))
            for event in events:
                counts.note_quality(event)
            for event, spelling in zip(events, spellings, strict=True):
                if self._is_new(event, hash(spelling) & _DIGEST_MASK, at_s):
                    processed += 1
            counts.accepted_requests += 1
            counts.received += len(events)
            counts.processed += processed
            counts.duplicates += len(events) - processed
            if test:
                counts.test_events += len(events)
        return processed

    def _is_new(self, event: dict[str, Any], digest: int, at_s: int) -> bool:
        parts = event_key(event)
        if parts is None:
            return True
        key = hash(parts)
        known = self._young.get(key)
        if known is None and self._old:
            known = self._old.get(key)
        if known is not None:
            window_s = (
                limits.DEDUPLICATION_OFFLINE_S
                if event["action_source"] == "physical_store"
                else limits.DEDUPLICATION_WEB_S
            )
            if at_s - (known >> _DIGEST_BITS) <= window_s:
                self._note_duplicate(key, known & _DIGEST_MASK, digest)
                return False
        self._young[key] = at_s << _DIGEST_BITS | digest
        if len(self._young) > _MAX_KEYS:
            self._old, self._young = self._young, {}
        return True

    def _note_duplicate(self, key: int, first: int, digest: int) -> None:
        if first == digest:
            self.counts.duplicates_same_bytes += 1
        else:
            self.counts.duplicates_other_bytes += 1
        if key in self._repeats or len(self._repeats) < _MAX_DUPLICATES:
            self._repeats.setdefault(key, [first]).append(digest)

    def digests_of(self, event: dict[str, Any]) -> list[int]:
        """Return a digest of the bytes for each time this event came, the first first; empty where it never did."""
        parts = event_key(event)
        key = hash(parts) if parts is not None else 0
        with self.lock:
            if key in self._repeats:
                return list(self._repeats[key])
            known = self._young.get(key, self._old.get(key))
        return [] if known is None else [known & _DIGEST_MASK]

"""Faults on demand: what can go wrong between a client and Meta, by name, probability and count.

One fault is one word on a command line: `NAME[=VALUE][:WHEN[,WHEN…]]`. WHEN is a probability (`0.1`), or any of
`first=N`, `every=N`, `after=N` (requests, counted from 1), `seed=N`, and for some faults `event_id=A|B*`,
`event_name=A|B` (which events), `wait=N` (minutes to regain access; seconds in `Retry-After` for shape 429).

    http=503                     answered before processing; http-after=500: processed first
    throttle=80004:0.1,wait=5    shapes: 429, 4, 17, 32, 341, 613, 80004, and 200 (code 4 in a 200 reply)
    transient=2                  code 1 or 2 with is_transient
    drop-before:first=2          the connection closes unanswered; drop-after: processed first; drop-reply: half a reply
    latency=0.3                  seconds before the answer
    html=502, empty=502          a gateway's page, or nothing; with 200 the events were processed
    short=3                      events_received too low by 3
    expire:after=10              190/463 with HTTP 401
    error=200, error=190/460     any code of Graph
    refuse=2804999:event_id=a|b  the request that holds such an event; refuse=100: no subcode
    no-trace, usage=85           without fbtrace_id; with usage headers at 85 %
    message=TEXT                 a non-fatal remark in `messages`
    quality=200                  asking for the dataset's quality is refused, with any code or code/subcode
    quality-sparse               its answer lacks every member that Graph may leave out
"""

from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from capi_cli.errors import UsageError
from capi_cli.private import shown

NAMES: dict[str, str] = {  # name: default value
    "http": "503",
    "http-after": "500",
    "throttle": "80004",
    "transient": "2",
    "drop-before": "",
    "drop-after": "",
    "drop-reply": "",
    "latency": "0.1",
    "html": "502",
    "empty": "502",
    "short": "1",
    "expire": "",
    "error": "1",
    "refuse": "2804999",
    "no-trace": "",
    "usage": "85",
    "message": "",
    "quality": "200",
    "quality-sparse": "",
}
OF_QUALITY = ("quality", "quality-sparse")  # they concern no POST of events

_NUMERIC = frozenset({"http", "http-after", "html", "empty", "short", "usage", "throttle", "transient"})
_STATUSES = frozenset({"http", "http-after", "html", "empty"})
_WITHOUT_VALUE = frozenset(
    {"expire", "no-trace", "drop-before", "drop-after", "drop-reply", "quality-sparse"}
)
THROTTLES = ("429", "4", "17", "32", "341", "613", "80004", "200")
_COUNTS = ("first", "every", "after", "seed", "wait")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong, and when.

    Attributes:
        name: One of `NAMES`.
        value: Its value, as text; checked by `parse_fault`.
        probability: Of hitting a request that the counts below allow.
        first: Only that many requests, the first after `after`; 0 for all.
        every: Only each Nth request; 1 for all.
        after: Not the first N requests.
        seed: Of the dice, so that a run can be repeated.
        wait: Minutes to regain access, seconds of `Retry-After`; None leaves it to the shape.
        event_ids: `refuse` only: patterns of event_id, `*` for any text.
        event_names: `refuse` only: event names.
    """

    name: str
    value: str = ""
    probability: float = 1.0
    first: int = 0
    every: int = 1
    after: int = 0
    seed: int = 0
    wait: int | None = None
    event_ids: tuple[str, ...] = ()
    event_names: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [] if self.probability == 1 else [f"{self.probability:g}"]
        counts = {"first": self.first, "after": self.after, "seed": self.seed}
        parts += [f"{word}={number}" for word, number in counts.items() if number]
        parts += [f"every={self.every}"] if self.every != 1 else []
        parts += [f"wait={self.wait}"] if self.wait is not None else []
        parts += [f"event_id={'|'.join(self.event_ids)}"] if self.event_ids else []
        parts += [f"event_name={'|'.join(self.event_names)}"] if self.event_names else []
        head = self.name if self.value == "" else f"{self.name}={self.value}"
        return f"{head}:{','.join(parts)}" if parts else head

    def matches(self, event: Any) -> bool:
        """Tell whether this event is one that `refuse` is about."""
        if not isinstance(event, dict):
            return False
        event_id, name = str(event.get("event_id", "")), event.get("event_name")
        by_id = not self.event_ids or any(fnmatchcase(event_id, pattern) for pattern in self.event_ids)
        return by_id and (not self.event_names or name in self.event_names)


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults in force, in order; of those that answer a request the first one to hit wins."""

    faults: tuple[Fault, ...] = field(default=())

    @classmethod
    def parse(cls, *texts: str) -> "Faults":
        """Return the faults that these words name."""
        return cls(tuple(parse_fault(text) for text in texts))

    def texts(self) -> list[str]:
        """Return the faults as words, each one parsing to itself."""
        return [str(fault) for fault in self.faults]


def parse_fault(text: str) -> Fault:
    """Return the fault that `NAME[=VALUE][:WHEN,…]` names; raise a `UsageError` that says what would be right."""
    head, _, when = text.strip().partition(":")
    name, given, value = head.partition("=")
    if name not in NAMES:
        near = get_close_matches(name, NAMES, n=2, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Known faults: {', '.join(NAMES)}."
        raise UsageError(f"Unknown fault {shown(name)}.", hint)
    if name == "message":
        return Fault(name=name, value=text.strip().partition("=")[2] or "A remark of the sandbox.")
    value = value if given else NAMES[name]
    _check_value(name, value)
    settings: dict[str, Any] = {}
    for part in filter(None, when.split(",")):
        settings.update(_parse_when(part, text))
    return Fault(name=name, value=value, **settings)


def _check_value(name: str, value: str) -> None:
    hint = "As in: --fault throttle=80004:0.1 --fault drop-after:first=2 --fault latency=0.3"
    if name in _WITHOUT_VALUE and value:
        raise UsageError(f"The fault {name} takes no value.", hint)
    if name == "throttle" and value not in THROTTLES:
        raise UsageError("The fault throttle has no such shape.", f"Shapes: {', '.join(THROTTLES)}.")
    if name in _NUMERIC and not value.isdecimal():
        raise UsageError(f"The fault {name} takes a number.", hint)
    if name in _STATUSES and not 200 <= int(value) <= 599:
        raise UsageError(f"The fault {name} takes an HTTP status.", hint)
    if name == "latency":
        _number(value, "latency takes seconds", maximum=3600)
    if name in ("error", "refuse", "quality"):
        code, _, subcode = value.partition("/")
        if not code.isdecimal() or (subcode and not subcode.isdecimal()):
            raise UsageError(
                f"The fault {name} takes a code or code/subcode.", "As in: --fault error=190/463"
            )


def _parse_when(part: str, text: str) -> dict[str, Any]:
    word, given, value = part.strip().partition("=")
    if not given:
        return {"probability": _number(word, "a probability stands between 0 and 1", maximum=1)}
    if word in _COUNTS:
        if not value.isdecimal() or (word == "every" and int(value) == 0):
            raise UsageError(f"{word} takes a whole number in the fault {shown(text)}.", "As in: first=2")
        return {word: int(value)}
    if word in ("event_id", "event_name"):
        if not text.startswith("refuse"):
            raise UsageError(f"{word} goes with the fault refuse only.", "As in: refuse=2804999:event_id=a|b")
        return {f"{word}s": tuple(value.split("|"))}
    near = get_close_matches(word, [*_COUNTS, "event_id", "event_name"], n=1, cutoff=0.4)
    raise UsageError(
        f"Unknown word {shown(word)} in a fault.",
        f"Did you mean {near[0]}?" if near else f"Known: {', '.join(_COUNTS)}, event_id, event_name.",
    )


def _number(text: str, words: str, *, maximum: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= maximum:
        raise UsageError(f"In a fault, {words}, not {shown(text)}.", "As in: --fault throttle:0.1")
    return number


class Dice:
    """Decides which faults hit a request: one counter and one seeded generator for each fault. Call under a lock."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._counts = [0] * len(faults.faults)
        # Seeded dice for tests, not for secrets.
        self._dice = [Random(f"{fault.seed} {place}") for place, fault in enumerate(faults.faults)]

    def roll(self, events: list[Any] | None = None) -> list[Fault]:
        """Return the faults that hit the next request.

        Args:
            events: None to roll all faults but `refuse`; the request's events to roll `refuse`.
        """
        hit = []
        for place, fault in enumerate(self.faults.faults):
            if fault.name in OF_QUALITY or (fault.name == "refuse") is (events is None):
                continue
            if events is not None and not any(map(fault.matches, events)):
                continue
            self._counts[place] += 1
            turn = self._counts[place] - fault.after
            if turn <= 0 or (fault.first and turn > fault.first) or turn % fault.every:
                continue
            if fault.probability >= 1 or self._dice[place].random() < fault.probability:
                hit.append(fault)
        return hit

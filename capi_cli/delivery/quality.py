"""What the Dataset Quality API says, read defensively: every member may be missing, or of another kind.

Texts are Meta's, redacted and shortened here once. A percentage is 0 to 100, a score 0 to 10; None where Meta does not
say.

Source: Meta, "Dataset Quality API" for web and for offline events.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from capi_cli.delivery.redact import redact

# What is asked for. Members that Meta's page names only as a whole are asked for as a whole.
FIELDS: Final = {
    "web": "web{event_name,"
    "event_match_quality{composite_score,match_key_feedback{identifier,coverage{percentage}},"
    "diagnostics{name,description,solution,percentage,affected_event_count,total_event_count}},"
    "event_coverage{percentage,goal_percentage,description},"
    "dedupe_key_feedback{dedupe_key,browser_events_with_dedupe_key,server_events_with_dedupe_key,"
    "overall_browser_coverage_from_dedupe_key},"
    "data_freshness{upload_frequency,description}}",
    "offline": "offline{event_name,composite{score,recommendation},match_key{score,coverage{email,phone}},"
    "frequency,freshness}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchKey:
    """Share of events that carry a match key, by Meta's name for it (`email`, `user_agent`, …)."""

    identifier: str
    percentage: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing that Meta found wrong, and what it says to do."""

    name: str
    description: str = ""
    solution: str = ""
    percentage: float | None = None
    affected_events: int | None = None
    all_events: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupeKey:
    """One key by which Meta tells that a browser's and a server's event are one; shares in percent."""

    key: str
    browser: float | None = None
    server: float | None = None
    covered: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebQuality:
    """Events of one name on the website.

    Attributes:
        score: Event match quality.
        coverage: Server events over browser events.
        goal: What Meta would like the coverage to be.
        freshness: Meta's word for how soon events arrive.
    """

    event_name: str
    score: float | None = None
    match_keys: tuple[MatchKey, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    coverage: float | None = None
    goal: float | None = None
    dedupe_keys: tuple[DedupeKey, ...] = ()
    freshness: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A score with Meta's recommendation."""

    score: float | None = None
    recommendation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineQuality:
    """Events of one name that happened in a shop, over 28 days.

    Attributes:
        match_key_score: How well they match.
        email, phone: Share of events that carry them, in percent.
    """

    event_name: str
    composite: Rating = Rating()
    match_key_score: float | None = None
    email: float | None = None
    phone: float | None = None
    frequency: Rating = Rating()
    freshness: Rating = Rating()


def read_web(document: object) -> tuple[WebQuality, ...]:
    """Return what an answer says of website events, in the order of their names."""
    rows = [_web(row) for row in _rows(document, "web")]
    return tuple(sorted(rows, key=lambda row: row.event_name))


def read_offline(document: object) -> tuple[OfflineQuality, ...]:
    """Return what an answer says of offline events, in the order of their names."""
    rows = [_offline(row) for row in _rows(document, "offline")]
    return tuple(sorted(rows, key=lambda row: row.event_name))


def _web(row: dict[str, object]) -> WebQuality:
    quality, coverage = _object(row.get("event_match_quality")), _object(row.get("event_coverage"))
    keys = (_match_key(one) for one in _objects(quality.get("match_key_feedback")))
    found = (_diagnostic(one) for one in _objects(quality.get("diagnostics")))
    dedupe = (_dedupe_key(one) for one in _objects(row.get("dedupe_key_feedback")))
    freshness = _object(row.get("data_freshness"))
    return WebQuality(
        event_name=_name(row),
        score=_number(quality.get("composite_score")),
        match_keys=tuple(key for key in keys if key.identifier),
        diagnostics=tuple(one for one in found if one.name or one.description),
        coverage=_number(coverage.get("percentage")),
        goal=_number(coverage.get("goal_percentage")),
        dedupe_keys=tuple(key for key in dedupe if key.key),
        freshness=_text(freshness.get("upload_frequency")) or _text(freshness.get("description")),
    )


def _offline(row: dict[str, object]) -> OfflineQuality:
    match_key = _object(row.get("match_key"))
    coverage = _object(match_key.get("coverage"))
    return OfflineQuality(
        event_name=_name(row),
        composite=_rating(row.get("composite")),
        match_key_score=_number(match_key.get("score")),
        email=_percentage(coverage.get("email")),
        phone=_percentage(coverage.get("phone")),
        frequency=_rating(row.get("frequency")),
        freshness=_rating(row.get("freshness")),
    )


def _match_key(one: dict[str, object]) -> MatchKey:
    return MatchKey(identifier=_text(one.get("identifier")), percentage=_percentage(one.get("coverage")))


def _diagnostic(one: dict[str, object]) -> Diagnostic:
    return Diagnostic(
        name=_text(one.get("name")),
        description=_text(one.get("description")),
        solution=_text(one.get("solution")),
        percentage=_number(one.get("percentage")),
        affected_events=_count(one.get("affected_event_count")),
        all_events=_count(one.get("total_event_count")),
    )


def _dedupe_key(one: dict[str, object]) -> DedupeKey:
    return DedupeKey(
        key=_text(one.get("dedupe_key")),
        browser=_percentage(one.get("browser_events_with_dedupe_key")),
        server=_percentage(one.get("server_events_with_dedupe_key")),
        covered=_percentage(one.get("overall_browser_coverage_from_dedupe_key")),
    )


def _rating(value: object) -> Rating:
    if isinstance(value, dict):
        said = _text(value.get("recommendation")) or _text(value.get("description"))
        return Rating(score=_number(value.get("score")), recommendation=said)
    score = _number(value)
    return Rating(score=score, recommendation="" if score is not None else _text(value))


def _rows(document: object, part: str) -> Iterator[dict[str, object]]:
    """Yield the rows of a part: a list, or Graph's page of one."""
    value = _object(document).get(part)
    return _objects(value.get("data") if isinstance(value, dict) else value)


def _objects(value: object) -> Iterator[dict[str, object]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _name(row: dict[str, object]) -> str:
    return _text(row.get("event_name")) or "(unnamed)"


def _percentage(value: object) -> float | None:
    return _number(value.get("percentage") if isinstance(value, dict) else value)


def _number(value: object) -> float | None:
    """Return a finite number, also where it is written as text (`80`, `80%`)."""
    if isinstance(value, str):
        try:
            value = float(value.strip().removesuffix("%"))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _count(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _text(value: object) -> str:
    return redact(value) if isinstance(value, str) else ""

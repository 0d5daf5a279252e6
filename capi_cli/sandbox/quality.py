"""The Dataset Quality API: what Meta would say of the events that came, for web and for offline events.

Numbers that Meta computes and nobody else can (composite scores) are fixed here; coverage and counts come from the
events that were received.

Source: Meta, "Dataset Quality API" for web and for offline events.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from capi_cli.sandbox.graph import GraphError
from capi_cli.sandbox.memory import EVENTS, WITH_EVENT_ID, Counts

_GOAL_COVERAGE = 75  # "Dataset Quality API": goal_percentage
_IDENTIFIERS = {
    "em": "email",
    "ph": "phone",
    "client_ip_address": "ip_address",
    "client_user_agent": "user_agent",
    "db": "dob",
    "ge": "gender",
    "fn": "first_name",
    "ln": "last_name",
    "ct": "city",
    "st": "state",
    "zp": "zip",
}

_SPARSE = frozenset({"event_name", "event_match_quality", "composite_score", "composite", "score"})


def dataset_quality(fields: str, counts: Counts, *, sparse: bool = False) -> dict[str, Any] | GraphError:
    """Return the `web` and `offline` shapes of the Dataset Quality API, each with the fields that were asked.

    Args:
        fields: As in the request: `web{event_name,…},offline{…}`.
        counts: Of the events that came.
        sparse: Whether members are left out that Graph may leave out.
    """
    try:
        asked = parse_fields(fields)
    except ValueError:
        return GraphError(code=2500, detail="Syntax error in the fields parameter.")
    unknown = [name for name in asked if name not in ("web", "offline", "app")]
    if unknown:
        return GraphError(code=100, detail=f"Tried accessing nonexisting field ({unknown[0][:40]})")
    shapes: dict[str, tuple[str, Callable[[str, Counter[str]], dict[str, Any]]]] = {
        "web": ("website", _web),
        "offline": ("physical_store", _offline),
    }
    found: dict[str, Any] = {}
    for part, (source, shape) in shapes.items():
        if part not in asked:
            continue
        rows = [
            shape(name, of) for (of_source, name), of in sorted(counts.quality.items()) if of_source == source
        ]
        for row in rows:
            try:
                _check(row, asked[part])
            except KeyError as missing:
                return GraphError(code=100, detail=f"Tried accessing nonexisting field ({str(missing)[:40]})")
        found[part] = [_select(_thin(row) if sparse else row, asked[part]) for row in rows]
    return found


def _check(value: Any, asked: dict[str, Any]) -> None:
    """Raise KeyError where a field is asked for that there is none of, as Graph refuses it."""
    for item in value if isinstance(value, list) else [value]:
        for name, inner in asked.items():
            if not isinstance(item, dict) or name not in item:
                raise KeyError(name)
            _check(item[name], inner)


def _thin(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _thin(member) for name, member in value.items() if name in _SPARSE}
    return value


def _percentage(counts: Counter[str], key: str) -> float:
    return round(100 * counts[key] / counts[EVENTS], 2)


def _web(name: str, counts: Counter[str]) -> dict[str, Any]:
    feedback = [
        {
            "identifier": _IDENTIFIERS.get(key, key),
            "coverage": {"percentage": _percentage(counts, key)},
            "potential_aly_acr_increase": {"percentage": 0, "description": "Not computed by the sandbox."},
        }
        for key in sorted(counts)
        if key not in (EVENTS, WITH_EVENT_ID)
    ]
    dedupe = {
        "dedupe_key": "event_id",
        "browser_events_with_dedupe_key": {"percentage": 0, "description": "No browser events here."},
        "server_events_with_dedupe_key": {
            "percentage": _percentage(counts, WITH_EVENT_ID),
            "description": "Server events with an event_id.",
        },
        "overall_browser_coverage_from_dedupe_key": {
            "percentage": 0,
            "description": "No browser events here.",
        },
    }
    return {
        "event_name": name,
        "event_match_quality": {
            "composite_score": 6.2,
            "match_key_feedback": feedback,
            "diagnostics": [
                {
                    "name": "Improve your match keys",
                    "description": "Some events carry few customer information parameters.",
                    "solution": "Send more customer information parameters.",
                    "percentage": 10,
                    "affected_event_count": counts[EVENTS] // 10,
                    "total_event_count": counts[EVENTS],
                }
            ],
        },
        "event_coverage": {
            "percentage": 80,
            "goal_percentage": _GOAL_COVERAGE,
            "description": "Server events over browser events.",
        },
        "dedupe_key_feedback": [dedupe],
        "data_freshness": {"upload_frequency": "real_time", "description": "Events arrive in real time."},
        "event_potential_aly_acr_increase": {"percentage": 0, "description": "Not computed by the sandbox."},
        "acr": {"percentage": 0, "description": "Not computed by the sandbox."},
    }


def _offline(name: str, counts: Counter[str]) -> dict[str, Any]:
    return {
        "event_name": name,
        "composite": {"score": 8.6, "recommendation": "Upload at least once a day."},
        "match_key": {
            "score": 7.4,
            "coverage": {"email": _percentage(counts, "em"), "phone": _percentage(counts, "ph")},
        },
        "frequency": {"score": 10, "recommendation": "Daily."},
        "freshness": {"score": 9, "recommendation": "Within a day."},
    }


def parse_fields(text: str) -> dict[str, Any]:
    """Return a Graph field list as nested dictionaries: `web{a,b{c}}` → `{"web": {"a": {}, "b": {"c": {}}}}`.

    Raises:
        ValueError: The braces do not match.
    """
    root: dict[str, Any] = {}
    stack, name = [root], ""
    for sign in text + ",":
        if sign == "{":
            inner: dict[str, Any] = {}
            stack[-1][name.strip()] = inner
            stack.append(inner)
            name = ""
        elif sign in ",}":
            if name.strip():
                stack[-1].setdefault(name.strip(), {})
            name = ""
            if sign == "}":
                stack.pop()
            if not stack:
                raise ValueError("unmatched brace")
        else:
            name += sign
    if len(stack) != 1:
        raise ValueError("unmatched brace")
    return root


def _select(value: Any, asked: dict[str, Any]) -> Any:
    if not asked:
        return value
    if isinstance(value, list):
        return [_select(item, asked) for item in value]
    if isinstance(value, dict):
        return {name: _select(value[name], inner) for name, inner in asked.items() if name in value}
    return value

"""The endpoints that only look: debug_token, a dataset's fields, the Dataset Quality API.

Numbers that Meta computes and nobody else can (composite scores) are fixed here; coverage and counts come from the
events that were received.

Source: Meta, "Access tokens", Graph reference ads-pixel, "Dataset Quality API" for web and for offline events.
"""

from datetime import UTC, datetime
from typing import Any

from capi_cli.sandbox.graph import GraphError
from capi_cli.sandbox.memory import Counts

SCOPES = ("ads_read", "ads_management", "business_management")
_APP_ID = "1000000000000001"
_BUSINESS_ID = "1000000000000002"
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


def debug_token(input_token: str, *, is_valid: bool, now_s: float) -> dict[str, Any]:
    """Return what `/debug_token` says of a token: a system user's that never expires, or an error."""
    if not input_token or not is_valid:
        error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"data": {"is_valid": False, "scopes": [], "error": error}}
    scopes = [{"scope": scope} for scope in SCOPES]
    return {
        "data": {
            "app_id": _APP_ID,
            "type": "SYSTEM_USER",
            "application": "capi sandbox",
            "user_id": "1000000000000003",
            "is_valid": True,
            "issued_at": int(now_s) - 86_400,
            "expires_at": 0,
            "data_access_expires_at": 0,
            "scopes": list(SCOPES),
            "granular_scopes": scopes,
        }
    }


def dataset(dataset_id: str, fields: str, counts: Counts, now_s: float) -> dict[str, Any] | GraphError:
    """Return the asked fields of the dataset; `id` alone where none is asked."""
    known: dict[str, Any] = {
        "id": dataset_id,
        "name": "Sandbox dataset",
        "is_consolidated_container": True,
        "is_unavailable": False,
        "owner_business": {"id": _BUSINESS_ID, "name": "Sandbox business"},
        "creation_time": "2026-01-01T00:00:00+0000",
        "last_fired_time": _graph_time(now_s) if counts.received else None,
        "matched_entries": counts.processed,
        "valid_entries": counts.received,
        "duplicate_entries": counts.duplicates,
        "match_rate_approx": -1,
        "enable_automatic_matching": True,
        "automatic_matching_fields": [],
        "first_party_cookie_status": "FIRST_PARTY_COOKIE_ENABLED",
        "data_use_setting": "ADVERTISING_AND_ANALYTICS",
        "is_crm": False,
        "can_proxy": False,
        "has_1p_pixel_event": False,
    }
    asked = [name.strip() for name in fields.split(",") if name.strip()]
    for name in asked:
        if name not in known:
            return GraphError(
                code=100, detail=f"Tried accessing nonexisting field ({name[:40]}) on node type (AdsPixel)"
            )
    found = {name: known[name] for name in asked if known[name] is not None}
    return {**found, "id": dataset_id}


def _graph_time(now_s: float) -> str:
    return datetime.fromtimestamp(int(now_s), UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def dataset_quality(fields: str, counts: Counts) -> dict[str, Any] | GraphError:
    """Return the `web` and `offline` shapes of the Dataset Quality API, each with the fields that were asked."""
    try:
        asked = parse_fields(fields)
    except ValueError:
        return GraphError(code=2500, detail="Syntax error in the fields parameter.")
    unknown = [name for name in asked if name not in ("web", "offline", "app")]
    if unknown:
        return GraphError(code=100, detail=f"Tried accessing nonexisting field ({unknown[0][:40]})")
    found: dict[str, Any] = {}
    if "web" in asked:
        rows = [_web(name, count, counts) for name, count in sorted(counts.by_name.items())]
        found["web"] = [_select(row, asked["web"]) for row in rows]
    if "offline" in asked:
        stores = counts.by_source["physical_store"]
        names = sorted(counts.by_name) if stores else []
        found["offline"] = [_select(_offline(name, counts), asked["offline"]) for name in names]
    return found


def _percentage(counts: Counts, key: str) -> float:
    return round(100 * counts.keys[key] / counts.received, 2) if counts.received else 0.0


def _web(name: str, count: int, counts: Counts) -> dict[str, Any]:
    feedback = [
        {
            "identifier": _IDENTIFIERS.get(key, key),
            "coverage": {"percentage": _percentage(counts, key)},
            "potential_aly_acr_increase": {"percentage": 0, "description": "Not computed by the sandbox."},
        }
        for key in sorted(counts.keys)
    ]
    dedupe = {
        "dedupe_key": "event_id",
        "browser_events_with_dedupe_key": {"percentage": 0, "description": "No browser events here."},
        "server_events_with_dedupe_key": {
            "percentage": 100,
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
                    "affected_event_count": count // 10,
                    "total_event_count": count,
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


def _offline(name: str, counts: Counts) -> dict[str, Any]:
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

"""The endpoints that only look: debug_token, and a dataset's fields.

Source: Meta, "Access tokens", Graph reference ads-pixel.
"""

from datetime import UTC, datetime
from typing import Any

from capi_cli.sandbox.graph import GraphError
from capi_cli.sandbox.memory import Counts

SCOPES = ("ads_read", "ads_management", "business_management")
_APP_ID = "1000000000000001"
_BUSINESS_ID = "1000000000000002"


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

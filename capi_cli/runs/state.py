"""Where capi keeps its state: the ledger, and rejects whose own folder can't be written."""

import tempfile
from pathlib import Path

import platformdirs

from capi_cli.runs.request import RunRequest


def state_folder(request: RunRequest) -> Path:
    """Return the state folder; not made before something is written there. Works without HOME."""
    return request.state_dir or usual_state_folder()


def usual_state_folder() -> Path:
    """Return the platform's place for it, where nobody named another."""
    try:
        return platformdirs.user_state_path("capi", appauthor=False)
    except (RuntimeError, KeyError):  # no HOME, and no such user
        return Path(tempfile.gettempdir()) / "capi-state"

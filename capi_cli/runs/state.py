"""Where capi keeps its state: the ledger, and rejects whose own folder can't be written."""

import os
import tempfile
from pathlib import Path

import platformdirs

from capi_cli.runs.request import RunRequest


def state_folder(request: RunRequest) -> Path:
    """Return the state folder; not made before something is written there. Works without HOME."""
    return request.state_dir or usual_state_folder()


def usual_state_folder() -> Path:
    """Return the platform's place for it, where nobody named another."""
    return _home_state_folder() or _temporary_state_folder()


def will_not_stay(folder: Path) -> str:
    """Return what to say of a state folder that a restart may empty; nothing of any other."""
    if _home_state_folder() is not None or folder != _temporary_state_folder():
        return ""
    return (
        f"No home folder is known here, so the ledger stands in {folder}, which a restart may empty; the next "
        "upload would then send everything again. Name a folder that stays: --state-dir DIR or CAPI_STATE_DIR."
    )


def _home_state_folder() -> Path | None:
    try:
        folder = platformdirs.user_state_path("capi", appauthor=False)
    except (RuntimeError, KeyError):  # no HOME, and no such user: a container's bare uid
        return None
    return folder if folder.is_absolute() else None  # older versions leave the `~` where it stands


def _temporary_state_folder() -> Path:
    owner = f"-{os.getuid()}" if hasattr(os, "getuid") else ""  # the folder is shared by all users
    return Path(tempfile.gettempdir()) / f"capi-state{owner}"

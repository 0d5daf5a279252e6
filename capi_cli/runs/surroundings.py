"""What `capi doctor` can look at without Meta: proxy and TLS, the state folder, the ledgers."""

import os
import shutil
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from capi_cli.errors import CapiError, ConfigurationError, LedgerError
from capi_cli.ledger.opening import check_ledger
from capi_cli.ledger.place import ledger_places, local_disk_notes
from capi_cli.runs.check import Check, State, failed, sentence
from capi_cli.runs.state import will_not_stay
from capi_cli.sinks.client import CA_VARIABLES

_MIB: Final = 1 << 20
_TOO_LITTLE_BYTES: Final = 32 * _MIB  # a run of a million events writes about 30 MiB
_LITTLE_BYTES: Final = 512 * _MIB
_OTHER_FOLDER: Final = (
    "Name a folder that this user may write, on a local disk: --state-dir (CAPI_STATE_DIR)."
)


def look_at_network(graph_url: str, environ: Mapping[str, str]) -> Check:
    """Return which proxy and which certificates a request goes by. Never shows a proxy's password."""
    parts = urlsplit(graph_url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return Check(
            name="network", state=State.OK, found="Plain http to this machine: no proxy and no TLS is used."
        )
    name, place = next(((name, environ[name]) for name in CA_VARIABLES if environ.get(name)), ("", ""))
    if place and not Path(place).exists():
        message = f"{name} names a CA bundle that is not there: {place}."
        return failed("network", ConfigurationError(message, f"Point {name} at a PEM file, or unset it."))
    roots = f"certificates by {name}" if place else "the usual certificates"
    return Check(name="network", state=State.OK, found=f"{_proxy(host)}; {roots}; {ssl.OPENSSL_VERSION}.")


def _proxy(host: str) -> str:
    found = getproxies()
    proxy = found.get("https") or found.get("all")
    if not proxy:
        return "No proxy"
    if proxy_bypass(host):
        return f"No proxy for {host} (NO_PROXY)"
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return f"Through the proxy {parts.hostname or 'named in the environment'}" + (
        f":{parts.port}" if parts.port else ""
    )


def look_at_state_folder(folder: Path) -> Check:
    """Return whether the state folder can be written, is on a local disk, and has room."""
    there = next((each for each in (folder, *folder.absolute().parents) if each.exists()), folder)
    try:
        notes = local_disk_notes(there)
        _try_to_write(there, make_file=there == folder)
        free = shutil.disk_usage(there).free
    except LedgerError as error:
        return failed("state_folder", error)
    except OSError as error:
        message = f"The state folder {folder} can't be written: {error.strerror}."
        return failed("state_folder", LedgerError(message, _OTHER_FOLDER))
    room = f"{free / (1 << 30):,.1f} GiB free" if free >= 1 << 30 else f"{free // _MIB} MiB free"
    if free < _TOO_LITTLE_BYTES:
        hint = "Free some space, or name another disk with --state-dir."
        return failed("state_folder", LedgerError(f"The state folder {folder} has no room: {room}.", hint))
    if warning := will_not_stay(folder):
        return Check(name="state_folder", state=State.WARNING, found=warning, mend=_OTHER_FOLDER)
    if notes:
        return Check(
            name="state_folder",
            state=State.WARNING,
            found=sentence(notes[0]),
            mend=_OTHER_FOLDER,
        )
    made = "" if there == folder else "; the first upload makes it"
    text = f"{folder}: writable, {room}{made}."
    if free < _LITTLE_BYTES:
        hint = "Free some space: a ledger takes at most 32 bytes for each event."
        return Check(name="state_folder", state=State.WARNING, found=text, mend=hint)
    return Check(name="state_folder", state=State.OK, found=text)


def _try_to_write(folder: Path, *, make_file: bool) -> None:
    """Write a file where that is the folder itself; of a parent, ask only whether this user may."""
    if not folder.is_dir():
        raise NotADirectoryError(20, "a part of the path is a file")
    if make_file:
        with tempfile.NamedTemporaryFile(dir=folder, prefix="doctor-") as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
    elif not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(13, f"this user may not write in {folder}")


def look_at_ledgers(folder: Path) -> list[Check]:
    """Read every byte of every ledger, and return a check for each."""
    try:
        places = ledger_places(folder)
    except CapiError as error:
        return [failed("ledger", error)]
    if not places:
        return [Check(name="ledger", state=State.OK, found="None yet; the first upload makes it.")]
    checks = []
    for place in places:
        try:
            text = f"{place.folder.name}: {check_ledger(place)}."
            checks.append(Check(name="ledger", state=State.OK, found=text))
        except CapiError as error:
            checks.append(failed("ledger", error))
    return checks

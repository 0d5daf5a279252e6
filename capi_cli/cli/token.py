"""The access token: from the environment or a file, never from the command line, never shown."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from capi_cli.cli.invocation import Invocation
from capi_cli.errors import CredentialsError
from capi_cli.private import private_kind
from capi_cli.sinks.settings import APP_SECRET
from capi_cli.sinks.settings import TOKEN_VARIABLES as VARIABLES

if TYPE_CHECKING:  # every command line needs this module, and few all options
    from capi_cli.cli.settings import Said, Settings

_CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd's folder for a unit's secrets
_OF_STORES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")  # Arrow reads them for sources at s3://
_MOUNTS = ("/run/secrets", "/run/credentials")
_LONGEST_BYTES = 4096  # Meta's tokens have about 200 characters
_HOW = (
    "Set META_ACCESS_TOKEN, or put the token in a file and say --token-file PATH. "
    "Events Manager makes one: your dataset, Settings, Conversions API, Generate access token."
)


def read_token(
    settings: "Settings", invocation: Invocation, *, variables: Sequence[str] = VARIABLES
) -> tuple[str | None, str | None]:
    """Return the token, None where nobody gave one, and a warning about its file or None.

    `--token-file` stands before the variables, these before a file named by CAPI_TOKEN_FILE or capi.toml. No stream
    shows the token from here on.

    Raises:
        CredentialsError: The file can't be read or is empty, or the text can't be a token.
    """
    found, warning = _find(settings.said.get("token_file"), invocation.environ, variables)
    invocation.secrets.add(found or "")
    return found, warning


def _find(
    said: "Said | None", environ: Mapping[str, str], variables: Sequence[str]
) -> tuple[str | None, str | None]:
    if said is not None and said.place == "--token-file":
        return _from_file(said.value, environ)
    for name in variables:
        if value := environ.get(name, "").strip():
            return _checked(value, name), None
    return _from_file(said.value, environ) if said is not None else (None, None)


def missing_token(without: str = "") -> CredentialsError:
    """Return the error of a command that needs a token and has none; `without` says what goes without one."""
    return CredentialsError("There is no access token.", f"{_HOW} {without}".rstrip())


def secrets_of(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield every secret of the environment: they are cut out of whatever is printed."""
    for name in (*VARIABLES, APP_SECRET, *_OF_STORES):
        if value := environ.get(name, "").strip():
            yield value


def _from_file(path: Path, environ: Mapping[str, str]) -> tuple[str, str | None]:
    if private_kind(path.name) == "a token":
        message = "--token-file takes the path of a file, and was given what looks like a token itself."
        raise CredentialsError(
            message, "Write the token to a file that only you can read, and name that file."
        )
    path = _expanded(path, environ)
    try:
        with path.open("rb") as file:  # a pipe too, and as `<(pass show meta)` gives it
            octets, facts = file.read(_LONGEST_BYTES + 1), os.fstat(file.fileno())
        text = octets.decode("utf-8-sig").strip()
    except OSError as error:
        raise CredentialsError(f"The token file {path} can't be read: {error.strerror}.", _HOW) from None
    except UnicodeDecodeError:
        raise CredentialsError(f"The token file {path} is not text.", _HOW) from None
    if not text:
        raise CredentialsError(f"The token file {path} is empty.", _HOW)
    if len(octets) > _LONGEST_BYTES:
        raise CredentialsError(f"The token file {path} holds much more than a token.", _HOW)
    return _checked(text, str(path)), _warning(path, facts, environ)


def _expanded(path: Path, environ: Mapping[str, str]) -> Path:
    """Return the path with systemd's folder of credentials in its place: capi.toml and crontabs know no variables."""
    if path.parts[:1] not in ((f"${_CREDENTIALS}",), (f"${{{_CREDENTIALS}}}",)):
        return path
    if not (folder := environ.get(_CREDENTIALS)):
        message = f"The token file stands in ${_CREDENTIALS}, which is not set."
        raise CredentialsError(message, "systemd sets it for a unit that has LoadCredential=NAME:PATH.")
    return Path(folder, *path.parts[1:])


def _warning(path: Path, facts: os.stat_result, environ: Mapping[str, str]) -> str | None:
    """Return what to say of a file that others can read; None where its folder keeps them out, or a mount gave it."""
    if os.name != "posix" or not stat.S_ISREG(facts.st_mode) or _is_mounted_secret(path, environ):
        return None
    mine = facts.st_uid == os.geteuid()
    careless = stat.S_IRWXO | (
        stat.S_IRWXG if mine else stat.S_IWGRP
    )  # root may hand a file to a service's group
    if not facts.st_mode & careless or _is_kept_out(path):
        return None
    mend = f"chmod 600 {path}" if mine else "its owner can mend that with chmod 600"
    return f"Others on this machine can read the token file {path}: {mend}"


def _is_mounted_secret(path: Path, environ: Mapping[str, str]) -> bool:
    """Tell whether systemd, Docker, Podman or Kubernetes put the file there, whose modes look open and are not.

    Source: systemd, "System and Service Credentials" (an ACL shows as a group's right); Docker, "Manage sensitive
    data" (/run/secrets, 0444); Kubernetes, "Secrets" (0644 behind a symlink into `..data`).
    """
    whole = Path(os.path.realpath(path))
    folders = [Path(os.path.realpath(place)) for place in (*_MOUNTS, environ.get(_CREDENTIALS)) if place]
    return any(whole.is_relative_to(folder) for folder in folders) or any(
        part.startswith("..") for part in whole.parts
    )


def _is_kept_out(path: Path) -> bool:
    """Tell whether a folder above the file lets only its owner in."""
    try:
        modes = [folder.stat().st_mode for folder in path.resolve().parents]
    except OSError:  # it has just been moved away
        return False
    return any(not mode & (stat.S_IXGRP | stat.S_IXOTH) for mode in modes)


def _checked(token: str, place: str) -> str:
    """Return the token, if it can travel in a header; a foreign error would show it otherwise."""
    if not token.isascii() or not token.isprintable() or any(sign in token for sign in " \"'"):
        message = f"The text in {place} can't be an access token: it holds a space, a quote or a line break."
        raise CredentialsError(message, "Copy the token again, by itself.")
    return token

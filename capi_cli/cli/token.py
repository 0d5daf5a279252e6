"""The access token: from the environment or a file, never from the command line, never shown."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from capi_cli.cli.settings import Settings
from capi_cli.errors import CredentialsError

VARIABLES = ("META_ACCESS_TOKEN", "META_CAPI_ACCESS_TOKEN", "FB_CAPI_ACCESS_TOKEN", "FB_ACCESS_TOKEN")
_HOW = (
    "Set META_ACCESS_TOKEN, or put the token in a file and say --token-file PATH. "
    "Events Manager makes one: your dataset, Settings, Conversions API, Generate access token."
)


def read_token(settings: Settings, environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the token, None where nobody gave one, and a warning about its file or None.

    `--token-file` stands before the variables, these before a file named by CAPI_TOKEN_FILE or capi.toml.

    Raises:
        CredentialsError: The file can't be read or is empty, or the text can't be a token.
    """
    said = settings.said.get("token_file")
    if said is not None and said.place == "--token-file":
        return _from_file(said.value)
    for name in VARIABLES:
        if value := environ.get(name, "").strip():
            return _checked(value, name), None
    return _from_file(said.value) if said is not None else (None, None)


def missing_token() -> CredentialsError:
    """Return the error of a run that needs a token and has none."""
    return CredentialsError("There is no access token.", _HOW)


def _from_file(path: Path) -> tuple[str, str | None]:
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
        mode = path.stat().st_mode
    except OSError as error:
        raise CredentialsError(f"The token file {path} can't be read: {error.strerror}.", _HOW) from None
    except UnicodeDecodeError:
        raise CredentialsError(f"The token file {path} is not text.", _HOW) from None
    if not text:
        raise CredentialsError(f"The token file {path} is empty.", _HOW)
    open_to_others = os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO)
    warning = (
        f"Others on this machine can read the token file {path}: chmod 600 {path}" if open_to_others else None
    )
    return _checked(text, str(path)), warning


def _checked(token: str, place: str) -> str:
    """Return the token, if it can travel in a header; a foreign error would show it otherwise."""
    if not token.isascii() or not token.isprintable() or any(sign in token for sign in " \"'"):
        message = f"The text in {place} can't be an access token: it holds a space, a quote or a line break."
        raise CredentialsError(message, "Copy the token again, by itself.")
    return token

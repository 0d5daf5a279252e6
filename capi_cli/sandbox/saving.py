"""Keep what was received: one file per accepted body, one per reply, numbered alike.

`request-000001.json` (or `.form`, `.multipart`) holds the bytes as they came, uncompressed, and without token and
proof; `reply-000001.json` the status and the reply, or that none was given. Created readable by their owner only:
bodies hold digests of match keys.
"""

import os
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from capi_cli.errors import ConfigurationError
from capi_cli.own_files import make_own_folder
from capi_cli.sandbox.graph import Reply

_ENDINGS = {"application/json": "json", "multipart/form-data": "multipart"}


class Saving:
    """A folder that takes bodies and replies. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            make_own_folder(folder)
        except OSError as error:
            raise ConfigurationError(
                f"The sandbox can't save to {folder}: {error.strerror}.", "Give another --save folder."
            ) from error
        self._numbers = count(1 + len(list(folder.glob("request-*"))))  # next() is atomic

    def save(self, body: bytes, reply: Reply | None, content_type: str) -> None:
        """Write a body and what was answered; None for a reply that was never given."""
        number = next(self._numbers)
        ending = _ENDINGS.get(content_type.partition(";")[0].strip().lower(), "form")
        answer: dict[str, Any] = {"status": None, "body": None}
        if reply is not None:
            answer = {"status": reply.status, "body": reply.body.decode("utf-8", "replace")}
        self._write(f"request-{number:06}.{ending}", body)
        self._write(f"reply-{number:06}.json", orjson.dumps(answer))

    def _write(self, name: str, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with open(os.open(self._folder / name, flags, 0o600), "wb") as file:  # noqa: PTH123 # takes a descriptor
            file.write(content)


def saved_events(folder: Path) -> list[dict[str, Any]]:
    """Return the events of all saved JSON bodies, in the order they were accepted."""
    events: list[dict[str, Any]] = []
    for path in sorted(folder.glob("request-*.json")):
        events += orjson.loads(path.read_bytes())["data"]
    return events

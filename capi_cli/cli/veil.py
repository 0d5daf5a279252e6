"""The last line of defence for secrets: no part of one leaves by stdout or stderr, whoever writes there.

No message of capi holds a token. This is for what nobody thought of: a library's own words, a path that was typed
wrongly, a bug. It knows the secrets of this run and looks for nothing else; what may be a person's data is kept out
where a message is made (`private.py`, `delivery/redact.py`, `event/mask.py`).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from capi_cli.delivery.redact import Secrets


class Veil:
    """A text stream from whose lines secrets are cut by value; in all else it is the stream behind it."""

    def __init__(self, stream: Any, secrets: Secrets) -> None:
        self._stream = stream
        self._secrets = secrets

    def write(self, text: str) -> int:
        """Write a text without its secrets."""
        self._stream.write(self._secrets.cut(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def veiled(secrets: Secrets) -> Iterator[None]:
    """Put a veil over stdout and stderr while inside."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Veil(sys.stdout, secrets), Veil(sys.stderr, secrets)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before

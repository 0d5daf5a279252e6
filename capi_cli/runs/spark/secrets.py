"""Where an executor finds the token: in its environment or in a file.

The place travels in Spark's plan, never the token.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from capi_cli.errors import CredentialsError
from capi_cli.private import private_kind
from capi_cli.sinks.settings import TOKEN_VARIABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPlace:
    """Where to look for the token, on whatever machine looks.

    Attributes:
        file: A path that every executor can read: a mounted secret, a volume. None: the environment.
        sandbox: The run sends to the bundled sandbox, whose token everybody knows.
    """

    file: str | None = None
    sandbox: str | None = None

    def __post_init__(self) -> None:
        """Refuse a token in the place of a path: it would travel.

        Raises:
            CredentialsError: It looks like one.
        """
        if self.file is not None and private_kind(Path(self.file).name) == "a token":
            raise CredentialsError(
                "The token file is named by what looks like a token itself.",
                "Write the token to a file that executors alone can read, and name that file.",
            )

    def read(self) -> str | None:
        """Return the token as this machine has it; None where it has none."""
        if self.sandbox is not None:
            return self.sandbox
        if self.file is None:
            return next(
                (value for name in TOKEN_VARIABLES if (value := os.environ.get(name, "").strip())), None
            )
        try:
            return Path(self.file).read_text(encoding="utf-8-sig").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def __str__(self) -> str:
        return f"the file {self.file}" if self.file else TOKEN_VARIABLES[0]


@dataclass(frozen=True, slots=True)
class Look:
    """Tells of each machine whether it has a token: the first thing a run asks, before any row is read."""

    place: TokenPlace

    def rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield for each partition one row: whether the token is there."""
        for _ in batches:
            pass
        found = self.place.read() is not None
        yield pa.RecordBatch.from_arrays([pa.array([found])], ["found"])


def missing_token(place: TokenPlace) -> CredentialsError:
    """Return the error of executors that have no token."""
    if place.file is not None:
        return CredentialsError(
            f"Executors can't read a token from {place.file}.",
            "Name a file that every executor can read: a mounted secret, a volume.",
        )
    return CredentialsError(
        "The executors have no access token in their environment.",
        "Give META_ACCESS_TOKEN to the executors, not to the driver alone: spark.executorEnv.META_ACCESS_TOKEN, "
        "or the cluster's environment with a secret in it; or name a file with --token-file (token_file=…).",
    )

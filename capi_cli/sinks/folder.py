"""Write events to a folder instead of sending them: one JSON event per line, one file per batch or part.

A file is written under a temporary name, made durable and renamed, so that a name without `.partial` is whole. It is
readable by its owner only: it holds digests of match keys.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import ConfigurationError


class Folder:
    """A sink on disk. Nothing is sent, and its receipts say so."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, batch: Batch) -> Sequence[Receipt]:
        """Write the batch's events; a folder that can't be written to, or is full, stops the run."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            self._write(self._path / file_name(batch), batch)
        except OSError as error:
            stop = ConfigurationError(
                f"Can't write to {self._path} ({error.strerror}).",
                "Name another folder, or free some space there.",
            )
            return [
                Receipt(
                    batch=batch,
                    outcome=Outcome.UNSENT,
                    code=stop.code,
                    reason=stop.message,
                    hint=stop.hint,
                    stop=stop,
                )
            ]
        return [Receipt(batch=batch, outcome=Outcome.UNSENT)]

    def close(self) -> None:
        """Do nothing: every file is closed as soon as it is written."""

    def _write(self, path: Path, batch: Batch) -> None:
        partial = path.with_name(path.name + ".partial")
        lines = b"\n".join(batch.event(index) for index in range(len(batch))) + b"\n"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)


def file_name(batch: Batch) -> str:
    """Return the name of a batch's file: it sorts in the order of the source, and parts get names of their own."""
    part = f"-{batch.first:04d}" if batch.first else ""
    return f"events-{batch.number:06d}{part}.jsonl"

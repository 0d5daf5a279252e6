"""Rejects files of a run: one for each source, opened at its first reject, written in file order at the end."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.event.rules.mending import with_names
from capi_cli.mapping.show import own_names
from capi_cli.rejects.file import RejectsFile
from capi_cli.rejects.place import choose_path
from capi_cli.rejects.reject import Reject
from capi_cli.runs.opening import Opened
from capi_cli.runs.origins import origins_of
from capi_cli.runs.request import RunRequest


class Rejects:
    """Takes rejected rows from the run, and Meta's refusals from its sending threads."""

    def __init__(self, request: RunRequest, sources: Sequence[Opened], state_dir: Path) -> None:
        self._sources = sources
        self._files: list[RejectsFile] = []
        self._names: dict[tuple[int, str], dict[str, str]] = {}
        taken: list[Path] = []
        for source in sources:
            path = choose_path(
                source.path,
                request.rejects_path,
                state_dir,
                name=source.reader.path,
                format=source.reader.format,
                several=len(sources) > 1,
                taken=taken,
            )
            taken.append(path)
            self._files.append(RejectsFile(source.reader.shape, path))

    def add(self, place: int, reject: Reject) -> None:
        """Take one row of the source at that place."""
        names = self._names.get((place, reject.field))
        if names is None:  # looked up once for each field: there may be a reject for every row
            names = own_names(self._sources[place].mapping, reject.field)._asdict()
            self._names[place, reject.field] = names
        self._files[place].add(replace(reject, hint=with_names(reject.hint, **names)))

    def take(self, receipts: Sequence[Receipt]) -> None:
        """Take the rows of events that were refused, with Meta's own words."""
        for receipt in receipts:
            if receipt.outcome is not Outcome.REJECTED:
                continue
            for origin in origins_of(receipt.batch):
                for row, raw in origin.records():
                    reject = Reject(
                        row=row,
                        raw=raw,
                        code=receipt.code,
                        field="",
                        reason=receipt.reason,
                        hint=receipt.hint,
                    )
                    self.add(origin.source, reject)

    def discard(self) -> None:
        """Forget everything: the run ends with one message instead."""
        for file in self._files:
            file.discard()

    def close(self) -> list[Path | None]:
        """Write the files and return where each stands; None where nothing was rejected."""
        return [file.close() for file in self._files]

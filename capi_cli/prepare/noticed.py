"""What the rules noticed in one block: errors by row, counts and masked samples by code and field."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from capi_cli.event.findings import Finding
from capi_cli.event.mask import mask
from capi_cli.event.rules import catalogue, is_error
from capi_cli.event.rules.mending import mend
from capi_cli.prepare.distinct import Codes, Distinct
from capi_cli.prepare.prepared import EXAMPLE_ROWS, SAMPLES, FindingCount, RejectedRow


@dataclass(slots=True)
class Noticed:
    """Collects findings of a block.

    Attributes:
        rows: int64[n], the physical line of each row that is judged.
        error: bool[n], rows that are not sent.
    """

    rows: npt.NDArray[np.int64]
    error: npt.NDArray[np.bool_]
    counts: dict[tuple[str, str], FindingCount] = field(default_factory=dict)
    _errors: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)
    _failed: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    def cells(
        self, path: str, column: Distinct, findings: dict[int, Finding], rows: Codes | None = None
    ) -> None:
        """Take the findings of a column's distinct texts.

        Args:
            path: The field.
            column: One text for each row; or, with `rows`, for each value of list cells.
            findings: By code of the column.
            rows: The row of each value.
        """
        if not findings:
            return
        by_code: dict[str, list[int]] = {}
        for value_code, finding in findings.items():
            by_code.setdefault(finding.code, []).append(value_code)
        for code, value_codes in by_code.items():
            wanted = np.zeros(len(column.values) + 1, np.bool_)  # the last place stands for code -1
            wanted[value_codes] = True
            hit = np.flatnonzero(wanted[column.codes])
            where = hit if rows is None else np.unique(rows[hit])
            name = path.rpartition(".")[2]
            samples = [mask(name, column.values[value_code]) for value_code in value_codes[:SAMPLES]]
            self._count(code, path, where, samples, findings[value_codes[0]].detail)
            if is_error(code):
                self._failed.setdefault(path, np.zeros(len(self.rows), np.bool_))[where] = True
                for index, place in zip(where.tolist(), hit.tolist(), strict=False):
                    self._add_error(index, code, path, findings[int(column.codes[place])].detail)

    def failed(self, path: str) -> npt.NDArray[np.bool_]:
        """Return the rows whose cell for that field is an error already: that it is missing is not told as well."""
        found = self._failed.get(path)
        return np.zeros(len(self.rows), np.bool_) if found is None else found

    def rows_where(
        self, code: str, path: str, hit: npt.NDArray[np.bool_], details: dict[int, str] | None = None
    ) -> None:
        """Take a finding about whole rows; `details` fills the message by row index."""
        where = np.flatnonzero(hit)
        if not len(where):
            return
        self._count(code, path, where, [])
        if is_error(code):
            for index in where.tolist():
                self._add_error(index, code, path, (details or {}).get(index, ""))

    def _count(
        self, code: str, path: str, where: npt.NDArray[np.intp], samples: list[str], detail: str = ""
    ) -> None:
        count = self.counts.setdefault((code, path), FindingCount())
        count.count += len(where)
        count.detail = count.detail or detail
        room = EXAMPLE_ROWS - len(count.rows)
        count.rows.extend(self.rows[where[: max(room, 0)]].tolist())
        for sample in samples:
            if sample not in count.samples and len(count.samples) < SAMPLES:
                count.samples.append(sample)

    def _add_error(self, index: int, code: str, path: str, detail: str) -> None:
        self.error[index] = True
        self._errors.setdefault(index, []).append((code, path, detail))

    def rejected(self, places: npt.NDArray[np.int64]) -> list[RejectedRow]:
        """Return the rows with errors, all errors of a row in one.

        Args:
            places: int64[n], the place of each row in the block as it was read.
        """
        rules = catalogue()
        found = []
        for index in sorted(self._errors):
            errors = self._errors[index]
            first = rules[errors[0][0]]
            reasons = [rules[code].message.replace("{detail}", detail) for code, _, detail in errors]
            found.append(
                RejectedRow(
                    index=int(places[index]),
                    code=first.code,
                    field=errors[0][1],
                    reason=" | ".join(dict.fromkeys(reasons)),
                    hint=mend(first.code, errors[0][2]),
                )
            )
        return found

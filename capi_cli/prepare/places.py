"""Where limited data use says that people are: a column of Meta's codes, of countries or of states."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capi_cli.event.findings import Finding
from capi_cli.prepare.distinct import Distinct

NOWHERE: Final = -1  # nothing is said; 0 asks Meta to locate the person

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """A column of countries or states, read; what was noticed is told only of rows that ask for LDU."""

    column: Distinct
    texts: list[str | None]
    findings: dict[int, Finding]

    def flagged(self) -> npt.NDArray[np.bool_]:
        """Return which rows hold no code of Meta's."""
        hit = np.zeros(len(self.texts) + 1, np.bool_)
        hit[list(self.findings)] = True
        return np.asarray(hit[self.column.codes])

    def codes(self) -> Codes:
        """Return each row's code, `NOWHERE` where nothing is said."""
        known = [NOWHERE if text is None else int(text) for text in self.texts]
        return np.array([*known, NOWHERE], np.int64)[self.column.codes]

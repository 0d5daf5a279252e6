"""Consent: who said yes. Who did not is left out, or sent with limited data use."""

import numpy as np

from capi_cli.event.normalize.consent import read_consent
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.checks import Bits, is_one_of
from capi_cli.prepare.columns import entry_text
from capi_cli.prepare.distinct import Distinct, constant, distinct
from capi_cli.prepare.noticed import Noticed


class ConsentField:
    """Reads the consent column, or one answer for all rows."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def judge(self, block: Block, wanted: Bits, told: Noticed) -> tuple[Bits, Bits | None]:
        """Return which rows may be sent, and which of them with limited data use.

        Args:
            block: All rows.
            wanted: Those that no filter takes out; of others nothing is told.
            told: Takes how many there are without consent.
        """
        cells = entry_text(block.table, self.entry)
        column = constant(self.entry.value or "", len(block)) if cells is None else distinct(cells)
        words = Distinct(column.codes, [read_consent(value) for value in column.values])
        granted, denied = is_one_of(words, ("granted",)), is_one_of(words, ("denied",))
        told.rows_where("consent-unclear", "consent", wanted & ~granted & ~denied)
        if self.entry.consent_denied == "ldu":
            return np.ones(len(block), np.bool_), ~granted
        told.rows_where("consent-denied", "consent", wanted & denied)
        return granted, None

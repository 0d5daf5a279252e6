"""Consent and limited data use: who is left out, and who is sent as LDU."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.normalize.consent import read_consent
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.checks import Bits, Rows, is_one_of, is_present
from capi_cli.prepare.columns import entry_text
from capi_cli.prepare.distinct import Distinct, constant, distinct
from capi_cli.prepare.encode import Member

_OPTIONS = "data_processing_options"
_PLACE = ("data_processing_options_country", "data_processing_options_state")
_LDU = '["LDU"]'


class ConsentField:
    """Reads the consent column: rows without consent are filtered, or sent with limited data use."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def keep(self, block: Block) -> Bits:
        """Return which rows may be sent; rows to be sent as LDU are marked."""
        cells = entry_text(block.table, self.entry)
        column = constant(self.entry.value or "", len(block)) if cells is None else distinct(cells)
        words = [read_consent(value) for value in column.values]
        granted = is_one_of(Distinct(column.codes, words), ("granted",))
        unclear = ~is_one_of(Distinct(column.codes, words), ("granted", "denied"))
        block.noticed.rows_where("consent-unclear", "consent", unclear)
        if self.entry.consent_denied != "ldu":
            return granted
        block.denied = ~granted
        return np.ones(len(block), np.bool_)


def limit_data_use(block: Block) -> None:
    """Complete `LDU`: country and state become 0 (Meta locates the person) where an IP address is sent.

    Without an IP address there is nothing to locate by, and a state that is missing or 0 is an error.
    """
    options = block.members.get(_OPTIONS)
    if block.denied is not None and block.denied.any():
        ldu = _where(block.denied, _LDU)
        options = ldu if options is None else pc.coalesce(ldu, options)
        block.members[_OPTIONS] = options
    if options is None:
        return
    rows = Rows(block.members, len(block), block.noticed)
    limited = _holds(options, len(block))
    missing = [limited & ~rows.has(path) for path in _PLACE]
    to_locate = [limited & rows.is_word(path, ("0",)) for path in _PLACE]
    located = rows.has("user_data.client_ip_address")
    rows.where(
        "ldu-without-state", _OPTIONS, (missing[0] | missing[1] | to_locate[0] | to_locate[1]) & ~located
    )
    for path, hit in zip(_PLACE, missing, strict=True):
        if hit.any():
            block.put(path, _zeros(block.members.get(path), hit, len(block)))


def _holds(options: Member, length: int) -> Bits:
    column: Distinct = constant(options, length) if isinstance(options, str) else distinct(options)
    return np.array([text == _LDU for text in column.values] + [False], np.bool_)[column.codes]


def _zeros(member: Member | None, hit: Bits, length: int) -> Member:
    zeros = _where(hit, "0")
    if member is None:
        return zeros
    if isinstance(member, str):
        return member
    return pc.coalesce(member, zeros) if is_present(member, length).any() else zeros


def _where(hit: Bits, text: str) -> pa.StringArray:
    return Distinct(hit.astype(np.int64) - 1, [text]).take([text])

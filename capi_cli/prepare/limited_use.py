"""Limited data use: who is sent as LDU, and with which country and state.

LDU is asked for by a column, by a constant for all, by a person's refusal (`consent_denied = "ldu"`), or `by_state`:
for the people of those US states for which Meta has a code. Where a person is, is told by the two processing fields
where they are mapped, else by the row's `st`. A place without a code matters only where LDU is asked for.
"""

from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event.normalize.fields import CellSettings, wire_value
from capi_cli.event.normalize.processing import BY_STATE, ldu_codes_by_digest
from capi_cli.mapping.model import Entry
from capi_cli.prepare.block import Block
from capi_cli.prepare.checks import Bits, Rows
from capi_cli.prepare.columns import entry_text
from capi_cli.prepare.distinct import Distinct, Rule, constant, distinct
from capi_cli.prepare.encode import Member
from capi_cli.prepare.places import NOWHERE, Codes, Place

_OPTIONS: Final = "data_processing_options"
_COUNTRY: Final = "data_processing_options_country"
_STATE: Final = "data_processing_options_state"
PLACES: Final = (_COUNTRY, _STATE)
_LDU: Final = '["LDU"]'
_IN_US: Final = 1
_DIGEST: Final = slice(2, 66)  # of `["<64 hex digits>"…`


class PlaceField:
    """Reads the mapped country or state of limited data use."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._rule = Rule(partial(wire_value, entry.field, settings=CellSettings()))

    def fill(self, block: Block) -> None:
        """Keep what the column says for `limit_data_use`, and put its codes into the block."""
        cells = entry_text(block.table, self.entry)
        column = constant(self.entry.value or "", len(block)) if cells is None else distinct(cells)
        texts, findings = self._rule.apply(column.values, len(column))
        block.places[self.entry.field.path] = Place(column, texts, findings)
        sent = [None if code in findings else text for code, text in enumerate(texts)]
        only = sent[0] if cells is None and sent else None
        block.put(self.entry.field.path, only if cells is None else column.take(sent))


def limit_data_use(block: Block) -> None:
    """Settle who is sent as LDU, and complete country and state.

    The state's code, with country 1, where it is known; else 0 and 0 where an IP address is sent, so that Meta
    locates the person. Without one there is nothing to locate by, and the row is an error.
    """
    options = block.members.get(_OPTIONS)
    if block.denied is not None and block.denied.any():
        ldu = _texts_where(block.denied, _LDU)
        options = ldu if options is None else pc.coalesce(ldu, options)
        block.members[_OPTIONS] = options
    if options is None:
        return
    limited, by_state = _holds(options, _LDU, len(block)), _holds(options, BY_STATE, len(block))
    if by_state.any():
        elsewhere = _elsewhere(block, by_state)
        limited |= by_state & ~elsewhere
        _clear(block, elsewhere)
        _replace(block, _OPTIONS, by_state & ~elsewhere, _LDU)
    if limited.any():
        _locate(block, limited)


def _elsewhere(block: Block, asked: Bits) -> Bits:
    """Return which of these rows are of people in another country, or in a state that has no code."""
    country = block.country.codes
    abroad = np.array([name != "US" for name in block.country.values] + [False], np.bool_)[country]
    said, home = _said(block, _STATE), _home(block)
    without_code = ((said == 0) & _flagged(block, _STATE)) | ((said < 0) & (home == 0))
    told = asked & ~abroad & without_code
    block.noticed.rows_where("ldu-not-offered", _OPTIONS, told)
    return np.asarray(asked & (abroad | without_code))


def _locate(block: Block, limited: Bits) -> None:
    for path, place in block.places.items():
        only = Distinct(np.where(limited, place.column.codes, -1), place.column.values)
        block.noticed.cells(path, only, place.findings)
    country, state, home = _said(block, _COUNTRY), _said(block, _STATE), _home(block)
    at_home = limited & (state < 0) & (home > 0) & (country != 0)
    state = np.where(at_home, home, state)
    country = np.where(limited & (country < 0) & (state > 0), _IN_US, country)
    rows = Rows(block.members, len(block), block.noticed)
    unlocated = limited & ((country <= 0) | (state <= 0)) & ~rows.has("user_data.client_ip_address")
    told_already = block.noticed.failed(_COUNTRY) | block.noticed.failed(_STATE)
    rows.where("ldu-without-state", _OPTIONS, unlocated & ~told_already)
    for path, codes in ((_COUNTRY, country), (_STATE, state)):
        _put_codes(block, path, np.where(limited, np.maximum(codes, 0), codes), limited)


def _said(block: Block, path: str) -> Codes:
    place = block.places.get(path)
    return np.full(len(block), NOWHERE, np.int64) if place is None else place.codes()


def _flagged(block: Block, path: str) -> Bits:
    place = block.places.get(path)
    return np.zeros(len(block), np.bool_) if place is None else place.flagged()


def _home(block: Block) -> Codes:
    """Return Meta's code of the US state that `st` names, 0 where it has none; `NOWHERE` for no US state.

    `st` is read as it is sent, so that a state that arrived hashed is known too.
    """
    member = block.members.get("user_data.st")
    if member is None:
        return np.full(len(block), NOWHERE, np.int64)
    column: Distinct = constant(member, len(block)) if isinstance(member, str) else distinct(member)
    codes = ldu_codes_by_digest()
    known = [codes.get(text[_DIGEST], NOWHERE) for text in column.values]
    home = np.array([*known, NOWHERE], np.int64)[column.codes]
    in_us = np.array([name == "US" for name in block.country.values] + [True], np.bool_)[block.country.codes]
    return np.where(in_us, home, NOWHERE)


def _holds(options: Member, text: str, length: int) -> Bits:
    column: Distinct = constant(options, length) if isinstance(options, str) else distinct(options)
    return np.array([value == text for value in column.values] + [False], np.bool_)[column.codes]


def _put_codes(block: Block, path: str, codes: Codes, rows: Bits) -> None:
    """Put these codes into the rows, and leave what others hold."""
    before = block.members.get(path)
    if isinstance(before, str) and (codes[rows] == int(before)).all():
        return
    new = pa.array(codes, mask=~rows).cast(pa.string())
    block.put(path, new if before is None else pc.coalesce(new, before))


def _replace(block: Block, path: str, rows: Bits, text: str) -> None:
    member = block.members.get(path)
    if member is None:
        return
    whole = pa.array([member] * len(block), pa.string()) if isinstance(member, str) else member
    block.members[path] = pc.if_else(pa.array(rows), text, whole)


def _clear(block: Block, rows: Bits) -> None:
    """Leave the rows without a word about processing: there is no limit to ask for."""
    for path in (_OPTIONS, *PLACES):
        member = block.members.pop(path, None)
        if member is not None:
            whole = pa.array([member] * len(block), pa.string()) if isinstance(member, str) else member
            block.put(path, pc.if_else(pa.array(rows), pa.scalar(None, pa.string()), whole))


def _texts_where(hit: Bits, text: str) -> pa.StringArray:
    return Distinct(hit.astype(np.int64) - 1, [text]).take([text])

"""Checks that look at several fields of a row, on columns of bits. Their words: `event/rules/events.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from capi_cli.event import limits
from capi_cli.event.fields import MATCH_KEYS, PLAIN_KEYS
from capi_cli.prepare.distinct import Distinct, constant, distinct
from capi_cli.prepare.encode import Member, Members
from capi_cli.prepare.noticed import Noticed

Bits = npt.NDArray[np.bool_]

KEY_NAMES = (*MATCH_KEYS, *PLAIN_KEYS)
_BIT = {name: np.uint64(1 << place) for place, name in enumerate(KEY_NAMES)}
_MESSAGING_IDS = {
    "messenger": (("page_id",), ("page_scoped_user_id",)),
    "whatsapp": (("whatsapp_business_account_id", "page_id"), ("ctwa_clid",)),
    "instagram": (("ig_account_id", "instagram_business_account_id"), ("ig_sid",)),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a block as the checks see them."""

    members: Members
    length: int
    noticed: Noticed

    def has(self, path: str) -> Bits:
        """Return which rows carry the field."""
        return is_present(self.members.get(path), self.length)

    def words(self, path: str) -> Distinct:
        """Return a field's texts (JSON strings without their quotes) as a column of distinct texts."""
        member = self.members.get(path)
        if member is None:
            return Distinct(np.full(self.length, -1, np.int64), [])
        if isinstance(member, str):
            return constant(member.strip('"'), self.length)
        column = distinct(member)
        return Distinct(column.codes, [value.strip('"') for value in column.values])

    def is_word(self, path: str, words: Sequence[str]) -> Bits:
        """Return which rows have one of these words in the field."""
        return is_one_of(self.words(path), words)

    def where(self, code: str, path: str, hit: Bits) -> None:
        """Notice something about the rows that are hit."""
        self.noticed.rows_where(code, path, hit)


def is_present(member: Member | None, length: int) -> Bits:
    """Return which rows have a text."""
    if member is None:
        return np.zeros(length, np.bool_)
    if isinstance(member, str):
        return np.ones(length, np.bool_)
    return np.asarray(pc.is_valid(member).to_numpy(zero_copy_only=False))


def is_one_of(column: Distinct, words: Sequence[str]) -> Bits:
    """Return which rows of a column hold one of these texts."""
    hit = np.array([value in words for value in column.values] + [False], np.bool_)
    return hit[column.codes]


def presence(members: Members, length: int) -> npt.NDArray[np.uint64]:
    """Return for each row the set of user_data keys that it carries, a bit for each of KEY_NAMES."""
    found = np.zeros(length, np.uint64)
    for name, bit in _BIT.items():
        member = members.get(f"user_data.{name}")
        if isinstance(member, str):
            found |= bit
        elif member is not None:
            found |= np.where(is_present(member, length), bit, np.uint64(0))
    return found


def check_rows(rows: Rows, keys: npt.NDArray[np.uint64]) -> None:
    """Run every check that looks at several fields."""
    _check_user_data(rows, keys)
    _check_money(rows)
    _check_action_source(rows)


def _check_user_data(rows: Rows, keys: npt.NDArray[np.uint64]) -> None:
    rows.where("user-data-empty", "user_data", keys == 0)
    weak = np.zeros(rows.length, np.bool_)
    for names in limits.WEAK_USER_DATA:
        others = ~sum((_BIT[name] for name in sorted(names)), np.uint64(0))
        weak |= (keys & others) == 0
    rows.where("user-data-weak", "user_data", weak & (keys != 0))


def _check_money(rows: Rows) -> None:
    purchase = rows.is_word("event_name", ("Purchase",))
    has_value, has_currency = rows.has("custom_data.value"), rows.has("custom_data.currency")
    refused = rows.noticed.failed("custom_data.value")
    rows.where("purchase-without-value", "custom_data.value", purchase & ~has_value & ~refused)
    unknown_currency = rows.noticed.failed("custom_data.currency")
    rows.where(
        "purchase-without-currency", "custom_data.currency", purchase & ~has_currency & ~unknown_currency
    )
    rows.where(
        "value-without-currency",
        "custom_data.currency",
        ~purchase & has_value & ~has_currency & ~unknown_currency,
    )
    value = rows.members.get("custom_data.value")
    if value is None:
        return
    texts = pa.array([value] * rows.length) if isinstance(value, str) else value
    numbers = pc.fill_null(texts.cast(pa.float64()), 1.0).to_numpy(zero_copy_only=False)
    rows.where("purchase-negative", "custom_data.value", purchase & (numbers < 0))
    rows.where("value-negative", "custom_data.value", ~purchase & (numbers < 0))
    rows.where("value-zero", "custom_data.value", numbers == 0)


def _check_action_source(rows: Rows) -> None:
    sources = rows.words("action_source")
    website = is_one_of(sources, ("website",))
    if website.any():
        refused = rows.noticed.failed("event_source_url")
        rows.where(
            "website-without-url", "event_source_url", website & ~rows.has("event_source_url") & ~refused
        )
        rows.where(
            "website-without-user-agent",
            "user_data.client_user_agent",
            website & ~rows.has("user_data.client_user_agent"),
        )
    app = is_one_of(sources, ("app",))
    if app.any():
        complete = np.ones(rows.length, np.bool_)
        for name in ("advertiser_tracking_enabled", "application_tracking_enabled", "extinfo"):
            complete &= rows.has(f"app_data.{name}")
        rows.where("app-without-app-data", "app_data", app & ~complete)
    store = is_one_of(sources, ("physical_store",))
    rows.where("store-without-order-id", "custom_data.order_id", store & ~rows.has("custom_data.order_id"))
    messaging = is_one_of(sources, ("business_messaging",))
    if messaging.any():
        _check_messaging(rows, messaging)


def _check_messaging(rows: Rows, messaging: Bits) -> None:
    known = rows.is_word("event_name", limits.MESSAGING_EVENTS)
    rows.where("messaging-event-unknown", "event_name", messaging & rows.has("event_name") & ~known)
    channels = rows.words("messaging_channel")
    rows.where("messaging-without-channel", "messaging_channel", messaging & ~channels.present)
    for channel, needs in _MESSAGING_IDS.items():
        complete = np.ones(rows.length, np.bool_)
        for names in needs:
            any_of = np.zeros(rows.length, np.bool_)
            for name in names:
                any_of |= rows.has(f"user_data.{name}")
            complete &= any_of
        rows.where(
            "messaging-without-ids", "user_data", messaging & is_one_of(channels, (channel,)) & ~complete
        )

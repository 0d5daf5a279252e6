"""A block of rows becomes the events that Meta documents; what is wrong with a row is found before it leaves.

Digests are those of normalized texts written by hand here.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest

from capi_cli.event.fields import FIELDS
from capi_cli.mapping.bind import bind
from capi_cli.mapping.config import Config
from capi_cli.mapping.model import Entry
from capi_cli.prepare.columns import Table, entry_text
from capi_cli.prepare.plan import settle
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.prepare.preparer import Preparer

NOW = 1_767_225_600  # 2026-01-01T00:00:00Z
HOUR_AGO = "2025-12-31T23:00:00Z"
STORE = {"event_name": "Purchase", "action_source": "physical_store", "currency": "EUR"}


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def prepare(
    columns: dict[str, Sequence[Any]],
    sets: dict[str, str] | None = None,
    maps: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> PreparedBlock:
    header = list(columns)
    sets = STORE if sets is None else sets
    mapping = bind(header, maps=maps, sets=list(sets.items()), **more)
    batch = pa.RecordBatch.from_pydict({name: pa.array(cells) for name, cells in columns.items()})
    slots = {place: place for place in range(len(header))}
    plan = settle(mapping, [Table(batch, slots)], today=date(2026, 1, 1))
    wanted = batch.select(plan.wanted)
    return Preparer(plan).prepare(wanted, np.arange(2, 2 + batch.num_rows, dtype=np.int64), NOW)


def events(prepared: PreparedBlock) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(b"[" + prepared.joined + b"]")
    return found


def rejected(prepared: PreparedBlock) -> dict[int, str]:
    return {row.index: row.code for row in prepared.rejected}


def noticed(prepared: PreparedBlock) -> dict[str, int]:
    return {code: count.count for (code, _), count in prepared.tally.findings.items()}


def test_a_row_becomes_an_event_with_every_match_key_hashed() -> None:
    prepared = prepare(
        {
            "email": [" John_Smith@Gmail.com "],
            "phone": ["(650) 555-1212"],
            "first_name": ["Mary Jane"],
            "last_name": ["O’Brien"],
            "city": ["St. Louis"],
            "state": ["Missouri"],
            "zip": ["63101-1234"],
            "country": ["US"],
            "order_id": ["A-1"],
            "total": ["19.90"],
            "created_at": [HOUR_AGO],
        }
    )
    (event,) = events(prepared)
    assert event["event_name"] == "Purchase"
    assert event["event_time"] == NOW - 3600
    assert event["action_source"] == "physical_store"
    assert event["user_data"] == {
        "em": [digest("john_smith@gmail.com")],
        "ph": [digest("16505551212")],
        "fn": [digest("maryjane")],
        "ln": [digest("obrien")],
        "ct": [digest("stlouis")],
        "st": [digest("mo")],
        "zp": [digest("63101")],
        "country": [digest("us")],
    }
    assert event["custom_data"] == {"value": 19.9, "currency": "EUR", "order_id": "A-1"}
    assert prepared.rejected == ()


def test_the_digest_that_meta_documents_for_an_email_address() -> None:
    (event,) = events(
        prepare(
            {"email": ["John_Smith@gmail.com"], "order_id": ["1"], "value": ["1"], "event_time": [HOUR_AGO]}
        )
    )
    documented = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
    assert event["user_data"]["em"] == [documented]


def test_the_same_rows_give_the_same_bytes_whatever_the_block() -> None:
    cells = {
        "email": [f"a{n}@x.org" for n in range(50)],
        "first_name": ["Ann", "Bob"] * 25,
        "order_id": [str(n) for n in range(50)],
        "value": ["5"] * 50,
        "event_time": [HOUR_AGO] * 50,
    }
    whole = prepare(cells)
    halves = [
        prepare({name: column[begin : begin + 25] for name, column in cells.items()}) for begin in (0, 25)
    ]
    assert whole.joined == b",".join([halves[0].joined, halves[1].joined])


def test_starts_cut_the_events_out_of_the_bytes() -> None:
    prepared = prepare(
        {
            "email": ["a@x.org", "é@x.org"],
            "order_id": ["1", "2"],
            "value": ["1", "2"],
            "event_time": [HOUR_AGO] * 2,
        }
    )
    starts = prepared.starts.tolist()
    texts = [prepared.joined[begin : end - 1] for begin, end in pairwise(starts)]
    assert [orjson.loads(text)["custom_data"]["order_id"] for text in texts] == ["1", "2"]


def test_a_missing_key_is_left_out_and_its_neighbours_stay() -> None:
    found = events(
        prepare(
            {
                "email": [None, "b@x.org", "c@x.org"],
                "first_name": ["Ann", None, None],
                "external_id": ["1", "2", "3"],
                "order_id": ["1", "2", "3"],
                "value": ["1", "2", "3"],
                "event_time": [HOUR_AGO] * 3,
            }
        )
    )
    assert [sorted(event["user_data"]) for event in found] == [
        ["external_id", "fn"],
        ["em", "external_id"],
        ["em", "external_id"],
    ]


def test_several_values_of_a_key_stay_in_order_without_doubles() -> None:
    found = events(
        prepare(
            {
                "e1": ["b@x.org", "a@x.org", None],
                "e2": ["a@x.org", "A@X.ORG", "c@x.org"],
                "order_id": ["1", "2", "3"],
                "value": ["1"] * 3,
                "event_time": [HOUR_AGO] * 3,
            },
            maps=[("em", "e1"), ("em", "e2")],
        )
    )
    assert [event["user_data"]["em"] for event in found] == [
        [digest("b@x.org"), digest("a@x.org")],
        [digest("a@x.org")],
        [digest("c@x.org")],
    ]


def test_list_cells_and_separators_give_several_values() -> None:
    config = Config(event={"user_data": {"ph": {"column": "phones", "separator": ";"}}})
    found = events(
        prepare(
            {
                "phones": ["+44 20 7183 8750; +1 650 555 1212", "+442071838750;"],
                "em": [["a@x.org", "b@x.org"], []],
                "order_id": ["1", "2"],
                "value": ["1"] * 2,
                "event_time": [HOUR_AGO] * 2,
            },
            config=config,
        )
    )
    assert found[0]["user_data"] == {
        "em": [digest("a@x.org"), digest("b@x.org")],
        "ph": [digest("442071838750"), digest("16505551212")],
    }
    assert found[1]["user_data"] == {"ph": [digest("442071838750")]}


def test_the_rows_own_country_reads_its_phone_and_the_default_is_not_sent() -> None:
    found = events(
        prepare(
            {
                "phone": ["020 7183 8750", "030 123456", "(650) 555-1212"],
                "country": ["UK", "Germany", None],
                "order_id": ["1", "2", "3"],
                "value": ["1"] * 3,
                "event_time": [HOUR_AGO] * 3,
            },
            default_country="US",
        )
    )
    assert [event["user_data"]["ph"] for event in found] == [
        [digest("442071838750")],
        [digest("4930123456")],
        [digest("16505551212")],
    ]
    assert [event["user_data"].get("country") for event in found] == [[digest("gb")], [digest("de")], None]


def test_derived_ids_follow_the_frozen_recipe() -> None:
    """Golden: a change of these ids would send every event of a resumed run twice."""
    by_order, by_content = (
        events(prepare({"email": ["a@x.org"], "value": ["5.00"], "event_time": [HOUR_AGO], **more}))[0]
        for more in ({"order_id": ["A-1"]}, {})
    )
    assert by_order["event_id"] == digest('{"event_name":"Purchase","order_id":"A-1"}')[:32]
    who = f'"em":["{digest("a@x.org")}"]'
    told = f'{{"event_name":"Purchase","event_time":{NOW - 3600},"value":5,"currency":"EUR",{who}}}'
    assert by_content["event_id"] == digest(told)[:32]


def test_without_the_usual_keys_names_and_places_tell_two_people_apart() -> None:
    found = events(
        prepare(
            {
                "first_name": ["Ann", "Bob"],
                "last_name": ["Smith", "Smith"],
                "city": ["Rome", "Rome"],
                "value": ["5", "5"],
                "event_time": [HOUR_AGO] * 2,
            }
        )
    )
    assert found[0]["event_id"] != found[1]["event_id"]


def test_an_event_id_of_the_file_is_kept_and_a_template_fills_one() -> None:
    cells = {
        "email": ["a@x.org"],
        "order": ["77"],
        "order_id": ["77"],
        "value": ["1"],
        "event_time": [HOUR_AGO],
    }
    assert events(prepare({**cells, "event_id": ["web-1"]}))[0]["event_id"] == "web-1"
    assert events(prepare(cells, event_id="order-{order}"))[0]["event_id"] == "order-77"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"email": None}, "user-data-empty"),
        ({"email": None, "city": "Rome", "zip": "00118"}, "user-data-weak"),
        ({"event_time": None}, "event-time-missing"),
        ({"event_time": "2026-01-01T00:02:00Z"}, "event-in-future"),
        ({"value": None}, "purchase-without-value"),
        ({"value": "-5"}, "purchase-negative"),
        ({"event_id": "ann@example.org"}, "event-id-email"),
    ],
)
def test_what_meta_would_refuse_is_rejected(cells: dict[str, str | None], code: str) -> None:
    row = {"email": "a@x.org", "order_id": "1", "value": "5", "event_time": HOUR_AGO} | cells
    prepared = prepare({name: pa.array([cell], pa.string()) for name, cell in row.items()})
    assert rejected(prepared) == {0: code}
    assert prepared.joined == b""


def test_all_errors_of_a_row_are_told_in_one_line() -> None:
    prepared = prepare(
        {
            "email": ["a@x.org", None],
            "order_id": ["1", "2"],
            "value": ["5", "-1"],
            "event_time": [HOUR_AGO, HOUR_AGO],
        }
    )
    (row,) = prepared.rejected
    assert row.index == 1
    assert row.reason.count("|") == 1
    assert len(events(prepared)) == 1


def test_a_bad_optional_value_is_dropped_and_the_row_kept() -> None:
    prepared = prepare(
        {
            "email": ["nonsense"],
            "external_id": ["7"],
            "order_id": ["1"],
            "value": ["5"],
            "event_time": [HOUR_AGO],
        }
    )
    assert list(events(prepared)[0]["user_data"]) == ["external_id"]
    assert noticed(prepared)["em-shape"] == 1
    assert prepared.tally.findings["em-shape", "user_data.em"].rows == [2]


def test_only_rows_that_match_are_events_and_the_others_are_counted() -> None:
    prepared = prepare(
        {
            "email": ["a@x.org", "b@x.org", "c@x.org"],
            "status": ["Paid", "cancelled", None],
            "order_id": ["1", "2", "3"],
            "value": ["5"] * 3,
            "event_time": [HOUR_AGO] * 3,
        },
        where=[("status", ("paid", "partially_refunded"))],
    )
    assert prepared.filtered == 2
    assert prepared.index.tolist() == [0]


def test_rows_without_consent_are_filtered_or_sent_with_limited_data_use() -> None:
    cells = {
        "email": ["a@x.org", "b@x.org", "c@x.org"],
        "ok": ["yes", "no", ""],
        "ip": ["8.8.8.8"] * 3,
        "order_id": ["1", "2", "3"],
        "value": ["5"] * 3,
        "event_time": [HOUR_AGO] * 3,
    }
    left_out = prepare(cells, maps=[("consent", "ok"), ("client_ip_address", "ip")])
    assert (left_out.filtered, left_out.index.tolist()) == (2, [0])
    config = Config(event={"consent": {"column": "ok", "consent_denied": "ldu"}})
    limited = prepare(cells, config=config, maps=[("client_ip_address", "ip")])
    assert [event.get("data_processing_options") for event in events(limited)] == [None, ["LDU"], ["LDU"]]
    assert [event.get("data_processing_options_state") for event in events(limited)] == [None, 0, 0]


def test_ages_are_left_to_whoever_asked_the_ledger() -> None:
    prepared = prepare(
        {"email": ["a@x.org"], "order_id": ["1"], "value": ["5"], "event_time": ["2025-01-01T00:00:00Z"]},
        sets=STORE | {"action_source": "phone_call"},
    )
    assert prepared.rejected == ()
    assert prepared.expires_at.tolist() == [1_735_689_600 + 7 * 86_400]


def test_a_click_id_becomes_fbc_at_the_time_of_the_event() -> None:
    (event,) = events(
        prepare(
            {"fbclid": ["IwAR2F4-dbP0l7Mn1"], "email": ["a@x.org"], "order_id": ["1"], "value": ["5"]}
            | {"event_time": [HOUR_AGO]}
        )
    )
    assert event["user_data"]["fbc"] == f"fb.1.{(NOW - 3600) * 1000}.IwAR2F4-dbP0l7Mn1"


def test_nested_members_and_custom_properties_stand_where_meta_wants_them() -> None:
    config = Config(
        event={
            "app_data": {
                "extinfo": "ext",
                "advertiser_tracking_enabled": "att",
                "application_tracking_enabled": "app",
            },
            "original_event_data": {"event_name": {"value": "Lead"}, "order_id": "order_id"},
            "custom_data": {"store": "shop", "store_data": {"store_code": "shop"}},
        }
    )
    ext = orjson.dumps(["a2", "", "", "", "14", *[""] * 11]).decode()
    (event,) = events(
        prepare(
            {"email": ["a@x.org"], "order_id": ["1"], "value": ["5"], "event_time": [HOUR_AGO], "ext": [ext]}
            | {"att": ["true"], "app": ["0"], "shop": ["Berlin 7"]},
            config=config,
        )
    )
    assert event["app_data"] == {
        "advertiser_tracking_enabled": True,
        "application_tracking_enabled": False,
        "extinfo": ["a2", "", "", "", "14", *[""] * 11],
    }
    assert event["original_event_data"] == {"event_name": "Lead", "order_id": "1"}
    assert event["custom_data"]["store"] == "Berlin 7"
    assert event["custom_data"]["store_data"] == {"store_code": "Berlin 7"}


def test_an_empty_block_is_prepared_to_nothing() -> None:
    none: list[str] = []
    cells = {name: pa.array(none, pa.string()) for name in ("email", "order_id", "value", "event_time")}
    prepared = prepare(cells)
    assert (prepared.joined, prepared.starts.tolist(), prepared.filtered) == (b"", [0], 0)


def test_a_full_name_fills_first_and_last_name() -> None:
    config = Config(event={"user_data": {"fn": {"column": "who", "split": "full_name"}}})
    found = events(
        prepare(
            {"who": ["Jan van der Berg", "Cher"], "email": ["a@x.org", "b@x.org"], "order_id": ["1", "2"]}
            | {"value": ["5"] * 2, "event_time": [HOUR_AGO] * 2},
            config=config,
        )
    )
    assert (found[0]["user_data"]["fn"], found[0]["user_data"]["ln"]) == (
        [digest("jan")],
        [digest("vanderberg")],
    )
    assert found[1]["user_data"]["fn"] == [digest("cher")]
    assert "ln" not in found[1]["user_data"]


def test_a_template_with_an_empty_column_rejects_the_row() -> None:
    prepared = prepare(
        {
            "order": ["77", None],
            "email": ["a@x.org", "b@x.org"],
            "value": ["1"] * 2,
            "event_time": [HOUR_AGO] * 2,
        },
        event_id="order-{order}",
    )
    assert rejected(prepared) == {1: "template-column-empty"}


def test_a_row_in_which_all_columns_of_a_key_are_empty_keeps_its_place() -> None:
    prepared = prepare(
        {
            "em": ["a@x.org", None, None, "d@x.org", None],
            "email_2": [None, "b@x.org", None, "d@x.org", None],
            "external_id": list("12345"),
            "order_id": list("12345"),
            "value": ["5"] * 5,
            "event_time": [HOUR_AGO] * 5,
        },
        maps=[("em", "em"), ("em", "email_2")],
    )
    found = [event["user_data"].get("em") for event in events(prepared)]
    assert found == [[digest("a@x.org")], [digest("b@x.org")], None, [digest("d@x.org")], None]


def test_rows_without_date_time_and_zone_lack_the_time_and_nothing_else() -> None:
    cells = {
        "event_time": ["2026-08-31", None, None, "2026-08-31"],
        "clock": ["10:00:00", None, "10:00:00", None],
        "zone": [None, None, "London", "London"],
    }
    batch = pa.record_batch([pa.array(column, pa.string()) for column in cells.values()], names=list(cells))
    entry = Entry(field=FIELDS["event_time"], columns=tuple(cells), positions=(0, 1, 2))
    found = entry_text(Table(batch, {0: 0, 1: 1, 2: 2}), entry)
    assert found is not None
    assert found.to_pylist() == ["2026-08-31 10:00:00", None, None, "2026-08-31 London"]
    country = Entry(field=FIELDS["user_data.country"], columns=tuple(cells), positions=(0, 1, 2))
    first = entry_text(Table(batch, {0: 0, 1: 1, 2: 2}), country)
    assert first is not None
    assert first.to_pylist() == ["2026-08-31", None, "10:00:00", "2026-08-31"], "the first that is filled"

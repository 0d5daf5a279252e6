"""The sandbox refuses nothing that validate passed: thousands of rows, good ones and messy ones, of every field.

The two were written apart from the same pages of Meta. Where they disagree, one of them has read them wrong.
"""

import random
from typing import Any

import orjson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from capi_cli.event.fields import FIELDS, Kind
from capi_cli.sandbox.endpoint import judge_request
from tests.prepare.messy import GOOD, ISO_TIMES, NASTY, NOW, NUMBERS, TIME_COLUMNS, prepare
from tests.prepare.test_sandbox_refuses import REFUSED

ROWS = 60
FILES = 90
AS_MANY_FILES = settings(
    max_examples=FILES,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

NEEDED = ("event_name", "event_time", "action_source")
MOSTLY = ("user_data.em", "custom_data.value", "custom_data.currency", "event_source_url")
OTHERS = [
    path for path in (*FIELDS, *(path for path in GOOD if path not in FIELDS)) if path not in (*NEEDED, *MOSTLY)
]  # fmt: skip
# What each action_source needs comes together, or its events would hardly ever be good.
TOGETHER = (
    ("app_data.extinfo", "app_data.advertiser_tracking_enabled", "app_data.application_tracking_enabled"),
    ("messaging_channel", "user_data.page_id", "user_data.page_scoped_user_id"),
    ("messaging_channel", "user_data.whatsapp_business_account_id", "user_data.ctwa_clid"),
    ("messaging_channel", "user_data.instagram_business_account_id", "user_data.ig_sid"),
    ("data_processing_options", "data_processing_options_country", "data_processing_options_state"),
    ("data_processing_options", "user_data.client_ip_address"),
    (),
)


@st.composite
def files(draw: st.DrawFn) -> tuple[dict[str, list[str | None]], dict[str, str], dict[str, Any]]:
    likely = st.sampled_from([path for path in GOOD if path in OTHERS])
    extra = draw(st.lists(likely | st.sampled_from(OTHERS), min_size=2, max_size=9, unique=True))
    paths = list(dict.fromkeys([*NEEDED, *MOSTLY, *draw(st.sampled_from(TOGETHER)), *extra]))
    if "custom_data.contents" in paths:
        paths = [path for path in paths if not path.startswith("custom_data.contents.")]
    # A store_data object and its members would both fill it.
    if "custom_data.store_data" in paths:
        paths = [path for path in paths if not path.startswith("custom_data.store_data.")]
    messy = draw(st.sampled_from([0.01, 0.05, 0.3]))
    dice = random.Random(
        draw(st.integers(0, 2**32))
    )  # a draw for each of a thousand cells would take all the time
    letters = draw(
        st.lists(st.text(max_size=8).filter(lambda text: text.isprintable()), min_size=4, max_size=8)
    )
    columns: dict[str, list[str | None]] = {}
    for path in paths:
        if FIELDS.get(path) is not None and FIELDS[path].kind is Kind.TIME:
            good = dice.choice(TIME_COLUMNS)
        else:
            field = FIELDS.get(path)
            good = (
                GOOD.get(path) or list(field.choices if field else ()) or ["1", "abc", "ABC-12", *NUMBERS[:4]]
            )
        pools: tuple[list[str | None], ...] = ([*NASTY, *letters, None], [*good], [*good[:2]])
        weights = (messy, messy * 2, 1 - messy * 3)
        columns[path] = [dice.choice(pool) for pool in dice.choices(pools, weights, k=ROWS)]
    sets: dict[str, str] = {}
    for path in ("event_name", "action_source"):
        if dice.random() < 0.7:
            sets[path] = dice.choice(GOOD[path][: len(GOOD[path]) - 4])
            del columns[path]
    more = {
        "timezone": dice.choice([None, "UTC", "Europe/Berlin"]),
        "default_country": dice.choice([None, "US", "DE"]),
        "decimal": dice.choices([None, ",", "."], [6, 1, 3])[0],
    }
    return columns, sets, more


def _hold_against_the_sandbox(events: list[dict[str, Any]]) -> None:
    for event in events:
        refused = judge_request([event], NOW)
        assert refused is None, f"{refused}\n{orjson.dumps(event).decode()}"


_passed = {"events": 0, "rows": 0}


@AS_MANY_FILES
@given(files())
def _check_files(file: tuple[dict[str, list[str | None]], dict[str, str], dict[str, Any]]) -> None:
    columns, sets, more = file
    _, events = prepare(columns, sets, **more)
    _passed["rows"] += ROWS
    _passed["events"] += len(events)
    _hold_against_the_sandbox(events)


def test_the_sandbox_refuses_nothing_that_validate_passed() -> None:
    _check_files()
    assert _passed["rows"] >= 5_000
    assert _passed["events"] >= 500, "most generated rows were bad: the test shows too little"


# What each action_source needs, so that its events are good but for the one cell that is not; its channel first.
NEEDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "email",
        "",
        ("data_processing_options", "data_processing_options_country", "data_processing_options_state"),
    ),
    ("physical_store", "", ("custom_data.order_id", "custom_data.contents")),
    ("website", "", ("event_source_url", "user_data.client_user_agent", "user_data.client_ip_address")),
    ("app", "", TOGETHER[0]),
    ("business_messaging", "messenger", TOGETHER[1]),
    ("business_messaging", "whatsapp", TOGETHER[2]),
    ("business_messaging", "instagram", TOGETHER[3]),
)
PEOPLE = (
    ("user_data.em",), ("user_data.em", "user_data.ct", "user_data.zp"), ("user_data.fn", "user_data.ge"),
    ("user_data.db", "user_data.client_user_agent"), ("user_data.lead_id",), ("user_data.ph", "user_data.country"),
)  # fmt: skip
ODD_TIMES = ("05/03/2025 10:11", "2025-12-31 23:00 CST")
SOLE: dict[str, int] = {}  # rule → rows that were rejected for it alone


@st.composite
def nearly_good_files(draw: st.DrawFn) -> tuple[dict[str, list[str | None]], dict[str, str]]:
    """Draw rows that are good but for one cell: what one rule lets through, no other holds back."""
    source, channel, needs = draw(st.sampled_from(NEEDS))
    people = draw(st.sampled_from(PEOPLE))
    more = draw(
        st.lists(st.sampled_from([path for path in GOOD if path.startswith("custom_data.")]), max_size=2)
    )
    dice = random.Random(draw(st.integers(0, 2**32)))
    paths = dict.fromkeys(
        [
            "event_name",
            "event_time",
            "action_source",
            "custom_data.value",
            "custom_data.currency",
            *people,
            *needs,
            *more,
        ]
    )
    usual = {
        path: (GOOD.get(path) or list(FIELDS[path].choices) or ["1"])[0]
        for path in paths
        if path != "event_time"
    }
    usual |= {"event_time": ISO_TIMES[0], "event_name": dice.choice(["Purchase", "LeadSubmitted"])}
    usual |= {"action_source": source}
    usual |= {"messaging_channel": channel} if channel else {}
    columns: dict[str, list[str | None]] = {path: [usual[path]] * ROWS for path in paths}
    for row in range(ROWS):
        path = dice.choice(list(paths))
        others = [*TIME_COLUMNS[0], *ODD_TIMES] if path == "event_time" else [*GOOD.get(path, [])]
        columns[path][row] = dice.choice(dice.choice([others or [None], NASTY, [None]]))
    return columns, {}


@AS_MANY_FILES
@given(nearly_good_files())
def _check_nearly_good_files(file: tuple[dict[str, list[str | None]], dict[str, str]]) -> None:
    prepared, events = prepare(*file)
    for row in prepared.rejected:
        if " | " not in row.reason:
            SOLE[row.code] = SOLE.get(row.code, 0) + 1
    _hold_against_the_sandbox(events)


def test_no_rule_can_be_lost_unseen() -> None:
    """Each rule that Meta has too stands alone between some row and the sandbox, which would refuse that row."""
    _check_nearly_good_files()
    alone = {code for code, *_ in REFUSED} - {"event-too-old"}  # told by the run, after the ledger was asked
    assert alone - SOLE.keys() == set()

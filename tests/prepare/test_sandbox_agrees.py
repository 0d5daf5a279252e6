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
from tests.prepare.messy import GOOD, NASTY, NOW, NUMBERS, TIME_COLUMNS, prepare

ROWS = 60
FILES = 90

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
        "decimal": dice.choice([None, ",", "."]),
    }
    return columns, sets, more


_passed = {"events": 0, "rows": 0}


@settings(
    max_examples=FILES,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(files())
def _check_files(file: tuple[dict[str, list[str | None]], dict[str, str], dict[str, Any]]) -> None:
    columns, sets, more = file
    _, events = prepare(columns, sets, **more)
    _passed["rows"] += ROWS
    _passed["events"] += len(events)
    for event in events:
        refused = judge_request([event], NOW)
        assert refused is None, f"{refused}\n{orjson.dumps(event).decode()}"


def test_the_sandbox_refuses_nothing_that_validate_passed() -> None:
    _check_files()
    assert _passed["rows"] >= 5_000
    assert _passed["events"] >= 500, "most generated rows were bad: the test shows too little"

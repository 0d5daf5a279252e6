"""What a file shows as a whole: each threshold from both sides, over blocks of several sizes, in bounded memory."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pytest

from capi_cli.event.findings import Severity
from capi_cli.event.rules import rule
from capi_cli.event.rules.whole_file import RULES
from capi_cli.mapping.bind import bind
from capi_cli.prepare.columns import Table
from capi_cli.prepare.plan import settle
from capi_cli.prepare.preparer import Preparer
from capi_cli.runs.account import Account
from capi_cli.runs.progress import Progress
from capi_cli.runs.whole_file import WholeFile, WholeFileFinding

NOW = datetime(2026, 1, 8, tzinfo=UTC)
SETS = {"event_name": "Purchase", "action_source": "other", "currency": "EUR"}
Cells = dict[str, Sequence[str | None]]


def whole_file(
    cells: Cells,
    sets: dict[str, str] = SETS,
    maps: Sequence[tuple[str, str]] = (),
    rows_per_block: int = 1000,
) -> WholeFile:
    batch = pa.RecordBatch.from_pydict(
        {name: pa.array(column, pa.string()) for name, column in cells.items()}
    )
    header = list(cells)
    mapping = bind(header, maps=list(maps), sets=list(sets.items()), timezone="UTC")
    plan = settle(mapping, [Table(batch, {at: at for at in range(len(header))})], today=date(2026, 1, 8))
    wanted, preparer, found = batch.select(plan.wanted), Preparer(plan), WholeFile()
    for begin in range(0, batch.num_rows, rows_per_block):
        block = wanted.slice(begin, rows_per_block)
        rows = np.arange(begin + 2, begin + 2 + block.num_rows, dtype=np.int64)
        prepared = preparer.prepare(block, rows, int(NOW.timestamp()))
        found.add(prepared, rows, np.arange(len(prepared.index)))
    return found


def found(cells: Cells, **more: object) -> dict[tuple[str, str], WholeFileFinding]:
    return {(one.code, one.field): one for one in whole_file(cells, **more).findings()}  # type: ignore[arg-type]


def sales(count: int) -> dict[str, list[str | None]]:
    """Sales that nothing is wrong with: minutes apart, each with its own person, order and amount."""
    return {
        "email": [f"p{n}@example.com" for n in range(count)],
        "order_id": [f"A-{n}" for n in range(count)],
        "created_at": [(NOW - timedelta(minutes=7 * n + 30)).isoformat() for n in range(count)],
        "total": [f"{n + 1}.50" for n in range(count)],
    }


@pytest.mark.parametrize("rows_per_block", [1000, 7])
def test_a_sound_file_shows_nothing(rows_per_block: int) -> None:
    assert found(sales(600), rows_per_block=rows_per_block) == {}


@pytest.mark.parametrize(("empty", "told"), [(5, False), (6, True)])
def test_more_than_five_rows_in_a_hundred_without_a_usable_match_key(empty: int, told: bool) -> None:
    cells = sales(100)
    cells["email"][:empty] = [None] * (empty - 1) + ["not an address"]
    shown = found(cells).get(("no-match-keys-share", "user_data"))
    assert (shown is not None) is told
    if shown is not None:
        assert (shown.count, shown.rows[:2], shown.detail) == (6, [2, 3], ": 6% of 100")


def test_a_city_alone_is_no_usable_match_key() -> None:
    cells = sales(40) | {"city": ["Berlin"] * 40}
    cells["email"][:10] = [None] * 10
    assert found(cells)[("no-match-keys-share", "user_data")].count == 10


def midnights(count: int, days: int = 5) -> list[str | None]:
    return [(NOW - timedelta(days=1 + n % days)).isoformat() for n in range(count)]


@pytest.mark.parametrize(("rows", "told"), [(99, False), (100, True)])
def test_times_that_are_really_dates(rows: int, told: bool) -> None:
    shown = found(sales(rows) | {"created_at": midnights(rows)}).get(("times-are-dates", "event_time"))
    assert (shown is not None) is told
    if shown is not None:
        assert shown.detail == ": 1 time of day in 100 rows"


@pytest.mark.parametrize(("own", "told"), [(23, True), (24, False)])
def test_fewer_times_of_day_than_a_quarter_of_the_rows(own: int, told: bool) -> None:
    # `own` rows have a time of their own, the others midnight: own + 1 times of day in 100 rows.
    times = [(NOW - timedelta(days=1, minutes=n + 1)).isoformat() for n in range(own)] + midnights(100 - own)
    cells = sales(100) | {"created_at": times}
    assert (("times-are-dates", "event_time") in found(cells)) is told


def test_a_busy_hour_to_the_minute_is_no_date() -> None:
    times: list[str | None] = [(NOW - timedelta(minutes=30 + n % 60)).isoformat() for n in range(5000)]
    assert ("times-are-dates", "event_time") not in found(sales(5000) | {"created_at": times})


def test_many_rows_to_the_minute_are_no_dates() -> None:
    # 480 minutes of five working days: fewer than a quarter of 5000 rows, and yet times.
    times: list[str | None] = [
        (NOW - timedelta(days=1 + n % 5, minutes=60 + n % 480)).isoformat() for n in range(5000)
    ]
    assert ("times-are-dates", "event_time") not in found(sales(5000) | {"created_at": times})


def test_one_and_the_same_time_in_every_row_is_told_once() -> None:
    one: list[str | None] = [(NOW - timedelta(hours=5)).isoformat()] * 100
    assert list(found(sales(100) | {"created_at": one})) == [("times-are-dates", "event_time")]
    assert list(found(sales(50) | {"created_at": one[:50]})) == [("constant-column", "event_time")]


@pytest.mark.parametrize("rows_per_block", [1000, 6])
@pytest.mark.parametrize(
    ("column", "value", "path"),
    [
        ("email", "info@example.com", "user_data.em"),
        ("total", "5", "custom_data.value"),
        ("order_id", "A-1", "custom_data.order_id"),
    ],
)
def test_the_same_value_in_every_row(column: str, value: str, path: str, rows_per_block: int) -> None:
    same = sales(20) | {column: [value] * 20, "receipt": [f"R{n}" for n in range(20)]}
    shown = found(same, rows_per_block=rows_per_block, maps=[("event_id", "receipt")])
    assert shown[("constant-column", path)].count == 20
    fewer = {name: cells[:19] for name, cells in same.items()}
    assert ("constant-column", path) not in found(fewer, maps=[("event_id", "receipt")])
    same[column][-1] = None
    assert ("constant-column", path) not in found(same, maps=[("event_id", "receipt")])


def test_a_constant_set_by_hand_and_one_city_are_nothing_odd() -> None:
    cells = sales(30) | {"city": ["Berlin"] * 30}
    del cells["total"]
    assert found(cells, sets=SETS | {"value": "5"}) == {}


@pytest.mark.parametrize(("empty", "told"), [(10, False), (11, True)])
def test_purchases_without_an_order_id(empty: int, told: bool) -> None:
    cells = sales(40)
    cells["order_id"][:empty] = [None] * empty
    key = ("order-id-missing-share", "custom_data.order_id")
    assert (key in found(cells)) is told
    assert key not in found(cells, sets=SETS | {"event_name": "Lead"})
    assert key not in found(cells, sets=SETS | {"action_source": "physical_store"}), "told row by row there"


@pytest.mark.parametrize("rows_per_block", [1000, 3])
def test_one_order_of_two_people_or_of_two_times(rows_per_block: int) -> None:
    cells = sales(30) | {"receipt": [f"R{n}" for n in range(30)]}
    maps = [("event_id", "receipt")]
    assert found(cells, maps=maps, rows_per_block=rows_per_block) == {}
    cells["order_id"][20], cells["created_at"][20] = cells["order_id"][3], cells["created_at"][3]
    (shown,) = found(cells, maps=maps, rows_per_block=rows_per_block).values()
    assert (shown.code, shown.field) == ("order-contradicts", "custom_data.order_id")
    assert shown.count in (1, 2)  # within a block both are seen
    cells["email"][20] = cells["email"][3]
    assert found(cells, maps=maps, rows_per_block=rows_per_block) == {}, "the same person at the same time"
    cells["created_at"][20] = (NOW - timedelta(hours=30)).isoformat()
    assert [code for code, _ in found(cells, maps=maps, rows_per_block=rows_per_block)] == [
        "order-contradicts"
    ]


def test_a_row_that_does_not_say_who_contradicts_nobody() -> None:
    cells = sales(30) | {
        "receipt": [f"R{n}" for n in range(30)],
        "phone": [f"+1650555{n:04}" for n in range(30)],
    }
    for name in ("order_id", "created_at"):
        cells[name][20] = cells[name][3]
    cells["email"][20] = None  # the phone can't be compared with the address of the other row
    assert found(cells, maps=[("event_id", "receipt")]) == {}


def test_hashed_and_plain_cells_in_one_column_even_in_two_halves() -> None:
    cells = sales(40)
    cells["email"][20:] = [sha256(f"q{n}@example.com".encode()).hexdigest() for n in range(20)]
    shown = found(cells, rows_per_block=10)[("hash-mixed", "user_data.em")]
    assert (shown.count, shown.rows[0], shown.detail) == (20, 22, ": 20 of 40")
    cells["email"] = [sha256(f"q{n}@example.com".encode()).hexdigest() for n in range(40)]
    assert found(cells) == {}


def test_nothing_here_decides_a_row() -> None:
    codes = [one.code for one in RULES] + ["hash-mixed"]
    assert all(rule(code).severity is not Severity.ERROR for code in codes)


def test_memory_is_bounded() -> None:
    cells = sales(5000) | {"receipt": [f"R{n}" for n in range(5000)]}
    kept = whole_file(cells, maps=[("event_id", "receipt")])
    assert kept._orders is not None
    arrays = [kept._seconds, kept._orders._keys, kept._orders._people, kept._orders._times]
    assert sum(sys.getsizeof(array) for array in arrays) < 5_000_000


def test_the_next_source_begins_afresh() -> None:
    account = Account(Progress())
    account.whole_file = whole_file(sales(20) | {"email": ["info@example.com"] * 20})
    account.end_source()
    account.end_source()
    assert [(one.code, one.count) for one in account.findings()] == [("constant-column", 20)]

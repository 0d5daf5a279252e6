"""Events are found by the ids that the recipes of preparing give them, and by no others.

The ids expected here are computed from the recipe's words with the standard library, not with capi's code.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xxhash

from capi_cli.delivery.receipt import Outcome
from capi_cli.errors import UsageError
from capi_cli.ledger.fates import RunStart
from capi_cli.ledger.opening import open_ledger
from capi_cli.runs.event_search import find_by_event_id, find_by_order_id
from tests.ledger.events import NOON, Clock, batch, receipt

DERIVED = hashlib.sha256(b'{"event_name":"Purchase","order_id":"R-1001"}').hexdigest()[:32]
MAPPING = 'event_name <- constant "Purchase"\ncustom_data.order_id <- "order"'


def key(event_name: str, event_id: str) -> int:
    return xxhash.xxh3_64_intdigest(f'"{event_name}""{event_id}"'.encode())


def record(
    state: Path,
    *events: tuple[str, str],
    mapping: str = MAPPING,
    outcome: Outcome = Outcome.ACCEPTED,
    dataset: str = "1234567890",
    run_id: str = "20260921T130000Z-abc123",
) -> None:
    with open_ledger(state, "graph.facebook.com", dataset, now=Clock()) as ledger:
        started = datetime.fromtimestamp(NOON, UTC)
        ledger.begin_run(
            RunStart(run_id=run_id, command="upload", sources=("a.csv",), mapping=mapping, started_at=started)
        )
        part = batch([(key(*event), 1) for event in events])
        ledger.in_flight(part)
        ledger.answered([receipt(part, outcome)])


def test_an_order_is_found_by_its_derived_id(tmp_path: Path) -> None:
    record(tmp_path, ("Purchase", DERIVED), ("Purchase", "other"))
    (found,) = find_by_order_id(tmp_path, " R-1001 ", event_name=None, now=NOON).events
    assert (found.event_name, found.event_id, found.state) == ("Purchase", DERIVED, "accepted")
    assert found.made == "derived from name and order id"
    assert found.receipt is not None
    assert found.receipt.fbtrace_id == "Abc"
    assert found.run is not None
    assert (found.run.run_id, found.run.sources) == ("20260921T130000Z-abc123", ("a.csv",))
    assert find_by_order_id(tmp_path, "R-1002", event_name=None, now=NOON).events == ()
    assert find_by_order_id(tmp_path, "R-1001", event_name="Lead", now=NOON).events == ()


def test_an_order_is_found_by_the_template_of_a_run(tmp_path: Path) -> None:
    template = MAPPING + '\nevent_id <- template "shop/{Order}-eu"'
    record(tmp_path, ("Purchase", "shop/R-1001-eu"), mapping=template)
    (found,) = find_by_order_id(tmp_path, "R-1001", event_name="purchase", now=NOON).events
    assert (found.event_id, found.made) == ("shop/R-1001-eu", "template shop/{Order}-eu")


def test_an_order_whose_number_is_the_event_id_is_found(tmp_path: Path) -> None:
    record(tmp_path, ("Lead", "R-1001"))
    (found,) = find_by_order_id(tmp_path, "R-1001", event_name=None, now=NOON).events
    assert found.made == "the order id itself"


@pytest.mark.parametrize(
    "template", ["{customer}", "{order}-{shop}", "plain", "{order", "order-{order} and much mo…"]
)
def test_a_template_that_is_not_of_the_order_alone_is_told(tmp_path: Path, template: str) -> None:
    record(tmp_path, ("Purchase", "R-1001-7"), mapping=f'{MAPPING}\nevent_id <- template "{template}"')
    found = find_by_order_id(tmp_path, "R-1001", event_name=None, now=NOON)
    assert found.events == ()
    assert "--event-id" in found.remarks[0]


def test_items_of_an_order_are_told_apart_by_event_id_alone(tmp_path: Path) -> None:
    record(tmp_path, ("Purchase", "x"), mapping=f'{MAPPING}\ncustom_data.item_number <- "line"')
    (remark,) = find_by_order_id(tmp_path, "R-1001", event_name=None, now=NOON).remarks
    assert "item_number" in remark


def test_an_event_is_found_by_its_id_under_the_names_of_runs(tmp_path: Path) -> None:
    own = 'event_name <- constant "StoreVisit"'
    record(tmp_path, ("StoreVisit", 'a"b'), ("Rare", "z"), mapping=own)
    assert (
        find_by_event_id(tmp_path, 'a"b', event_name=None, now=NOON).events == ()
    )  # its JSON text has a backslash
    record(tmp_path, ("StoreVisit", 'a\\"b'), mapping=own, run_id="second")
    (found,) = find_by_event_id(tmp_path, 'a"b', event_name=None, now=NOON).events
    assert (found.event_name, found.event_id) == ("StoreVisit", 'a"b')
    assert find_by_event_id(tmp_path, "z", event_name=None, now=NOON).events == ()
    assert len(find_by_event_id(tmp_path, "z", event_name="Rare", now=NOON).events) == 1


def test_every_ledger_is_asked(tmp_path: Path) -> None:
    record(tmp_path, ("Purchase", "1"), dataset="1111111")
    record(tmp_path, ("Purchase", "1"), dataset="2222222", outcome=Outcome.REJECTED)
    found = find_by_event_id(tmp_path, "1", event_name=None, now=NOON).events
    assert [(each.ledger, each.state) for each in found] == [
        ("graph.facebook.com-1111111", "accepted"),
        ("graph.facebook.com-2222222", "refused"),
    ]
    assert found[1].receipt is not None
    assert found[1].receipt.code == "meta-100-2804003"


def test_what_a_killed_run_left_is_unknown(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path, "graph.facebook.com", "1234567890", now=Clock())
    ledger.in_flight(batch([(key("Purchase", "1"), 1)]))
    (found,) = find_by_event_id(tmp_path, "1", event_name=None, now=NOON).events
    assert (found.state, found.run) == ("unknown", None)
    ledger.close()


def test_nothing_is_no_id(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        find_by_event_id(tmp_path, "  ", event_name=None, now=NOON)

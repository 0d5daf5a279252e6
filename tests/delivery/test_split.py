"""The planner against a server that knows which events are bad."""

from array import array
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Refusal
from capi_cli.delivery.split import Plan

Make = Callable[..., Batch]


def drive(
    batch: Batch, bad: set[int], *, names: bool = False, max_extra: int = 64
) -> tuple[list[int], list[int], list[int], int]:
    """Return accepted, rejected and unsent event numbers, and how many requests it took."""
    plan = Plan(batch, max_extra)
    accepted: list[int] = []
    rejected: list[int] = []
    requests = 0
    while (piece := plan.take()) is not None:
        requests += 1
        events = list(piece.events.event_keys)
        guilty = [place for place, number in enumerate(events) if number in bad]
        if not guilty:
            accepted += events
            plan.accepted(piece)
        elif len(events) == 1:
            rejected += events
        else:
            plan.refused(piece.events, Refusal(sure=True, index=guilty[0] if names else None))
    unsent = [number for part in plan.rest() for number in part.event_keys]
    return accepted, rejected, unsent, requests


def test_a_good_batch_takes_one_request(batch_of: Make) -> None:
    assert drive(batch_of(5), set()) == ([0, 1, 2, 3, 4], [], [], 1)


@pytest.mark.parametrize("place", [0, 1, 499, 500, 998, 999])
def test_one_bad_event_of_a_thousand_is_found_by_halves(batch_of: Make, place: int) -> None:
    accepted, rejected, unsent, requests = drive(batch_of(1000), {place})
    assert rejected == [place]
    assert accepted == [number for number in range(1000) if number != place]
    assert unsent == []
    assert requests <= 21


def test_a_half_that_must_be_guilty_is_not_sent_whole(batch_of: Make) -> None:
    assert drive(batch_of(8), {7})[3] == 5  # 0-7, 0-3, 4-5, 6, 7


@pytest.mark.parametrize(("place", "requests"), [(0, 3), (17, 4), (999, 3)])
def test_a_named_event_is_isolated_at_once(batch_of: Make, place: int, requests: int) -> None:
    accepted, rejected, _, taken = drive(batch_of(1000), {place}, names=True)
    assert (len(accepted), rejected, taken) == (999, [place], requests)


def test_an_index_outside_of_the_request_is_not_believed(batch_of: Make) -> None:
    plan = Plan(batch_of(4))
    piece = plan.take()
    assert piece is not None
    plan.refused(piece.events, Refusal(sure=True, index=4))
    half = plan.take()
    assert half is not None
    assert list(half.events.event_keys) == [0, 1]


def test_after_64_extra_requests_the_rest_is_unsent(batch_of: Make) -> None:
    accepted, rejected, unsent, requests = drive(batch_of(1000), set(range(0, 1000, 2)))
    assert requests == 65
    assert sorted(accepted + rejected + unsent) == list(range(1000))
    assert unsent == sorted(unsent)
    assert len(unsent) > 900
    assert all(number % 2 == 0 for number in rejected)


@given(st.integers(1, 200), st.sets(st.integers(0, 199), max_size=12), st.booleans(), st.integers(0, 64))
def test_every_event_has_one_fate(count: int, bad: set[int], names: bool, max_extra: int) -> None:
    whole = _whole(count)
    accepted, rejected, unsent, requests = drive(whole, bad, names=names, max_extra=max_extra)
    assert sorted(accepted + rejected + unsent) == list(range(count))
    assert set(rejected) <= bad
    assert not set(accepted) & bad
    assert requests <= 1 + max_extra


def _whole(count: int) -> Batch:
    starts = array("q", range(0, 2 * count + 1, 2))
    return Batch(
        number=1,
        joined=b",".join([b"0"] * count),
        starts=starts,
        expires_at=array("q", [0] * count),
        event_keys=array("Q", range(count)),
        content_keys=array("Q", range(count)),
    )

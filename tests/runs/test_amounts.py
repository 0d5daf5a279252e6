"""Values per currency are counted in bounded memory and end in the figures that numpy finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.runs.amounts import Amounts


def counted(*blocks: list[float]) -> Amounts:
    amounts = Amounts()
    for block in blocks:
        amounts.add(np.array(block, np.float64))
    return amounts


def test_an_ordinary_currency() -> None:
    facts = counted([10.0, 20.0, 0.0], [30.0, 1000.0]).facts("EUR")
    assert (facts.currency, facts.events, facts.without, facts.negative) == ("EUR", 4, 1, 0)
    assert (facts.total, facts.least, facts.most) == (1060.0, 10.0, 1000.0)
    assert 19.5 <= facts.median <= 30.5
    assert sum(events for _, _, events in facts.columns) == 4


def test_refunds_are_told_apart() -> None:
    facts = counted([-5.0, 10.0, -7.5]).facts("USD")
    assert (facts.events, facts.negative, facts.total, facts.least) == (3, 2, -2.5, -7.5)
    assert sum(events for _, _, events in facts.columns) == 1


def test_a_currency_without_values() -> None:
    facts = counted([0.0, 0.0]).facts("USD")
    assert (facts.events, facts.without, facts.total, facts.median, facts.columns) == (0, 2, 0.0, 0.0, ())


@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=200), st.integers(1, 5))
def test_as_numpy_says(values: list[float], parts: int) -> None:
    facts = counted(*[part.tolist() for part in np.array_split(np.array(values), parts)]).facts("EUR")
    assert facts.total == pytest.approx(sum(values))
    assert (facts.least, facts.most, facts.events) == (min(values), max(values), len(values))
    ranked = sorted(values)
    low, high = ranked[(len(values) - 1) // 2], ranked[len(values) // 2]
    assert low * 0.98 <= facts.median <= high * 1.02
    assert len(facts.columns) <= 36
    assert sum(events for _, _, events in facts.columns) == len(values)
    assert all(after[0] == before[1] for before, after in zip(facts.columns, facts.columns[1:], strict=False))
    assert facts.columns[0][0] <= min(values) * 1.0001 and max(values) <= facts.columns[-1][1] * 1.0001


def test_memory_does_not_grow() -> None:
    amounts = counted([1.0])
    before = amounts.bins.nbytes
    amounts.add(np.linspace(0.001, 1e13, 100_000))
    assert amounts.bins.nbytes == before < 16_000

import pytest

from capi_cli.delivery.backoff import wait_s
from capi_cli.delivery.decide import Scale


@pytest.mark.parametrize(
    ("scale", "attempt", "longest"),
    [
        (Scale.FAULT, 1, 1.0),
        (Scale.FAULT, 2, 2.0),
        (Scale.FAULT, 6, 32.0),
        (Scale.FAULT, 7, 60.0),
        (Scale.FAULT, 5000, 60.0),
        (Scale.QUOTA, 1, 60.0),
        (Scale.QUOTA, 2, 120.0),
        (Scale.QUOTA, 4, 300.0),
    ],
)
def test_jitter_is_full(scale: Scale, attempt: int, longest: float) -> None:
    assert wait_s(scale, attempt, floor_s=0.0, dice=lambda: 1.0) == longest
    assert wait_s(scale, attempt, floor_s=0.0, dice=lambda: 0.25) == longest / 4
    assert wait_s(scale, attempt, floor_s=0.0, dice=lambda: 0.0) == 0.0


def test_what_the_server_asks_for_is_a_floor_even_above_the_cap() -> None:
    assert wait_s(Scale.FAULT, 1, floor_s=30.0, dice=lambda: 1.0) == 30.0
    assert wait_s(Scale.QUOTA, 1, floor_s=30.0, dice=lambda: 1.0) == 60.0
    assert wait_s(Scale.QUOTA, 1, floor_s=900.0, dice=lambda: 1.0) == 900.0

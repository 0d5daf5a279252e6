"""The adaptive limit on a virtual clock, against servers of a few shapes."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from capi_cli.delivery.concurrency import AdaptiveLimit, Sign


@dataclass
class World:
    """A client that always has a batch ready, and a server; both on one virtual clock.

    `server(now, in_flight)` returns the latency of a request that begins now, and its sign.
    """

    limit: AdaptiveLimit
    server: Callable[[float, int], tuple[float, Sign]]
    usage: Callable[[float], float] = lambda now: 0.0
    now: float = 0.0
    answered: list[float] = field(default_factory=list)
    throttled: list[float] = field(default_factory=list)
    limits: list[tuple[float, int]] = field(default_factory=list)

    def run(self, until: float) -> None:
        flying: list[tuple[float, float, Sign]] = []
        while self.now < until:
            while len(flying) < self.limit.limit:
                latency, sign = self.server(self.now, len(flying) + 1)
                heapq.heappush(flying, (self.now + latency, self.now, sign))
            self.now, began_at, sign = heapq.heappop(flying)
            self.limit.observe(
                sign,
                began_at=began_at,
                now=self.now,
                in_flight=len(flying) + 1,
                events=1000,
                usage_percent=self.usage(self.now),
            )
            (self.answered if sign is Sign.ANSWERED else self.throttled).append(self.now)
            self.limits.append((self.now, self.limit.limit))

    def mean_limit(self, begin: float, end: float) -> float:
        seen = [limit for at, limit in self.limits if begin <= at < end]
        return sum(seen) / len(seen)


def constant(now: float, in_flight: int) -> tuple[float, Sign]:
    return 0.3, Sign.ANSWERED


def test_it_starts_at_two_and_never_above_the_maximum() -> None:
    assert AdaptiveLimit(8).limit == 2
    assert AdaptiveLimit(1).limit == 1
    assert AdaptiveLimit(0).limit == 1


def test_a_constant_server_gets_the_maximum_soon_and_keeps_it() -> None:
    world = World(AdaptiveLimit(8), constant)
    world.run(60.0)
    reached = next(at for at, limit in world.limits if limit == 8)
    assert reached < 3.0
    assert world.mean_limit(3.0, 60.0) == 8.0
    wire_limit = 8 / 0.3 * 60.0
    assert len(world.answered) >= 0.9 * wire_limit


def test_one_step_up_needs_a_whole_round() -> None:
    limit = AdaptiveLimit(8)
    seen = []
    for step in range(5):
        limit.observe(Sign.ANSWERED, began_at=step, now=step + 0.3, in_flight=limit.limit)
        seen.append(limit.limit)
    assert seen == [2, 3, 3, 3, 4]


def test_it_does_not_grow_while_the_client_is_the_bottleneck() -> None:
    limit = AdaptiveLimit(8)
    for step in range(50):
        limit.observe(Sign.ANSWERED, began_at=step, now=step + 0.3, in_flight=1)
    assert limit.limit == 2


def test_a_server_that_queues_is_not_flooded() -> None:
    """Four at a time take 0.3 s; more only wait. The limit stays where answers take about twice as long."""

    def queueing(now: float, in_flight: int) -> tuple[float, Sign]:
        return 0.3 * max(1.0, in_flight / 4), Sign.ANSWERED

    world = World(AdaptiveLimit(32), queueing)
    world.run(100.0)
    assert 4 <= world.mean_limit(20.0, 100.0) <= 11
    assert len(world.answered) >= 0.85 * 4 / 0.3 * 100.0


def test_a_rate_cap_is_met_with_few_refusals() -> None:
    """At most 10 requests a second; the rest is throttled at once."""
    begun: list[float] = []

    def capped(now: float, in_flight: int) -> tuple[float, Sign]:
        begun[:] = [at for at in begun if at > now - 1.0]
        if len(begun) >= 10:
            return 0.3, Sign.THROTTLED
        begun.append(now)
        return 0.3, Sign.ANSWERED

    world = World(AdaptiveLimit(32), capped)
    world.run(120.0)
    assert len(world.answered) >= 0.8 * 10 * 120
    assert len(world.throttled) <= 0.25 * len(world.answered)
    assert max(limit for _, limit in world.limits) <= 6


def test_a_quota_wall_brings_it_down_and_recovery_up_again() -> None:
    def wall(now: float, in_flight: int) -> tuple[float, Sign]:
        return 0.3, Sign.THROTTLED if 20.0 <= now < 40.0 else Sign.ANSWERED

    world = World(AdaptiveLimit(8), wall)
    world.run(80.0)
    assert world.mean_limit(10.0, 20.0) == 8.0
    assert world.mean_limit(30.0, 40.0) == 1.0
    assert next(at for at, limit in world.limits if at > 41.0 and limit == 8) < 60.0
    assert world.mean_limit(60.0, 80.0) == 8.0


def test_one_throttling_of_many_in_flight_shrinks_once() -> None:
    limit = AdaptiveLimit(8)
    limit.exact = 8.0
    for _ in range(8):
        limit.observe(Sign.THROTTLED, began_at=10.0, now=10.3, in_flight=8)
    assert limit.exact == pytest.approx(5.6)
    limit.observe(Sign.THROTTLED, began_at=10.4, now=10.7, in_flight=5)
    assert limit.exact == pytest.approx(3.92)


def test_latency_growth_shrinks_and_a_new_normal_is_learnt() -> None:
    def slower(now: float, in_flight: int) -> tuple[float, Sign]:
        return (0.3 if now < 60.0 else 2.0), Sign.ANSWERED

    world = World(AdaptiveLimit(8), slower)
    world.run(900.0)
    assert world.mean_limit(30.0, 60.0) == 8.0
    assert world.mean_limit(80.0, 120.0) <= 2.0
    assert world.mean_limit(600.0, 900.0) == 8.0


def test_the_quick_answers_of_small_parts_do_not_make_whole_batches_look_slow() -> None:
    limit = AdaptiveLimit(8)
    for step in range(100):
        small = step % 2 == 0
        limit.observe(
            Sign.ANSWERED,
            began_at=float(step),
            now=step + (0.02 if small else 0.5),
            in_flight=limit.limit,
            events=1 if small else 1000,
        )
    assert limit.limit == 8


def test_it_slows_down_before_the_wall() -> None:
    world = World(AdaptiveLimit(8), constant, usage=lambda now: 80.0)
    world.run(10.0)
    assert world.mean_limit(0.0, 10.0) == 2.0
    world = World(AdaptiveLimit(8), constant, usage=lambda now: 95.0 if now > 10.0 else 0.0)
    world.run(30.0)
    assert world.mean_limit(20.0, 30.0) == 1.0


def test_lost_requests_neither_grow_nor_shrink_it() -> None:
    limit = AdaptiveLimit(8)
    for step in range(50):
        limit.observe(Sign.LOST, began_at=step, now=step + 0.3, in_flight=2)
    assert limit.exact == 2.0

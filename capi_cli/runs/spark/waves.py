"""The events of a run in stretches: a wave is some files of the work folder, sent by one Spark job.

Before a wave begins, its files are written down; when it ends, its receipts are. So a driver that dies leaves no more
than one wave unknown, and a task that dies repeats no more than its share of one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wave:
    """One stretch: its number from 1, the files that hold its events, and how many they are."""

    number: int
    files: tuple[str, ...]
    events: int


def waves_of(files: Iterable[tuple[str, int]], size: int) -> Iterator[Wave]:
    """Yield stretches of at least `size` events each, the last one smaller; files as they come."""
    number, taken, events = 1, list[str](), 0
    for path, count in files:
        taken.append(path)
        events += count
        if events >= size:
            yield Wave(number, tuple(taken), events)
            number, taken, events = number + 1, [], 0
    if taken:
        yield Wave(number, tuple(taken), events)


def spread(concurrency: int, slots: int, files: int) -> tuple[int, int]:
    """Return how many tasks send at once, and how many requests each may have in flight.

    Their product is never more than `concurrency`, however many slots the cluster has.
    """
    tasks = max(1, min(concurrency, slots, files))
    return tasks, max(1, concurrency // tasks)

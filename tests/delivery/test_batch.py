import json
from collections.abc import Callable

from capi_cli.delivery.batch import Batch

Make = Callable[..., Batch]


def numbers(batch: Batch) -> list[int]:
    return [event["n"] for event in json.loads(b"[" + batch.joined + b"]")]


def test_a_stretch_of_a_batch_is_a_batch_again(batch_of: Make) -> None:
    part = batch_of(12).part(3, 7).part(1, 3)
    assert numbers(part) == [4, 5]
    assert [part.event(0), part.event(1)] == [b'{"n":4}', b'{"n":5}']
    assert (part.first, part.last, part.number, len(part)) == (4, 6, 1, 2)
    assert list(part.event_keys) == [4, 5]
    assert list(part.content_keys) == [1004, 1005]
    assert part.origins == ["row 4", "row 5"]


def test_scattered_events_of_a_batch_are_a_batch_again(batch_of: Make) -> None:
    chosen = batch_of(12).select([2, 3, 10])
    assert numbers(chosen) == [2, 3, 10]
    assert chosen.event(2) == b'{"n":10}'
    assert list(chosen.starts) == [0, 8, 16, 25]
    assert list(chosen.event_keys) == [2, 3, 10]
    assert chosen.origins == ["row 2", "row 3", "row 10"]
    assert chosen.first == 2


def test_events_without_known_rows_can_be_chosen_too(batch_of: Make) -> None:
    whole = batch_of(4)
    bare = Batch(
        number=1,
        joined=whole.joined,
        starts=whole.starts,
        expires_at=whole.expires_at,
        event_keys=whole.event_keys,
        content_keys=whole.content_keys,
    )
    assert numbers(bare.select([1, 3])) == [1, 3]
    assert numbers(bare.part(2, 4)) == [2, 3]

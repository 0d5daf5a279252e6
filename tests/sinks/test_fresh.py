from collections.abc import Callable

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome
from capi_cli.delivery.reply import Parsed
from capi_cli.sinks.attempt import Attempted
from capi_cli.sinks.fresh import Fresh

Make = Callable[..., Batch]
ANSWER = Parsed(status=200)


class Posts:
    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.closed = False

    def post(self, batch: Batch) -> Attempted:
        self.batches.append(batch)
        return Attempted(posted=batch, answer=ANSWER)

    def close(self) -> None:
        self.closed = True


def test_a_young_batch_goes_on_as_it_is(batch_of: Make) -> None:
    posts, batch = Posts(), batch_of(3, expires_at=101)
    assert Fresh(posts, lambda: 100.0).post(batch) == Attempted(posted=batch, answer=ANSWER)
    assert posts.batches[0] is batch


def test_old_events_are_left_out_and_the_rest_goes_on(batch_of: Make) -> None:
    posts = Posts()
    done = Fresh(posts, lambda: 100.0).post(batch_of(4, expires_at=[101, 100, 200, 50]))
    assert done.posted is posts.batches[0]
    assert posts.batches[0].joined == b'{"n":0},{"n":2}'
    (expired,) = done.expired
    assert list(expired.batch.event_keys) == [1, 3]
    assert (expired.outcome, expired.code) == (Outcome.REJECTED, "event-expired")


def test_where_all_are_old_nothing_is_posted(batch_of: Make) -> None:
    posts = Posts()
    done = Fresh(posts, lambda: 100.0).post(batch_of(2, expires_at=100))
    assert (done.posted, done.answer, posts.batches) == (None, None, [])
    assert len(done.expired[0].batch) == 2


def test_the_time_is_asked_before_each_post(batch_of: Make) -> None:
    posts, times = Posts(), iter([100.0, 150.0])
    fresh, batch = Fresh(posts, lambda: next(times)), batch_of(2, expires_at=[120, 200])
    assert fresh.post(batch).expired == ()
    assert len(fresh.post(batch).expired) == 1


def test_closing_reaches_the_inner_attempt() -> None:
    posts = Posts()
    Fresh(posts, lambda: 0.0).close()
    assert posts.closed

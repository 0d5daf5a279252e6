from array import array
from collections.abc import Callable

import pytest

from capi_cli.delivery.batch import Batch


@pytest.fixture
def batch_of() -> Callable[..., Batch]:
    """Make a batch of events `{"n":0}`, `{"n":1}`, …"""

    def make(count: int, *, expires_at: int = 1 << 40, number: int = 1) -> Batch:
        events = [b'{"n":%d}' % index for index in range(count)]
        starts = array("q", [0])
        for event in events:
            starts.append(starts[-1] + len(event) + 1)
        return Batch(
            number=number,
            joined=b",".join(events),
            starts=starts,
            expires_at=array("q", [expires_at] * count),
            event_keys=array("Q", range(count)),
            content_keys=array("Q", range(1000, 1000 + count)),
            origins=[f"row {index}" for index in range(count)],
        )

    return make

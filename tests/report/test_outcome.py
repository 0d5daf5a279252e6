"""The first sentence, the bar and the equations of every kind of end."""

import itertools
from typing import Any

import pytest

from capi_cli.report.outcome import bars, equations, headline, next_steps
from capi_cli.runs.summary import ErrorFacts
from tests.report.facts import summary

NONE = dict.fromkeys(
    "rows_read rows_filtered rows_rejected rows_skipped rows_prepared events_prepared events_accepted "
    "events_rejected events_unknown events_unsent".split(),
    0,
)
ALL = NONE | {"rows_read": 9, "rows_prepared": 9, "events_prepared": 9, "events_accepted": 9, "exit_code": 0}
ONE = ALL | {"rows_read": 1, "rows_prepared": 1, "events_prepared": 1, "events_accepted": 1}
SOME = ALL | {
    "rows_rejected": 2,
    "rows_prepared": 7,
    "events_prepared": 7,
    "events_accepted": 7,
    "exit_code": 3,
}
AGAIN = NONE | {"rows_read": 9, "rows_skipped": 9, "exit_code": 0}
CUT = ALL | {"events_accepted": 5, "events_unsent": 3, "events_unknown": 1, "exit_code": 4}
READY = ALL | {"command": "validate", "events_accepted": 0, "events_unsent": 9}
BAD = NONE | {"command": "validate", "rows_read": 9, "rows_rejected": 9, "exit_code": 5}
STOPPED = ErrorFacts("too-many-bad-rows", "Too many.", "Look.")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (ALL, "All 9 events accepted."),
        (ONE, "The one event was accepted."),
        (SOME, "7 events accepted; 2 rows rejected."),
        (AGAIN, "Nothing new: every event was accepted before."),
        (CUT, "Not finished: 5 events accepted, 4 still open."),
        (CUT | {"exit_code": 12}, "Stopped: 5 events accepted, 4 still open."),
        (CUT | {"exit_code": 5, "events_accepted": 0}, "Stopped: nothing was accepted."),
        (READY, "All 9 events ready to be sent."),
        (READY | {"command": "upload", "dry_run": True}, "All 9 events would be sent."),
        (READY | {"rows_read": 10, "rows_filtered": 1}, "9 events ready to be sent."),
        (BAD | {"error": STOPPED}, "Stopped: 9 of 9 rows rejected."),
        (NONE | {"exit_code": 0}, "There were no rows to read."),
    ],
)
def test_the_first_sentence(given: dict[str, Any], sentence: str) -> None:
    assert headline(summary(**{"error": None} | given)) == sentence


def test_the_bar_adds_up_to_the_rows() -> None:
    ((name, parts),) = bars(summary())
    assert name == "rows"
    assert [(part.kind, part.count) for part in parts] == [
        ("accepted", 701),
        ("refused", 2),
        ("unknown", 47),
        ("unsent", 53),
        ("rejected", 37),
        ("skipped", 119),
        ("filtered", 41),
    ]
    assert sum(part.count for part in parts) == 1000
    assert parts[0].x == 0 and parts[-1].x + parts[-1].width == pytest.approx(100)
    assert all(after.x > part.x + part.width for part, after in itertools.pairwise(parts))


def test_a_single_row_among_a_million_is_seen() -> None:
    said = summary(**ALL | {"rows_read": 1_000_001, "rows_rejected": 1, "rows_prepared": 10**6,
                            "events_prepared": 10**6, "events_accepted": 10**6})  # fmt: skip
    ((_, parts),) = bars(said)
    assert parts[1].count == 1 and parts[1].width > 0.5


def test_rows_that_share_an_event_get_a_bar_of_their_own() -> None:
    said = summary(rows_prepared=903, rows_read=1100)
    (rows, row_parts), (events, event_parts) = bars(said)
    assert (rows, sum(part.count for part in row_parts)) == ("rows", 1100)
    assert (events, sum(part.count for part in event_parts)) == ("events", 803)


def test_the_equations_are_the_contract_s() -> None:
    for equation in equations(summary()):
        assert equation.total == sum(number for _, number in equation.terms)
    assert [equation.total for equation in equations(summary())] == [1000, 803]


def test_next_steps() -> None:
    again = "Run the same command again to send the rest; what was accepted is not sent twice."
    assert again in next_steps(summary(error=None))
    assert again not in next_steps(summary())  # what stopped it says so already
    assert next_steps(summary(**{"error": None, "rejects_path": None} | ALL)) == []
    told = summary(
        **{"error": None, "rejects_path": None, "next_steps": ("Next: capi upload x.csv",)} | READY
    )
    assert next_steps(told) == ["Next: capi upload x.csv"]


def test_nothing_is_said_to_be_at_meta_that_the_sandbox_took() -> None:
    for sandbox, whose in ((True, "the sandbox has them"), (False, "Meta has them")):
        given = summary(**ALL, sandbox=sandbox)
        ((_, parts),) = bars(given)
        assert {part.meaning for part in parts if part.kind == "accepted"} == {whose}

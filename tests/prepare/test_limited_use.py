"""Limited data use: by file, by column, by the person's US state; and who is told of it."""

from typing import Any

import pytest

from capi_cli.mapping.config import Config
from capi_cli.readers.json_values import to_column
from tests.prepare.test_preparer import HOUR_AGO, STORE, digest, events, noticed, prepare, rejected

OPTIONS, COUNTRY, STATE = (f"data_processing_options{rest}" for rest in ("", "_country", "_state"))
IP = "8.8.8.8"


def rows(**columns: list[Any]) -> dict[str, list[Any]]:
    count = len(next(iter(columns.values())))
    return {
        "email": [f"p{number}@x.org" for number in range(count)],
        "order_id": list(map(str, range(count))),
        "value": ["5"] * count,
        "event_time": [HOUR_AGO] * count,
    } | columns


def sent(prepared: Any) -> list[tuple[Any, Any, Any]]:
    """Return options, country and state of each event; None where the event says nothing."""
    return [tuple(event.get(name) for name in (OPTIONS, COUNTRY, STATE)) for event in events(prepared)]


LDU, NOTHING = ["LDU"], (None, None, None)


def test_ldu_for_the_whole_file_takes_the_state_of_st_and_else_asks_meta_to_locate() -> None:
    cells = rows(
        st=["California", "tx", "New York", None, "CA"],
        country=["US", "USA", "US", "US", "DE"],
        client_ip_address=[None, None, IP, IP, IP],
    )
    prepared = prepare(cells, STORE | {OPTIONS: "LDU"})
    assert sent(prepared) == [(LDU, 1, 1000), (LDU, 1, 1005), (LDU, 0, 0), (LDU, 0, 0), (LDU, 0, 0)]
    assert rejected(prepare(rows(st=["NY"], country=["US"]), STORE | {OPTIONS: "LDU"})) == {
        0: "ldu-without-state"
    }


def test_a_state_that_arrived_hashed_is_known() -> None:
    cells = rows(st=[digest("ca"), digest("ny")], client_ip_address=[None, IP])
    prepared = prepare(cells, STORE | {OPTIONS: "LDU"}, default_country="US")
    assert sent(prepared) == [(LDU, 1, 1000), (LDU, 0, 0)]


def test_by_state_limits_those_for_whom_meta_has_a_code_and_nobody_else() -> None:
    cells = rows(
        st=["California", "New York", "Bayern", "Delaware", None, "de", "DC"],
        country=["US", "US", "DE", "US", "US", "FR", "US"],
        client_ip_address=[None, None, None, None, IP, None, None],
    )
    prepared = prepare(cells, STORE | {OPTIONS: "by_state"})
    limited = {0: (LDU, 1, 1000), 3: (LDU, 1, 1007), 4: (LDU, 0, 0)}
    assert sent(prepared) == [limited.get(place, NOTHING) for place in range(7)]
    assert noticed(prepared)["ldu-not-offered"] == 2
    # Nobody can tell whether this person lives in one of those states, so the row is not sent unlimited.
    assert rejected(prepare(rows(country=["US"]), STORE | {OPTIONS: "by-state"})) == {0: "ldu-without-state"}


def test_a_place_without_a_code_matters_only_where_ldu_is_asked_for() -> None:
    cells = rows(
        limit=["", "LDU", "[]", "LDU", "LDU"],
        home=["Paris", "NY", "Ontario", "Texas", "Paris"],
        land=["France", "US", "CA", "", "US"],
        client_ip_address=[IP] * 5,
    )
    prepared = prepare(cells, STORE, maps=[(OPTIONS, "limit"), (STATE, "home"), (COUNTRY, "land")])
    assert sent(prepared) == [NOTHING, (LDU, 1, 0), ([], None, None), (LDU, 1, 1005)]
    assert rejected(prepared) == {4: "processing-code-unknown"}
    assert noticed(prepared)["processing-place-without-code"] == 1


def test_an_explicit_empty_list_is_kept_and_the_words_beside_it() -> None:
    cells = rows(limit=[[], ["LDU"], None, ["LDU"]], st=["CA"] * 4)
    prepared = prepare(cells, STORE, maps=[(OPTIONS, "limit")], default_country="US")
    assert [limit for limit, _, _ in sent(prepared)] == [[], LDU, None, LDU]
    none_at_all = prepare(rows(limit=[[], []]), STORE, maps=[(OPTIONS, "limit")])
    assert [event[OPTIONS] for event in events(none_at_all)] == [[], []]
    assert [event["opt_out"] for event in events(prepare(rows(opt_out=["yes", "0"]), STORE))] == [True, False]
    config = Config(event={OPTIONS: {"value": "[]"}})
    assert [limit for limit, _, _ in sent(prepare(rows(email=["a@x.org"]), STORE, config=config))] == [[]]


@pytest.mark.parametrize("cells", [[[], "A-7"], ["A-7", []]])
def test_an_empty_list_beside_bare_texts_changes_none_of_them(cells: list[Any]) -> None:
    column = to_column(cells)
    prepared = prepare(rows(shelf=column.to_pylist()), STORE, maps=[("custom_data.shelf", "shelf")])
    found = [event["custom_data"].get("shelf") for event in events(prepared)]
    assert found == [None if cell == [] else cell for cell in cells]


def test_who_did_not_consent_is_counted_and_what_was_filtered_anyway_is_not() -> None:
    cells = rows(ok=["yes", "no", "", "maybe", "no"], status=["paid", "paid", "paid", "paid", "open"])
    prepared = prepare(cells, STORE, maps=[("consent", "ok")], where=[("status", ("paid",))])
    assert (prepared.filtered, prepared.index.tolist()) == (4, [0])
    assert noticed(prepared) | {"consent-denied": 1, "consent-unclear": 2} == noticed(prepared)
    assert prepared.tally.findings["consent-unclear", "consent"].rows == [4, 5]
    refusing = Config(event={"consent": {"column": "ok", "consent_denied": "ldu"}})
    limited = prepare(cells | {"st": ["FL"] * 5}, STORE, config=refusing, default_country="US")
    assert [limit for limit, _, _ in sent(limited)] == [None, LDU, LDU, LDU, LDU]
    assert {state for _, _, state in sent(limited)[1:]} == {1003}
    everybody = prepare(cells, STORE | {"consent": "granted"})
    assert everybody.filtered == 0

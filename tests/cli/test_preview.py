"""`capi preview` on the screen and as JSON: masked unless asked, with the mend of whatever is wrong."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Capi

ORDERS = (
    "created_at,email,phone,total,comment,order_id\n"
    "2026-11-22 10:30,Anna.Berg@Example.com,0171 2345678,19.90,fine,A-1\n"
    "2026-11-22 10:31,max@example,4.9E+11,5.00,\x1b[31mred,A-2\n"
    "2026-11-22 10:32,too,few\n"
    "2026-11-22 10:33,eva@example.com,,7.50,,A-4\n"
)
OPTIONS = (
    "--set event_name=Purchase --set action_source=physical_store --set currency=EUR --map event_time=created_at "
    "--timezone Europe/Berlin --default-country DE --map custom_data.comment=comment"
).split()


@pytest.fixture(autouse=True)
def _orders(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("orders.csv").write_text(ORDERS, encoding="utf-8")
    monkeypatch.setenv("CAPI_NOW", "2026-11-23T12:00:00+00:00")


def test_the_first_row_beside_what_its_cells_became(capi: Capi) -> None:
    answer = capi("preview", "orders.csv", "-n", "1", *OPTIONS)
    assert (answer.code, answer.err) == (0, "")
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert "Line 2 would be sent" in lines
    assert any(line.startswith("email A•••@E•••.com a•••@e•••.com user_data.em ") for line in lines)
    assert any(line.startswith("phone 017••• 491••• user_data.ph ") for line in lines)
    assert "total 19.90 19.9 custom_data.value" in lines
    assert '"event_time": 1795339800,' in lines
    assert '"value": 19.9,' in lines
    assert "Line 3" not in answer.out
    assert "--show-values" in answer.out


def test_a_rejected_row_says_why_and_what_to_do(capi: Capi) -> None:
    answer = capi("preview", "orders.csv", "--row", "3", *OPTIONS)
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert answer.code == 0
    assert "Line 3 rejected: it would not be sent" in lines
    assert any(line.startswith("user-data-empty user_data: ") for line in lines)
    assert any(line.startswith("em-shape user_data.em: ") for line in lines)
    assert "email m•••@e••• dropped user_data.em" in lines
    assert "--map em=COLUMN" in answer.out
    assert "\x1b" not in answer.out, "a cell must not steer the terminal"
    assert '"event_name"' not in answer.out


def test_a_record_that_is_no_row_is_told_by_its_line(capi: Capi) -> None:
    answer = capi("preview", "orders.csv", "--row", "4", *OPTIONS)
    assert "Line 4 rejected" in answer.out
    assert "short-row: The row has too few cells: 3 where the header has 6." in answer.out


def test_show_values_reveals_and_nothing_else_does(capi: Capi) -> None:
    people = ("Anna.Berg", "anna.berg@example.com", "491712345678", "2345678", "eva@")
    masked = (
        capi("preview", "orders.csv", *OPTIONS, "-n", "9").out
        + capi("preview", "orders.csv", *OPTIONS, "--output", "json").out
    )
    for text in people:
        assert text not in masked, text
    shown = capi("preview", "orders.csv", *OPTIONS, "-n", "9", "--show-values")
    for text in people:
        assert text in shown.out, text
    assert "--show-values" not in shown.out


def test_json_holds_the_same_facts_as_one_object(capi: Capi) -> None:
    answer = capi("preview", "orders.csv", "--output", "json", *OPTIONS)
    found = json.loads(answer.out)
    assert (found["command"], found["exit_code"], found["masked"]) == ("preview", 0, True)
    assert [(row["row"], row["fate"]) for row in found["rows"]] == [
        (2, "sent"),
        (3, "rejected"),
        (4, "rejected"),
    ]
    first, second, third = found["rows"]
    (em,) = [cell for cell in first["cells"] if cell["field"] == "user_data.em"]
    assert (em["column"], em["cell"], em["became"]) == ("email", "A•••@E•••.com", "a•••@e•••.com")
    assert first["event"]["user_data"]["em"] == [em["digest"]]
    assert first["event"]["custom_data"]["value"] == 19.9
    assert second["event"] is None
    assert {"code", "severity", "field", "message", "fix"} == set(second["notes"][0])
    assert third["cells"] == []


def test_no_token_and_no_dataset_is_asked_for_and_nothing_is_written(capi: Capi) -> None:
    before = sorted(Path.cwd().rglob("*"))
    assert capi("preview", "orders.csv", *OPTIONS).code == 0
    assert sorted(Path.cwd().rglob("*")) == before


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (("orders.csv", "--row", "1"), 2, "No row begins on line 1."),
        (("orders.csv", "-n", "0"), 2, "Expected a whole number"),
        (("orders.csv", "other.csv"), 2, "other.csv"),
        (("orders.csv", "--token", "x"), 2, "META_ACCESS_TOKEN"),
        (("orders.csv", "--map", "em=mail"), 10, "no column"),
        (("absent.csv",), 11, "absent.csv"),
    ],
)
def test_what_is_wrong_ends_as_in_every_command(
    capi: Capi, argv: tuple[str, ...], code: int, told: str
) -> None:
    answer = capi("preview", *argv, *OPTIONS)
    assert answer.code == code
    assert answer.out == ""
    assert told in answer.err


def test_a_source_without_rows_says_so(capi: Capi) -> None:
    Path("empty.csv").write_text(ORDERS.splitlines()[0] + "\n", encoding="utf-8")
    answer = capi("preview", "empty.csv", *OPTIONS)
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "No rows.")

"""A preview tells of each row what an upload does with it, and shows no person's data unless asked.

What the cells became is held against the event that is sent, and the fates against a run of `validate`.
"""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from capi_cli.errors import ConfigurationError, SourceError, UsageError
from capi_cli.runs.preview import Preview, PreviewRequest, RowPreview, preview
from capi_cli.runs.preview_cells import Cell
from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.request import MappingRequest, RunRequest, SourceRequest
from capi_cli.runs.validate import validate

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "samples"
SHOP = MappingRequest(
    sets=(("event_name", "Purchase"), ("action_source", "physical_store"), ("currency", "EUR")),
    timezone="Europe/Berlin",
    decimal=",",
)
HEADER = "time;status;customer;email;phone;zip;city;country;total;note;order_id\n"
MESSY = HEADER + (
    '2026-11-22 10:30;paid;Dr. Anna van der Berg;" Anna.Berg@Example.COM ";0171 2345678;80331;München;'
    "Deutschland;1.234,56;call anna@example.com;A-1\n"
    "2026-11-22 10:31;cancelled;Max Muster;max@example.com;n/a;1010;Wien;AT;10,00;;A-2\n"
    "2026-11-22 10:32;paid;Eva;eva@example;4,9E+11;;;;5,00;;A-3\n"
    "2026-11-22 10:33;paid;Too;few@example.com\n"
    "yesterday;paid;Ben;ben@example.com;;;;;12,50;;A-4\n"
    "2026-11-22 10:34;paid;Anna Berg;anna@example.com;0171 2345678;80331;München;DE;99,00;;A-1\n"
    "2026-06-01 08:00;paid;Old Timer;old@example.com;;;;;5,00;;A-9\n"
    '2026-11-22 10:35;paid;"Two\nLines";ml@example.com;;;;;7,00;;A-7\n'
    '2026-11-22 10:35;paid;"Two\nLines";ml@example.com;;;;;7,00;;A-7\n'
)
MESSY_MAPPING = replace(
    SHOP,
    event_id="order-{order_id}",
    where=(("status", ("paid",)),),
    event_config={
        "event_time": {"column": "time"},
        "user_data": {name: {"column": "customer", "split": "full_name"} for name in ("fn", "ln")},
        "custom_data": {"note": "note"},
    },
)


class _Noon:
    def now(self) -> float:
        return NOW.timestamp()

    def today(self) -> date:
        return NOW.date()


def look(path: Path, mapping: MappingRequest = SHOP, since_s: int | None = None, **more: Any) -> Preview:
    run = RunRequest(
        command="preview", source=SourceRequest(sources=(str(path),)), mapping=mapping, since_s=since_s
    )
    return preview(PreviewRequest(run=run, **more), _Noon())


def write(folder: Path, text: str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def codes(row: RowPreview) -> list[str]:
    return [note.code for note in row.notes]


def cells(row: RowPreview, field: str) -> list[Cell]:
    return [cell for cell in row.cells if cell.field == field]


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    return write(tmp_path, MESSY)


def test_each_cell_shows_what_it_became_and_where_it_goes(messy: Path) -> None:
    (row,) = look(messy, MESSY_MAPPING, count=1, show_values=True).rows
    (em,) = cells(row, "user_data.em")
    assert (em.column, em.cell, em.became) == ("email", " Anna.Berg@Example.COM ", "anna.berg@example.com")
    assert em.digest == digest("anna.berg@example.com")
    became = {cell.field: cell.became for cell in row.cells}
    assert became["user_data.ph"] == "491712345678"
    assert (became["user_data.fn"], became["user_data.ln"]) == ("anna", "vanderberg")
    assert (became["user_data.ct"], became["user_data.country"]) == ("münchen", "de")
    assert became["event_time"] == "2026-11-22 09:30:00 UTC"
    assert became["event_id"] == "order-A-1"
    assert became["custom_data.value"] == "1234.56"
    assert cells(row, "event_name") == [
        Cell(column="", cell="Purchase", became="Purchase", field="event_name")
    ]


def test_a_dropped_value_is_told_with_its_mend(messy: Path) -> None:
    (row,) = look(messy, MESSY_MAPPING, row=2).rows
    (note,) = cells(row, "custom_data.note")
    assert (note.became, note.code) == (None, "custom-property-personal")
    (told,) = [one for one in row.notes if one.code == "custom-property-personal"]
    assert told.field == "custom_data.note"
    assert "--map em=COLUMN" in told.fix
    assert row.fate == "sent"
    assert row.event is not None
    assert "note" not in row.event["custom_data"]


def test_the_digests_of_the_cells_are_those_of_the_event(messy: Path) -> None:
    store = replace(SHOP, sets=SHOP.sets[:2], decimal=None, maps=(("event_time", "created_at"),))
    sample = preview(
        PreviewRequest(
            run=RunRequest(
                command="preview", source=SourceRequest(sources=(str(SAMPLES / "orders.csv"),)), mapping=store
            ),
            count=120,
            show_values=True,
        ),
        _Noon(),
    )
    found = [*sample.rows, *look(messy, MESSY_MAPPING, count=99, show_values=True).rows]
    sent = [row for row in found if row.event is not None]
    assert len(sent) > 80
    for row in sent:
        assert row.event is not None
        shown: dict[str, list[str]] = {}
        for cell in row.cells:
            if cell.digest is not None:
                shown.setdefault(cell.field.removeprefix("user_data."), []).append(cell.digest)
        assert shown == row.event["user_data"], row.row


def test_the_fates_are_those_of_a_run(messy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPI_NOW", NOW.isoformat())
    rejects = messy.with_name("rejects.csv")
    run = RunRequest(
        command="validate",
        source=SourceRequest(sources=(str(messy),)),
        mapping=MESSY_MAPPING,
        rejects_path=rejects,
        max_error_rate=1,
        state_dir=messy.parent / "state",
    )
    summary = validate(run, SilentObserver(), Event())
    with rejects.open(encoding="utf-8", newline="") as file:
        told = list(csv.reader(file, delimiter=";"))[
            1:
        ]  # a ragged row's cells stay as they were: count from the end
    refused = {int(cells[-5]): cells[-4] for cells in told}
    found = look(messy, MESSY_MAPPING, count=99).rows
    fates = [row.fate for row in found]
    assert {row.row: codes(row)[0] for row in found if row.fate == "rejected"} == refused
    assert (len(found), fates.count("filtered")) == (summary.rows_read, summary.rows_filtered)
    assert (fates.count("sent"), fates.count("skipped")) == (summary.rows_prepared, summary.rows_skipped)


def test_one_row_is_judged_as_it_is_among_the_others(messy: Path) -> None:
    for row in look(messy, MESSY_MAPPING, count=99).rows:
        assert look(messy, MESSY_MAPPING, row=row.row).rows == (row,)
    conflict, again = (look(messy, MESSY_MAPPING, row=line).rows[0] for line in (7, 11))
    assert (conflict.fate, codes(conflict)[0]) == ("rejected", "event-id-conflict")
    assert (again.fate, codes(again)) == ("skipped", ["event-id-duplicate"])


def test_a_row_that_is_too_old_and_one_that_is_no_row_say_so(messy: Path) -> None:
    old, ragged = (look(messy, MESSY_MAPPING, row=line).rows[0] for line in (8, 5))
    assert (old.fate, codes(old)) == ("rejected", ["event-too-old"])
    assert (ragged.fate, codes(ragged), ragged.cells) == ("rejected", ["short-row"], ())
    assert "{detail}" not in ragged.notes[0].message


@pytest.mark.parametrize("line", [1, 10, 99])
def test_a_line_on_which_no_row_begins_is_an_error_that_names_the_nearest(messy: Path, line: int) -> None:
    hints = {1: "first row is line 2", 10: "lines 9 and 11", 99: "last row is line 11"}
    with pytest.raises(UsageError) as error:
        look(messy, MESSY_MAPPING, row=line)
    assert f"line {line}." in error.value.message
    assert hints[line] in error.value.hint


def test_why_a_row_is_filtered(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "event_time,email,total,status,consent\n"
        "2026-11-23T10:00:00Z,a@example.com,1,refunded,yes\n"
        "2026-11-20T10:00:00Z,b@example.com,1,paid,yes\n"
        "2026-11-23T10:00:00Z,c@example.com,1,paid,no\n"
        "2026-11-23T10:00:00Z,d@example.com,1,paid,hm\n"
        "2026-11-23T10:00:00Z,e@example.com,1,paid,yes\n",
    )
    mapping = replace(SHOP, decimal=None, where=(("status", ("paid",)),), maps=(("consent", "consent"),))
    rows = look(path, mapping, since_s=86_400, count=9).rows
    assert [row.fate for row in rows] == ["filtered"] * 4 + ["sent"]
    reasons = [[note.message for note in row.notes] for row in rows[:4]]
    assert reasons[0] == ['"status" is "refunded"; only rows where it is "paid" are events.']
    assert reasons[1] == ["The event is older than --since allows."]
    assert reasons[2] == ["The person did not consent, so the row is not sent."]
    assert len(reasons[3]) == 1 and "treated as without consent" in reasons[3][0]
    assert all(note.fix for row in rows[:4] for note in row.notes)


def test_a_filter_on_a_persons_column_shows_no_person(tmp_path: Path) -> None:
    path = write(tmp_path, "event_time,email\n2026-11-23T10:00:00Z,anna@example.com\n")
    mapping = replace(SHOP, where=(("email", ("ben@example.com",)),))
    (row,) = look(path, mapping).rows
    assert row.fate == "filtered"
    assert "anna" not in row.notes[0].message


def test_no_match_key_and_no_digest_is_shown_unasked(messy: Path) -> None:
    found = repr(look(messy, MESSY_MAPPING, count=99))
    people = ["anna", "Anna.Berg", "1712345678", "2345678", "80331", "nchen", "Deutsch", "Muster", "max@"]
    people += [digest(text) for text in ("anna@example.com", "491712345678", "anna", "berg", "80331")]
    for text in people:
        assert text not in found, text
    assert "a•••@e•••.com" in found
    shown = repr(look(messy, MESSY_MAPPING, count=99, show_values=True))
    for text in ("Anna.Berg@Example.COM", "491712345678", digest("anna@example.com")):
        assert text in shown, text


def test_plain_match_keys_are_masked_in_the_event_too(tmp_path: Path) -> None:
    path = write(tmp_path, "time,ip,id,email\n2026-11-23T10:00:00Z,93.184.216.34,Customer-77,a@example.com\n")
    mapping = replace(
        SHOP,
        decimal=None,
        sets=(("event_name", "Lead"), ("action_source", "other")),
        maps=(("event_time", "time"), ("client_ip_address", "ip")),
        event_config={"user_data": {"external_id": {"column": "id", "plain": True}}},
    )
    (row,) = look(path, mapping).rows
    assert row.event is not None
    assert row.event["user_data"]["client_ip_address"] == "9•••"
    assert row.event["user_data"]["external_id"] == ["c•••"]
    assert cells(row, "user_data.external_id")[0].digest is None
    (row,) = look(path, mapping, show_values=True).rows
    assert row.event is not None
    assert row.event["user_data"]["external_id"] == ["customer-77"]


def test_several_values_of_a_key_are_shown_one_by_one(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"time":"2026-11-23T10:00:00Z","mail":["A@example.com","b@example.com"],"m2":""}\n',
        "o.jsonl",
    )
    mapping = replace(
        SHOP,
        sets=(("event_name", "Lead"), ("action_source", "other")),
        maps=(("event_time", "time"), ("em", "mail"), ("em", "m2")),
    )
    (row,) = look(path, mapping, show_values=True).rows
    assert [(one.column, one.became) for one in cells(row, "user_data.em")] == [
        ("mail", "a@example.com"),
        ("mail", "b@example.com"),
        ("m2", None),
    ]


def test_a_value_that_arrived_hashed_stays_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, f"event_time,email\n2026-11-23T10:00:00Z,{digest('a@example.com').upper()}\n")
    (row,) = look(path, replace(SHOP, sets=(("event_name", "Lead"), ("action_source", "other")))).rows
    (em,) = cells(row, "user_data.em")
    assert (em.became, em.digest) == ("hashed already", digest("a@example.com")[:8] + "…")


def test_the_first_of_several_sources_is_shown_and_the_others_are_named(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path, HEADER + "2026-11-22 10:30;paid;A B;a@example.com;;;;;1,00;;A-1\n", name)
    found = look(tmp_path / "*.csv", MESSY_MAPPING)
    assert Path(found.source.path).name == "a.csv"
    assert found.other_sources == 1


def test_what_is_wrong_with_source_or_mapping_stops_it_as_in_an_upload(tmp_path: Path) -> None:
    assert look(write(tmp_path, "event_time,email\n", "empty.csv")).rows == ()
    with pytest.raises(SourceError):
        look(tmp_path / "absent.csv")
    with pytest.raises(ConfigurationError):
        look(write(tmp_path, MESSY), replace(SHOP, maps=(("em", "no such column"),)))

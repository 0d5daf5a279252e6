"""What the file could give beyond what is mapped: which share of the events lacks it, and which column may hold it."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from capi_cli.report.keys import missing
from capi_cli.runs.progress import SilentObserver
from capi_cli.runs.request import MappingRequest, RunRequest, SourceRequest
from capi_cli.runs.summary import EnrichmentFacts, Summary
from capi_cli.runs.validate import validate

AT = f"{datetime.now(UTC) - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"
HEADER = "id,email,at,source,page,landing_site,zip,fbp,Customer ID,visitor_ip\n"
SETS = (("event_name", "Lead"),)
MAPS = (("event_id", "id"), ("event_time", "at"), ("action_source", "source"), ("event_source_url", "page"))


def judge(tmp_path: Path, rows: list[str], *more: tuple[str, str]) -> Summary:
    path = tmp_path / "leads.csv"
    path.write_text(HEADER + "".join(f"{n},p{n}@x.org,{AT},{row}\n" for n, row in enumerate(rows)))
    request = RunRequest(
        command="validate",
        source=SourceRequest(sources=(str(path),)),
        mapping=MappingRequest(maps=MAPS + more, sets=SETS),
        max_error_rate=1.0,
        state_dir=tmp_path / "state",
        workers=1,
    )
    return validate(request, SilentObserver(), threading.Event())


def told(summary: Summary) -> dict[str, EnrichmentFacts]:
    return {one.name: one for one in summary.enrichments}


CLICKED = (
    "website,https://x.org/a?fbclid=IwAR0abcdefghijklmnop,,10115,fb.1.1709629872123.1098115397,7,8.8.8.8"
)
PLAIN = "website,https://x.org/b,,10115,,8,8.8.4.4"
NOWHERE = "website,,,10115,,9,8.8.4.4"
IN_A_SHOP = "physical_store,,,10115,,9,"


def test_each_field_is_told_with_its_share_and_the_column_that_may_hold_it(tmp_path: Path) -> None:
    summary = judge(tmp_path, [CLICKED, PLAIN, PLAIN, NOWHERE, IN_A_SHOP])
    found = told(summary)
    assert (summary.events_prepared, summary.rows_rejected) == (4, 1)
    assert {name: (one.lacking, one.events) for name, one in found.items()} == {
        "fbc": (3, 3),
        "fbp": (2, 3),
        "client_ip_address": (3, 3),
        "client_user_agent": (3, 3),
        "external_id": (4, 4),
        "event_source_url": (1, 4),
    }
    assert (found["fbc"].columns, found["fbc"].found) == (("page", "landing_site"), 1)
    assert found["fbc"].mend == "--map fbclid=page"
    assert found["client_ip_address"].mend == "--map client_ip_address=visitor_ip"  # and not the zip
    assert found["external_id"].mend == "--map external_id='Customer ID'"
    assert found["fbp"].columns == ()  # the column that fills it where it can
    assert all(one.why for one in found.values())
    page = {words: (state, why) for words, state, why in missing(summary.coverage, summary.enrichments)}
    assert page["Click on an ad (fbc)"][0] == "missing in 100% of 3 website events"
    assert "--map fbclid=page" in page["Click on an ad (fbc)"][1]
    assert "enrichments" not in summary.as_json()


def test_what_is_mapped_and_what_no_event_can_have_is_not_told(tmp_path: Path) -> None:
    maps = (("fbclid", "page"), ("client_ip_address", "visitor_ip"), ("external_id", "Customer ID"))
    found = told(judge(tmp_path, [CLICKED, CLICKED], *maps))
    assert set(found) == {"client_user_agent"}
    assert set(told(judge(tmp_path, [IN_A_SHOP, IN_A_SHOP]))) == {"external_id"}
    assert told(judge(tmp_path, [])) == {}


def test_nothing_is_invented(tmp_path: Path) -> None:
    summary = judge(tmp_path, [PLAIN, PLAIN], ("fbclid", "page"))
    assert "fbc" not in summary.coverage
    assert told(summary)["fbc"].columns == ("landing_site",)

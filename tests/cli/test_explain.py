"""`capi explain` answers for every code that a screen, a rejects file or a receipt can show."""

import json

import pytest

from capi_cli.delivery.decide import CONFIGURATION, CREDENTIALS, DATA_HINTS
from capi_cli.event.rules import catalogue
from tests.cli.conftest import Capi


@pytest.mark.parametrize("code", catalogue())
def test_every_code_has_its_page_in_any_case(capi: Capi, code: str) -> None:
    answer = capi("explain", f" {code.upper()} ")
    assert (answer.code, answer.err) == (0, "")
    title, _, *page = answer.out.splitlines()
    assert title == code
    assert {"What", "Expected", "Why", "Mend"} <= set(page)
    assert json.loads(capi("explain", code, "--output", "json").out)["code"] == code


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("meta-100-2804003", "capi explain event-too-old"),
        ("meta-100-2804009", "--map value=COLUMN"),
        ("META-100-2804010", "purchase-without-currency"),
        ("meta-100-33", "--dataset-id"),
        ("meta-190-463", "META_ACCESS_TOKEN"),
        ("meta-200-0", "Manage"),
        ("meta-2635-0", "--api-version"),
        ("meta-80004-0", "slow down"),
        ("meta-2-0", "passes"),
        ("meta-100-2804999", "as Meta says"),
        ("meta-7777-0", "does not know"),
    ],
)
def test_codes_of_metas_own_are_explained(capi: Capi, code: str, said: str) -> None:
    answer = capi("explain", code)
    assert answer.code == 0
    assert said in " ".join(answer.out.split())
    assert "the row is sent" not in answer.out


@pytest.mark.parametrize("subcode", DATA_HINTS)
def test_what_meta_refuses_an_event_for_leads_to_our_own_rule(capi: Capi, subcode: int) -> None:
    if subcode in (2804016, 2804019):  # of many fields
        return
    (ours, *_) = [line for line in capi("explain", f"meta-100-{subcode}").out.splitlines() if "As of" in line]
    assert ours.split()[2].rstrip(":") in catalogue()


@pytest.mark.parametrize("code", [*CREDENTIALS, *CONFIGURATION])
def test_what_stops_a_run_is_explained(capi: Capi, code: int) -> None:
    assert "Meta refused the request:" in capi("explain", f"meta-{code}-0").out


def test_a_mistyped_code_of_metas_is_none(capi: Capi) -> None:
    answer = capi("explain", "meta-100")
    assert answer.code == 2
    assert "No rule has the code 'meta-100'." in answer.err

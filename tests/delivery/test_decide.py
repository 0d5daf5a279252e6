"""The table of rules, row by row: each line is one reply, and what is done after it."""

import pytest

from capi_cli.delivery.decide import Accepted, Again, Scale, Split, Stop, Unknown, decide
from capi_cli.delivery.reply import Fault, FaultKind, GraphError, Parsed
from capi_cli.errors import ConfigurationError, CredentialsError

FAULT, QUOTA = Scale.FAULT, Scale.QUOTA


def refused(code: int, subcode: int = 0, *, status: int = 400, transient: bool | None = None) -> Parsed:
    error = GraphError(code=code, subcode=subcode, is_transient=transient, text="Words of Meta.")
    return Parsed(status=status, is_json=True, error=error, wait_s=7.0)


def test_all_events_received_is_accepted() -> None:
    assert decide(Parsed(status=200, is_json=True, events_received=1000), sent=1000) == Accepted()


@pytest.mark.parametrize("received", [None, 0, 999, 1001])
def test_another_count_is_unknown_and_none_of_it_accepted(received: int | None) -> None:
    found = decide(Parsed(status=200, is_json=True, events_received=received), sent=1000)
    assert isinstance(found, Unknown)


@pytest.mark.parametrize(
    ("kind", "maybe"), [(FaultKind.NOT_SENT, False), (FaultKind.TIMEOUT, True), (FaultKind.BROKEN, True)]
)
def test_transport_faults_pass(kind: FaultKind, maybe: bool) -> None:
    found = decide(Fault(kind=kind, detail="why"), sent=3)
    assert isinstance(found, Again)
    assert (found.scale, found.maybe, found.floor_s) == (FAULT, maybe, 0.0)


@pytest.mark.parametrize("kind", [FaultKind.TLS, FaultKind.REQUEST])
def test_a_distrusted_certificate_or_an_impossible_request_stops(kind: FaultKind) -> None:
    found = decide(Fault(kind=kind, detail="why"), sent=3)
    assert isinstance(found, Stop)
    assert isinstance(found.error, ConfigurationError)
    assert found.error.hint


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80000, 80003, 80004, 80014])
@pytest.mark.parametrize("status", [200, 400, 403, 429, 500])
def test_quota_codes_wait_on_the_long_scale_whatever_the_status(code: int, status: int) -> None:
    found = decide(refused(code, status=status), sent=3)
    assert isinstance(found, Again)
    assert (found.scale, found.maybe, found.floor_s) == (QUOTA, False, 7.0)


@pytest.mark.parametrize(
    ("code", "subcode", "maybe"),
    [(1, 99, True), (2, 0, True), (5000, 0, True), (-3, 0, True), (21009, 0, False)],
)
@pytest.mark.parametrize("status", [200, 400, 500, 503])
def test_passing_codes_wait_on_the_short_scale(code: int, subcode: int, maybe: bool, status: int) -> None:
    found = decide(refused(code, subcode, status=status), sent=3)
    assert isinstance(found, Again)
    assert (found.scale, found.maybe, found.floor_s) == (FAULT, maybe, 7.0)


@pytest.mark.parametrize("code", [100, 9999])
def test_what_graph_calls_transient_is_tried_again(code: int) -> None:
    found = decide(refused(code, transient=True), sent=3)
    assert isinstance(found, Again)
    assert found.scale is FAULT


@pytest.mark.parametrize("subcode", [2804001, 2804003, 2804016, 2804019, 2804050, 2804132, 2804999])
@pytest.mark.parametrize("transient", [None, False, True])
def test_content_subcodes_split(subcode: int, transient: bool | None) -> None:
    found = decide(refused(100, subcode, transient=transient), sent=3)
    assert isinstance(found, Split)
    assert found.sure
    assert found.code == f"meta-100-{subcode}"
    assert found.reason == "Words of Meta."
    assert found.hint


@pytest.mark.parametrize("subcode", [0, 1, 1487225, 2803999, 2805000])
def test_code_100_without_a_known_subcode_splits_once(subcode: int) -> None:
    found = decide(refused(100, subcode), sent=3)
    assert isinstance(found, Split)
    assert not found.sure


@pytest.mark.parametrize(
    ("code", "subcode", "status"),
    [
        (190, 0, 401),
        (190, 463, 400),
        (190, 463, 500),
        (3, 0, 400),
        (10, 0, 403),
        (102, 0, 400),
        (104, 0, 400),
        (200, 0, 403),
        (294, 0, 400),
        (299, 0, 400),
        (803, 0, 404),
        (100, 33, 400),
        (100, 34, 400),
        (368, 0, 400),
        (2044055, 0, 400),
    ],
)
def test_credentials_and_permissions_stop_with_12(code: int, subcode: int, status: int) -> None:
    found = decide(refused(code, subcode, status=status, transient=False), sent=3)
    assert isinstance(found, Stop)
    assert isinstance(found.error, CredentialsError)
    assert found.error.exit_code == 12
    assert f"meta-{code}-{subcode}" in found.error.message
    assert found.error.hint


def test_a_refused_token_says_how_to_make_one() -> None:
    found = decide(refused(190, status=401), sent=3)
    assert isinstance(found, Stop)
    assert "Generate access token" in found.error.hint
    assert "META_ACCESS_TOKEN" in found.error.hint


@pytest.mark.parametrize("code", [105, 2500, 2635, 506, 2044011, 1815356, 9999])
def test_faults_of_the_request_stop_with_10(code: int) -> None:
    found = decide(refused(code), sent=3)
    assert isinstance(found, Stop)
    assert isinstance(found.error, ConfigurationError)
    assert found.error.exit_code == 10


def test_a_retired_version_names_the_option() -> None:
    found = decide(refused(2635), sent=3)
    assert isinstance(found, Stop)
    assert "--api-version" in found.error.hint


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_an_unknown_code_under_a_passing_status_is_tried_again(status: int) -> None:
    assert isinstance(decide(refused(9999, status=status), sent=3), Again)


@pytest.mark.parametrize(
    ("status", "scale", "maybe"),
    [
        (429, QUOTA, False),
        (500, FAULT, True),
        (502, FAULT, True),
        (503, FAULT, True),
        (504, FAULT, True),
        (408, FAULT, True),
        (425, FAULT, False),
        (400, FAULT, False),  # a gateway's: Graph names a code
        (200, FAULT, True),  # HTML with a smile
    ],
)
def test_a_reply_without_a_code_is_judged_by_its_status(status: int, scale: Scale, maybe: bool) -> None:
    found = decide(Parsed(status=status, wait_s=30.0), sent=3)
    assert isinstance(found, Again)
    assert (found.scale, found.maybe, found.floor_s) == (scale, maybe, 30.0)


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [(301, 10), (302, 10), (307, 10), (401, 12), (403, 12), (404, 10), (405, 10), (407, 10), (415, 10)],
)
def test_a_server_that_is_not_graph_stops_the_run(status: int, exit_code: int) -> None:
    found = decide(Parsed(status=status), sent=3)
    assert isinstance(found, Stop)
    assert found.error.exit_code == exit_code
    assert found.error.hint


def test_a_request_that_is_too_large_is_split() -> None:
    found = decide(Parsed(status=413), sent=3)
    assert isinstance(found, Split)
    assert found.sure
    assert "--batch-size" in found.hint


def test_an_error_without_a_code_is_judged_by_its_status() -> None:
    error = GraphError(code=0, is_transient=True)
    assert isinstance(decide(Parsed(status=404, is_json=True, error=error), sent=3), Again)
    error = GraphError(code=0)
    assert isinstance(
        decide(Parsed(status=200, is_json=True, error=error, events_received=3), sent=3), Unknown
    )

"""Answers of the Dataset Quality API, as documented and as nobody documented them."""

from typing import Any

import pytest

from capi_cli.delivery.quality import OfflineQuality, WebQuality, read_offline, read_web

# As Meta's pages show them, names and numbers made up.
WEB = {
    "web": [
        {
            "event_match_quality": {
                "composite_score": 6.2,
                "match_key_feedback": [
                    {
                        "identifier": "user_agent",
                        "coverage": {"percentage": 100},
                        "potential_aly_acr_increase": {"percentage": 1.5, "description": "…"},
                    },
                    {"identifier": "email", "coverage": {"percentage": 40.5}},
                ],
                "diagnostics": [
                    {
                        "name": "Server sending invalid IP addresses",
                        "description": "Your server is sending IPs that match nobody.",
                        "solution": "Send the address of the visitor.",
                        "percentage": 30,
                        "affected_event_count": 3,
                        "total_event_count": 10,
                    }
                ],
            },
            "event_coverage": {"percentage": 80, "goal_percentage": 75, "description": "…"},
            "dedupe_key_feedback": [
                {
                    "dedupe_key": "event_id",
                    "browser_events_with_dedupe_key": {"percentage": 99, "description": "…"},
                    "server_events_with_dedupe_key": {"percentage": 98, "description": "…"},
                    "overall_browser_coverage_from_dedupe_key": {"percentage": 70, "description": "…"},
                }
            ],
            "data_freshness": {"upload_frequency": "real_time", "description": "…"},
            "event_name": "Purchase",
        }
    ]
}


def test_a_documented_answer_about_web_events() -> None:
    (row,) = read_web(WEB)
    assert (row.event_name, row.score, row.coverage, row.goal) == ("Purchase", 6.2, 80, 75)
    assert [(key.identifier, key.percentage) for key in row.match_keys] == [
        ("user_agent", 100),
        ("email", 40.5),
    ]
    assert (row.diagnostics[0].affected_events, row.diagnostics[0].all_events) == (3, 10)
    assert row.diagnostics[0].solution == "Send the address of the visitor."
    assert [(k.key, k.browser, k.server, k.covered) for k in row.dedupe_keys] == [("event_id", 99, 98, 70)]
    assert row.freshness == "real_time"


def test_a_documented_answer_about_offline_events() -> None:
    answer = {
        "offline": [
            {
                "event_name": "Purchase",
                "composite": {"score": "8.6", "recommendation": "Upload daily."},
                "match_key": {"score": 7, "coverage": {"email": "51%", "phone": {"percentage": 49}}},
                "frequency": {"score": 10, "recommendation": "Daily."},
                "freshness": "within a day",
            },
            {"event_name": "Lead"},
        ]
    }
    lead, row = read_offline(answer)
    assert lead == OfflineQuality(event_name="Lead")
    assert (row.composite.score, row.composite.recommendation) == (8.6, "Upload daily.")
    assert (row.match_key_score, row.email, row.phone, row.frequency.score) == (7, 51, 49, 10)
    assert (row.freshness.score, row.freshness.recommendation) == (None, "within a day")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"web": None},
        {"web": 7},
        {"web": [None, 3, "x", []]},
        {"web": {"data": [{"event_name": "Lead"}]}},
        {"web": [{"event_name": 5, "event_match_quality": [], "dedupe_key_feedback": {"a": 1}}]},
        {"web": [{"event_name": "Lead", "event_coverage": {"percentage": float("nan")}}]},
        {"web": [{"event_name": "Lead", "event_match_quality": {"composite_score": True}}]},
        {"web": [{"event_match_quality": {"diagnostics": [{"percentage": 1}], "match_key_feedback": [{}]}}]},
    ],
)
def test_whatever_is_missing_or_of_another_kind_is_not_known(answer: Any) -> None:
    for row in read_web(answer):
        assert row == WebQuality(event_name=row.event_name)
        assert row.event_name in ("Lead", "(unnamed)")


def test_texts_hold_nobodys_address() -> None:
    answer = {"web": [{"event_name": "Lead", "data_freshness": {"description": "see ana@example.com"}}]}
    assert "ana@" not in read_web(answer)[0].freshness

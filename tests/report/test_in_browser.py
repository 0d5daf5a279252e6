"""The page in a real browser: nothing is asked of the network, nothing complains, nothing sticks out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from capi_cli.report.page import write
from capi_cli.runs.summary import FindingFacts, SourceFacts
from tests.report.browser import CHROMIUM, Browser, chromium
from tests.report.facts import HOUR, amounts, facts, receipt, summary

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs the package chromium"),
]
LONG = "a_column_whose_name_nobody_would_type_twice_" * 4
STICKING_OUT = """[...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5 || one.getBoundingClientRect().left < -0.5)
    .map(one => one.tagName + ' ' + one.textContent.slice(0, 40))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page with everything on it, and words that do not want to break."""
    path = tmp_path_factory.mktemp("report") / "page.html"
    said = summary(
        sources=[
            SourceFacts(f"/srv/exports/{LONG}.csv", "csv", 1000, 120_000, f"/srv/exports/{LONG}.rejects.csv")
        ],
        findings=[
            FindingFacts(
                "em-shape", "warning", "user_data.em", 1_234_567, [2, 3, 1_000_000], ["j•••@e•••.com"]
            ),
            FindingFacts("custom-name", "error", f"custom_data.{LONG}", 12, [4], [LONG]),
            FindingFacts("user-data-empty", "error", "user_data", 37, [7, 11]),
            *[FindingFacts(f"code-{number}", "info", "event_name", 1, [1]) for number in range(6)],
        ],
    )
    whole = facts(
        said,
        hours=tuple((HOUR + hour, 5 + hour % 24) for hour in range(24 * 20)),
        event_names=(("Purchase", 700), ("<script>alert(1)</script>", 50), (LONG, 53)),
        amounts=(amounts(total=123_456_789_012.5), amounts("USD"), amounts("JPY")),
        receipts=(*facts().receipts, *(receipt(number) for number in range(4, 30))),
    )
    write(whole, path)
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_sticks_out_and_nothing_complains(
    browser: Browser, page: Path, width: int, dark: bool
) -> None:
    browser.look(width, dark=dark)
    browser.complaints.clear()
    browser.requested.clear()
    browser.open(page)
    assert browser.ask("document.documentElement.scrollWidth") == width
    assert browser.ask(STICKING_OUT) == []
    assert browser.complaints == []
    assert browser.requested == [page.as_uri()]
    assert browser.ask("document.querySelectorAll('script').length") == 0
    assert (
        browser.ask("getComputedStyle(document.querySelector('h1')).fontWeight") == "650"
    )  # the style counts
    paper = browser.ask("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(18, 20, 23)" if dark else "rgb(251, 251, 249)")


def test_its_columns_have_the_heights_they_should(browser: Browser, page: Path) -> None:
    browser.look(390)
    browser.open(page)
    widths = browser.ask(
        "[...document.querySelectorAll('.stack rect')].map(one => one.getBoundingClientRect().width)"
    )
    assert len(widths) == 7 and min(widths) >= 1.5
    assert widths[0] / sum(widths) == pytest.approx(701 / 1000, abs=0.01)
    shown = browser.ask(
        "[...document.querySelectorAll('.canvas')].map(one => one.getBoundingClientRect().height)"
    )
    assert len(shown) == 5 and min(shown) > 100


def test_it_is_dark_on_a_screen_and_light_on_paper(browser: Browser, page: Path) -> None:
    browser.look(1280, dark=True, media="print")
    browser.open(page)
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.paper().startswith(b"%PDF")

"""The page shows what the summary says, shows nobody's data, and needs nothing but itself."""

import base64
import hashlib
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from capi_cli.delivery.receipt import Outcome
from capi_cli.event.fields import MATCH_KEYS, PLAIN_KEYS
from capi_cli.mapping.show import MappingLine
from capi_cli.report.keys import WORDS, missing
from capi_cli.report.page import render
from capi_cli.runs.progress import SourceView
from capi_cli.runs.report_facts import ReportFacts
from capi_cli.runs.summary import AgeFacts, ErrorFacts, FindingFacts, SourceFacts, Summary
from tests.report.facts import amounts, facts, receipt, summary
from tests.report.html import Page

TAGS = set(
    "html head meta title style body header main section footer div p span h1 h2 h3 h4 b strong small code ul li a "
    "dl dt dd article figure figcaption table thead tbody tr th td svg rect line text".split()
)
DIGEST = hashlib.sha256(b"jane@example.com").hexdigest()


def test_it_shows_every_total_of_the_summary() -> None:
    words = Page(render(facts())).words
    assert "1,000 rows read = 41 filtered + 37 rejected + 119 skipped + 803 prepared" in words
    assert "803 events prepared = 701 accepted + 2 rejected + 47 unknown + 53 unsent" in words
    for part in ("701 accepted", "2 rejected by Meta", "47 unknown", "53 unsent", "37 rejected here"):
        assert part in words
    assert "9 requests" not in words and "requests 9" in words
    assert "E-mail address em 98%" in words and "City ct 31%" in words


def test_it_says_what_stopped_the_run_and_what_to_do() -> None:
    page = Page(render(facts()))
    assert "Meta can't be reached." in page.words and "Run the same command again." in page.words
    assert "Mend the rejected rows" in page.words
    assert page.all("div", "problem")


def test_findings_stand_by_severity_with_their_words() -> None:
    words = Page(render(facts())).words
    errors, warnings, infos = (
        words.index("Errors"),
        words.index("Warnings"),
        words.index("For your information"),
    )
    assert errors < words.index("37 The row holds nothing") < warnings < words.index("1,234 ") < infos
    finding = words[warnings:infos]
    assert "em-shape in user_data.em" in finding and "2 · 3" in finding and "j•••@e•••.com" in finding
    assert "Why" in finding and "Mend" in finding


def test_the_first_of_many_findings_are_an_index_of_them() -> None:
    codes = ("em-shape", "ph-impossible", "zp-shape", "db-range", "country-unknown", "absent-word")
    many = [FindingFacts(code, "warning", "user_data.em", 3, [2]) for code in codes]
    page = Page(render(facts(summary(findings=many))))
    targets = {one.attributes["id"] for one in page.all("article", "finding")}
    assert [one.attributes["href"].removeprefix("#") for one in page.all("a")] == [
        f"{code}-user-data-em" for code in codes
    ]
    assert {one.attributes["href"].removeprefix("#") for one in page.all("a")} == targets


def test_it_needs_no_other_file_and_no_script() -> None:
    html = render(facts())
    page = Page(html)
    assert {one.tag for one in page.elements} <= TAGS
    for tag, name, value in page.attributes():
        assert not name.startswith("on") and name not in ("src", "style", "srcset", "action"), (tag, name)
        assert name != "href" or value.startswith("#"), value
    assert "url(" not in html and "@import" not in html and not re.search(r"https?://", html)


def test_its_policy_allows_its_own_style_alone() -> None:
    page = Page(render(facts()))
    (style,) = page.all("style")
    (policy,) = [
        one.attributes["content"]
        for one in page.all("meta")
        if one.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = base64.b64encode(hashlib.sha256(style.words.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=30)
    | st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "{{ 7*7 }}",
            "</title><b>",
            "]]>",
            "&lt;",
        ]
    )
)
def test_no_text_from_outside_becomes_markup(text: str) -> None:
    said = summary(
        sources=[SourceFacts(text, text, 1, 1, text)],
        findings=[FindingFacts("em-shape", "error", text, 1, [1], [text], text)],
        coverage={text: 0.5},
        dataset_id=text,
        rejects_path=text,
        error=ErrorFacts(text, text, text),
        next_steps=(text,),
    )
    view = SourceView(
        path=text,
        format=text,
        notes=(text,),
        mapping=(MappingLine(text, text, text, text),),
        unmapped=(text,),
        export=text,
        assumptions=(text,),
    )
    page = Page(
        render(
            facts(
                said,
                views=(view,),
                event_names=((text, 5),),
                amounts=(amounts(text),),
                receipts=(receipt(1, Outcome.REJECTED, code=text, reason=text, fbtrace_id=text),),
            )
        )
    )
    plain = [one.tag for one in Page(render(_same_shape(said, view))).elements]
    assert [one.tag for one in page.elements] == plain
    assert not [name for _, name, _ in page.attributes() if name.startswith("on") or name == "src"]


def _same_shape(said: Summary, view: SourceView) -> ReportFacts:
    """The same facts with a harmless word in every place; an empty text hides its place, so it stays empty."""

    def word(text: str) -> str:
        return "w" if text else ""

    text = view.path
    w = word(text)
    return facts(
        replace(
            said,
            sources=[SourceFacts(w, w, 1, 1, w)],
            findings=[FindingFacts("em-shape", "error", w, 1, [1], [w], w)],
            coverage={w: 0.5},
            dataset_id=w,
            rejects_path=w,
            error=ErrorFacts(w, w, w),
            next_steps=(w,),
        ),
        views=(replace(view, path=w, format=w, notes=(w,), mapping=(MappingLine(w, w, w, w),), unmapped=(w,),
                       export=w, assumptions=(w,)),),
        event_names=((w, 5),),
        amounts=(amounts(w),),
        receipts=(receipt(1, Outcome.REJECTED, code=w, reason=w, fbtrace_id=w),),
    )  # fmt: skip


def test_persons_in_the_wrong_column_do_not_show() -> None:
    """A column of addresses that was taken for event_name must not be printed."""
    finding = FindingFacts("time-format-unknown", "error", "event_time", 1, [2], [], "jane@example.com")
    html = render(
        facts(
            summary(findings=[finding]),
            event_names=(("jane@example.com", 3), ("+1 650 5551212", 2), ("16505551212", 2), (DIGEST, 1)),
        )
    )
    for personal in ("jane@", "16505551212", DIGEST):
        assert personal not in html
    assert "j•••@e•••.com" in html


def test_receipts_beyond_those_kept_are_counted() -> None:
    page = Page(render(facts(receipt_counts={Outcome.ACCEPTED: 700})))
    assert "the first 3 are shown, 697 more" in page.words
    assert "3 1–1" in page.words and "3 2–100" in page.words  # parts of batch 3
    assert "meta-100-2804003 Too old" in page.words and "Atrace1" in page.words


def test_a_run_that_sent_nothing_has_no_receipts_and_no_graph_version() -> None:
    said = summary(
        command="validate",
        dataset_id=None,
        exit_code=0,
        error=None,
        rejects_path=None,
        events_accepted=0,
        events_rejected=0,
        events_unknown=0,
        events_unsent=803,
        ages=AgeFacts(expiring=((1, 0), (6, 4), (24, 9)), too_old=412, fit_for_store=388),
        next_steps=("Next: capi upload orders.csv",),
    )
    words = Page(render(facts(said, receipts=(), receipt_counts={}))).words
    assert "Receipts" not in words and "Graph API" not in words
    assert "803 ready" in words and "Next: capi upload orders.csv" in words
    assert "388 of 412 rows rejected as too old would be accepted as physical_store" in words
    assert "4 events will be too old for Meta within the next 6 hours" in words


def test_a_run_without_events_says_so() -> None:
    said = summary(
        rows_read=0, rows_filtered=0, rows_rejected=0, rows_skipped=0, rows_prepared=0, events_prepared=0,
        events_accepted=0, events_rejected=0, events_unknown=0, events_unsent=0, findings=[], coverage={},
        rejects_path=None, error=None, exit_code=0,
    )  # fmt: skip
    empty = facts(said, hours=(), event_names=(), amounts=(), receipts=(), receipt_counts={})
    words = Page(render(empty)).words
    for sentence in ("There were no rows to read.", "No event carries a match key.", "Nothing was noticed."):
        assert sentence in words


def test_every_match_key_has_words() -> None:
    assert set(WORDS) == {*MATCH_KEYS, *PLAIN_KEYS}


def test_hints_name_the_strongest_keys_that_most_events_lack() -> None:
    assert [name for name, _, _ in missing({}, ())] == [
        "E-mail address (em)",
        "Phone number (ph)",
        "First name (fn) and Last name (ln)",
        "Postcode (zp)",
    ]
    some = missing({"em": 0.98, "ph": 0.2, "fn": 1.0, "ln": 0.4}, ())
    assert [(name, state) for name, state, _ in some[:2]] == [
        ("Phone number (ph)", "rare"),
        ("First name (fn) and Last name (ln)", "rare"),
    ]


STYLE = Page(render(facts())).all("style")[0].words


def test_it_has_colours_for_light_and_dark_and_a_layout_for_phones_and_paper() -> None:
    for rule in ("prefers-color-scheme: dark", "@media print", "max-width: 36rem"):
        assert rule in STYLE


def test_words_stand_out_from_the_paper() -> None:
    """Source: WCAG 2.2, 1.4.3: a contrast of 4.5 to 1 for text; 1.4.11: 3 to 1 for shapes."""
    palettes = [
        dict(re.findall(r"--([\w-]+): (#\w{6})", block))
        for block in re.findall(r":root \{(.*?)\}", STYLE, re.S)
    ]
    assert len(palettes) == 3
    for palette in palettes:
        for name in ("ink", "soft", "faint", "bad-text", "wait-text", "good-text"):
            for ground in ("paper", "raised"):
                assert contrast(palette[name], palette[ground]) >= 4.5, (name, palette[name])
        for name in ("accent", "good", "bad", "unknown"):
            assert contrast(palette[name], palette["paper"]) >= 3, (name, palette[name])


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""The page of a run: one file that needs no other, no script and no network, for the screen, a phone and paper.

Everything it shows is counted or masked already. Whatever came from a file is escaped by the template; the one
style sheet is allowed by its digest, and the page's own policy forbids everything else.
"""

import base64
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capi_cli.errors import ConfigurationError
from capi_cli.event.mask import mask
from capi_cli.event.rules import catalogue
from capi_cli.numbers import count, counted, size, span
from capi_cli.report import charts, keys, numbers, outcome
from capi_cli.runs.report_facts import ReportFacts
from capi_cli.runs.summary import FindingFacts, Summary

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATE: Final = "page.html.jinja"
_STYLE: Final = "page.css"
_SEVERITIES: Final = (
    ("error", "Errors", "These rows are not sent."),
    ("warning", "Warnings", "These rows are sent; they match worse, or may surprise."),
    ("info", "For your information", "Nothing to mend."),
)
_MOST_NAMES: Final = 12
_MOST_CURRENCIES: Final = 12
_LONGEST_NAME: Final = 60
_PERSONAL: Final = re.compile(r"@|\d(?:[\s().\u00a0/-]{0,3}\d){6}|[0-9A-Fa-f]{32}")


@dataclass(frozen=True, slots=True)
class _Found:
    """A finding with its rule's words."""

    facts: FindingFacts
    message: str
    expected: str
    why: str
    fix: str

    @property
    def anchor(self) -> str:
        """Where on the page it stands; a code is noticed in several fields."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.facts.code} {self.facts.field}".lower())


def render(facts: ReportFacts) -> str:
    """Return the page as HTML."""
    summary, style = facts.summary, _read(_STYLE)
    severities = _findings(summary)
    return _template().render(
        facts=facts,
        summary=summary,
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{_digest(style)}'; base-uri 'none'; form-action 'none'",
        headline=outcome.headline(summary),
        tone=_tone(summary),
        steps=outcome.next_steps(summary),
        sends=outcome.sends(summary),
        figures=_figures(facts),
        bars=outcome.bars(summary),
        equations=outcome.equations(summary),
        coverage=_coverage(summary),
        missing=keys.missing(summary.coverage, summary.enrichments) if summary.events_prepared else [],
        severities=severities,
        overview=[one for *_, found in severities for one in found],
        days=charts.by_day(facts.hours),
        hours=charts.by_hour(facts.hours),
        ages=_ages(summary),
        currencies=[
            (one, charts.by_value(one), charts.spread(one)) for one in facts.amounts[:_MOST_CURRENCIES]
        ],
        more_currencies=[
            f"{numbers.amount(one.total)} {one.currency}" for one in facts.amounts[_MOST_CURRENCIES:]
        ],
        names=_names(facts),
        receipt_total=sum(facts.receipt_counts.values()),
        parted=_parted(facts),
    )


def check_place(path: Path) -> None:
    """Raise where the page can't be written, before anything else is done.

    Raises:
        ConfigurationError: It can't.
    """
    if path.is_dir():
        raise ConfigurationError(
            f"The report can't be written: {path} is a folder.", "Name a file: --report PATH.html."
        )
    try:
        descriptor, name = _temporary(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    os.close(descriptor)
    Path(name).unlink()


def write(facts: ReportFacts, path: Path) -> None:
    """Write the page, readable by its owner only; an older one is replaced in one step.

    Raises:
        ConfigurationError: It can't be written.
    """
    page = render(facts).encode()
    try:
        descriptor, name = _temporary(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> tuple[int, str]:
    return tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".part", dir=path.parent)  # mode 0600


def _unwritable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"The report {path} can't be written: {error.strerror}.",
        "Name a file in a folder that exists and may be written: --report PATH.html.",
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "count": count,
        "share": numbers.share,
        "amount": numbers.amount,
        "size": size,
        "span": span,
        "instant": numbers.instant,
        "percent": lambda number: f"{number:.3f}%",
        "px": lambda number: f"{number:.1f}",
    }
    return environment.from_string(_read(_TEMPLATE))


def _read(name: str) -> str:
    return files("capi_cli.report").joinpath(name).read_text("utf-8")


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _tone(summary: Summary) -> str:
    """Return the colour of the outcome."""
    return {0: "good", 3: "mixed"}.get(summary.exit_code, "bad")


def _figures(facts: ReportFacts) -> list[tuple[str, str]]:
    """Return the few numbers below the first sentence: (name, number)."""
    summary = facts.summary
    found = [("rows read", count(summary.rows_read))]
    if outcome.sends(summary):
        found.append(("events accepted", count(summary.events_accepted)))
        found.append(("requests", count(summary.requests)))
    else:
        found.append(("events prepared", count(summary.events_prepared)))
        found.append(("rows rejected", count(summary.rows_rejected)))
    found.append(("time", span(summary.duration_s)))
    return found


def _coverage(summary: Summary) -> list[tuple[str, str, float]]:
    """Return the match keys that any event carries, in the order of Meta's pages: (name, words, share)."""
    return [(name, keys.WORDS.get(name, name), part) for name, part in summary.coverage.items()]


def _findings(summary: Summary) -> list[tuple[str, str, str, list[_Found]]]:
    """Return the findings by severity, with the words of their rules."""
    groups = []
    for severity, title, meaning in _SEVERITIES:
        found = [_with_words(one) for one in summary.findings if one.severity == severity]
        if found:
            groups.append((severity, title, meaning, sorted(found, key=lambda one: -one.facts.count)))
    return groups


def _with_words(one: FindingFacts) -> _Found:
    rule = catalogue().get(one.code)
    if rule is None:
        return _Found(one, one.code, "", "", "")
    detail = "…" if _PERSONAL.search(one.detail) else one.detail
    return _Found(one, rule.message.replace("{detail}", detail), rule.expected, rule.why, one.fix or rule.fix)


def _ages(summary: Summary) -> list[str]:
    """Return what the ages of the events mean for when to send them."""
    ages, found = summary.ages, []
    if ages.too_old and ages.fit_for_store:
        found.append(
            f"{count(ages.fit_for_store)} of {counted(ages.too_old, 'row')} rejected as too old would "
            "be accepted as physical_store, if that is what they are."
        )
    sooner = 0  # the counts of longer spans hold those of shorter ones
    for hours, events in () if outcome.sends(summary) else ages.expiring:
        if events > sooner:
            within = "hour" if hours == 1 else f"{hours} hours"
            found.append(f"{counted(events, 'event')} will be too old for Meta within the next {within}.")
        sooner = events
    return found


def _names(facts: ReportFacts) -> list[tuple[str, int, float]]:
    """Return the most frequent event names: (name, events, share of all); the others as one."""
    total = max(1, sum(events for _, events in facts.event_names) + facts.other_names)
    shown = [(_event_name(name), events) for name, events in facts.event_names[:_MOST_NAMES] if events]
    others = len(facts.event_names) - _MOST_NAMES
    rest = sum(events for _, events in facts.event_names[_MOST_NAMES:]) + facts.other_names
    if rest:
        shown.append((f"{others:,}{' or more' if facts.other_names else ''} other names", rest))
    return [(name, events, events / total) for name, events in shown]


def _event_name(name: str) -> str:
    """Return the name; masked where the column that was taken for it seems to hold persons."""
    if _PERSONAL.search(name):
        return mask("event_name", name)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _parted(facts: ReportFacts) -> set[int]:
    """Return the batches of which a receipt speaks of a part alone."""
    seen: set[int] = set()
    parted = {one.batch for one in facts.receipts if one.first}
    for one in facts.receipts:
        (parted if one.batch in seen else seen).add(one.batch)
    return parted

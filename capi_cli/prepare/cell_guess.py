"""Which field a column's cells look like, whatever its name: the normalizers are tried on a sample.

A confidence is the share of cells that a field's rule reads, times how far the shape tells that field from all
others: an e-mail address is nothing else, five digits may be a postcode, an id or a number. What stays below
`SURE` is told as a possibility and fills nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.contents import normalize_contents
from capi_cli.event.normalize.gender import normalize_gender
from capi_cli.event.normalize.keys import KeySettings, normalized
from capi_cli.event.normalize.money import currencies_meant, normalize_currency, normalize_value
from capi_cli.event.normalize.places import normalize_state
from capi_cli.event.normalize.plain_keys import normalize_plain_key
from capi_cli.event.normalize.text import clean
from capi_cli.event.normalize.urls import normalize_url
from capi_cli.prepare.time_guess import look_at_times

SURE: Final = 0.8
_POSSIBLE: Final = 0.4
_FEWEST_CELLS: Final = 2
_PROBE: Final = 20  # cells; a rule that reads less than half of them is not tried on the rest
_YEAR_S: Final = 365.25 * 86_400
_RECENT_YEARS, _GROWN_UP_YEARS = 5, 12
_LARGE_MARKETS: Final = "US DE GB FR ES IT BR MX NL AT CH PL PT BE AU IN SE DK TR JP".split()
_COMMON_CURRENCIES: Final = "USD EUR GBP CAD AUD MXN BRL JPY CNY CHF SEK NOK DKK".split()

_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}.*|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}.*").fullmatch
_NO_PHONE = re.compile(r"-?\d+[.,]\d{1,2}|\d{5}-\d{4}|\d{1,3}(?:\.\d{1,3}){3}").fullmatch
_PHONE = re.compile(r"(?:tel:|p:)?\s*(?P<lead>\+|00|0|\()?[\d\s().\-/]{6,24}").fullmatch
_AGENT = re.compile(r"[A-Za-z][\w.+-]*/\d[\w.]*.*").fullmatch
_FBP = re.compile(r"fb\.\d\.\d{10,13}\.\d+").fullmatch
_FBCLID = re.compile(r"(?:IwAR|IwY2|IwZXh|PA[A-Z])[\w-]{20,}").fullmatch
_LEAD_ID = re.compile(r"l:\d{15,17}").fullmatch
_MONEY = re.compile(r"[^\d]{0,4}-?[\d.,' ]+[.,]\d{2}[^\d]{0,4}").fullmatch
_POSTCODE = re.compile(r"\d{5}(?:-\d{4})?|\d{4}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{5}-\d{3}").fullmatch
_ORDER_ID = re.compile(r"#?[A-Za-z]{0,5}[-_]?\d{3,12}").fullmatch
_DIGEST = re.compile(r"[0-9a-fA-F]{64}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """A field that a column's cells may fill.

    Attributes:
        path: The field's.
        confidence: From 0 to 1.
    """

    path: str
    confidence: float

    @property
    def sure(self) -> bool:
        """Whether it may be taken, where no other column and no other field competes."""
        return self.confidence >= SURE


def likely_fields(cells: Sequence[str], *, country: str | None, today: date) -> list[Likely]:
    """Return the fields that a column's cells look like, the likeliest first.

    Args:
        cells: Its cells in file order, empty ones left out.
        country: For reading phones whose row names no country.
        today: For dates of birth and times.
    """
    texts = [text for cell in cells if (text := clean(cell))]
    if len(texts) < _FEWEST_CELLS:
        return []
    found = dict(_by_shape(texts, country, today))
    if (moment := _moment(texts, today)) is not None:
        found[moment[0]] = moment[1]
    likely = [Likely(path=path, confidence=round(c, 2)) for path, c in found.items() if c >= _POSSIBLE]
    return sorted(likely, key=lambda one: -one.confidence)


def holds_digests(cells: Sequence[str]) -> bool:
    """Return whether most cells are SHA-256 already, which tells nothing of what they were."""
    return _share(cells, lambda text: bool(_DIGEST(text))) >= SURE


def read_share(name: str, cells: Sequence[str], *, country: str | None, today: date) -> float:
    """Return the share of cells that a hashed match key keeps."""
    settings = KeySettings(today=today)

    def kept(text: str) -> bool:
        outcome = normalized(name, text, country=country, settings=settings)
        return (outcome.kept if isinstance(outcome, Finding) else outcome) is not None

    return _share(cells, kept)


def likely_countries(phones: Sequence[str], *, today: date) -> list[str]:
    """Return up to three countries in whose numbering plan most of the phones are possible, the likeliest first."""
    settings = KeySettings(today=today)

    def share(country: str) -> float:
        read = [normalized("ph", phone, country=country, settings=settings) for phone in phones[:200]]
        return sum(isinstance(one, str) for one in read) / max(len(read), 1)

    shares = {country: share(country) for country in _LARGE_MARKETS}
    return sorted((c for c in shares if shares[c] >= SURE), key=lambda c: -shares[c])[:3]


def decimals_that_read(cells: Sequence[str], said: str | None) -> tuple[str | None, ...]:
    """Return the decimal signs that read most of a column of amounts; None first where no word is needed."""
    shares = {sign: _share(cells, lambda text, s=sign: _is_amount(text, s)) for sign in (said, ",", ".")}  # type: ignore[misc]
    best = max(shares.values())
    if shares[said] == best:
        return (said,)
    return tuple(sign for sign, share in shares.items() if share == best)


def currencies_beside(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the currencies that the signs beside all amounts allow, common ones first; none without a sign."""
    meant = [currencies_meant(cell) for cell in cells if clean(cell)]
    if not meant or not all(meant):
        return ()
    return tuple(
        sorted(frozenset.intersection(*meant), key=lambda code: (code not in _COMMON_CURRENCIES, code))
    )


def _by_shape(texts: Sequence[str], country: str | None, today: date) -> Iterator[tuple[str, float]]:
    settings = KeySettings(today=today)

    def key(name: str) -> Callable[[str], bool]:
        return lambda text: isinstance(normalized(name, text, country=None, settings=settings), str)

    yield "user_data.em", _share(texts, lambda text: "@" in text and key("em")(text))
    yield "user_data.ph", _phones(texts, country, today)
    countries = _share(texts, key("country")) if len(max(texts, key=len)) <= 40 else 0.0
    states = _share(texts, _is_us_state)
    yield "user_data.country", countries * 0.95 if countries > states else countries * 0.7
    if states > countries:
        yield "user_data.st", states * 0.9
    yield "custom_data.currency", _share(texts, lambda text: isinstance(normalize_currency(text), str)) * 0.95
    several = len({text.lower() for text in texts}) > 1
    yield (
        "user_data.ge",
        _share(texts, lambda text: isinstance(normalize_gender(text), str)) * (0.9 if several else 0.6),
    )
    yield "user_data.client_ip_address", _share(texts, _is_address)
    yield "user_data.client_user_agent", _share(texts, lambda text: bool(_AGENT(text)) and " " in text) * 0.95
    browser = _share(texts, lambda text: bool(_FBP(text)))
    yield "user_data.fbp", browser
    clicks = _share(texts, lambda text: isinstance(normalize_plain_key("fbc", text), str))
    yield "user_data.fbc", clicks - browser
    yield "user_data.fbclid", _share(texts, lambda text: bool(_FBCLID(text)))
    yield "user_data.lead_id", _share(texts, lambda text: bool(_LEAD_ID(text)))
    yield "event_source_url", _share(texts, _is_page) * 0.9
    yield "custom_data.contents", _share(texts, _holds_items) * 0.95
    yield "custom_data.value", _share(texts, lambda text: bool(_MONEY(text)) and _is_any_amount(text)) * 0.85
    yield "user_data.zp", _share(texts, lambda text: bool(_POSTCODE(text.upper()))) * 0.6
    if len(set(texts)) == len(texts):
        yield "custom_data.order_id", _share(texts, lambda text: bool(_ORDER_ID(text))) * 0.6


def _share(texts: Sequence[str], passes: Callable[[str], bool]) -> float:
    probe = texts[:_PROBE]
    read = sum(passes(text) for text in probe)
    if not probe or 2 * read < len(probe):
        return 0.0
    return (read + sum(passes(text) for text in texts[_PROBE:])) / len(texts)


def _phones(texts: Sequence[str], country: str | None, today: date) -> float:
    shaped = _share(texts, _is_phone_like)
    if shaped < SURE:
        return 0.0
    settings = KeySettings(today=today)

    def valid(where: str | None, sample: Sequence[str]) -> float:
        return _share(
            sample, lambda text: isinstance(normalized("ph", text, country=where, settings=settings), str)
        )

    told = valid(country, texts)
    if told >= SURE:
        return told * 0.95
    few = texts[:200]
    return max(valid(one, few) for one in _LARGE_MARKETS) * 0.9


def _is_phone_like(text: str) -> bool:
    if _DATE(text) or _NO_PHONE(text) or not 7 <= sum(map(str.isdigit, text)) <= 15:
        return False
    match = _PHONE(text)
    return match is not None and (match["lead"] is not None or not text.isdigit())


def _is_us_state(text: str) -> bool:
    return len(text) == 2 and text.isalpha() and isinstance(normalize_state(text, country="US"), str)


def _is_address(text: str) -> bool:
    outcome = normalize_plain_key("client_ip_address", text)
    return isinstance(outcome, str) or (outcome is not None and outcome.code == "ip-private")


def _holds_items(text: str) -> bool:
    """Return whether a text is a list of items, each with an id."""
    return text[0] in "[{nips" and isinstance(normalize_contents(text), str)  # JSON, or `name:…|sku:…`


def _is_page(text: str) -> bool:
    return text[:4].lower() == "http" and normalize_url(text) is not None


def _is_any_amount(text: str) -> bool:
    return not _DATE(text) and any(_is_amount(text, sign) for sign in (None, ",", "."))


def _is_amount(text: str, decimal: str | None) -> bool:
    outcome = normalize_value(text, decimal=decimal, currency=None)
    return isinstance(outcome, str) or (outcome is not None and outcome.kept is not None)


def _moment(texts: Sequence[str], today: date) -> tuple[str, float] | None:
    """Return whether dates are recent times or dates of birth, and how surely."""
    looked = look_at_times(texts[:_PROBE], format=None, timezone="UTC")
    if looked.share < SURE:
        return None
    looked = look_at_times(texts, format=None, timezone="UTC")
    if not looked.seconds:
        return None
    midnight = (today - date(1970, 1, 1)).days * 86_400
    ages = [(midnight - second) / _YEAR_S for second in looked.seconds]
    if -1 < median(ages) < _RECENT_YEARS:
        return "event_time", looked.share * 0.95
    if median(ages) > _GROWN_UP_YEARS and looked.whole_days:
        return "user_data.db", looked.share * 0.9
    return None

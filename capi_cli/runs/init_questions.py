"""What `capi init` asks a person, one question for each thing that no column tells."""

from collections.abc import Sequence

from capi_cli.errors import ConfigurationError
from capi_cli.event import limits
from capi_cli.event.normalize.countries import find_country
from capi_cli.event.normalize.money import CURRENCIES
from capi_cli.event.normalize.urls import normalize_url
from capi_cli.event.normalize.zones import check_timezone
from capi_cli.mapping.header import shown
from capi_cli.runs.init_draft import Question

_NAMES = ("Purchase", "Lead", "CompleteRegistration", "Schedule", "Subscribe")
_SOURCES = ("physical_store", "website", "phone_call", "app", "email", "chat", "system_generated", "other")
_ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Madrid",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
)
_LONGEST_EVENT_NAME = 50


def event_name() -> Question:
    """Ask what happened."""
    return Question(name="event_name", text="What is each row?", choices=_NAMES, check=_name)


def action_source() -> Question:
    """Ask where it happened."""
    choices = tuple(source for source in _SOURCES if source in limits.ACTION_SOURCES)
    return Question(name="action_source", text="Where did it happen?", choices=choices, check=_action_source)


def page() -> Question:
    """Ask for the address of the website, which Meta requires of events there."""
    text = "On which page did they happen? The shop's address does for all rows."
    return Question(name="event_source_url", text=text, choices=(), check=_page)


def time_column(names: Sequence[str]) -> Question:
    """Ask which column is the event's time."""
    return Question(name="event_time", text="Which column says when it happened?", choices=tuple(names))


def value_column(names: Sequence[str]) -> Question:
    """Ask which column is the value of a purchase."""
    return Question(name="value", text="Which column is the value of the purchase?", choices=tuple(names))


def date_format(column: str, formats: Sequence[str]) -> Question:
    """Ask in which order a date is written."""
    text = f"How are the dates in {shown(column)} written? No day is above 12."
    return Question(name="format", text=text, choices=tuple(formats))


def timezone() -> Question:
    """Ask for the zone of times that carry none."""
    text = "The times carry no zone. In which one was the file written?"
    return Question(name="timezone", text=text, choices=_ZONES, check=_zone)


def country(count: int, likely: Sequence[str]) -> Question:
    """Ask for the country of phones that name none."""
    text = f"{count:,} phones name no country. From which one are they?"
    choices = tuple(likely) or ("US", "GB", "DE", "FR", "ES")
    return Question(name="default_country", text=text, choices=choices, check=_country)


def currency(likely: Sequence[str]) -> Question:
    """Ask for the currency of amounts that name none."""
    choices = tuple(likely[:6]) or ("EUR", "USD", "GBP")
    return Question(
        name="currency", text="In which currency are the values?", choices=choices, check=_currency
    )


def decimal(column: str) -> Question:
    """Ask for the decimal sign."""
    text = f"Which sign stands before the decimals in {shown(column)}?"
    return Question(name="decimal", text=text, choices=(",", "."))


def _name(text: str) -> str:
    if len(text) > _LONGEST_EVENT_NAME:
        raise ValueError(f"a name of at most {_LONGEST_EVENT_NAME} characters")
    return text


def _action_source(text: str) -> str:
    word = text.lower().replace(" ", "_").replace("-", "_")
    if word not in limits.ACTION_SOURCES:
        raise ValueError(f"one of {', '.join(limits.ACTION_SOURCES)}")
    return word


def _page(text: str) -> str:
    if not isinstance(normalize_url(text), str):
        raise ValueError("an address such as https://www.example.com/")
    return text


def _zone(text: str) -> str:
    try:
        return check_timezone(text)
    except ConfigurationError as error:
        meant = error.hint[0].lower() + error.hint[1:] if error.hint else "such as Europe/Berlin"
        raise ValueError(f"an IANA name; {meant}") from None


def _country(text: str) -> str:
    if (code := find_country(text)) is None:
        raise ValueError("a country, such as DE or US")
    return code


def _currency(text: str) -> str:
    if text.upper() not in CURRENCIES:
        raise ValueError("an ISO 4217 code, such as EUR or USD")
    return text.upper()

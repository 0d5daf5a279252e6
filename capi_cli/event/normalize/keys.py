"""What goes over the wire for one value of one match key: the only door from the pipeline to the normalizers.

Hashing is a property of the key: everything that leaves here is a SHA-256, but an `external_id` marked plain.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from capi_cli.event.digest import digest
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.birth import (
    normalize_birth_date,
    normalize_birth_day,
    normalize_birth_month,
    normalize_birth_year,
)
from capi_cli.event.normalize.email import normalize_email
from capi_cli.event.normalize.external_id import check_plain_id, normalize_app_user_id, normalize_external_id
from capi_cli.event.normalize.gender import normalize_gender
from capi_cli.event.normalize.names import normalize_first_five, normalize_first_initial, normalize_name
from capi_cli.event.normalize.phone import normalize_phone
from capi_cli.event.normalize.places import (
    normalize_city,
    normalize_country,
    normalize_state,
    normalize_zip,
)
from capi_cli.event.normalize.text import (
    ABSENT_WORDS,
    LONGEST_ABSENT_WORD,
    absent_word,
    arrived_hashed,
    clean,
)

Outcome = str | Finding | None

COUNTRY_KEYS = frozenset({"ph", "st", "zp"})  # what these become depends on the row's country


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySettings:
    """What the mapping and the run say about a column of match keys.

    Attributes:
        today: The last possible date of birth.
        birth_format: strptime codes for `db`, stated or settled; None where nobody said.
        cut_zip_at_dash: A postcode ends at its dash.
        plain: `external_id` alone: sent unhashed.
    """

    today: date
    birth_format: str | None = None
    cut_zip_at_dash: bool = False
    plain: bool = False


_BY_VALUE_ALONE: dict[str, Callable[[str], Outcome]] = {
    "em": normalize_email,
    "fn": normalize_name,
    "ln": normalize_name,
    "fi": normalize_first_initial,
    "f5first": normalize_first_five,
    "f5last": normalize_first_five,
    "ge": normalize_gender,
    "dobm": normalize_birth_month,
    "dobd": normalize_birth_day,
    "ct": normalize_city,
    "country": normalize_country,
    "external_id": normalize_external_id,
    "app_user_id": normalize_app_user_id,
}
_SHORTEST_DIGEST = 32  # hex digits of an MD5


def match_key(name: str, value: str, *, country: str | None, settings: KeySettings) -> Outcome:
    """Return what is sent for one value of a match key, in a finding where there is something to say.

    Args:
        name: Meta's spelling: `em`, `ph`, ….
        value: One cell, or one value of a list, as it is in the file.
        country: ISO alpha-2, in capitals, of the row or of the file; None where nobody said.
        settings: What the mapping and the run say.

    Returns:
        64 lower-case hex digits, a digest that arrived with an appendix, or a plain `external_id`; None
        where the cell is empty. A finding's `kept` is such a text too, and None where the value is dropped.
    """
    outcome = _outcome(name, value, country, settings)
    if outcome.__class__ is str:
        return sha256(outcome.encode()).hexdigest() if not settings.plain else _unhashed(name, outcome)
    if outcome is None:
        return None
    assert isinstance(outcome, Finding)
    if outcome.kept is None or outcome.code == "arrived-hashed":
        return outcome
    return Finding(outcome.code, digest(outcome.kept), outcome.detail)


def normalized(name: str, value: str, *, country: str | None, settings: KeySettings) -> Outcome:
    """Return the text that `match_key` hashes, for showing what a cell became."""
    outcome = _outcome(name, value, country, settings)
    if settings.plain and name == "external_id" and isinstance(outcome, str):
        return check_plain_id(outcome)
    return outcome


def _unhashed(name: str, text: str) -> str | Finding:
    return check_plain_id(text) if name == "external_id" else digest(text)


def _outcome(name: str, value: str, country: str | None, settings: KeySettings) -> Outcome:
    if not (value.isascii() and (text := value.strip()).isprintable()):
        text = clean(value)
    length = len(text)
    if length <= LONGEST_ABSENT_WORD:
        if not length:
            return None
        if text.lower() in ABSENT_WORDS and (found := absent_word(name, text)) is not None:
            return found
    elif length >= _SHORTEST_DIGEST and (found := arrived_hashed(name, text)) is not None:
        return found
    if (normalize := _BY_VALUE_ALONE.get(name)) is not None:
        return normalize(text)
    if name == "ph":
        return normalize_phone(text, country=country)
    if name == "zp":
        return normalize_zip(text, country=country, cut_at_dash=settings.cut_zip_at_dash)
    if name == "st":
        return normalize_state(text, country=country)
    if name == "db":
        return normalize_birth_date(text, date_format=settings.birth_format, today=settings.today)
    if name == "doby":
        return normalize_birth_year(text, today=settings.today)
    raise ValueError(f"{name} is not a match key that is hashed")

"""One entry of a suppression list: whom it names, as the digests under which that person would be sent."""

from datetime import date

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.keys import KeySettings, match_key
from capi_cli.event.normalize.text import arrived_hashed, clean

_SETTINGS = KeySettings(today=date.max)  # of birth dates, of which there are none here


def suppressed_digest(value: str, *, country: str | None) -> bytes | Finding | None:
    """Return the 32 bytes of SHA-256 under which an e-mail address or a phone number is sent.

    Args:
        value: An e-mail address, a phone number, or the SHA-256 of one, as somebody wrote it.
        country: ISO alpha-2 for phone numbers that name no country; None where nobody said.

    Returns:
        A digest; None where the entry is empty or one of the words for it; a finding where it can't be read.
    """
    text = clean(value)
    hashed = arrived_hashed("em", text)
    outcome = hashed or match_key("em" if "@" in text else "ph", text, country=country, settings=_SETTINGS)
    if isinstance(outcome, Finding):
        if outcome.code == "absent-word":
            return None
        if outcome.kept is None:
            return outcome
        outcome = outcome.kept
    return bytes.fromhex(outcome[:64]) if outcome else None

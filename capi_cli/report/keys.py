"""What each match key is, in words, and why one that is missing would help."""

from collections.abc import Mapping, Sequence
from typing import Final

from capi_cli.numbers import counted
from capi_cli.runs.summary import EnrichmentFacts

WORDS: Final[Mapping[str, str]] = {
    "em": "E-mail address",
    "ph": "Phone number",
    "fn": "First name",
    "ln": "Last name",
    "fi": "Initial of the first name",
    "f5first": "First five letters of the first name",
    "f5last": "First five letters of the last name",
    "ge": "Gender",
    "db": "Date of birth",
    "doby": "Year of birth",
    "dobm": "Month of birth",
    "dobd": "Day of birth",
    "ct": "City",
    "st": "State or region",
    "zp": "Postcode",
    "country": "Country",
    "external_id": "Your own customer id",
    "app_user_id": "User id of your app",
    "client_ip_address": "IP address of the visitor",
    "client_user_agent": "Browser of the visitor",
    "fbc": "Click on an ad (fbc)",
    "fbp": "Browser id (fbp cookie)",
    "subscription_id": "Subscription id",
    "fb_login_id": "Facebook Login id",
    "lead_id": "Lead id from a Meta form",
    "anon_id": "Install id of your app",
    "madid": "Advertising id of the device",
    "page_id": "Facebook page",
    "page_scoped_user_id": "Messenger user id",
    "ctwa_clid": "Click to WhatsApp",
    "ig_account_id": "Instagram account",
    "ig_sid": "Instagram user id",
    "whatsapp_business_account_id": "WhatsApp business account",
    "instagram_business_account_id": "Instagram business account",
    "partner_id": "Partner id",
    "partner_name": "Partner name",
}

# In the order in which a key is worth the trouble: what names one person first, what narrows a match after it.
_HELP: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("em",), "Names one person. The key that matches most, wherever a customer left an address."),
    (
        ("ph",),
        "Names one person. Stands in where the e-mail address at the till is not the one used at Meta.",
    ),
    (("fn", "ln"), "With a place or a birthday they find people whose e-mail address Meta does not know."),
    (("zp",), "Tells people of one name apart."),
    (("ct", "country"), "Narrow a name down. For one country: --set country=CC."),
    (("db",), "Tells people of one name and place apart."),
)
_MOST_HINTS: Final = 4
_ENOUGH: Final = 0.5


def missing(
    coverage: Mapping[str, float], enrichments: Sequence[EnrichmentFacts]
) -> list[tuple[str, str, str]]:
    """Return what would help most: (names, how often events carry it now, why and how).

    Of the keys that name people at most four, and none that half of the events carry; keys that go together count as
    one. After them all that the file may hold beyond what is mapped.
    """
    found = []
    for names, why in _HELP:
        carried = min(coverage.get(name, 0.0) for name in names)
        if carried < _ENOUGH:
            words = " and ".join(f"{WORDS[name]} ({name})" for name in names)
            found.append((words, "missing" if not carried else "rare", why))
    return found[:_MOST_HINTS] + [_enrichment(one) for one in enrichments]


def _enrichment(one: EnrichmentFacts) -> tuple[str, str, str]:
    words = WORDS.get(one.name, "Address of the page")
    events = counted(one.events, "website event" if one.website else "event")
    state = f"missing in {one.share:.0%} of {events}"
    if not one.columns:
        return _named(words, one.name), state, f"{one.why} Look for {one.mend}."
    columns = " or ".join(one.columns)
    found = f" {counted(one.found, 'event')} with a click in it." if one.found else ""
    return _named(words, one.name), state, f"{one.why} Perhaps in {columns}: {one.mend}.{found}"


def _named(words: str, name: str) -> str:
    return words if name in words else f"{words} ({name})"

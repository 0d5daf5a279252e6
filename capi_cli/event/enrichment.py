"""What an export often has and a mapping forgets: fields that make more events match, and why.

Nothing here invents a value. What is told is how many events lack a field, and which column may hold it.

Source: Meta, "Customer information parameters", "fbp and fbc parameters", "Best practices".
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """One field that would help.

    Attributes:
        path: The field that events lack.
        by: The field that its column is mapped to; `fbclid` becomes fbc.
        website: Whether only events of a website can have it.
        words: Parts of column names that may hold it, folded: letters and digits alone.
        why: What it would do.
        where: Where it is found, if no column looks like it.
    """

    path: str
    by: str
    website: bool
    words: tuple[str, ...]
    why: str
    where: str


ENRICHMENTS: Final = (
    Enrichment(
        path="user_data.fbc",
        by="fbclid",
        website=True,
        words=(
            "fbclid",
            "fbc",
            "landing",
            "clickid",
            "entrypage",
            "entryurl",
            "firstpage",
            "referrer",
            "pageurl",
        ),
        why="It ties the event to the click on an ad that it began with.",
        where="the shop's _fbc cookie, the fbclid, or the landing page's URL",
    ),
    Enrichment(
        path="user_data.fbp",
        by="fbp",
        website=True,
        words=("fbp", "browserid"),
        why="It tells the visitor's browser, also where no address is known.",
        where="the shop's _fbp cookie",
    ),
    Enrichment(
        path="user_data.client_ip_address",
        by="client_ip_address",
        website=True,
        words=(
            "ipaddress",
            "clientip",
            "customerip",
            "userip",
            "visitorip",
            "remoteaddr",
            "browserip",
            "ipv4",
            "ipv6",
        ),
        why="With the browser it finds visitors who left neither address nor number.",
        where="the visitor's address, as the shop's server saw it",
    ),
    Enrichment(
        path="user_data.client_user_agent",
        by="client_user_agent",
        website=True,
        words=("useragent", "browserua", "httpagent"),
        why="Meta asks for it with every website event.",
        where="the User-Agent header of the visitor's browser",
    ),
    Enrichment(
        path="user_data.external_id",
        by="external_id",
        website=False,
        words=(
            "customerid",
            "customerno",
            "customernumber",
            "userid",
            "memberid",
            "membernumber",
            "clientid",
            "accountid",
            "loyalty",
            "kundennummer",
            "kundennr",
            "kundenid",
            "numcliente",
            "idcliente",
            "cardno",
        ),
        why="It ties the events of one customer together; it must be the id that the site's pixel sends.",
        where="your own customer number, if the site's pixel sends the same",
    ),
    Enrichment(
        path="event_source_url",
        by="event_source_url",
        website=True,
        words=("url", "page", "link", "seite", "lien", "enlace", "pagina"),
        why="Meta refuses website events without it, so these rows are rejected.",
        where="the page's address; or --set event_source_url=URL for all",
    ),
)

"""Meta's limits, each with its unit and its source. Shared by the client and the sandbox.

Sources are pages of Meta's Conversions API documentation (text of 2026-09) unless named otherwise.
"""

from typing import Final

MAX_EVENTS_PER_REQUEST: Final = 1000  # "Using the API": 1000 events in `data`
DAY_S: Final = 86_400
MAX_AGE_S: Final = 7 * DAY_S  # "Server event parameters", event_time: up to 7 days back
MAX_AGE_PHYSICAL_STORE_S: Final = 62 * DAY_S  # "Offline events": within 62 days
MAX_FUTURE_S: Final = 60  # ours: Meta's tolerance is not documented; covers clock skew
AGE_MARGIN_S: Final = 600  # ours: events that expire within 10 minutes of validating are told

MAX_EVENT_NAME_CHARACTERS: Final = 50  # believed; no source seen
SHA256_HEX_DIGITS: Final = 64
APPENDIX_CHARACTERS: Final = 8  # Meta's parameter builder appends ".xxxxxxxx" to a digest
MIN_PHONE_DIGITS: Final = 7
MAX_PHONE_DIGITS: Final = 15  # E.164
MIN_LEAD_ID_DIGITS: Final = 15
MAX_LEAD_ID_DIGITS: Final = 17
EXTINFO_PARTS: Final = 16  # "App data parameters"
MIN_BIRTH_YEAR: Final = 1900

DEDUPLICATION_WEB_S: Final = 48 * 3600  # event_name + event_id, "Deduplicate pixel and server events"
DEDUPLICATION_OFFLINE_S: Final = (
    7 * DAY_S
)  # event_time + event_name + order_id + item_number, "Offline events"

# user_data that is a subset of one of these matches too many people (2804050), "Best practices".
WEAK_USER_DATA: Final = (
    frozenset({"ct", "country", "st", "zp", "ge", "client_user_agent"}),
    frozenset({"db", "client_user_agent"}),
    frozenset({"fn", "ge"}),
    frozenset({"ln", "ge"}),
)

DEFAULT_API_VERSION: Final = "v26.0"  # came 2026-07-29
# "Graph API changelog": when a version came, and when it ended for the Marketing API.
API_VERSION_CAME: Final = {
    "v26.0": "2026-07-29",
    "v25.0": "2026-02-18",
    "v24.0": "2025-10-08",
    "v23.0": "2025-05-29",
}
API_VERSION_ENDED: Final = {"v24.0": "2026-10-06", "v23.0": "2026-06-09"}
EVENTS_SHOW_AFTER_S: Final = 20 * 60  # "Using the API": in Events Manager after at most about 20 minutes
DEFAULT_GRAPH_URL: Final = "https://graph.facebook.com"

ACTION_SOURCES: Final = (
    "email",
    "website",
    "app",
    "phone_call",
    "chat",
    "physical_store",
    "system_generated",
    "business_messaging",
    "other",
)

STANDARD_EVENTS: Final = (
    "AddPaymentInfo",
    "AddToCart",
    "AddToWishlist",
    "CompleteRegistration",
    "Contact",
    "CustomizeProduct",
    "Donate",
    "FindLocation",
    "InitiateCheckout",
    "Lead",
    "PageView",
    "Purchase",
    "Schedule",
    "Search",
    "StartTrial",
    "SubmitApplication",
    "Subscribe",
    "ViewContent",
)
OTHER_KNOWN_EVENTS: Final = ("Other", "AppendValue", "MobileAppInstall")
MESSAGING_EVENTS: Final = (
    "Purchase",
    "LeadSubmitted",
    "InitiateCheckout",
    "AddToCart",
    "ViewContent",
    "OrderCreated",
    "OrderShipped",
    "OrderDelivered",
    "OrderCanceled",
    "OrderReturned",
    "CartAbandoned",
    "QualifiedLead",
    "RatingProvided",
    "ReviewProvided",
)
MESSAGING_CHANNELS: Final = ("messenger", "whatsapp", "instagram")

# "Data processing options": 0 asks Meta to locate the person.
LDU_COUNTRIES: Final = {"US": 1}
LDU_STATES: Final = {
    "CA": 1000,
    "CO": 1001,
    "CT": 1002,
    "FL": 1003,
    "OR": 1004,
    "TX": 1005,
    "MT": 1006,
    "DE": 1007,
    "NE": 1008,
    "NH": 1009,
    "NJ": 1010,
    "MN": 1011,
    "MD": 1012,
    "RI": 1013,
}


def deduplication_s(action_source: str) -> int:
    """Return how long after its POST Meta recognises an event that is sent again; 0 for never."""
    if action_source == "business_messaging":
        return 0
    return DEDUPLICATION_OFFLINE_S if action_source == "physical_store" else DEDUPLICATION_WEB_S


def max_age_s(action_source: str) -> int:
    """Return how old an event may be when Meta receives it."""
    return MAX_AGE_PHYSICAL_STORE_S if action_source == "physical_store" else MAX_AGE_S

"""Every field of an event that Meta knows: its place, kind, and whether it is hashed. One table.

The order of the table is the order on the wire, so that the same input gives the same bytes. Hashing is a
property of the field: nobody can forget it. Source: capi.md §2 to §5, from Meta's parameter pages (2026-09).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from capi_cli.errors import ConfigurationError
from capi_cli.event import limits


class Kind(StrEnum):
    """What a cell of a field becomes on the wire."""

    TEXT = "text"  # a JSON string
    INTEGER = "integer"
    NUMBER = "number"  # a JSON number without float noise
    BOOLEAN = "boolean"
    CHOICE = "choice"  # one of `choices`
    TIME = "time"  # integer Unix seconds
    URL = "url"
    TEXTS = "texts"  # a list of strings
    JSON = "json"  # a nested list or object
    MATCH_KEY = "match key"  # hashed, in a list of strings
    PLAIN_KEY = "plain key"  # a member of user_data that stays plain, a string
    INPUT = "input"  # feeds another field (fbclid, consent, one part of contents); never on the wire itself


@dataclass(frozen=True, slots=True)
class Field:
    """One member of an event.

    Attributes:
        path: Where it stands, as Meta spells it: `event_time`, `user_data.em`, `custom_data.value`.
        kind: What its cells become.
        many: Whether it takes several values, from several columns or a list cell.
        choices: The words that Meta takes, for `Kind.CHOICE`.
    """

    path: str
    kind: Kind
    many: bool = False
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def group(self) -> str:
        """The object it stands in: `user_data`, `app_data`, …; empty for the event itself."""
        return self.path.rpartition(".")[0]

    @property
    def hashed(self) -> bool:
        """Whether its values leave the machine only as SHA-256."""
        return self.kind is Kind.MATCH_KEY

    @property
    def personal(self) -> bool:
        """Whether its values may tell of a person, and are not repeated: all of user_data but the country."""
        return self.group == "user_data" and self.name != "country"

    @property
    def custom(self) -> bool:
        """Whether it is a custom property: a name of the user's own under custom_data."""
        return self.group == "custom_data" and self.path not in FIELDS


def _group(group: str, kind: Kind, names: str, *, many: bool = False) -> list[Field]:
    prefix = f"{group}." if group else ""
    return [Field(prefix + name, kind, many) for name in names.split()]


SEGMENTS = (
    "new_customer_to_business",
    "new_customer_to_business_line",
    "new_customer_to_product_area",
    "new_customer_to_medium",
    "existing_customer_to_business",
    "existing_customer_to_business_line",
    "existing_customer_to_product_area",
    "existing_customer_to_medium",
    "customer_in_loyalty_program",
)
DELIVERY_CATEGORIES = ("in_store", "curbside", "home_delivery")
ATTRIBUTION_MODELS = tuple(
    "customized_multi_touch first_touch last_click last_touch linear position_based "
    "time_decay unknown".split()
)
ATTRIBUTION_METHODS = ("ard", "deeplink", "gpir", "invalid_response", "mir", "srn")
DECLINE_REASONS = tuple(
    "attribute_to_other_source out_of_lookback_window view_through_disabled within_inactive_window inactive "
    "fraud_detected unknown reinstall_attribution_disabled lookback not_pmod_match validation_rule_detected "
    "preload_install min_time_between_re_engagements duplicated pmod_disabled".split()
)
CONTENT_KEYS = (
    "id",
    "quantity",
    "item_price",
    "title",
    "description",
    "brand",
    "category",
    "delivery_category",
)

_EVENT = [
    Field("event_name", Kind.TEXT),
    Field("event_time", Kind.TIME),
    Field("event_id", Kind.TEXT),
    Field("action_source", Kind.CHOICE, choices=limits.ACTION_SOURCES),
    *_group("", Kind.URL, "event_source_url referrer_url"),
    Field("messaging_channel", Kind.CHOICE, choices=limits.MESSAGING_CHANNELS),
    Field("opt_out", Kind.BOOLEAN),
    Field("customer_segmentation", Kind.CHOICE, choices=SEGMENTS),
    Field("advanced_measurement_table", Kind.TEXT),
    Field("data_processing_options", Kind.TEXTS),
    *_group("", Kind.INTEGER, "data_processing_options_country data_processing_options_state"),
]
_USER_DATA = [
    *_group("user_data", Kind.MATCH_KEY, "em ph fn ln fi f5first f5last ge db doby dobm dobd", many=True),
    *_group("user_data", Kind.MATCH_KEY, "ct st zp country external_id", many=True),
    *_group("user_data", Kind.MATCH_KEY, "app_user_id"),
    *_group("user_data", Kind.PLAIN_KEY, "client_ip_address client_user_agent fbc fbp"),
    *_group("user_data", Kind.PLAIN_KEY, "subscription_id fb_login_id lead_id anon_id madid"),
    *_group("user_data", Kind.PLAIN_KEY, "page_id page_scoped_user_id ctwa_clid ig_account_id ig_sid"),
    *_group("user_data", Kind.PLAIN_KEY, "whatsapp_business_account_id instagram_business_account_id"),
    *_group("user_data", Kind.PLAIN_KEY, "partner_id partner_name"),
]
_CUSTOM_DATA = [
    Field("custom_data.value", Kind.NUMBER),
    Field("custom_data.currency", Kind.TEXT),
    *_group("custom_data", Kind.TEXT, "order_id item_number content_name content_category content_type"),
    Field("custom_data.content_ids", Kind.TEXTS, many=True),
    Field("custom_data.contents", Kind.JSON),
    Field("custom_data.num_items", Kind.INTEGER),
    *_group("custom_data", Kind.NUMBER, "predicted_ltv net_revenue"),
    *_group("custom_data", Kind.TEXT, "status search_string"),
    Field("custom_data.delivery_category", Kind.CHOICE, choices=DELIVERY_CATEGORIES),
    *_group("custom_data", Kind.TEXT, "lead_event_source event_source"),
    Field("custom_data.store_data", Kind.JSON),
    *_group("custom_data.store_data", Kind.TEXT, "store_page_id brand_page_id store_code"),
]
_APP_DATA = [
    *_group("app_data", Kind.BOOLEAN, "advertiser_tracking_enabled application_tracking_enabled"),
    Field("app_data.extinfo", Kind.JSON),
    *_group("app_data", Kind.TEXT, "campaign_ids install_referrer installer_package"),
    Field("app_data.url_schemes", Kind.TEXTS, many=True),
    *_group("app_data", Kind.TEXT, "vendor_id windows_attribution_id"),
    *_group("app_data", Kind.BOOLEAN, "consider_views include_dwell_data include_video_data"),
    Field("app_data.receipt_data", Kind.TEXT),
]
_ORIGINAL_EVENT_DATA = [
    Field("original_event_data.event_name", Kind.TEXT),
    Field("original_event_data.event_time", Kind.TIME),
    *_group("original_event_data", Kind.TEXT, "order_id event_id"),
]
_ATTRIBUTION_DATA = [
    Field("attribution_data.scope", Kind.TEXT),
    Field("attribution_data.visit_time", Kind.TIME),
    *_group("attribution_data", Kind.TEXT, "ad_id adset_id campaign_id"),
    Field("attribution_data.attribution_share", Kind.NUMBER),
    Field("attribution_data.attribution_model", Kind.CHOICE, choices=ATTRIBUTION_MODELS),
    Field("attribution_data.attr_window", Kind.INTEGER),
    Field("attribution_data.attribution_value", Kind.NUMBER),
    *_group("attribution_data", Kind.TEXT, "attribution_source touchpoint_type"),
    Field("attribution_data.touchpoint_ts", Kind.TIME),
    Field("attribution_data.attribution_method", Kind.CHOICE, choices=ATTRIBUTION_METHODS),
    Field("attribution_data.decline_reason", Kind.CHOICE, choices=DECLINE_REASONS),
    *_group("attribution_data", Kind.TEXT, "auditing_token linkage_key touchpoint_id"),
    Field("attribution_data.attribution_setting", Kind.JSON),
    Field("attribution_data.total_credit", Kind.NUMBER),
    Field("attribution_data.partner_client_id", Kind.TEXT),
]
_INPUTS = [
    Field("user_data.fbclid", Kind.INPUT),  # becomes fbc
    Field("consent", Kind.INPUT),  # decides whether the row is sent, or sent as LDU
    Field("lead_created_at", Kind.TIME),  # an event before it is refused; never on the wire itself
    *[Field(f"custom_data.contents.{key}", Kind.INPUT) for key in CONTENT_KEYS],  # become contents
]

FIELDS: dict[str, Field] = {
    field.path: field
    for field in [
        *_EVENT,
        *_USER_DATA,
        *_CUSTOM_DATA,
        *_APP_DATA,
        *_ORIGINAL_EVENT_DATA,
        *_ATTRIBUTION_DATA,
        *_INPUTS,
    ]
}

# A bare name is looked up in these objects, in this order: `order_id` is custom_data.order_id.
_BARE_NAME_GROUPS = ("", "user_data", "custom_data", "app_data")
GROUPS = ("user_data", "custom_data", "app_data", "original_event_data", "attribution_data")


@cache
def find_field(name: str) -> Field | None:
    """Return the field of that name, bare or dotted; a custom property for a new name under custom_data."""
    if "." not in name:
        for group in _BARE_NAME_GROUPS:
            if found := FIELDS.get(f"{group}.{name}" if group else name):
                return found
        return None
    if found := FIELDS.get(name):
        return found
    group, _, rest = name.partition(".")
    if group == "custom_data" and rest and "." not in rest:
        return Field(name, Kind.TEXT)
    return None


def parse_field(name: str) -> Field:
    """Return the field of that name, which a table of ours spells as it is."""
    if found := find_field(name):
        return found
    raise ConfigurationError(f"Unknown field {name!r}.", "`capi preview` shows which fields are filled.")


MATCH_KEYS = tuple(f.name for f in FIELDS.values() if f.kind is Kind.MATCH_KEY)
# Names of custom properties that Meta reads as personal data, which it refuses unhashed wherever it stands.
PERSONAL_NAMES = (frozenset(MATCH_KEYS) - {"external_id", "country"}) | frozenset(
    "email phone first_name last_name state zip gender".split()
)
PLAIN_KEYS = tuple(f.name for f in FIELDS.values() if f.kind is Kind.PLAIN_KEY)

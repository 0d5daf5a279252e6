"""Rules of what Meta needs in an event: keys that find a person, and what each action_source asks for."""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.rules.severities import error, warning

RULES: Final[tuple[Rule, ...]] = (
    error(
        code="user-data-empty",
        message="The row holds nothing by which Meta could find the person.",
        expected="At least one match key (what tells people apart): e-mail address, phone, name with postcode, …",
        why="Meta refuses an event without customer information (2804050), and with it the whole request.",
        fix="Add --map em=COLUMN, --map ph=COLUMN and so on; the more, the better. If the cells are filled, "
        "`capi preview --row N` shows why they could not be used.",
        example="--map em=email --map ph=phone --map fn=first_name --map ln=last_name",
    ),
    error(
        code="user-data-weak",
        message="What the row says about the person fits too many people, such as a city and a gender.",
        expected="An e-mail address, a phone number, a full name with postcode, an external_id, …",
        why="Meta refuses events whose customer information is too broad (2804050), and with one of them the whole "
        "request.",
        fix="Map a stronger match key: --map em=COLUMN or --map ph=COLUMN. If one is mapped and its cells are filled, "
        "`capi preview --row N` shows why they could not be used.",
        example="city and postcode alone → with an e-mail address",
    ),
    error(
        code="website-without-url",
        message="An event of a website needs the URL of its page, beginning with https://.",
        expected="event_source_url, such as https://www.example.com/thanks.",
        why="Meta's rules require event_source_url for website events and compare its domain with your verified ones.",
        fix="Add --map event_source_url=COLUMN, or for all rows: --set event_source_url=https://www.example.com/.",
        example="--set event_source_url=https://www.example.com/",
    ),
    warning(
        code="website-without-user-agent",
        message="An event of a website without the visitor's browser (client_user_agent).",
        expected="The User-Agent header of the visitor's browser.",
        why="Meta's rules ask for it with website events. They are accepted without, but match fewer people.",
        fix="Add --map client_user_agent=COLUMN, if your shop exports it.",
        example="Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) …",
    ),
    error(
        code="app-without-app-data",
        message="An app event needs extinfo and both tracking answers, and one of them is missing or unusable.",
        expected="app_data with advertiser_tracking_enabled, application_tracking_enabled and extinfo of 16 parts.",
        why="Meta refuses app events without them (2804043), and with one of them the whole request.",
        fix="Add --map advertiser_tracking_enabled=COLUMN --map application_tracking_enabled=COLUMN "
        "--map extinfo=COLUMN. If the cells are filled, see the warnings about extinfo.",
        example="extinfo: a2|com.example.app|1.0|1|14|Pixel 8|de_DE|||||||||",
    ),
    error(
        code="messaging-without-channel",
        message="A business_messaging event needs messaging_channel.",
        expected="messenger, whatsapp or instagram.",
        why="Meta refuses such events without it (2804063), and with one of them the whole request.",
        fix="Add --set messaging_channel=whatsapp, or --map messaging_channel=COLUMN.",
        example="--set messaging_channel=messenger",
    ),
    error(
        code="messaging-event-unknown",
        message="Meta takes no event of this name from business_messaging.",
        expected="Purchase, LeadSubmitted, InitiateCheckout, AddToCart, ViewContent, OrderCreated, OrderShipped, "
        "OrderDelivered, OrderCanceled, OrderReturned, CartAbandoned, QualifiedLead, RatingProvided or "
        "ReviewProvided.",
        why="Meta refuses other names for conversations (2804066), and with one of them the whole request.",
        fix="Name the event by one of these: --set event_name=LeadSubmitted. If it did not happen in a conversation, "
        "set another action_source.",
        example="Lead → LeadSubmitted",
    ),
    error(
        code="messaging-without-ids",
        message="The ids that this messaging channel needs are missing.",
        expected="messenger: page_id and page_scoped_user_id. whatsapp: whatsapp_business_account_id (or page_id) and "
        "ctwa_clid. instagram: ig_account_id and ig_sid.",
        why="Meta finds the conversation by these ids and refuses the event without them (2804069, 2804079, 2804087).",
        fix="Map them: --map page_id=COLUMN --map page_scoped_user_id=COLUMN, and so on.",
        example="--set messaging_channel=whatsapp --map ctwa_clid=click_id --set page_id=1234567890",
    ),
    warning(
        code="store-without-order-id",
        message="A sale in a shop without an order_id: Meta can't tell it from a second upload of the same sale.",
        expected="order_id, and item_number where an order has several events.",
        why="For shop sales Meta drops duplicates by order_id and time, not by event_id. Without it two sales to one "
        "person in the same second count once.",
        fix="Add --map order_id=COLUMN, with the number of the receipt.",
        example="--map order_id=receipt_no",
    ),
)

"""Rules of what an event is called, where it came from, and the id that keeps it from counting twice."""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.limits import ACTION_SOURCES
from capi_cli.event.rules.severities import error, info, warning

RULES: Final[tuple[Rule, ...]] = (
    error(
        code="event-name-missing",
        message="The row does not say what happened: it has no event_name.",
        expected="A name such as Purchase, Lead or AddToCart in every row.",
        why="Meta refuses an event without event_name, and with it every other event of the same request.",
        fix="If all rows are the same kind of event: --set event_name=Purchase. Else: --map event_name=COLUMN.",
        example="an orders export without a column for it → --set event_name=Purchase",
    ),
    error(
        code="event-name-email",
        message="The event name holds an e-mail address, so a wrong column is mapped to event_name.",
        expected="A name such as Purchase.",
        why="Event names are sent unhashed and shown in Events Manager; an address there would be leaked.",
        fix="Map another column: --map event_name=COLUMN, or give one name for all: --set event_name=Purchase.",
        example="ana@example.com → Purchase",
    ),
    warning(
        code="event-name-case",
        message="The event name was written in another case; it is sent as {detail}.",
        expected="Meta's spelling: Purchase, AddToCart, PageView.",
        why="Meta tells upper from lower case: it takes `purchase` for a custom event, which no campaign that "
        "optimizes for Purchase can use.",
        fix="Nothing to do; to silence this, write the name as Meta does.",
        example="PURCHASE → Purchase",
    ),
    warning(
        code="event-name-like-standard",
        message="The event name is sent as it is, but looks like Meta's standard event {detail}.",
        expected="Meta's spelling, without spaces, dashes or underscores.",
        why="So spelled it is a custom event, and campaigns that optimize for the standard event do not see it.",
        fix="If it is meant: change the cells, or --set event_name=AddToCart for a file of one kind of event.",
        example="add_to_cart → AddToCart",
    ),
    warning(
        code="event-name-long",
        message="The event name has {detail} characters; Meta is believed to take 50.",
        expected="At most 50 characters.",
        why="Longer names may be cut or refused; Meta does not document the limit.",
        fix="Map a column with shorter names: --map event_name=COLUMN.",
        example="a whole sentence → Lead",
    ),
    info(
        code="event-name-custom",
        message="{detail} is a custom event: Meta has no standard event of that name.",
        expected="Any name; standard ones are Purchase, Lead, AddToCart and so on.",
        why="Custom events arrive and count, but campaigns use them only through a custom conversion.",
        fix="Nothing to do if it is meant. Else use a standard name.",
        example="TestDrive, a custom event of a car dealer",
    ),
    error(
        code="action-source-missing",
        message="The row does not say where it happened: it has no action_source.",
        expected=f"One of {', '.join(ACTION_SOURCES)}.",
        why="Meta refuses an event without action_source, and it decides how old an event may be and what it needs.",
        fix="Add --set action_source=physical_store for sales in a shop, website for orders of an online shop.",
        example="a till's export → --set action_source=physical_store",
    ),
    error(
        code="action-source-unknown",
        message="Meta knows no such action_source{detail}.",
        expected=f"One of {', '.join(ACTION_SOURCES)}.",
        why="Meta refuses the event, and with it every other event of the same request.",
        fix="Change the cell, or set one for all rows: --set action_source=physical_store.",
        example="store → physical_store; web → website",
    ),
    warning(
        code="choice-unknown",
        message="The cell holds a word that Meta does not know here, so it is left out{detail}.",
        expected="delivery_category: in_store, curbside or home_delivery. messaging_channel: messenger, whatsapp or "
        "instagram. For other fields the message names the nearest word.",
        why="Meta refuses an event with an unknown word in a field of fixed choices.",
        fix="Change the cells to one of these words, or leave the column out of the mapping.",
        example="delivery_category: pickup → in_store",
    ),
    error(
        code="event-id-email",
        message="The event_id looks like an e-mail address.",
        expected="An id of the order or of the event.",
        why="Ids are sent unhashed. Meta reads an address there as personal data that should have been hashed.",
        fix="Map a column with an id of the order: --map event_id=order_id, or leave event_id out.",
        example="ana@example.com → order-1001",
    ),
    error(
        code="event-id-conflict",
        message="An earlier row has the same event_name and event_id, but other content.",
        expected="One row for each event_id; or all rows of an order grouped into one event.",
        why="Meta keeps the first event of an id and drops the others silently: their value would be lost.",
        fix='If the rows are the items of one order: [group] with by = "order_id" in capi.toml. Else give each row '
        "its own id from columns that differ: --event-id order-{order_id}-{sku}.",
        example="order 1001 with three item rows → one event of three items",
    ),
    warning(
        code="event-id-duplicate",
        message="The same event stands earlier in the file; it is sent once.",
        expected="Each event once.",
        why="Meta would drop the second one; sending it would only cost time.",
        fix="Nothing to do. If the rows are different sales, give each its own id from columns that differ: --event-id "
        "order-{order_id}-{sku}.",
        example="the same order exported twice",
    ),
    warning(
        code="event-id-derived-online",
        message="The event_id was derived from the row, so the pixel or SDK can't have sent the same one.",
        expected="The event_id that the website or app sent for the same event.",
        why="If the pixel or SDK also fires for this sale, Meta can't tell the two apart and counts it twice.",
        fix="Map the id that your site sends: --map event_id=COLUMN, or --event-id order-{order_id} if it sends that.",
        example="the pixel sends eventID: 'order-1001' → --event-id order-{order_id}",
    ),
    error(
        code="template-column-empty",
        message="A column that the --event-id template uses is empty in this row.",
        expected="A value in every column of the template.",
        why="Half-filled ids are the same in many rows, and Meta keeps only the first event of an id.",
        fix="Fill the cell, or use a column that is never empty in the template.",
        example="--event-id order-{order_id} with an empty order_id",
    ),
    warning(
        code="event-unknown",
        message="Sent by an earlier run that got no answer; too late to send again without counting it twice.",
        expected="An answer from Meta, or a second try while Meta still recognises the event.",
        why="Meta recognises an event that comes twice for 48 hours (offline 7 days, messaging never). After that a "
        "second copy counts as a second sale, so capi leaves it alone and says so once.",
        fix="Look the event up in Events Manager; if it is not there, send it with --resend.",
        example="a run was killed while a request was on its way, and started again three days later",
    ),
    warning(
        code="event-unknown-told",
        message="Still without an answer from an earlier run, as was told then; skipped.",
        expected="Nothing to do, if the event is in Events Manager.",
        why="Whether Meta has the event is not known, and a second copy would count twice.",
        fix="Look the event up in Events Manager; if it is not there, send it with --resend.",
        example="the same export once more, a day after the run that told of the event",
    ),
    warning(
        code="order-changed",
        message="This event was accepted before with other content; it is not sent again.",
        expected="The same content for the same event_id.",
        why="Meta keeps the first event of an id. A second one would be dropped, or counted twice after 48 hours.",
        fix="If Meta should get it all the same: --resend, with another id through --event-id.",
        example="order 1001 was sent with a value of 80 and has 95 in this export",
    ),
)

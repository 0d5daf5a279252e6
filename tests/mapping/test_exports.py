"""Real headers of exports, written out: what is recognised, and what each fills."""

import pytest

from capi_cli.errors import ConfigurationError
from capi_cli.event.fields import FIELDS
from capi_cli.mapping.bind import bind
from capi_cli.mapping.exports import EXPORTS, recognise
from capi_cli.mapping.model import Origin
from capi_cli.mapping.show import filter_lines

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,"
    "Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,"
    "Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,"
    "Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Phone,Receipt Number,Duties,Billing Province Name,"
    "Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,Payment References"
).split(",")
WEBTOFFEE = (
    "order_id,order_number,order_date,paid_date,status,shipping_total,shipping_tax_total,fee_total,fee_tax_total,"
    "tax_total,cart_discount,order_discount,discount_total,order_total,order_subtotal,order_key,order_currency,"
    "payment_method,payment_method_title,transaction_id,customer_ip_address,customer_user_agent,shipping_method,"
    "customer_id,customer_user,customer_email,billing_first_name,billing_last_name,billing_company,billing_email,"
    "billing_phone,billing_address_1,billing_address_2,billing_postcode,billing_city,billing_state,billing_country,"
    "shipping_first_name,shipping_last_name,shipping_company,shipping_phone,shipping_address_1,shipping_address_2,"
    "shipping_postcode,shipping_city,shipping_state,shipping_country,customer_note,line_item_1"
).split(",")
SKYVERGE = (
    "order_id,order_number_formatted,order_number,date,status,shipping_total,shipping_tax_total,fee_total,tax_total,"
    "discount_total,order_total,refunded_total,order_currency,payment_method,shipping_method,customer_id,"
    "billing_first_name,billing_last_name,billing_email,billing_phone,billing_address_1,billing_postcode,"
    "billing_city,billing_state,billing_country,shipping_first_name,shipping_last_name,shipping_postcode,"
    "shipping_city,shipping_state,shipping_country,customer_note,line_items"
).split(",")
ADVANCED = (
    "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),Company (Billing),"
    "Address 1&2 (Billing),City (Billing),State Code (Billing),Postcode (Billing),Country Code (Billing),"
    "Email (Billing),Phone (Billing),First Name (Shipping),Last Name (Shipping),City (Shipping),"
    "Payment Method Title,Cart Discount Amount,Order Subtotal Amount,Shipping Method Title,Order Shipping Amount,"
    "Order Refund Amount,Order Total Amount,Order Total Tax Amount,SKU,Item #,Item Name,Quantity (- Refund),"
    "Item Cost,Coupon Code"
).split(",")
STRIPE = (
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Currency,Decline Reason,"
    "Description,Fee,Is Link,Mode,PaymentIntent ID,Payment Source Type,Refunded date (UTC),Statement Descriptor,"
    "Status,Seller Message,Card ID,Card Name,Card Address Line1,Card Address City,Card Address State,"
    "Card Address Country,Card Address Zip,Customer ID,Customer Description,Customer Email,"
    "order_id (metadata),fbclid (metadata)"
).split(",")
META = "match_keys.email,match_keys.phone,match_keys.gen,event_time,event_name,value,currency,custom_data.store".split(
    ","
)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (SHOPIFY, "Shopify orders"),
        ([f"[{name.upper()}]" for name in SHOPIFY], "Shopify orders"),
        (WEBTOFFEE, "WooCommerce orders (WebToffee or SkyVerge)"),
        (SKYVERGE, "WooCommerce orders (WebToffee or SkyVerge)"),
        (ADVANCED, "WooCommerce orders (Advanced Order Export)"),
        (STRIPE, "Stripe payments"),
        ([name.replace(" date", "") for name in STRIPE], "Stripe payments"),
        (["id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Status"], "Stripe payments"),
        (["id", "Amount", "Created (UTC)", "Currency", "Arrival Date (UTC)", "Status", "Captured"], None),
        (META, "Meta's own event file"),
        ("email phone gen event_time event_name value currency".split(), "Meta's own event file"),
        ("[email] [event_time] [event_name] [value]".split(), "Meta's own event file"),
        ("user.email event_time event_name custom.value".split(), "Meta's own event file"),
        ("user_email event_time event_name custom_value".split(), "Meta's own event file"),
        ("em ph zp event_time event_name action_source".split(), "Meta's own event file"),
        ("event_time event_name country user_agent".split(), None),
        ("Name Email Phone City".split(), None),
        ("order_id order_date status order_total email".split(), None),
        ([], None),
    ],
)
def test_a_header_is_recognised(header, name):
    export = recognise(header)
    assert (export.name if export else None) == name


def bound(header, **said):
    mapping = bind(header, export=recognise(header), **said)
    return mapping, {
        entry.field.name: entry.value or "+".join(entry.columns)
        for entry in mapping.entries
        if entry.origin is Origin.EXPORT
    }


def test_shopify():
    mapping, filled = bound(SHOPIFY)
    assert filled == {
        "event_name": "Purchase",
        "event_time": "Created at",
        "action_source": "Location",
        "em": "Email",
        "ph": "Phone+Billing Phone",
        "fn": "Billing Name",
        "ln": "Billing Name",
        "ct": "Billing City",
        "st": "Billing Province",
        "zp": "Billing Zip",
        "country": "Billing Country",
        "value": "Total",
        "currency": "Currency",
        "order_id": "Name",
        "id": "Lineitem sku",
        "quantity": "Lineitem quantity",
        "item_price": "Lineitem price",
    }
    assert mapping.export == "Shopify orders"
    assert filter_lines(mapping) == [
        'Only rows whose "Financial Status" is "paid" or "partially_refunded".',
        'Only rows whose "Cancelled at" is empty.',
        'Only rows whose "Payment Method" is neither "bogus" nor "Bogus Gateway" nor "(for testing) Bogus Gateway".',
        'Rows with the same "Name" are the items of one order, its value taken once.',
    ]
    assert len(mapping.entries) == 17, "nothing else of Shopify's header is guessed"
    assert any("Location" in sentence for sentence in mapping.assumptions)


def test_what_a_person_says_takes_nothing_from_the_export():
    mapping, filled = bound(
        SHOPIFY,
        sets=[("action_source", "physical_store")],
        maps=[("event_time", "Paid at"), ("em", "Email")],
        where=[("Location", ("Berlin",)), ("financial status", ("pending",))],
    )
    assert not {"action_source", "event_time", "em"} & filled.keys()
    assert not any("Location" in sentence or "Created at" in sentence for sentence in mapping.assumptions)
    assert [(one.column, one.values) for one in mapping.where] == [
        ("Financial Status", ("pending",)),
        ("Cancelled at", ("",)),
        ("Payment Method", ("bogus", "Bogus Gateway", "(for testing) Bogus Gateway")),
        ("Location", ("Berlin",)),
    ]


@pytest.mark.parametrize(
    ("header", "time", "email", "order"),
    [
        (WEBTOFFEE, "order_date", "billing_email+customer_email", "order_number"),
        (ADVANCED, "Order Date", "Email (Billing)", "Order Number"),
    ],
)
def test_woocommerce(header, time, email, order):
    mapping, filled = bound(header)
    assert (filled["event_time"], filled["em"], filled["order_id"]) == (time, email, order)
    assert (filled["event_name"], filled["action_source"]) == ("Purchase", "website")
    (status,) = mapping.where
    assert {"completed", "processing"} <= set(status.values)
    assert any("--timezone" in sentence for sentence in mapping.assumptions)


def test_skyverge_keeps_its_date_and_its_formatted_number():
    _, filled = bound(SKYVERGE)
    assert filled["event_time"] == "date"
    assert filled["order_id"] == "order_number"
    assert filled["currency"] == "order_currency"
    assert filled["contents"] == "line_items"
    _, filled = bound([name for name in SKYVERGE if name != "line_items"] + ["item_sku", "item_quantity"])
    assert (filled["id"], filled["quantity"]) == ("item_sku", "item_quantity")


def test_stripe_says_nothing_of_where_a_payment_took_place():
    with pytest.raises(ConfigurationError) as caught:
        bound(STRIPE)
    assert caught.value.message == "Nothing fills action_source, which every event needs."
    mapping, filled = bound(STRIPE, sets=[("action_source", "website")])
    assert filled["order_id"] == "order_id (metadata)"
    assert filled["fbclid"] == "fbclid (metadata)"
    assert filled["event_time"] == "Created date (UTC)"
    assert mapping.entry("event_time").timezone == "UTC"  # type: ignore[union-attr]
    assert [one.column for one in mapping.where] == ["Captured", "Mode", "Status"]
    _, filled = bound(STRIPE[:-2], sets=[("action_source", "website")])
    assert filled["order_id"] == "id"


def test_metas_own_file_is_filled_by_its_names():
    mapping, filled = bound(META, sets=[("action_source", "physical_store")])
    assert filled == {}
    assert {entry.field.path for entry in mapping.entries if entry.origin is Origin.HEADER} == {
        "event_name",
        "event_time",
        "user_data.em",
        "user_data.ph",
        "user_data.ge",
        "custom_data.value",
        "custom_data.currency",
        "custom_data.store",
    }


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_the_tables_name_fields_that_there_are(export):
    columns = [column for filled in export.filled for column in filled.columns]
    entries = list(export.entries(columns))
    paths = [entry.field.path for entry in entries]
    assert len(set(paths)) == len(paths)
    assert len(paths) == len({filled.field for filled in export.filled})
    assert {path for path, _ in export.assumptions if path} <= FIELDS.keys()
    assert {one.field for one in export.filters if one.field} <= set(paths)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (
            "Date,Time,Time Zone,Item,Qty,SKU,Net Sales,Transaction ID,Event Type,Customer Name",
            "Square items",
        ),
        ("Date,Receipt number,Receipt type,Total collected,Payment type,Status", "Loyverse receipts"),
        ("Date,Receipt number,Receipt type,SKU,Item,Quantity,Net sales", "Loyverse receipts by item"),
        ("Record ID,First Name,Email,Lead Status,Create Date", "HubSpot contacts"),
        ("hs_object_id,email,createdate,lifecyclestage", "HubSpot contacts"),
        ("Record ID,Deal Name,Deal Stage,Close Date,Amount", "HubSpot deals"),
        ("dealname,dealstage,closedate,amount,hs_is_closed_won", "HubSpot deals"),
        ("ID,LASTNAME,EMAIL,CREATEDDATE,OWNERID", "Salesforce leads or contacts"),
        (
            "Contact Owner,First Name,Last Name,Email,Mailing City,Created Date",
            "Salesforce leads or contacts",
        ),
        ("Id,StageName,CloseDate,Amount,IsWon", "Salesforce opportunities"),
        ("Opportunity Name,Stage,Amount,Close Date,Email", "Salesforce opportunities"),
        ("Google Click ID,Conversion Name,Conversion Time", "Google Ads offline conversions"),
        ("id,created_time,form_id,email,lead_status", "Meta lead form download or CRM stages"),
        ("lead_id,stage,stage_changed_at", "Meta lead form download or CRM stages"),
        # near, but nobody's: a database's own table, Zoho's leads, Google's adjustments
        ("id,last_name,email,created_date,city", None),
        ("Record Id,Last Name,Email,Created Time,Lead Status", None),
        ("Order ID,Conversion Name,Adjustment Time,Adjustment Type", None),
        ("date,time,item,qty,customer name", None),
    ],
)
def test_crms_tills_and_lead_forms_are_recognised_and_nothing_near_them(header, name):
    export = recognise(header.split(","))
    assert (export.name if export else None) == name


def test_salesforces_own_lead_id_is_not_metas():
    header = "Lead Owner,Last Name,Email,Lead Source,Lead ID,Create Date".split(",")
    mapping, _ = bound(header)
    assert mapping.entry("user_data.lead_id") is None
    assert mapping.entry("event_time").columns == ("Create Date",)  # type: ignore[union-attr]


def test_a_won_deal_is_told_by_its_own_column_where_there_is_one():
    header = "Record ID,Deal Name,Deal Stage,Close Date,Amount,Associated Contact".split(",")
    mapping, _ = bound(header)
    assert [one.column for one in mapping.where] == ["Deal Stage"]
    mapping, _ = bound([*header, "Is Closed Won"])
    assert [one.column for one in mapping.where] == ["Is Closed Won"]


def test_a_stage_goes_before_a_status_and_a_status_before_none():
    form = "id,created_time,form_id,email,full_name"
    for more, column, value in (("", (), "Lead"), (",lead_status", ("lead_status",), None)):
        name = bound(f"{form}{more}".split(","))[0].entry("event_name")
        assert name is not None
        assert (name.columns, name.value) == (column, value)
    _, filled = bound(f"{form},lead_status,stage,updated_at".split(","))
    assert (filled["event_name"], filled["event_time"]) == ("stage", "updated_at")
    assert filled["lead_created_at"] == "created_time"
    assert (filled["lead_event_source"], filled["event_source"]) == ("CRM", "crm")


def test_a_form_in_another_language_is_filled_and_its_test_leads_are_left_out():
    header = "id,created_time,form_id,nombre_completo,correo_electrónico,número_de_teléfono".split(",")
    mapping, filled = bound(header)
    assert (filled["em"], filled["ph"]) == ("correo_electrónico", "número_de_teléfono")
    assert (filled["fn"], filled["ln"]) == ("nombre_completo", "nombre_completo")
    assert {(one.column, one.values[0], one.without) for one in mapping.where} == {
        ("correo_electrónico", "test@meta.com", True),
        ("nombre_completo", "<test lead: dummy data for nombre_completo>", True),
        ("número_de_teléfono", "<test lead: dummy data for número_de_teléfono>", True),
    }

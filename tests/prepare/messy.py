"""Cells as people and programs write them, good and bad, by field; and one file of them prepared."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from capi_cli.event.limits import ACTION_SOURCES, DAY_S, MESSAGING_EVENTS, STANDARD_EVENTS
from capi_cli.mapping.bind import bind
from capi_cli.prepare.columns import Table
from capi_cli.prepare.plan import settle
from capi_cli.prepare.prepared import PreparedBlock
from capi_cli.prepare.preparer import Preparer

NOW = 1_767_225_600  # 2026-01-01T00:00:00Z
SHA = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"

NUMBERS = (
    "1 0 -1 12.50 1,5 1.234,56 1,234.56 1e3 1E+05 NaN inf -0 .5 5. 1e400 0.1e-9 $5 €12 12.50EUR 1'000 ١٢ "
    "123456789012345678901234567890 true 12.345.678 --5 5% 1/2 0x10 1_000"
).split()
NASTY = [
    "", " ", "\t", "\u00a0", "\u200b", "null", "NULL", "none", "nan", "N/A", "undefined", "-", "#N/A", "#REF!",
    "0", "x",
    "a@b.co", "john@example.com", "+1 650 555 1212", "+49 171 1234567", "'", '"', "\\", '"}', "\u2028", "\ud7ff",
    "é" * 40,
    "x" * 300, "{}", "[]", "{bad", "[1,2]", '{"a":1}', "\u202e", "\x00", "\x1f", "😀", "true", "false", "yes", "NO",
    *NUMBERS,
]  # fmt: skip
GOOD: dict[str, list[str]] = {
    "event_name": [*STANDARD_EVENTS, *MESSAGING_EVENTS, "purchase", "ADD TO CART", "My event", "y" * 60],
    "action_source": [*ACTION_SOURCES, "Website", "PHYSICAL STORE", "shop", "pos"],
    "messaging_channel": ["messenger", "whatsapp", "instagram", "WhatsApp", "sms"],
    "event_source_url": [
        "https://shop.example/a?b=1", "http://x.y", "shop.example/a", "HTTPS://SHOP.EXAMPLE/%20 a", "ftp://x",
        "https://",
        "https:///a", "https://shop.example/?email=john%40example.com&p=%2B16505551212", "javascript:alert(1)",
        "https://bücher.example/ü", "https://[::1]/", "https:// shop.example", "android-app://com.shop",
    ],
    "user_data.em": [
        "john_smith@gmail.com", " A@B.DE ", SHA, SHA.upper(), SHA + ".AbCd_-12", SHA[:32], "a@b", "a@b.c;d@e.f",
    ],
    "user_data.ph": [
        "+16505551212", "(650) 555-1212", "030 23125001", "16505551212.0", "4.479E+11", "0000000", SHA, "123",
    ],
    "user_data.db": ["1990-01-31", "19900131", "31.01.1990", "1850-01-01", "2030-01-01", "01/02/1990"],
    "user_data.country": ["US", "usa", "Deutschland", "xx", "Narnia", "na"],
    "user_data.ge": ["f", "Male", "divers", "frau"],
    "user_data.external_id": ["C-1", "a@b.co", SHA, SHA[:32], "x y"],
    "user_data.client_ip_address": [
        "8.8.8.8", "10.0.0.1", "2a00:1450::1", "::ffff:8.8.8.8", "fe80::1%eth0", "8.8.8", "1.2.3.04",
    ],
    "user_data.fbc": ["fb.1.1700000000000.AbC", "fb.1.17.x", "FB.1.1700000000.x", "fb.1.1700000000000."],
    "user_data.fbp": ["fb.1.1700000000000.123", "fb.2.1700000000.1", "fb.x"],
    "user_data.lead_id": [
        "l:1234567890123456", "123456789012345", "12345678901234567", "1.2E+15", "123456789012345.0", "١" * 16,
    ],
    "user_data.fbclid": ["IwAR0abcdefgh", "https://x.y/?fbclid=IwAR0abcdefgh", "short", "a b c d e f g"],
    "custom_data.value": ["12.50", "19.99", "1", "0", "-5", "$1,234.56", "12.50 USD", "1,5", "abc", "1e3", "NaN"],
    "custom_data.currency": [
        "EUR", "usd", "€", "Euro", "XXX", "ZZZ", "XTS", "CNH", "BTC", "GBX", "VED", "XAU", "SVC",
    ],
    "custom_data.contents": [
        '[{"id":"a","quantity":2,"price":"1,5"}]', "[{id:'a'}]", '{"id":1}', '[{"quantity":1}]', '[{"id":""}]', "[]",
        '[{"id":"a","quantity":1.5}]', '[{"id":"a","quantity":"2"}]', '[{"id":["a"]}]', '[{"id":true}]', "[1]",
        '[{"id":null}]',
        '[{"id":"a","item_price":"x"}]', '[{"id":"a","item_price":1e400}]',
        '[{"id":"a","delivery_category":"drone"}]',
        '[{"id":"a","title":5,"brand":{"x":1},"color":"red","note":"john@example.com"}]',
        '[{"id":1.0,"quantity":1e2}]',
    ],
    "custom_data.content_ids": ["a", "a,b", '["a","b"]', "[1,2]", '["a",null]', '[["a"]]', "[]"],
    "custom_data.num_items": ["1", "2.0", "1.5", "-1", "1e2", "99999999999999999999"],
    "custom_data.store_data": ['{"store_code":"1"}', "[]", '"x"', '{"store_page_id":5}', "{}"],
    "app_data.extinfo": [
        '["a2","com.shop","1.0","1","14","","","","","","","","","","",""]',
        "a2|com.example.app|1.0|1|14|Pixel 8|de_DE|||||||||",
        "i2|x|1|1||||||||||||", '["a3"]', '["a2",1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]', "a2", "a2|" * 15,
        "i2|x|1|1|17|||||||||||",
    ],
    "data_processing_options": ["LDU", "ldu", '["LDU"]', "[]", "[LDU]", "LDU,LDU", "AMO", "none"],
    "data_processing_options_country": ["0", "1", "2", "US", "1.0"],
    "data_processing_options_state": ["0", "1000", "1013", "999", "CA", "California", "1014"],
    "app_data.advertiser_tracking_enabled": ["1", "0", "true", "FALSE", "yes", "2"],
    "app_data.application_tracking_enabled": ["1", "0", "true", "maybe"],
    "consent": ["granted", "denied", "yes", ""],
    "attribution_data.attribution_setting": ['{"inactivity_window_hours":1}', "[]", "x"],
    "custom_data.zip": ["94035", "x"],
    "custom_data.email": ["john@example.com", SHA, "x"],
    "custom_data.gender": ["f"],
    "custom_data.phone": ["1", "+49 171 1234567"],
    "custom_data.note": [
        "mail john@example.com now", "john@exampl/.com", "a@b[c].d",
        "call +1 (650) 555-1212", " +1 650 555 1212 ", "+1-650-555-1212 x",
    ],
}  # fmt: skip
ISO_TIMES = [
    "2025-12-31T23:00:00Z",
    "2025-12-31 22:00",
    "2025-12-30",
    "2025-12-24T23:59:59Z",
    "2025-11-01T00:00:00+02:00",
]
TIME_COLUMNS = (
    [
        *ISO_TIMES, "2026-01-01T00:00:30Z", "2026-01-01T00:02:00Z", "2030-01-01", "1969-12-31", "31.12.2025",
        "45356.4", "1.7E+09",
    ],
    [
        str(NOW - ago) for ago in (5, 3600, 6 * DAY_S, 7 * DAY_S - 5, 7 * DAY_S, 8 * DAY_S, 61 * DAY_S,
        62 * DAY_S, -59, -61)
    ],
    [str((NOW - ago) * 1000) for ago in (5, 3600, 6 * DAY_S, 8 * DAY_S, 63 * DAY_S)],
    [f"{NOW - ago}.0" for ago in (5, 3600)] + ["1e9", "-1", "0"],
)  # fmt: skip


def prepare(
    columns: dict[str, Sequence[str | None]], sets: dict[str, str], **more: Any
) -> tuple[PreparedBlock, list[dict[str, Any]]]:
    """Prepare columns that are named by their fields; return the events that validate would call ready."""
    names = [f"column {place}" for place in range(len(columns))]
    maps = [(path, name) for path, name in zip(columns, names, strict=True)]
    mapping = bind(names, maps=maps, sets=list(sets.items()), **more)
    batch = pa.RecordBatch.from_arrays([pa.array(cells, pa.string()) for cells in columns.values()], names)
    slots = {place: place for place in range(len(names))}
    plan = settle(mapping, [Table(batch, slots)], today=date(2026, 1, 1))
    rows = np.arange(2, 2 + batch.num_rows, dtype=np.int64)
    prepared = Preparer(plan).prepare(batch.select(plan.wanted), rows, NOW)
    events = orjson.loads(b"[" + prepared.joined + b"]")
    in_time = (prepared.expires_at > NOW).tolist()
    return prepared, [event for event, fresh in zip(events, in_time, strict=True) if fresh]

"""One good event of each kind, a client on a raw connection, and a sandbox whose clock stands still."""

import http.client
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest

from capi_cli.sandbox.server import Sandbox

NOW_S = 1_790_000_000
DATASET = "1234567890"
TOKEN = "SANDBOX-TOKEN"
# SHA-256 of "john_smith@gmail.com", as printed in Meta's "Customer information parameters".
DIGEST = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"

WEBSITE: dict[str, Any] = {
    "event_name": "Purchase",
    "event_time": NOW_S - 3600,
    "event_id": "order-1",
    "action_source": "website",
    "event_source_url": "https://shop.example/checkout",
    "user_data": {"em": [DIGEST], "client_ip_address": "203.0.113.5", "client_user_agent": "Mozilla/5.0"},
    "custom_data": {
        "value": 19.99,
        "currency": "EUR",
        "order_id": "1",
        "contents": [{"id": "sku-1", "quantity": 1, "item_price": 19.99}],
    },
}
STORE: dict[str, Any] = {
    "event_name": "Purchase",
    "event_time": NOW_S - 3600,
    "action_source": "physical_store",
    "user_data": {"ph": DIGEST},
    "custom_data": {"value": 5, "currency": "usd", "order_id": "7", "item_number": "a"},
}
APP: dict[str, Any] = {
    "event_name": "ViewContent",
    "event_time": NOW_S - 60,
    "action_source": "app",
    "user_data": {"madid": "38400000-8cf0-11bd-b23e-10b96e40000d"},
    "app_data": {
        "advertiser_tracking_enabled": True,
        "application_tracking_enabled": 1,
        "extinfo": ["a2", "com.shop", "1.0", "1.0", "14", *[""] * 11],
    },
}
MESSENGER: dict[str, Any] = {
    "event_name": "Purchase",
    "event_time": NOW_S - 60,
    "action_source": "business_messaging",
    "messaging_channel": "messenger",
    "user_data": {"page_id": "1", "page_scoped_user_id": "2"},
    "custom_data": {"value": 1.5, "currency": "EUR"},
}
WHATSAPP = {
    **MESSENGER,
    "messaging_channel": "whatsapp",
    "user_data": {"whatsapp_business_account_id": "1", "ctwa_clid": "ARAk"},
}
INSTAGRAM = {
    **MESSENGER,
    "messaging_channel": "instagram",
    "user_data": {"ig_account_id": "1", "ig_sid": "2"},
}
KINDS = {
    "website": WEBSITE,
    "store": STORE,
    "app": APP,
    "messenger": MESSENGER,
    "whatsapp": WHATSAPP,
    "instagram": INSTAGRAM,
}
REMOVE = "REMOVE"


def change(event: dict[str, Any], path: str, value: Any) -> None:
    *groups, name = path.split(".")
    for group in groups:
        event = event.setdefault(group, {})
    if value == REMOVE:
        event.pop(name, None)
    else:
        event[name] = value


@pytest.fixture
def make_event() -> Callable[..., dict[str, Any]]:
    """Return a good event of a kind, with members changed by dotted path, or removed."""

    def make(kind: str = "website", changes: dict[str, Any] | None = None) -> dict[str, Any]:
        event = deepcopy(KINDS[kind])
        for path, value in (changes or {}).items():
            change(event, path, value)
        return event

    return make


@pytest.fixture
def now_s() -> int:
    return NOW_S


@pytest.fixture
def digest() -> str:
    return DIGEST


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now_s = float(NOW_S)

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(dataset_id=DATASET, token=TOKEN, now=clock) as running:
        yield running


class Client:
    """One keep-alive connection to a sandbox."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.headers: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Return the status and the parsed JSON of the reply, or its bytes where it is none."""
        if headers is None:
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        if body is not None and not isinstance(body, bytes | str):
            body = orjson.dumps(body)
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        try:
            return response.status, orjson.loads(content)
        except orjson.JSONDecodeError:
            return response.status, content

    def send(self, *events: dict[str, Any], **params: Any) -> tuple[int, Any]:
        return self.ask("POST", f"/v26.0/{DATASET}/events", {"data": list(events), **params})


@pytest.fixture
def open_client() -> Iterator[Callable[[int], Client]]:
    opened: list[Client] = []

    def open_one(port: int) -> Client:
        opened.append(Client(port))
        return opened[-1]

    yield open_one
    for client in opened:
        client.connection.close()


@pytest.fixture
def client(sandbox: Sandbox, open_client: Callable[[int], Client]) -> Client:
    return open_client(sandbox.port)

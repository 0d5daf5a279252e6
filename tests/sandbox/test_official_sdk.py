"""Meta's own Python SDK as a client of the sandbox: what it sends is taken, what it should not send is refused."""

import time

import pytest
from facebook_business.adobjects.adspixel import AdsPixel
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.app_data import AppData
from facebook_business.adobjects.serverside.content import Content
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.event_request import EventRequest
from facebook_business.adobjects.serverside.extended_device_info import ExtendedDeviceInfo
from facebook_business.adobjects.serverside.gender import Gender
from facebook_business.adobjects.serverside.user_data import UserData
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError

from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.server import Sandbox

DATASET = "1234567890"
TOKEN = "SANDBOX-TOKEN"
SECRET = "sandbox-secret"


@pytest.fixture
def running():
    with Sandbox(dataset_id=DATASET, token=TOKEN, app_secret=SECRET) as sandbox:
        api = FacebookAdsApi.init(app_secret=SECRET, access_token=TOKEN, crash_log=False)
        api._session.GRAPH = sandbox.url
        yield sandbox
        api._session.requests.close()
        FacebookAdsApi.set_default_api(None)


def make_event(**changes):
    user_data = UserData(
        emails=["John_Smith@gmail.com", "j@example.com"],
        phones=["16505551212"],
        first_names=["John"],
        last_names=["Smith"],
        genders=[Gender.MALE],
        dates_of_birth=["19970216"],
        cities=["Menlo Park"],
        states=["CA"],
        zip_codes=["94035"],
        country_codes=["us"],
        external_ids=["User 42"],
        client_ip_address="203.0.113.5",
        client_user_agent="Mozilla/5.0",
        fbp="fb.1.1558571054389.1098115397",
    )
    contents = [Content(product_id="sku-1", quantity=2, item_price=9.5, title="Shirt")]
    custom_data = CustomData(
        value=19.0, currency="usd", contents=contents, order_id="1", custom_properties={"shoe": "44"}
    )
    fields = {
        "event_name": "Purchase",
        "event_time": int(time.time()) - 60,
        "event_id": "order-1",
        "event_source_url": "https://shop.example/checkout",
        "action_source": ActionSource.WEBSITE,
        "user_data": user_data,
        "custom_data": custom_data,
    }
    return Event(**{**fields, **changes})


def test_its_events_are_accepted(running):
    events = [make_event(event_id=str(number)) for number in range(5)]
    response = EventRequest(pixel_id=DATASET, events=events, partner_agent="capi-test").execute()
    assert response.events_received == 5
    assert response.fbtrace_id.startswith("A") and response.messages == []
    assert running.state()["events_processed"] == 5
    assert running.state()["match_keys"]["em"] == 5


def test_its_store_and_app_events_are_accepted(running):
    # The SDK sends null for what is not set; the page asks for "", which keeps the position.
    known = {"ext_info_version": "a2", "os_version": "14"}
    extinfo = ExtendedDeviceInfo(**{**dict.fromkeys(ExtendedDeviceInfo.param_types, ""), **known})
    app = make_event(
        action_source=ActionSource.APP,
        app_data=AppData(
            advertiser_tracking_enabled=True, application_tracking_enabled=True, extinfo=extinfo
        ),
    )
    store = make_event(action_source=ActionSource.PHYSICAL_STORE, event_source_url=None)
    response = EventRequest(pixel_id=DATASET, events=[store, app], test_event_code="TEST1").execute()
    assert response.events_received == 2
    assert running.state()["test_events"] == 2


@pytest.mark.parametrize(
    ("changes", "subcode"),
    [
        ({"event_time": 1_500_000_000}, 2804003),
        ({"custom_data": CustomData(currency="usd")}, 2804009),
        ({"user_data": UserData(client_user_agent="Mozilla/5.0")}, 2804050),
        ({"event_source_url": None}, 2804019),
    ],
)
def test_its_exceptions_read_the_refusals(running, changes, subcode):
    with pytest.raises(FacebookRequestError) as caught:
        EventRequest(pixel_id=DATASET, events=[make_event(**changes)]).execute()
    assert caught.value.http_status() == 400
    assert (caught.value.api_error_code(), caught.value.api_error_subcode()) == (100, subcode)
    assert running.state()["events_received"] == 0


def test_its_exceptions_read_throttling(running):
    running.faults = Faults.parse("throttle=80004")
    with pytest.raises(FacebookRequestError) as caught:
        EventRequest(pixel_id=DATASET, events=[make_event()]).execute()
    assert caught.value.api_error_code() == 80004
    assert caught.value.api_transient_error() is True


def test_it_reads_the_dataset(running):
    found = AdsPixel(DATASET).api_get(fields=["name", "is_consolidated_container"])
    assert found["name"] == "Sandbox dataset" and found["is_consolidated_container"] is True


def test_without_the_apps_secret_it_is_refused(running):
    api = FacebookAdsApi.init(access_token=TOKEN, crash_log=False)
    api._session.GRAPH = running.url
    with pytest.raises(FacebookRequestError) as caught:
        EventRequest(pixel_id=DATASET, events=[make_event()]).execute()
    api._session.requests.close()
    assert caught.value.api_error_code() == 104

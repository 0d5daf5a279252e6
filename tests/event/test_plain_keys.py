"""Match keys that stay plain."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.plain_keys import fbc_from_fbclid, normalize_plain_key

PRIVATE = Finding("ip-private")
INVALID = Finding("ip-invalid")
CLICK = "IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("client_ip_address", "84.12.33.1", "84.12.33.1"),
        ("client_ip_address", " 8.8.8.8\u00a0", "8.8.8.8"),
        ("client_ip_address", "2A02:8108:0001:0002:0:0:0:5", "2a02:8108:1:2::5"),
        ("client_ip_address", "::ffff:8.8.8.8", "8.8.8.8"),
        ("client_ip_address", "192.0.66.2", "192.0.66.2"),
        ("client_ip_address", "172.15.0.1", "172.15.0.1"),
        ("client_ip_address", "172.16.0.1", PRIVATE),
        ("client_ip_address", "192.168.0.1", PRIVATE),
        ("client_ip_address", "10.0.0.7", PRIVATE),
        ("client_ip_address", "127.0.0.1", PRIVATE),
        ("client_ip_address", "100.64.0.1", PRIVATE),
        ("client_ip_address", "0.0.0.0", PRIVATE),
        ("client_ip_address", "224.0.0.1", PRIVATE),
        ("client_ip_address", "255.255.255.255", PRIVATE),
        ("client_ip_address", "203.0.113.9", PRIVATE),
        ("client_ip_address", "::1", PRIVATE),
        ("client_ip_address", "fe80::1", PRIVATE),
        ("client_ip_address", "fd00::1", PRIVATE),
        ("client_ip_address", "2001:db8::1", PRIVATE),
        ("client_ip_address", "8.8.8", INVALID),
        ("client_ip_address", "2a02::\x005", INVALID),
        ("client_ip_address", "8.8.8.256", INVALID),
        ("client_ip_address", "8.8.8.08", INVALID),
        ("client_ip_address", "8.8.8.8:443", INVALID),
        ("client_ip_address", "1.2.3.4, 5.6.7.8", INVALID),
        ("client_ip_address", "", None),
        ("client_user_agent", " Mozilla/5.0 (X11) ", "Mozilla/5.0 (X11)"),
        ("client_user_agent", "null", Finding("absent-word", None, "null")),
        ("fbc", f"fb.1.1709629872123.{CLICK}", f"fb.1.1709629872123.{CLICK}"),
        ("fbc", "fb.2.1709629872.AbC.AQ", "fb.2.1709629872.AbC.AQ"),
        ("fbc", CLICK, Finding("fbc-invalid")),
        ("fbc", "FB.1.1709629872123.Abc", Finding("fbc-invalid")),
        ("fbc", "fb.1.170962987.Abc", Finding("fbc-invalid")),
        ("fbc", "fb.1.1709629872123.", Finding("fbc-invalid")),
        ("fbc", "fb.1.1709629872123.a b", Finding("fbc-invalid")),
        ("fbp", "fb.1.1709629872123.1098115397", "fb.1.1709629872123.1098115397"),
        ("fbp", "1098115397", Finding("fbp-invalid")),
        ("lead_id", "123456789012345", "123456789012345"),
        ("lead_id", "l:12345678901234567", "12345678901234567"),
        ("lead_id", "123456789012345.0", "123456789012345"),
        ("lead_id", "12345678901234", Finding("lead-id-invalid")),
        ("lead_id", "123456789012345678", Finding("lead-id-invalid")),
        ("lead_id", "LEAD-7", Finding("lead-id-invalid")),
        ("lead_id", "1.23457E+14", Finding("id-damaged")),
        ("lead_id", "12345678901234567.0", Finding("id-damaged")),
        ("page_id", "1,23457E+14", Finding("id-damaged")),
        ("page_id", " 1234567890 ", "1234567890"),
        ("madid", "AEBE52E7-03EE-455A-B3C4-E57283966239", "AEBE52E7-03EE-455A-B3C4-E57283966239"),
        ("madid", "00000000-0000-0000-0000-000000000000", Finding("madid-zeros")),
        ("anon_id", " Abc ", "Abc"),
        ("ctwa_clid", "ARAkLkA8rmlFeiCktEJQ", "ARAkLkA8rmlFeiCktEJQ"),
    ],
)
def test_plain_keys(name: str, text: str, expected: object) -> None:
    assert normalize_plain_key(name, text) == expected


@given(st.ip_addresses())
def test_addresses_agree_with_ipaddress(address: IPv4Address | IPv6Address) -> None:
    found = normalize_plain_key("client_ip_address", address.exploded)
    inner = (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
    if inner.is_global and not inner.is_multicast and not inner.is_reserved:
        assert found == str(inner)
    else:
        assert found == PRIVATE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CLICK, f"fb.1.1709629872000.{CLICK}"),
        (f"https://x.com/?a=1&fbclid={CLICK}&b=2", f"fb.1.1709629872000.{CLICK}"),
        (f"fbclid={CLICK}", f"fb.1.1709629872000.{CLICK}"),
        (f"fb.1.1700000000000.{CLICK}", f"fb.1.1700000000000.{CLICK}"),
        ("https://x.com/?a=1", None),
        ("", None),
        ("null", None),
        ("yes", Finding("fbclid-invalid")),
        ("two words here", Finding("fbclid-invalid")),
    ],
)
def test_a_click_id_becomes_fbc_at_the_time_of_the_event(text: str, expected: object) -> None:
    assert fbc_from_fbclid(text, 1709629872) == expected

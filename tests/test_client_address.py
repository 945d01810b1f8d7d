"""Who sends, where proxies stand in front: what they say is believed from the right, and nothing of what a client wrote."""

import ipaddress
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrum.client_address import open_proxies, read_address, read_networks, read_place

PROXIES = open_proxies("10.0.0.0/8, 2001:db8::/32", "CF-IPCountry", "CF-Region-Code")
PEER = "10.0.0.1"


def client(sent, header=b"x-forwarded-for"):
    return PROXIES.client(PEER, {header: sent.encode("latin-1")})


@pytest.mark.parametrize(
    ("peer", "ours"),
    [
        ("10.0.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("2001:db8::7", True),
        ("11.0.0.1", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("::a00:1", False),
        ("", False),
        ("a socket", False),
    ],
)
def test_a_proxy_is_trusted_by_its_network_and_loopback_is_none(peer, ours):
    assert PROXIES.trusts(peer) is ours


def test_a_zone_is_no_part_of_a_peers_address():
    assert open_proxies("fe80::1", "", "").trusts("fe80::1%eth0")


def test_a_network_of_mapped_addresses_is_the_ipv4_network():
    assert open_proxies("::ffff:10.0.0.0/104", "", "").trusts("10.9.9.9")


def test_without_trusted_proxies_there_is_nothing_to_ask():
    assert open_proxies(" , ", "CF-IPCountry", "") is None


@pytest.mark.parametrize(
    "text", ["10.0.0.1/8", "example.com", "10.0.0.0/33", "1,2.3.4.5", "10.0.0.0-10.0.0.9", "fe80::1%eth0/x"]
)
def test_a_proxy_that_cannot_be_read_is_named(text):
    with pytest.raises(ValueError, match="is neither an address nor a network"):
        read_networks(text)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "10.0.0.0/8,::/0"])
def test_nobody_can_trust_everybody(text):
    with pytest.raises(ValueError, match="is everybody"):
        read_networks(text)


HOPS = {
    "192.0.2.1": "192.0.2.1",
    "192.0.2.1:4711": "192.0.2.1",
    "2001:0db9::1": "2001:db9::1",
    "[2001:db9::1]": "2001:db9::1",
    "[2001:db9::1]:4711": "2001:db9::1",
    '"[2001:db9::1]:4711"': "2001:db9::1",
    '"192.0.2.1"': "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "[::ffff:192.0.2.1]:80": "192.0.2.1",
    "192.0.2.1:_port": "192.0.2.1",
    "unknown": None,
    "_hidden": None,
    "192.0.2": None,
    "192.0.2.01": None,
    "192.0.2.1:": None,
    "192.0.2.1:123456": None,
    "192.0.2.1 ; DROP": None,
    "192.0.2.1/32": None,
    "[192.0.2.1]": None,
    "[2001:db9::1": None,
    "[2001:db9::1]x": None,
    "[2001:db9::1]:": None,
    "fe80::1%<script>": None,
    '"': None,
    '""': None,
    "\xb2.\xb2.\xb2.\xb2": None,
    "a" * 65: None,
}


@pytest.mark.parametrize(("hop", "address"), HOPS.items(), ids=ascii)
def test_a_hop_is_read_in_every_form_that_proxies_write(hop, address):
    assert client(hop) == client(f"203.0.113.9, {hop}") == address


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ("198.51.100.1, 192.0.2.1, 10.1.1.1, 2001:db8::9", "192.0.2.1"),
        ("192.0.2.1,10.1.1.1,,", "192.0.2.1"),
        ("192.0.2.1, unknown, 10.1.1.1", None),
        ("192.0.2.1, garbage", None),
        ("10.3.3.3, 10.2.2.2", "10.3.3.3"),
        ("", PEER),
        (" , ,", PEER),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxy(sent, address):
    assert client(sent) == address


def test_a_proxy_that_tells_nothing_is_the_client_itself():
    assert PROXIES.client(PEER, {}) == PEER
    assert PROXIES.client("::ffff:10.0.0.1", {}) == PEER


def test_a_chain_that_has_no_end_has_no_client():
    assert client("192.0.2.1" + ", 10.0.0.1" * 31) == "192.0.2.1"
    assert client("192.0.2.1" + ", 10.0.0.1" * 32) is None


def test_only_the_end_of_a_long_header_is_looked_at_and_no_half_address_is_believed():
    assert client("x" * 100_000 + ", 192.0.2.1") == "192.0.2.1"
    spaces = " " * (2_048 - len("92.0.2.1"))
    assert client(f"192.0.2.1{spaces}") is None


@pytest.mark.parametrize(
    "sent", ['"' * 16_000, "\\" * 16_000, '"\\' * 8_000, ",;=" * 5_000, 'for="' + '\\"' * 8_000, ";" * 16_000]
)
@pytest.mark.parametrize("header", [b"x-forwarded-for", b"forwarded"])
def test_a_hostile_header_takes_no_time(sent, header):
    begun = time.perf_counter()
    for _ in range(5):
        client(sent, header)
    assert time.perf_counter() - begun < 1


FORWARDED = {
    "for=192.0.2.1": "192.0.2.1",
    "For=192.0.2.1;proto=https;by=10.0.0.1": "192.0.2.1",
    "proto=https; for=192.0.2.1 ; host=shop.example;": "192.0.2.1",
    'for="192.0.2.1:4711"': "192.0.2.1",
    "for=192.0.2.1:4711": "192.0.2.1",
    'for="[2001:db9:cafe::17]:4711"': "2001:db9:cafe::17",
    "for=[2001:db9:cafe::17]": "2001:db9:cafe::17",
    'for="192\\.0.2.1"': "192.0.2.1",
    "for=198.51.100.1, for=192.0.2.1, for=10.1.1.1": "192.0.2.1",
    "for=198.51.100.1,, for=192.0.2.1,": "192.0.2.1",
    "for=unknown": None,
    "for=_hidden": None,
    'for="_gazonk"': None,
    "for=192.0.2.1, for=unknown": None,
    "for=192.0.2.1, proto=https": None,
    "for=192.0.2.1;for=198.51.100.1": None,
    'for=""': None,
    "for=": None,
    "192.0.2.1": None,
    'for=192.0.2.1;host="a,for=198.51.100.1;x="': "192.0.2.1",
    'for=192.0.2.1;host="a\\",for=198.51.100.1"': "192.0.2.1",
    'for=198.51.100.1;x=", for=192.0.2.1': "192.0.2.1",
    'for=198.51.100.1;x=", for="[2001:db9::1]"': "2001:db9::1",
    'for="198.51.100.1, for=192.0.2.1;host="h"': "192.0.2.1",
    'for=192.0.2.1;host="': None,
    "": PEER,
    ";": PEER,
}


@pytest.mark.parametrize(("sent", "address"), FORWARDED.items(), ids=ascii)
def test_forwarded_is_read_as_its_grammar_has_it(sent, address):
    assert client(sent, b"forwarded") == address


def test_forwarded_counts_only_where_there_is_no_x_forwarded_for():
    both = {b"x-forwarded-for": b"192.0.2.1", b"forwarded": b"for=198.51.100.1"}
    assert PROXIES.client(PEER, both) == "192.0.2.1"


HEADERS = st.text(st.sampled_from('0123456789abcdf.:,;="\\[]% _for\t\xdf'), max_size=200) | st.text(
    st.characters(max_codepoint=255), max_size=200
)


@given(HEADERS, st.sampled_from([b"x-forwarded-for", b"forwarded"]))
def test_whatever_is_sent_the_client_is_an_address_in_its_shortest_form_or_nobody(sent, header):
    found = client(sent, header)
    assert found is None or str(ipaddress.ip_address(found)) == found


ADDRESSES = st.ip_addresses().map(str).filter(lambda text: read_address(text) is not None)


@given(HEADERS, ADDRESSES.filter(lambda text: not PROXIES.trusts(text)), st.booleans())
def test_no_text_of_a_client_changes_what_the_own_proxy_wrote_behind_it(said, address, quoted):
    expected = str(read_address(address))
    assert client(f"{said}, {address}") == expected
    written = f'for="[{address}]"' if ":" in address else f'for="{address}"' if quoted else f"for={address}"
    assert client(f"{said}, {written}", b"forwarded") == expected


@pytest.mark.parametrize(
    ("headers", "place"),
    [
        ({}, None),
        ({b"cf-region-code": b"BE"}, None),
        ({b"cf-ipcountry": b"DE"}, ("DE", None)),
        ({b"cf-ipcountry": b" de ", b"cf-region-code": b"be"}, ("DE", "BE")),
        ({b"cf-ipcountry": b"DE", b"cf-region-code": b"DE-BE"}, ("DE", "BE")),
        ({b"cf-ipcountry": b"DE", b"cf-region-code": b"FR-13"}, ("DE", None)),
        ({b"cf-ipcountry": b"FR", b"cf-region-code": b"13"}, ("FR", "13")),
        ({b"cf-ipcountry": b"DE", b"cf-region-code": b"Berlin"}, ("DE", None)),
        ({b"cf-ipcountry": b"DE", b"cf-region-code": b"\xdf"}, ("DE", None)),
        ({b"cf-ipcountry": b"XX", b"cf-region-code": b"BE"}, (None, None)),
        ({b"cf-ipcountry": b"T1"}, (None, None)),
        ({b"cf-ipcountry": b""}, (None, None)),
        ({b"cf-ipcountry": b"\xdf"}, (None, None)),
        ({b"cf-ipcountry": b"DE, FR"}, (None, None)),
        ({b"cf-ipcountry": b"Germany"}, (None, None)),
    ],
)
def test_a_proxy_may_name_a_place_and_what_is_none_is_none(headers, place):
    assert PROXIES.place(headers) == place


def test_a_proxy_that_is_asked_for_no_place_names_none():
    assert open_proxies("10.0.0.0/8", "", "").place({b"": b"DE", b"cf-ipcountry": b"DE"}) is None


@given(st.none() | st.text(max_size=12), st.none() | st.text(max_size=12))
def test_a_place_is_two_letters_and_up_to_three_more_or_nothing(country, subdivision):
    found, part = read_place(country, subdivision)
    assert found is None or (len(found) == 2 and found.isascii() and found.isalpha() and found.isupper())
    assert part is None or (found is not None and 1 <= len(part) <= 3 and part.isascii() and part.isalnum())

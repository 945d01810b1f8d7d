"""Whose request it is, and whether TLS is spoken, as far as the own proxies can tell."""

import pytest
from starlette.requests import Request

from openrum.client_address import open_proxies
from openrum.serve.guard import Guard


@pytest.fixture
def guard():
    return Guard(
        directory=None,
        sessions=None,
        audit=None,
        csrf_key=b"",
        proxies=open_proxies("10.0.0.0/8,2001:db8::1", "", ""),
        now_ms=lambda: 0,
        auth=True,
    )


def request(peer, *headers, scheme="http"):
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "scheme": scheme, "headers": pairs, "client": peer and (peer, 1)})


FOR, PROTO = "x-forwarded-for", "x-forwarded-proto"


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
        (None, [], ""),
        ("192.0.2.1", [(FOR, "198.51.100.1")], "192.0.2.1"),
        ("10.0.0.1", [(FOR, "198.51.100.1")], "198.51.100.1"),
        ("10.0.0.1", [(FOR, "forged, 198.51.100.1, 10.0.0.2")], "198.51.100.1"),
        ("10.0.0.1", [(FOR, "198.51.100.7"), (FOR, "198.51.100.1")], "198.51.100.1"),
        ("10.0.0.1", [("forwarded", "for=198.51.100.1")], "198.51.100.1"),
        ("10.0.0.1", [(FOR, "not an address")], "unknown"),
        ("10.0.0.1", [], "10.0.0.1"),
    ],
)
def test_the_address_is_the_peer_s_or_what_a_trusted_proxy_saw(guard, peer, headers, address):
    assert guard.address(request(peer, *headers)) == address


@pytest.mark.parametrize(
    ("peer", "headers", "scheme", "by_tls"),
    [
        ("192.0.2.1", [], "http", False),
        ("192.0.2.1", [], "https", True),
        ("192.0.2.1", [(PROTO, "https")], "http", False),
        ("10.0.0.1", [(PROTO, "https")], "http", True),
        ("2001:db8::1", [(PROTO, "HTTPS , http")], "http", True),
        ("10.0.0.1", [(PROTO, "http, https")], "http", False),
        ("10.0.0.1", [(PROTO, "")], "http", False),
        ("10.0.0.1", [], "http", False),
        (None, [(PROTO, "https")], "http", False),
    ],
)
def test_tls_is_spoken_here_or_up_to_a_trusted_proxy(guard, peer, headers, scheme, by_tls):
    assert guard.by_tls(request(peer, *headers, scheme=scheme)) == by_tls

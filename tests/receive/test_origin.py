"""receive/origin.py: which Origins a monitor's domains cover."""

import pytest

from openrum.errors import ForeignOrigin
from openrum.receive.origin import check_origin

WELCOME = [
    (None, "example.com"),
    ("https://example.com", "example.com"),
    ("http://example.com:8080", "example.com"),
    ("https://EXAMPLE.com", "Example.COM"),
    ("https://example.com.", "example.com"),
    ("http://localhost:3000", "localhost"),
    ("capacitor://localhost", "localhost"),
    ("http://127.0.0.1:1", "127.0.0.1"),
    ("https://shop.example.com", "*.example.com"),
    ("https://a.b.example.com", "*.example.com"),
    ("https://example.com", "*.example.com"),
    ("https://my_shop.example.com", "*.example.com"),
    ("https://example.de", "example.*"),
    ("https://example.co.uk", "example.*"),
    ("https://example.com.au", "example.*"),
    ("https://shop.example.de", "*.example.*"),
    ("https://example.co.jp", "*.example.*"),
    ("https://xn--bcher-kva.example", "xn--bcher-kva.example"),
]
FOREIGN = [
    ("null", "example.com"),
    ("", "example.com"),
    ("example.com", "example.com"),
    ("https://", "example.com"),
    ("https://www.example.com", "example.com"),
    ("https://evil-example.com", "example.com"),
    ("https://evil-example.com", "*.example.com"),
    ("https://example.com.evil", "example.com"),
    ("https://example.com.evil", "*.example.com"),
    ("https://example.com.evil", "example.*"),
    ("https://example.evil.com", "example.*"),
    ("https://example.", "example.*"),
    ("https://shop.example.de", "example.*"),
    ("https://evilexample.de", "*.example.*"),
    ("https://example.com@evil.org", "example.com"),
    ("https://evil.org/example.com", "example.com"),
    ("https://evil.org#.example.com", "*.example.com"),
    ("https://evil.org, https://a.example.com", "*.example.com"),
    ("https://example.com:port", "example.com"),
    ("https://example.com\n", "example.com"),
    ("https://bücher.example", "xn--bcher-kva.example"),
    ("https://xn--xample-9uf.com", "example.com"),
    ("https://éxample.com", "example.com"),
    ("https://127.0.0.10", "127.0.0.1"),
    ("http://[::1]:3000", "localhost"),
    ("https://localhost.evil.org", "localhost"),
]


@pytest.mark.parametrize(("origin", "domain"), WELCOME)
def test_an_origin_of_the_domain_passes(origin, domain):
    check_origin(None if origin is None else origin.encode(), ["other.example", domain])


@pytest.mark.parametrize(("origin", "domain"), FOREIGN)
def test_any_other_origin_is_foreign(origin, domain):
    with pytest.raises(ForeignOrigin) as raised:
        check_origin(None if origin is None else origin.encode(), ["other.example", domain])
    assert raised.value.status == 403


def test_a_monitor_without_domains_takes_no_browser():
    check_origin(None, [])
    with pytest.raises(ForeignOrigin):
        check_origin(b"https://example.com", [])

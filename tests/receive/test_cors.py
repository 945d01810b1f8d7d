"""receive/cors.py: what browsers are told."""

import pytest

from openrum.receive.cors import answer_headers, preflight_headers

ORIGIN = b"https://shop.example"


def preflight(asked=b""):
    return dict(preflight_headers({b"origin": ORIGIN, b"access-control-request-headers": asked}))


def test_an_answer_echoes_the_origin_varies_by_it_and_never_allows_credentials():
    headers = dict(answer_headers(ORIGIN))
    assert headers[b"access-control-allow-origin"] == ORIGIN
    assert headers[b"vary"] == b"Origin"
    assert b"x-amzn-ErrorType" in headers[b"access-control-expose-headers"]
    assert b"access-control-allow-credentials" not in headers


def test_an_answer_to_no_browser_varies_by_origin_all_the_same():
    assert answer_headers(None) == [(b"vary", b"Origin")]


@pytest.mark.parametrize(
    "field",
    [
        b"content-type",
        b"content-encoding",
        b"authorization",
        b"x-amz-date",
        b"x-amz-content-sha256",
        b"x-amz-security-token",
        b"x-api-key",
    ],
)
def test_a_preflight_allows_the_fields_that_the_web_client_sends(field):
    assert field in preflight()[b"access-control-allow-headers"].split(b", ")


def test_a_preflight_allows_the_fields_that_an_operator_added():
    allowed = preflight(b"Content-Type,X-My-Tenant, x-other")[b"access-control-allow-headers"].split(b", ")
    assert {b"x-my-tenant", b"x-other"} <= set(allowed)
    assert allowed.count(b"content-type") == 1


@pytest.mark.parametrize("asked", [b"x y", b"x\r\ny: z", b"a:b", b"", b",,", b'"x"', b"x" * 65, b"\xc3\xbc"])
def test_a_preflight_echoes_nothing_that_is_no_field_name(asked):
    assert preflight(asked) == preflight()


def test_a_preflight_allows_post_and_never_credentials():
    headers = preflight()
    assert headers[b"access-control-allow-origin"] == ORIGIN
    assert headers[b"access-control-allow-methods"] == b"POST, OPTIONS"
    assert b"Access-Control-Request-Headers" in headers[b"vary"]
    assert b"access-control-allow-credentials" not in headers

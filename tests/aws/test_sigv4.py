"""Signatures that botocore makes are accepted, as the key that made them; whatever else is refused with AWS's code."""

import hashlib
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from openrum.aws.sigv4 import SignedBy, SignedRequest, is_signed, verify
from openrum.errors import AccessDenied

KEY, SECRET = "AKIAEXAMPLE234567ABC", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BODY = b'{"BatchId": "\xc3\xa9"}'
SKEW_S = 900


def now_ms():
    return int(datetime.now(UTC).timestamp() * 1000)


def sign(
    url="http://127.0.0.1:8080/appmonitors/x/",
    *,
    method="POST",
    body=BODY,
    token=None,
    query=False,
    headers=None,
    service="rum",
    region="eu-central-1",
    expires=60,
):
    credentials = Credentials(KEY, SECRET, token)
    request = AWSRequest(method, url, data=body, headers=headers or {"content-type": "application/json"})
    signer = SigV4QueryAuth(credentials, service, region, expires) if query else SigV4Auth(credentials, service, region)
    if query:
        signer.payload = lambda request: hashlib.sha256(body).hexdigest()
    signer.add_auth(request)
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    sent = [("host", parts.netloc), *prepared.headers.items()]
    return SignedRequest(
        method,
        parts.path.encode(),
        parts.query.encode(),
        [(name.lower().encode(), value if isinstance(value, bytes) else value.encode()) for name, value in sent],
        body,
    )


def check(request, *, secret=SECRET, now=None, **options):
    return verify(request, lambda key: secret if key == KEY else None, now or now_ms(), **{"skew_s": SKEW_S, **options})


URLS = [
    "http://127.0.0.1:8080/appmonitors/0a0a0a0a-0000-4000-8000-000000000001/",
    "http://localhost/appmonitors",
    "http://localhost/appmonitors?maxResults=5&nextToken=a%2Fb%3D%3D",
    "http://localhost/tags/arn%3Aaws%3Arum%3Aus-east-1%3A000000000000%3Aappmonitor%2Fname?tagKeys=b&tagKeys=a",
    "http://localhost/appmonitor/with%23hash",
    "http://localhost/a/../b//c/./d?x=%20&y=~&z=%C3%A9&empty=",
    "http://localhost",
]


@pytest.mark.parametrize("query", [False, True], ids=["headers", "presigned"])
@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("url", URLS)
def test_what_botocore_signs_is_accepted(url, token, query):
    request = sign(url, token=token, query=query)
    assert is_signed(request.headers, request.raw_query)
    assert check(request) == SignedBy(KEY, token, "eu-central-1")


def test_any_set_of_signed_headers_is_taken():
    headers = {
        "Content-Type": "application/json",
        "X-Custom": "  two   spaces ",
        "content-encoding": "gzip",
        "x-amz-content-sha256": hashlib.sha256(BODY).hexdigest(),
    }
    assert check(sign(headers=headers)).access_key_id == KEY


def refused(request, code, match, **options):
    with pytest.raises(AccessDenied, match=match) as refusal:
        check(request, **options)
    assert (refusal.value.status, refusal.value.code) == (403, code)


def replaced(request, name, value):
    headers = [(each, value if each == name else old) for each, old in request.headers]
    return request._replace(headers=headers)


INVALID, INCOMPLETE = "InvalidSignatureException", "IncompleteSignatureException"


@pytest.mark.parametrize("query", [False, True], ids=["headers", "presigned"])
def test_anything_that_was_changed_is_refused(query):
    request = sign(query=query)
    refused(request._replace(method="PUT"), INVALID, "does not match")
    refused(request._replace(raw_path=request.raw_path + b"y"), INVALID, "does not match")
    refused(request._replace(body_wire=BODY + b" "), INVALID, "does not match|not the hash")
    refused(replaced(request, b"host", b"elsewhere"), INVALID, "does not match")
    refused(replaced(request, b"content-type", b"text/plain"), INVALID, "does not match") if not query else None
    refused(request, INVALID, "does not match", secret=SECRET[:-1] + "Z")
    refused(request._replace(raw_query=request.raw_query + b"&x=1"), INVALID, "does not match") if query else None


@pytest.mark.parametrize("query", [False, True], ids=["headers", "presigned"])
def test_the_clock_decides(query):
    request = sign(query=query, expires=60)
    late = 60 if query else SKEW_S
    check(request, now=now_ms() + (late - 5) * 1000)
    check(request, now=now_ms() - (SKEW_S - 5) * 1000)
    refused(request, INVALID, "has expired", now=now_ms() + (late + 5) * 1000)
    refused(request, INVALID, "is to come", now=now_ms() - (SKEW_S + 5) * 1000)


def test_scope_key_and_payload_must_be_ours():
    refused(sign(service="execute-api"), INVALID, "sign for 'rum'")
    refused(sign(), INVALID, "sign for 'us-east-1'", region="us-east-1")
    refused(sign(), "UnrecognizedClientException", "not known", secret=None)
    unsigned = sign(headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    refused(unsigned, INVALID, "UNSIGNED-PAYLOAD is refused")


@pytest.mark.parametrize(
    ("authorization", "says"),
    [
        (b"AWS4-HMAC-SHA256", "Authorization must be"),
        (b"AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=" + b"0" * 64, "Credential must be"),
        (b"AWS4-HMAC-SHA256 Credential=a/20260101/r/rum/aws4_request, SignedHeaders=x-a, Signature=" + b"0" * 64, "name host"),
        (b"AWS4-HMAC-SHA256 Credential=a/20260101/r/rum/aws4_request, SignedHeaders=gone;host, Signature=" + b"0" * 64, "not that of the request"),
        (b"AWS4-HMAC-SHA256 Credential=a/20260101/r/rum/aws4_request, SignedHeaders=host, Signature=zz", "Authorization must be"),
    ],
)  # fmt: skip
def test_a_claim_that_is_not_whole_is_refused(authorization, says):
    with pytest.raises(AccessDenied, match=says):
        check(replaced(sign(), b"authorization", authorization))


def test_an_unsigned_request_claims_nothing():
    assert not is_signed([(b"authorization", b"Bearer x")], b"a=b")


@settings(max_examples=120)
@given(
    path=st.text(max_size=40),
    query=st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=4),
    body=st.binary(max_size=64),
)
def test_any_path_query_and_body_agrees_with_botocore(path, query, body):
    from urllib.parse import quote

    pairs = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in query.items()
        if not name.startswith("X-Amz-")
    )
    url = f"http://localhost/{quote(path, safe='/~')}" + (f"?{pairs}" if pairs else "")
    assert check(sign(url, body=body)).access_key_id == KEY


@given(noise=st.binary(max_size=200))
def test_noise_is_refused_and_never_an_error(noise):
    request = sign()
    for changed in (
        replaced(request, b"authorization", b"AWS4" + noise),
        request._replace(raw_query=b"X-Amz-Signature=" + noise),
    ):
        with pytest.raises(AccessDenied):
            check(changed)
